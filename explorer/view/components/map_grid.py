"""The one way maps are shown: inputs, activations, kernels, patterns, on one canvas.

The browser gets the numbers themselves, not a picture: it colours them, and what a person reads
under the pointer is the float32 that was computed. Rows, columns and maps count from 0, as in the
arrays. Nothing is sent back but the index of the map that was clicked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from explorer.view.components import assets, blob
from explorer.view.palette import Kind

Scale = Literal["map", "layer"]

_MANY = 1_000_000

_HTML = """
<div data-part="stack">
  <div class="grid">
    <div class="head"><strong data-part="label"></strong><span data-part="text"></span></div>
    <div class="caption" data-part="caption"></div>
    <div><canvas data-part="maps" tabindex="0" role="application"
      aria-roledescription="maps" aria-describedby="keys"></canvas></div>
    <div class="foot">
      <div class="legend" aria-label="Colour scale">
        <span data-part="low"></span>
        <span class="bar" data-part="bar"><span class="zero" data-part="zero">0</span></span>
        <span data-part="high"></span>
      </div>
      <span class="note" data-part="note"></span>
      <span class="readout" data-part="readout"><strong data-part="value"></strong><span
        data-part="where"></span></span>
    </div>
    <div class="unseen" data-part="spoken" role="status" aria-live="polite"></div>
  </div>
</div>
<div class="unseen" id="keys">Arrow keys move between maps, Shift with arrow keys reads the values
  inside one, Enter selects, Escape clears.</div>
