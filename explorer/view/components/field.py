"""What a unit sees: a map under the pointer, and the input with the unit's receptive field.

Inside the frame the gradient of the unit's value by each pixel covers the input; the outline of the
ink stays. The browser gets the gradients of all units of the map and only indexes them, so that the
frame follows the pointer without a call to Python. Only a pin is reported, when it changes.

`host.field` of the component's element holds what is shown, for tests; `data-painted` counts what
Python sent and is painted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from explorer.view.components import assets, blob

_FIGURE = """
  <figure data-part="{name}" hidden>
    <figcaption><strong></strong> <span></span></figcaption>
    <div class="stack"><canvas></canvas><canvas {focus}></canvas></div>
    <div class="legend"><span></span><span class="bar"><span>0</span></span><span></span></div>
    <div class="quiet" data-part="{name}-note"></div>
  </figure>"""
_FOCUS = 'tabindex="0" role="application" aria-describedby="keys"'
_HTML = f"""
<div class="field">
  <div class="scene" data-part="scene">
    {_FIGURE.format(name="input", focus='role="img"')}
    {_FIGURE.format(name="map", focus=_FOCUS)}
    <div class="readout"><div data-part="readout"></div><div class="quiet" data-part="pixel"></div>
    </div>
    {_FIGURE.format(name="average", focus='role="img"')}
  </div>
  <div class="unseen" id="keys">Arrow keys move from unit to unit, with Shift by five; Enter pins,
    Escape lets go.</div>
  <div class="unseen" data-part="spoken" role="status" aria-live="polite"></div>
</div>
"""

_assets = assets("field", "blob", "lens_view", sheets=("legend",))
_component = st.components.v2.component(
    "cnn_explorer.field", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True)
class FieldResult:
    """What was pinned, as last reported: (row, column) of a unit; a dense layer's row is 0.

    ``current`` says whether anything was reported since the last reset.
    """

    pinned: tuple[int, int] | None = None
    current: bool = False


@dataclass(frozen=True)
class Frame:
    """Where a unit's receptive field lies on the input, on either axis: see `ReceptiveField`."""

    start: int
    jump: int
    size: int


@dataclass(frozen=True, eq=False)
class Average:
    """What the unit at (row, column) uses of many images on average.

    Attributes:
        size: ``(h, w)`` of the input, mean absolute gradient.
        row, column: of the unit.
        share: the part in the middle quarter of its frame, in [0, 1]; negative where all is zero.
        images: how many.
    """

    size: ArrayLike
    row: int
    column: int
    share: float
    images: int


def read(*, key: str, reset: int = 0) -> FieldResult:
    """The last report of the field with this key; one from before the reset is none."""
    return _parse(st.session_state.get(key), reset)


def show(
    image: ArrayLike,
    values: ArrayLike,
    gradients: ArrayLike,
    shares: ArrayLike,
    *,
    key: str,
    frame: Frame | None,
    layer: str,
    index: int | None,
    average: Average | None = None,
    pinned: tuple[int, int] | None = None,
    reset: int = 0,
    address: str = "",
    alt: str,
) -> FieldResult:
    """Show a map, and what each of its units sees of the input.

    Args:
        image: (h, w) in [0, 1].
        values: (H, W) of the map; (1, n) of n units that each see the whole input.
        gradients: (H, W, s, t), of each unit by the pixels of a window that holds all that it sees:
            it begins where the frame does, moved into the input where it would reach beyond.
        shares: (H, W), the part of each gradient in the middle quarter of the frame, in [0, 1];
            negative where the gradient is zero.
        key: identity of the element.
        frame: the receptive field; None where every unit sees the whole input.
        layer: what the layer is called.
        index: the map's number; None for a dense layer.
        average: shown beside; None for nothing.
        pinned: (row, column) of the unit that a new field, or one with a new `reset`, begins with.
        reset: any whole number; when it changes, the field forgets its pin.
        address: query parameter that says what is pinned, as `<row>_<column>`; it is changed
            without a new entry in the history. "": none.
        alt: what the input shows, in one sentence.

    Raises:
        ValueError: shapes that do not go together, or a value that is not finite.
    """
    ink, units = np.asarray(image, np.float32), np.asarray(values, np.float32)
    slopes, parts = np.asarray(gradients, np.float32), np.asarray(shares, np.float32)
    if ink.ndim != 2 or units.ndim != 2 or 0 in (*ink.shape, *units.shape):
        raise ValueError(f"image and values must be (H, W), got {ink.shape} and {units.shape}")
    window = ink.shape if frame is None else tuple(min(frame.size, n) for n in ink.shape)
    if slopes.shape != (*units.shape, *window) or parts.shape != units.shape:
        raise ValueError(
            f"gradients must be {(*units.shape, *window)} and shares {units.shape}, got "
            f"{slopes.shape} and {parts.shape}"
        )
    arrays = {"image": ink, "values": units, "gradients": slopes, "shares": parts}
    meta: dict[str, Any] = {
        "frame": None if frame is None else [frame.start, frame.jump, frame.size],
        "layer": layer,
        "index": index,
        "pinned": None if pinned is None else [int(place) for place in pinned],
        "reset": int(reset),
        "address": address,
        "alt": alt,
        "average": None,
    }
    if average is not None:
        arrays["average"] = np.asarray(average.size, np.float32)
        if arrays["average"].shape != ink.shape:
            raise ValueError(f"average must be {ink.shape}, got {arrays['average'].shape}")
        meta["average"] = {
            "row": int(average.row),
            "column": int(average.column),
            "share": float(average.share),
            "images": int(average.images),
        }
    raw = _component(key=key, data=blob.pack_arrays(arrays, meta))
    return _parse(raw, reset)


def _parse(state: object, reset: int) -> FieldResult:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping) or report.get("reset") != reset:
        return FieldResult()
    pinned = report.get("pinned")
    if pinned is None:
        return FieldResult(None, current=True)
    if not isinstance(pinned, list) or len(pinned) != 2:
        return FieldResult()
    if not all(type(place) is int and 0 <= place < 100_000 for place in pinned):
        return FieldResult()
    return FieldResult((pinned[0], pinned[1]), current=True)
