"""A person from parts: four frames on a face, a neuron with its sliders, and every photograph.

Frames, weights and threshold are in the visitor's hand; they are reported while they move, one
message in flight, always all of them. So a page reads first, computes every response, and shows the
assembly *last*. The photographs come by :mod:`~explorer.view.components.stash`, once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.view.components import assets

Box = tuple[int, int, int, int]

PHOTOGRAPHS = "photographs"
"""What the pictures are called in the stash."""

SIDE = 128
MIN_BOX, MAX_BOX = 6, 48
MAX_WEIGHT, MAX_THRESHOLD = 20, 80
"""In tenths."""

COLOURS = ("#0b8f7e", "#c2701a", "#7b6fd0", "#c2477f")

_HTML = """
<div class="assembly">
  <div class="make">
    <div class="source">
      <canvas data-part="face" tabindex="0" role="application" aria-describedby="keys"></canvas>
      <div class="hint" data-part="hint"></div>
    </div>
    <div class="neuron" data-part="neuron"></div>
  </div>
  <div class="photos" data-part="photos" role="list"></div>
  <div class="unseen" id="keys">1 to 4 take a frame, arrow keys move it, Shift with arrow keys
    changes its size.</div>
  <div class="unseen" data-part="spoken" role="status" aria-live="polite"></div>
</div>
"""

_assets = assets(
    "assembly",
    "blob",
    "reporter",
    "stash_of",
    PHOTOGRAPHS=PHOTOGRAPHS,
    SIDE=SIDE,
    MIN_BOX=MIN_BOX,
    MAX_BOX=MAX_BOX,
    MAX_WEIGHT=MAX_WEIGHT,
    MAX_THRESHOLD=MAX_THRESHOLD,
    COLOURS=COLOURS,
)
_component = st.components.v2.component(
    "cnn_explorer.assembly", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True)
class Answered:
    """What one photograph answers.

    Attributes:
        name: of the picture in the stash.
        title: what it is called.
        responses: of the four parts, pooled.
        places: upper left pixels of the patches that gave them.
        total: the weighted sum.
        fires: whether it is above the threshold.
    """

    name: str
    title: str
    responses: Sequence[float]
    places: Sequence[tuple[int, int]]
    total: float
    fires: bool


@dataclass(frozen=True, slots=True)
class Assembly:
    """What is in the hand, as last reported; ``seq`` is 0 before the first report.

    Attributes:
        boxes: (row, column, height, width) of the four frames.
        weights, threshold: in tenths.
    """

    boxes: tuple[Box, ...] = ()
    weights: tuple[int, ...] = ()
    threshold: int = 0
    seq: int = 0
    current: bool = False
    moving: bool = False


def fits(box: Sequence[object]) -> bool:
    """Whether four numbers are a frame that lies on the picture and has a size that is taken."""
    if len(box) != 4 or not all(type(n) is int for n in box):
        return False
    row, column, height, width = (int(n) for n in box if isinstance(n, int))
    sized = MIN_BOX <= height <= MAX_BOX and MIN_BOX <= width <= MAX_BOX
    return sized and 0 <= row <= SIDE - height and 0 <= column <= SIDE - width


def read(count: int, *, key: str = "assembly", reset: int = 0) -> Assembly:
    """The last report of ``count`` parts, before the assembly is shown in this run.

    A report from before the given `reset` token keeps its number and nothing else.
    """
    return _parse(st.session_state.get(key), count, reset)


def _parse(state: object, count: int, reset: int) -> Assembly:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return Assembly()
    seq = report.get("seq")
    if type(seq) is not int or not 0 <= seq < 2**53:
        return Assembly()
    boxes, weights, threshold = (report.get(n) for n in ("boxes", "weights", "threshold"))
    if (
        report.get("reset") != reset
        or not isinstance(boxes, list)
        or not isinstance(weights, list)
        or not len(boxes) == len(weights) == count
        or not all(isinstance(box, list) and fits(box) for box in boxes)
        or not all(type(w) is int and abs(w) <= MAX_WEIGHT for w in weights)
        or type(threshold) is not int
        or not 0 <= threshold <= MAX_THRESHOLD
    ):
        return Assembly(seq=seq)
    frames = tuple((int(r), int(c), int(h), int(w)) for r, c, h, w in boxes)
    moving = report.get("moving") is True
    return Assembly(frames, tuple(weights), threshold, seq, current=True, moving=moving)


def show(
    names: Sequence[str],
    boxes: Sequence[Box],
    weights: Sequence[int],
    threshold: int,
    answers: Sequence[Answered],
    *,
    cover: tuple[int, int, int, int, float] | None = None,
    key: str = "assembly",
    reset: int = 0,
    address: Mapping[str, str] | None = None,
    on_report: Callable[[], None] | None = None,
) -> None:
    """Show the assembly, and by that answer its last report.

    Args:
        names: of the parts.
        boxes, weights, threshold: as in :class:`Assembly`; the hand takes them over at a new
            `reset`.
        answers: of every photograph, the face first.
        cover: row, column, height, width and shade in [0, 1] of the patch over the face.
        key: identity of the assembly.
        reset: any whole number; when it changes, the hand takes over what is given here.
        address: query parameters that the browser's address takes over.
        on_report: called at each report, before the run that answers it.
    """
    _component(
        key=key,
        data={
            "names": list(names),
            "boxes": [list(box) for box in boxes],
            "weights": list(weights),
            "threshold": int(threshold),
            "answers": [
                {
                    "name": a.name,
                    "title": a.title,
                    "responses": [float(v) for v in a.responses],
                    "places": [[int(r), int(c)] for r, c in a.places],
                    "total": float(a.total),
                    "fires": bool(a.fires),
                }
                for a in answers
            ],
            "cover": None if cover is None else list(cover),
            "reset": int(reset),
            "address": dict(address or {}),
            "echo": read(len(names), key=key, reset=reset).seq,
        },
        on_report_change=on_report or (lambda: None),
    )
