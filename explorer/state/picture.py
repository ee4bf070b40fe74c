"""The picture on the convolution page: the current input, a photograph, or one of the user's own.

What a user uploads or photographs goes through ``intake`` and stays in the session's memory; it is
never written anywhere, and a link to the page does not carry it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.data import intake, pictures
from explorer.state import given
from explorer.view import panel

Floats = npt.NDArray[np.float32]

_OWN = {"upload": "picture_upload", "webcam": "picture_webcam"}
"""The user's own pictures, none called as a photograph that ships, and their widgets' keys."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Shares of red, green and blue in grey: Rec. 601, as in the photographs that ship."""


@dataclass(frozen=True, eq=False)
class Picture:
    """``pixels``: ``(1, H, W)`` or, in colour, ``(3, H, W)`` float32 in [0, 1]."""

    pixels: Floats
    kind: Literal["ink", "grey", "colour"]
    alt: str
    credit: str = ""


def ask(name: str, redraw: Sequence[str]) -> None:
    """The widget that asks for a picture of the user's own, where that is what was chosen.

    Args:
        name: ``upload``, ``webcam``, or a picture that is there.
        redraw: the panels that show it.
    """
    key = _OWN.get(name)
    follow: dict[str, Any] = {"key": key, "on_change": _changed, "args": (key, tuple(redraw))}
    if name == "upload":
        label = "A picture of yours (PNG or JPEG, at most 5 MB); it stays in this session"
        st.file_uploader(label, type=["png", "jpg", "jpeg"], **follow)
    elif name == "webcam":
        st.camera_input("Take a photograph", **follow)


def _changed(key: str, redraw: Sequence[str]) -> None:
    """A picture that the user takes away is forgotten; one that is only not asked for is kept."""
    if st.session_state.get(key) is None:
        st.session_state.pop(f"{key} decoded", None)
    panel.redraw(*redraw)


def chosen(name: str, side: int, colour: bool) -> Picture:
    """The picture of that name; the current input while the user's own is not there."""
    if name in pictures.PHOTOS:
        photo = pictures.PHOTOS[name]
        pixels = pictures.load(name, side, colour)
        kind: Literal["grey", "colour"] = "colour" if colour else "grey"
        stacked = pixels if colour else pixels[None]
        return Picture(stacked, kind, photo.alt, photo.credit)
    own = _own(_OWN[name]) if name in _OWN else None
    if own is None:
        now = given.current()
        what = "your drawing" if now.index is None else f"test image {now.index}, a {now.label}"
        return Picture(now.image[None], "ink", f"The current input: {what}.")
    return _brought_to(own, side, colour)


def _own(key: str) -> npt.NDArray[np.uint8] | None:
    """The user's picture, ``(H, W, 3)``, decoded once; None, and a sentence, where it is none."""
    file, memory = st.session_state.get(key), f"{key} decoded"
    kept = st.session_state.get(memory)
    if file is not None and (kept is None or kept[0] != file.file_id):
        try:
            decoded: npt.NDArray[np.uint8] | str = intake.picture(file.getvalue())
        except intake.IntakeError as error:
            decoded = str(error)
        st.session_state[memory] = kept = (file.file_id, decoded)
    if kept is None:
        return None
    if isinstance(kept[1], str):
        st.warning(kept[1], icon=":material/image_not_supported:")
        return None
    picture: npt.NDArray[np.uint8] = kept[1]
    return picture


def _brought_to(rgb: npt.NDArray[np.uint8], side: int, colour: bool) -> Picture:
    """At most ``side`` pixels on the longer side, by the mean of whole blocks."""
    step = -(-max(rgb.shape[:2]) // side)
    height, width = (n // step * step for n in rgb.shape[:2])
    blocks = rgb[:height, :width].reshape(height // step, step, width // step, step, 3)
    pixels = (blocks.mean((1, 3)) / 255).astype(np.float32)
    alt = f"Your own picture, {pixels.shape[1]}×{pixels.shape[0]} pixels."
    if colour:
        return Picture(np.ascontiguousarray(pixels.transpose(2, 0, 1)), "colour", alt)
    return Picture((pixels @ LUMA)[None], "grey", alt)