"""

_assets = assets("map_grid", "blob", "arrange", "grid")
_component = st.components.v2.component(
    "cnn_explorer.map_grid", html=_HTML, css=_assets.css, js=_assets.js
)


Frame = tuple[int, int, int, int, int, str]
"""Map, row, column, height, width, label: a part of a map that is pointed out."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Maps, (n, h, w) finite numbers, and how to show them.

    Attributes:
        maps: drawn in their order; (n, 1, 1) is a pattern of n units, one square each.
        alt: what the picture shows, in one sentence.
        label, text: a heading above the maps and what follows it on the same line.
        caption: a line of its own under the heading.
        titles: one above each map; without them a map is called by `noun` and its index.
        kind: the colour table: `ink`, `activation` (from 0 up), `signed` or `weight` (around 0).
        scale: one colour scale for each map of its own, or one for all of them.
        limits: (lowest, highest) of a scale shared beyond these maps; overrides `scale`.
        note: what the scale is shared with, beside the legend; None says it by the three above.
        across: in a stack, so many grids stand side by side where there is room.
        selected: the selection until the user makes one.
        selectable: whether a click or Enter selects.
        required: whether one stays selected: a second click then leaves it so.
        cell: preferred width of one map in CSS pixels; it is adapted to whole pixels and the page.
        noun: what one map is called: map, kernel, unit, input.
        unit: what a value is, said after it: activation, weight.
        wrap: show (1, h, w) as h·w units instead of one map.
        group: so many maps belong together: lines break between groups, or within each alike.
        frames: parts of maps to outline, each with a short label.

    Raises:
        ValueError: a wrong number of dimensions or titles, nothing to show, a value that is not
            finite, or limits in the wrong order.
    """

    maps: ArrayLike
    alt: str
    label: str = ""
    text: str = ""
    caption: str = ""
    titles: Sequence[str] | None = None
    kind: Kind = "activation"
    scale: Scale = "map"
    limits: tuple[float, float] | None = None
    selected: int | None = None
    selectable: bool = True
    required: bool = False
    cell: int | None = None
    noun: str = "map"
    unit: str = ""
    wrap: bool = False
    group: int = 1
    frames: Sequence[Frame] = ()
    note: str | None = None
    across: int = 1

    def pack(self, selected: int | None, seq: int) -> bytes:
        """The grid as a blob, with the selection of click number ``seq``."""
        array = np.asarray(self.maps, dtype=np.float32)
        if array.ndim != 3 or array.size == 0:
            raise ValueError(f"maps must be (n, h, w) and not empty, got shape {array.shape}")
        if not np.isfinite(array).all():
            raise ValueError("maps must be finite")
        if self.wrap:
            array = array.reshape(-1, 1, 1)
        n, h, w = array.shape
        if self.titles is not None and len(self.titles) != n:
            raise ValueError(f"titles must be {n}, one for each map, got {len(self.titles)}")
        units = h * w == 1
        own = self.scale == "map" and self.limits is None and not units
        meta = {
            "kind": self.kind,
            "scale": "map" if own else "layer",
            "note": _note(n, own=own, limits=self.limits) if self.note is None else self.note,
            "label": self.label,
            "text": self.text,
            "caption": self.caption,
            "alt": self.alt,
            "titles": None if self.titles is None else [str(title) for title in self.titles],
            "noun": self.noun,
            "unit": self.unit,
            "group": int(self.group),
            "cell": self.cell or (20 if units else 72),
            "selectable": self.selectable,
            "required": self.required,
            "selected": selected if selected is not None and 0 <= selected < n else None,
            "seq": seq,
            "across": int(self.across),
            "frames": [[*(int(number) for number in where), text] for *where, text in self.frames],
        }
        return blob.pack(array, _ranges(array, self.kind, own=own, limits=self.limits), meta)


def clicked(*, key: str) -> tuple[int, int, int] | None:
    """(grid, map, number of the click) of the last click in a stack, before it is shown, or None.

    The grids are not known here: whoever asks looks whether they have this map.
    """
    state = st.session_state.get(key)
    selection: Any = state.get("selection") if isinstance(state, Mapping) else None
    section = selection.get("section") if isinstance(selection, Mapping) else None
    index, seq = _selection(state, n=_MANY)
    if type(section) is not int or section < 0 or index is None:
        return None
    return section, index, seq


def read(*, key: str, n: int) -> int | None:
    """The map selected by a click or by Enter, before the grid is shown in this run, or None."""
    return _selection(st.session_state.get(key), n)[0]


def show(
    maps: ArrayLike,
    *,
    key: str,
    alt: str,
    width: int | Literal["stretch"] = "stretch",
    **options: Any,
) -> int | None:
    """Show one grid of maps -> the index of the selected map, or None.

    Args:
        maps, alt, options: as in :class:`Grid`.
        key: identity of the grid; one per layer, so that a selection stays with its layer.
        width: of the element, in CSS pixels.
    """
    grid = Grid(maps, alt, **options)
    n = np.size(maps) if grid.wrap else len(np.asarray(maps))
    touched, seq = _selection(st.session_state.get(key), n)
    chosen = touched if seq else grid.selected
    raw = _component(key=key, data=grid.pack(chosen, seq), width=width)
    touched, seq = _selection(raw, n)
    return touched if seq else chosen


def show_stack(
    grids: Sequence[Grid],
    *,
    key: str,
    linked: bool = False,
    on_choose: Callable[[], None] | None = None,
) -> tuple[int, int] | None:
    """Show grids one below the other, each in a frame -> (grid, map) of the selection, or None.

    It is one message and one element, so that a whole network is redrawn at once.

    Args:
        grids: in their order.
        key: identity of the stack.
        linked: each grid shows its own `selected`, whichever of them was clicked: the page
            moves them together.
        on_choose: called when a map was clicked, before the run that answers it.
    """
    section, touched, seq = _selected_in_stack(st.session_state.get(key), grids)
    blobs = [
        grid.pack(
            grid.selected if linked or not seq else touched if i == section else None,
            seq,
        )
        for i, grid in enumerate(grids)
    ]
    raw = _component(
        key=key, data=blob.stack(blobs), on_selection_change=on_choose or (lambda: None)
    )
    section, touched, seq = _selected_in_stack(raw, grids)
    return None if touched is None else (section, touched)


def _selected_in_stack(state: object, grids: Sequence[Grid]) -> tuple[int, int | None, int]:
    """Which grid, which of its maps, and the number of the click; (-1, None, 0) for none."""
    selection: Any = state.get("selection") if isinstance(state, Mapping) else None
    section = selection.get("section") if isinstance(selection, Mapping) else None
    if type(section) is not int or not 0 <= section < len(grids):
        return -1, None, 0
    index, seq = _selection(state, len(np.asarray(grids[section].maps)))
    return section, index, seq


def _ranges(
    maps: NDArray[np.float32], kind: Kind, *, own: bool, limits: tuple[float, float] | None
) -> NDArray[np.float32]:
    """Lowest and highest value of each map's colours: (n, 2).

    Signed kinds are symmetric around 0, the others reach down to 0, and ink up to 1, so that black
    and neutral mean the same in every map.
    """
    n = len(maps)
    if limits is not None:
        if not limits[0] < limits[1]:
            raise ValueError(f"limits must be (lowest, highest), got {limits}")
        return np.tile(np.asarray(limits, dtype=np.float32), (n, 1))
    axes = (1, 2) if own else (0, 1, 2)
    low = np.broadcast_to(maps.min(axis=axes), n)
    high = np.broadcast_to(maps.max(axis=axes), n)
    if kind in ("signed", "weight"):
        high = np.maximum(np.abs(low), np.abs(high))
        low = -high
    else:
        low = np.minimum(low, 0)
        high = np.maximum(high, 1 if kind == "ink" else 0)
    return np.stack([low, high], axis=1).astype(np.float32)


def _note(n: int, *, own: bool, limits: tuple[float, float] | None) -> str:
    if limits is not None:
        return "one scale for the network"
    if n == 1:
        return ""
    return "each on its own scale" if own else "one scale for all"


def _selection(state: object, n: int) -> tuple[int | None, int]:
    """(index or None, number of the click) of a component's state; (None, 0) for anything else."""
    selection: Any = state.get("selection") if isinstance(state, Mapping) else None
    if not isinstance(selection, Mapping):
        return None, 0
    index, seq = selection.get("selected"), selection.get("seq")
    if type(seq) is not int or seq < 1:
        return None, 0
    return (index if type(index) is int and 0 <= index < n else None), seq
