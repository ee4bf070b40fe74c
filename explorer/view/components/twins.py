"""A picture and its shifted twin, stage by stage, the twin in the visitor's hand.

The twin is dragged with mouse, finger or pen, moved by sliders or by arrow keys, one pixel at a
time. The browser moves the twin at once, which is indexing; everything that is computed from it is
Python's. Every move is reported, one message in flight, always the whole shift. So a page reads
first, computes and shows everything else, and shows the twins *last*:

    report = twins.read(reset=token)
    dx, dy = (report.dx, report.dy) if report.current else (1, 0)
    ...                                       # both chains, what changed, probabilities
    with place:
        twins.show(stages, dx=dx, dy=dy, reset=token, alt="…")

The first stage is the picture. `host.twins` of the component's element holds the shift that the
hand asks for and the one that was computed, for tests; `data-painted` counts what Python sent and
is painted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from explorer.view.components import assets, blob
from explorer.view.palette import Kind

MAX_SHIFT = 8
"""Pixels to either side."""

# What a JavaScript number counts exactly.
_MAX_SEQ = 2**53 - 1

_HTML = """
<div class="twins" data-part="twins">
  <div class="stages" data-part="stages"></div>
  <div class="controls" data-part="controls">
    <label><span>Right</span><input type="range" data-part="dx" aria-label="Pixels to the right"
      ><output data-part="dx-number"></output></label>
    <label><span>Down</span><input type="range" data-part="dy" aria-label="Pixels down"
      ><output data-part="dy-number"></output></label>
    <button type="button" data-part="reset" title="Back to no shift at all">Reset</button>
  </div>
  <div class="legend" data-part="legend">
    <span><i class="same"></i>unchanged</span><span><i class="changed"></i>changed</span
    ><span data-part="rest">unmarked: empty in both, or moved in from outside</span>
  </div>
  <div class="legend" data-part="winners-legend">
    <span><i class="winner"></i>the strongest pixel of each window</span>
  </div>
  <div class="readout" data-part="readout"></div>
  <div class="remark" data-part="remark"></div>
  <div class="unseen" id="keys">Arrow keys move the picture by one pixel.</div>
  <div class="unseen" data-part="spoken" role="status" aria-live="polite"></div>
