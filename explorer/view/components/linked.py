"""Pictures of numbers that belong together, under one cursor: what a gradient passes through.

Two or three pictures stand side by side, each with its own colours and legend. Pointing at a cell
of one marks the cells of the others that it has to do with, and a line reads their numbers: what
arrives, what decides, what is handed on. In the browser nothing is computed: it indexes the arrays
that Python sent, winners included.

- ``pair``, ``relu``: the same cell in each picture.
- ``max``, ``average``: the first picture is of the pooled cells, each of which stands for a window
  of the others.

Where a cell can be chosen, a click or Enter reports it, one message in flight. Rows, columns and
tiles count from 0, as in the arrays. `host.linked` of the component's element holds what is pointed
at and what is chosen, for tests; `data-painted` counts what Python sent and is painted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from explorer.view import palette
from explorer.view.components import assets, blob
from explorer.view.palette import Kind

Rule = Literal["pair", "relu", "max", "average"]
Cell = tuple[int, int, int]

MOST = 3
# What a JavaScript number counts exactly.
_MAX_SEQ = 2**53 - 1

_FIGURE = """
  <figure data-part="picture{number}" hidden>
    <figcaption><strong></strong> <span></span></figcaption>
    <div class="stack"><canvas></canvas><canvas tabindex="0" role="application"
      aria-describedby="keys"></canvas></div>
    <div class="legend"><span></span><span class="bar"><span>0</span></span><span></span></div>
  </figure>"""

_HTML = f"""
<div class="linked" data-part="linked">
  <div class="scene" data-part="scene">{
    "".join(_FIGURE.format(number=number) for number in range(MOST))
}</div>
  <div class="readout" data-part="readout"></div>
  <div class="unseen" id="keys" data-part="keys"></div>
  <div class="unseen" data-part="spoken" role="status" aria-live="polite"></div>
</div>
"""

_assets = assets(
    "linked",
    *("reporter", "blob", "numbers", "lens_view", "linked_scene"),
    WINNER=palette.RUNNER_UP,
    sheets=("legend",),
)
_component = st.components.v2.component(
    "cnn_explorer.linked", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture: ``values`` is ``(h, w)``, or ``(n, h, w)`` for n tiles side by side.

    Attributes:
        values: finite numbers.
        label, text: a heading, and what follows it.
        kind: how it is coloured.
        said: what stands in front of one of its numbers where it is read.
    """

    values: ArrayLike
    label: str
    kind: Kind
    said: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class LinkedResult:
    """The cell that was chosen, as last reported.

    Attributes:
        cell: (tile, row, column), or None.
        seq: number of the report; 0 before the first.
        current: whether anything was reported since the last reset.
    """

    cell: Cell | None = None
    seq: int = 0
    current: bool = False


def read(*, key: str, reset: int = 0) -> LinkedResult:
    """The last report, before the pictures are shown in this run; it may be of other pictures."""
    return _parse(st.session_state.get(key), reset)


def show(
    pictures: Sequence[Picture],
    *,
    key: str,
    alt: str,
    rule: Rule = "pair",
    window: int = 1,
    stride: int = 1,
    winners: NDArray[np.int64] | None = None,
    tiles: Sequence[str] | None = None,
    choosable: bool = False,
    chosen: Cell | None = None,
    reset: int = 0,
    address: Mapping[str, str] | None = None,
    on_report: Callable[[], None] | None = None,
) -> None:
    """Show the pictures.

    Args:
        pictures: two or three; for ``max`` and ``average`` the pooled cells first.
        key: identity of the element.
        alt: what they show, in one sentence.
        rule: what belongs together.
        window, stride: of a pooling.
        winners: ``(h, w)`` of a max-pooling: row · width + column of each window's winner.
        tiles: what the tiles of a picture are called.
        choosable: whether a click or Enter chooses a cell.
        chosen: what is chosen until a report says otherwise, or at a new `reset`.
        reset: any whole number; when it changes, `chosen` is taken over.
        address: query parameters that the browser should set, without a new entry in the history.
        on_report: called before the page runs when a cell was chosen.

    Raises:
        ValueError: shapes that do not go together, or a value that is not finite.
    """
    arrays = {f"values{i}": _tiled(p.values) for i, p in enumerate(pictures)}
    shapes = [array.shape for array in arrays.values()]
    if not 2 <= len(pictures) <= MOST or len(set(shapes[rule in ("max", "average") :])) != 1:
        raise ValueError(f"two or three pictures of one shape, not {shapes}")
    if winners is not None:
        if winners.shape != shapes[0][1:]:
            raise ValueError(f"winners must be {shapes[0][1:]}, not {winners.shape}")
        arrays["winners"] = winners.astype(np.float32)
    if tiles is not None and len(tiles) != shapes[0][0]:
        raise ValueError(f"tiles must be {shapes[0][0]}, got {len(tiles)}")
    meta = {
        "pictures": [
            {**{n: getattr(p, n) for n in ("label", "text", "kind", "said")}, "range": _range(a, p)}
            for p, a in zip(pictures, arrays.values(), strict=False)
        ],
        "rule": rule,
        "window": int(window),
        "stride": int(stride),
        "tiles": None if tiles is None else [str(name) for name in tiles],
        "choosable": choosable,
        "chosen": None if chosen is None else [int(i) for i in chosen],
        "reset": int(reset),
        "address": dict(address or {}),
        "echo": read(key=key, reset=reset).seq,
        "alt": alt,
    }
    _component(
        key=key, data=blob.pack_arrays(arrays, meta), on_report_change=on_report or (lambda: None)
    )


def _tiled(values: ArrayLike) -> NDArray[np.float32]:
    array = np.asarray(values, np.float32)
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or 0 in array.shape:
        raise ValueError(f"values must be (h, w) or (n, h, w), not {np.shape(values)}")
    return array


def _range(array: NDArray[np.float32], picture: Picture) -> list[float]:
    """Lowest and highest value of the colours: signed ones are symmetric, the others hold 0."""
    low, high = float(array.min()), float(array.max())
    if picture.kind in ("signed", "weight"):
        most = max(abs(low), abs(high))
        return [-most, most]
    return [min(low, 0.0), max(high, 1.0 if picture.kind == "ink" else 0.0)]


def _parse(state: object, reset: int) -> LinkedResult:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return LinkedResult()
    seq, cell = report.get("seq"), report.get("cell")
    if type(seq) is not int or not 0 <= seq <= _MAX_SEQ:
        return LinkedResult()
    if not isinstance(cell, list) or len(cell) != 3 or not all(_place(i) for i in cell):
        return LinkedResult(seq=seq)
    if report.get("reset") != reset:
        return LinkedResult(seq=seq)
    return LinkedResult((cell[0], cell[1], cell[2]), seq, current=True)


def _place(value: object) -> bool:
    return type(value) is int and 0 <= value < 100_000
