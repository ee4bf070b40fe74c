"""Ten thousand images as a cloud of points, and where one more lands in it.

The points and the images come by :mod:`~explorer.view.components.stash`, once; with each stroke
comes only the place of the drawing and its nearest neighbours. Which point lies under the pointer
is looked up in the browser.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from explorer.view.components import assets, stash

COLOURS = ("#2f7fc1", "#dd8500", "#009a70", "#b65c9d", "#7d848f")
"""Five that are told apart without red-green vision and read on white and on black; the classes
beyond the fifth have them once more, in another order, as crosses instead of dots."""

DIGITS = "test images"
"""What the sheet of the images is called in the stash."""

_SHEET = 100  # images in a row of it

_HTML = """
<div class="cloud">
  <div class="head" data-part="near-head"></div>
  <div class="near" data-part="near" role="list"></div>
  <div class="keys" data-part="classes"></div>
  <div class="stage">
    <canvas data-part="points"></canvas>
    <canvas data-part="over" tabindex="0" role="application" aria-describedby="keys"></canvas>
  </div>
  <div class="told"><canvas data-part="shown"></canvas><span data-part="readout"></span></div>
  <div class="unseen" id="keys">Arrow keys go to the nearest point on that side, Home to your own,
    Enter compares with the point, Escape lets go.</div>
  <div class="unseen" data-part="spoken" role="status" aria-live="polite"></div>
</div>
"""

_assets = assets("cloud", "blob", "stash_of", COLOURS=COLOURS, SHEET=_SHEET, DIGITS=DIGITS)
_component = st.components.v2.component(
    "cnn_explorer.cloud", html=_HTML, css=_assets.css, js=_assets.js
)


def sheet(images: NDArray[np.uint8]) -> bytes:
    """All images on one sheet, for the stash: a PNG of 16 shades, a quarter less than of 256.

    Args:
        images: ``(n, H, W)``; n a multiple of 100.
    """
    n, height, width = images.shape
    rows = images.reshape(n // _SHEET, _SHEET, height, width).transpose(0, 2, 1, 3)
    shades = rows.reshape(n // _SHEET * height, _SHEET * width) // 17 * 17
    file = io.BytesIO()
    Image.fromarray(shades).save(file, "PNG")
    png = np.frombuffer(file.getvalue(), np.uint8).astype(np.float32) / np.float32(255)
    size = np.array([height, width], np.float32)
    return stash.pack(DIGITS, {"png": png, "size": size})


def points(name: str, places: ArrayLike, labels: ArrayLike, classes: int) -> bytes:
    """The points, for the stash.

    Args:
        name: what they are called in the stash.
        places: ``(n, 2)``.
        labels: ``(n,)``, classes from 0.
        classes: how many there are.
    """
    where, which = np.asarray(places, np.float32), np.asarray(labels)
    middles = [
        np.median(where[which == c], axis=0) if (which == c).any() else where.mean(0)
        for c in range(classes)
    ]
    shares = which.astype(np.float32) / np.float32(255)
    arrays = {"places": where, "labels": shares, "middles": np.asarray(middles, np.float32)}
    return stash.pack(name, arrays)


@dataclass(frozen=True)
class Near:
    """A neighbour: its number in the test set, its label, its distance."""

    index: int
    label: int
    distance: float


@dataclass(frozen=True, slots=True)
class Picked:
    """The point that was chosen by a click or Enter; ``seq`` counts the choices."""

    index: int | None = None
    seq: int = 0


def read(count: int, *, key: str = "cloud") -> Picked:
    """The last choice, of ``count`` points, before the cloud is shown in this run."""
    return _parse(st.session_state.get(key), count)


def _parse(state: object, count: int) -> Picked:
    """The choice in a component's state; whatever is not exactly one is none."""
    picked: Any = state.get("picked") if isinstance(state, Mapping) else None
    if not isinstance(picked, Mapping):
        return Picked()
    index, seq = picked.get("index"), picked.get("seq")
    if type(seq) is not int or not 0 < seq < 2**53 or type(index) is not int:
        return Picked()
    return Picked(index, seq) if 0 <= index < count else Picked()


def show(
    name: str,
    *,
    own: Sequence[float],
    near: Sequence[Near],
    names: Sequence[str],
    alt: str,
    key: str = "cloud",
    on_picked: Callable[[], None] | None = None,
) -> None:
    """Show the cloud.

    Args:
        name: of the points in the stash.
        own: where the input lands, (x, y).
        near: its nearest neighbours, nearest first.
        names: what the classes are called.
        alt: what the picture shows.
        key: identity of the cloud.
        on_picked: called when a point was chosen.
    """
    _component(
        key=key,
        data={
            "cloud": name,
            "own": [float(value) for value in own],
            "near": [[n.index, n.label, float(n.distance)] for n in near],
            "names": [str(word) for word in names],
            "alt": alt,
            "seq": read(2**31, key=key).seq,
        },
        on_picked_change=on_picked or (lambda: None),
    )
