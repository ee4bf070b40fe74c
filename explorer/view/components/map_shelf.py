"""The maps or units of one layer as a row of buttons, each with a bar under it; one is chosen."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from explorer.view.components import assets, blob
from explorer.view.palette import MUTED, PREDICTED, RUNNER_UP

_HTML = """
<div class="head"><strong data-part="label"></strong> <span data-part="text"></span></div>
<div class="shelf" role="radiogroup" data-part="shelf"></div>
"""

_assets = assets("map_shelf", "blob", LOSS=RUNNER_UP, GAIN=PREDICTED, NONE=MUTED)
_component = st.components.v2.component(
    "cnn_explorer.map_shelf", html=_HTML, css=_assets.css, js=_assets.js
)


def read(*, key: str, n: int) -> int | None:
    """The map that was chosen last by hand, or None."""
    state: Any = st.session_state.get(key)
    chosen = state.get("chosen") if isinstance(state, Mapping) else None
    index = chosen.get("index") if isinstance(chosen, Mapping) else None
    return index if type(index) is int and 0 <= index < n else None


def show(
    maps: ArrayLike,
    *,
    key: str,
    chosen: int,
    noun: str,
    label: str,
    text: str,
    marks: Sequence[str],
    on_choose: Callable[[], None],
    kind: Literal["activation", "signed"] = "activation",
    bars: Sequence[float] | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Show the shelf.

    Args:
        maps: ``(n, h, w)`` finite; ``(n, 1, 1)`` of units, which share one colour scale.
        key: identity of the shelf.
        chosen: the map that is chosen.
        noun: what one is called: map or unit.
        label, text: a heading and what follows it.
        marks: ``(n,)``: "" or a word on the map, such as ``off``.
        on_choose: called when one was chosen by hand, before the run that answers it.
        kind: the colour table.
        bars: ``(n,)`` in [-1, 1], their lengths: a loss above zero, a gain below; None for none.
        notes: ``(n,)``, the bars in words.

    Raises:
        ValueError: lists of other lengths, bars out of range, or values that are not finite.
    """
    array = np.asarray(maps, np.float32)
    if array.ndim != 3 or array.size == 0:
        raise ValueError(f"maps must be (n, h, w) and not empty, got shape {array.shape}")
    lengths = [len(marks), *([] if bars is None else [len(bars), len(notes)])]
    if any(length != len(array) for length in lengths):
        raise ValueError(f"{len(array)} maps need as many marks, bars and notes, got {lengths}")
    if bars is not None and not all(-1 <= bar <= 1 for bar in bars):
        raise ValueError("bars must be in [-1, 1]")
    units = array[0].size == 1
    axes = (0, 1, 2) if units else (1, 2)
    high = np.broadcast_to(array.max(axis=axes), len(array))
    low = np.minimum(np.broadcast_to(array.min(axis=axes), len(array)), 0)
    high = np.maximum(high, 0)
    if kind == "signed":
        high = np.maximum(-low, high)
        low = -high
    meta = {
        "kind": kind,
        "noun": noun,
        "label": label,
        "text": text,
        "chosen": int(chosen),
        "marks": list(marks),
        "bars": None if bars is None else [round(float(bar), 4) for bar in bars],
        "notes": list(notes),
    }
    ranges = np.stack([low, high], axis=1).astype(np.float32)
    _component(key=key, data=blob.pack(array, ranges, meta), on_chosen_change=on_choose)