</div>
"""

_assets = assets(
    "twins", "reporter", "blob", "twins_paint", MAX_SHIFT=MAX_SHIFT, sheets=("slider",)
)
_component = st.components.v2.component(
    "cnn_explorer.twins", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True, eq=False)
class Stage:
    """One step of both chains.

    Attributes:
        label: what it is; its size is said after it.
        original, shifted: ``(H, W)`` finite numbers each.
        kind: the colour table.
        states: ``(H, W)``, what became of each cell of the shifted map: 0 nothing to say, 1
            unchanged, 2 changed; None for no marks.
        moved: cells to the right and down by which the shifted map is compared displaced.
        window: (side, stride) of the windows on the stage before it; None where it has none.
        kernel: ``(k, k)``, what made it of the stage before; None where no kernel did.
        note: said beside the kernel.
        winners: for the original and the shifted map, which cells of this stage are the strongest
            of a window of the next: flat places, row by row; None for no marks.
    """

    label: str
    original: ArrayLike
    shifted: ArrayLike
    kind: Kind = "activation"
    states: ArrayLike | None = None
    moved: tuple[int, int] = (0, 0)
    window: tuple[int, int] | None = None
    winners: tuple[ArrayLike, ArrayLike] | None = None
    kernel: ArrayLike | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Twins:
    """The shift in the visitor's hand, as last reported.

    Attributes:
        dx, dy: pixels to the right and down, within ±8.
        seq: number of the report, rising by at least one; 0 before the first.
        current: whether anything was reported since the last reset; only then the rest says
            something.
        moving: whether the hand is still at it.
    """

    dx: int = 0
    dy: int = 0
    seq: int = 0
    current: bool = False
    moving: bool = False


def read(*, key: str = "twins", reset: int = 0) -> Twins:
    """The last report of the twins with this key, before they are shown in this run.

    A report from before the given `reset` token keeps its number and nothing else.
    """
    return _parse(st.session_state.get(key), reset)


def show(
    stages: Sequence[Stage],
    *,
    dx: int,
    dy: int,
    alt: str,
    remark: str = "",
    key: str = "twins",
    reset: int = 0,
    address: Mapping[str, str] | None = None,
    on_report: Callable[[], None] | None = None,
) -> Twins:
    """Show the twins, and by that answer their last report.

    Args:
        stages: the picture, then what was made of it step by step.
        dx, dy: the shift that was computed; new twins start with it, and take it over at a new
            `reset`.
        alt: what the picture shows.
        remark: a line under the stages.
        key: identity of the twins; their report lies in the session state under this key.
        reset: any whole number; when it changes, the twins take over `dx` and `dy`.
        address: query parameters that the browser's address takes over, as in the digit pad.
        on_report: called at each report, before the run that answers it.

    Raises:
        ValueError: no stage, maps of different shapes in one stage, a value that is not finite, or
            a shift beyond ±8.
    """
    if not stages:
        raise ValueError("twins need a picture: the list of stages is empty")
    if max(abs(dx), abs(dy)) > MAX_SHIFT:
        raise ValueError(f"the shift must be within ±{MAX_SHIFT}, got {(dx, dy)}")
    arrays: dict[str, NDArray[np.float32]] = {}
    described = []
    for i, stage in enumerate(stages):
        pair = [np.asarray(m, np.float32) for m in (stage.original, stage.shifted)]
        states = None if stage.states is None else np.asarray(stage.states)
        shapes = {m.shape for m in pair} | ({states.shape} if states is not None else set())
        if len(shapes) != 1 or pair[0].ndim != 2 or pair[0].size == 0:
            raise ValueError(f"the maps of stage {i} must be (H, W) alike, got {sorted(shapes)}")
        arrays[f"original{i}"], arrays[f"shifted{i}"] = pair
        if states is not None:
            # A byte each: see blob.pack_arrays.
            arrays[f"states{i}"] = states.astype(np.float32) / np.float32(255)
        if stage.kernel is not None:
            arrays[f"kernel{i}"] = np.asarray(stage.kernel, np.float32)
        if stage.winners is not None:
            for name, places in zip(("won", "wonShifted"), stage.winners, strict=True):
                arrays[f"{name}{i}"] = np.asarray(places, np.float32).ravel()
        most = max(float(pair[0].max()), 1.0 if stage.kind == "ink" else 0.0)
        described.append(
            {
                "label": stage.label,
                "kind": stage.kind,
                "range": [min(float(pair[0].min()), 0.0), most],
                "moved": [int(cells) for cells in stage.moved],
                "note": stage.note,
                "window": None if stage.window is None else [int(n) for n in stage.window],
            }
        )
    report = read(key=key, reset=reset)
    meta = {
        "stages": described,
        "dx": int(dx),
        "dy": int(dy),
        "alt": alt,
        "remark": remark,
        "reset": int(reset),
        "address": dict(address or {}),
        "echo": report.seq,
    }
    raw = _component(
        key=key,
        data=blob.pack_arrays(arrays, meta),
        on_report_change=on_report or (lambda: None),
    )
    return _parse(raw, reset)


def _parse(state: object, reset: int) -> Twins:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return Twins()
    seq = report.get("seq")
    if type(seq) is not int or not 0 <= seq <= _MAX_SEQ:
        return Twins()
    dx: Any = report.get("dx")
    dy: Any = report.get("dy")
    if report.get("reset") != reset or not all(
        type(n) is int and abs(n) <= MAX_SHIFT for n in (dx, dy)
    ):
        return Twins(seq=seq)
    return Twins(dx, dy, seq, current=True, moving=report.get("moving") is True)
