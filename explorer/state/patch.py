"""The box around a feature: where a learner takes a kernel from a photograph.

It stands in the address as ``box=<photograph>_<row>_<column>_<height>_<width>``; there are two of
them, so that two kernels can be compared, and the second is ``box2``.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.data import pictures
from explorer.data.pictures import PHOTOS
from explorer.ops import matching
from explorer.state import address
from explorer.view.components.lens import MAX_BOX, MIN_BOX, Box, LensResult

SIDE = 256
"""Pixels a side of the photographs that are searched."""

EYE = (26, 36)
"""Height and width of the box that opens, in pixels: an eye of the shipped face."""


@dataclass(frozen=True)
class Patch:
    """``box`` is (row, column, height, width); ``version`` changes when not drawn on the lens."""

    box: Box
    version: int = 0


def start(photo: str, second: bool = False) -> Box:
    """A box around an eye of a photograph, or around its middle; the second lies lower."""
    x, y = PHOTOS[photo].eyes[0] if PHOTOS[photo].eyes else (0.5, 0.5)
    height, width = EYE
    row = round(y * SIDE - height / 2) + (round(0.24 * SIDE) if second else 0)
    column = round(x * SIDE - width / 2) + (round(0.11 * SIDE) if second else 0)
    return min(max(row, 0), SIDE - height), min(max(column, 0), SIDE - width), height, width


def read(text: str, photo: str) -> Box | None:
    """The box that a text describes, if it is one on this photograph, of a size that is taken."""
    name, *parts = text.split("_")
    if (
        name != photo
        or len(parts) != 4
        or not all(p.isascii() and p.isdecimal() and len(p) < 4 for p in parts)
    ):
        return None
    row, column, height, width = (int(p) for p in parts)
    fits = row + height <= SIDE and column + width <= SIDE
    return (row, column, height, width) if fits and _sized(height, width) else None


def write(photo: str, box: Box) -> str:
    """A box as text for an address."""
    return "_".join([photo, *(str(number) for number in box)])


def _sized(height: int, width: int) -> bool:
    return MIN_BOX <= height <= MAX_BOX and MIN_BOX <= width <= MAX_BOX


def current(name: str, photo: str) -> Patch:
    """The box called ``name`` on a photograph: what the address says where that is news."""
    memory = f"patch {name}"
    kept: dict[str, Patch] = st.session_state.setdefault(memory, {})
    before = kept.get(photo) or Patch(start(photo, second=name != "box"))
    if said := address.news(name):
        if box := read(said[name], photo):
            before = Patch(box, before.version + 1)
        elif said[name]:
            address.owe({name: ""})
    kept[photo] = before
    return before


def drawn(name: str, photo: str, report: LensResult) -> None:
    """Take over the box that was drawn on the lens."""
    before = current(name, photo)
    box = report.box
    if not report.current or box is None or box == before.box:
        return
    row, column, height, width = box
    if row + height <= SIDE and column + width <= SIDE and _sized(height, width):
        st.session_state[f"patch {name}"][photo] = Patch(box, before.version)
        address.say({name: write(photo, box)})


@lru_cache(maxsize=24)
def searched(photo: str, even: bool) -> npt.NDArray[np.float32]:
    """The photograph that is searched, ``(SIDE, SIDE)``; prepared once for everybody."""
    pixels = pictures.load(photo, SIDE)
    prepared = matching.even_contrast(pixels) if even else pixels
    prepared.flags.writeable = False
    return np.asarray(prepared, np.float32)


def cut(photo: str, even: bool, box: Box) -> npt.NDArray[np.float32]:
    """The pixels in a box of the photograph that is searched."""
    row, column, height, width = box
    return searched(photo, even)[row : row + height, column : column + width]


def on_eyes(photo: str, peaks: tuple[matching.Peak, ...], box: Box) -> tuple[int, ...]:
    """Ranks of the responses whose window has its middle on an eye of the photograph."""
    near = 0.04 * SIDE
    return tuple(
        peak.rank
        for peak in peaks
        for x, y in PHOTOS[photo].eyes
        if abs(peak.column + box[3] / 2 - x * SIDE) < near
        and abs(peak.row + box[2] / 2 - y * SIDE) < near
    )
