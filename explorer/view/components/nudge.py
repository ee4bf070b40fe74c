"""A hand on one number, and the curve of what follows from it: every place of the hand is computed.

The slider stands on samples only, whose numbers are in the browser already, so that the picture
follows the hand without asking. What else on a page follows is Python's: it gets the number of the
sample while the hand moves, or when it is at rest.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from explorer.view import palette
from explorer.view.components import assets

_HTML = """
<div class="nudge">
  <div class="title" data-part="title"></div>
  <canvas data-part="chart" role="img"></canvas>
  <div class="legend" data-part="legend"></div>
  <div class="hand" data-part="hand"><label><span data-part="label"></span><input type="range"
    min="0" step="1" data-part="slider"></label><output data-part="said"></output><button
    type="button" data-part="home"></button></div>
  <div class="facts" data-part="facts"></div>
</div>
"""

OTHER = "#7b6fd0"

_assets = assets(
    "nudge",
    "reporter",
    "plot",
    COLOURS={"curve": palette.PREDICTED, "tangent": palette.RUNNER_UP, "other": OTHER},
)
_component = st.components.v2.component(
    "cnn_explorer.nudge", html=_HTML, css=_assets.css, js=_assets.js
)

Fact = tuple[str, str | Sequence[str]]
"""A label and what stands beside it: one text, or one for each sample."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Numbers over the samples; one that is not finite is off the chart.

    Attributes:
        name: in the legend.
        values: ``(n,)``.
        role: ``curve`` carries the dot, ``tangent`` is what it is compared with.
    """

    name: str
    values: ArrayLike
    role: Literal["curve", "tangent", "other"] = "curve"


@dataclass(frozen=True, slots=True)
class Hand:
    """The slider, as last reported; ``seq`` is 0 before the first report."""

    at: int = 0
    seq: int = 0
    current: bool = False
    moving: bool = False


def read(n: int, *, key: str, reset: int = 0) -> Hand:
    """The last report of ``n`` samples, before the chart is shown in this run.

    A report from before the given `reset` token keeps its number and nothing else.
    """
    return _parse(st.session_state.get(key), n, reset)


def _parse(state: object, n: int, reset: int) -> Hand:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return Hand()
    seq, at = report.get("seq"), report.get("at")
    if type(seq) is not int or not 0 <= seq < 2**53:
        return Hand()
    if report.get("reset") != reset or type(at) is not int or not 0 <= at < n:
        return Hand(seq=seq)
    return Hand(at, seq, current=True, moving=report.get("moving") is True)


def show(
    xs: ArrayLike,
    curves: Sequence[Curve],
    *,
    key: str,
    at: int,
    title: str,
    hand: str,
    unit: str,
    says: Sequence[str],
    facts: Sequence[Fact],
    limits: tuple[float, float],
    alt: str,
    log: bool = False,
    ticks: Sequence[tuple[float, str]] | None = None,
    home: int | None = None,
    home_says: str = "Back",
    stream: bool = False,
    reset: int = 0,
    address: Mapping[str, str] | None = None,
    on_report: Callable[[], None] | None = None,
) -> None:
    """Show the chart, and by that answer the last report.

    Args:
        xs: ``(n,)``, ascending: where the samples lie.
        curves: the first one carries the dot.
        key: identity of the chart.
        at: the sample on which the hand stands.
        title: what the chart shows, above it.
        hand: what the slider changes.
        unit: of x, under the chart.
        says: the slider's number at each sample, as text.
        facts: what stands beneath, for the sample on which the hand is.
        limits: lowest and highest y; what lies beyond is drawn at the edge.
        alt: what the chart shows, with its numbers.
        log: a logarithmic y.
        ticks: of x with their texts; None for round numbers.
        home: the sample that a button and a mark lead back to; None for none.
        home_says: the button's text.
        stream: report while the hand moves, and not only when it is at rest.
        reset: any whole number; when it changes, the slider takes over `at`.
        address: query parameters for the browser's address; "" takes one away.
        on_report: called at each report, before the run that answers it.

    Raises:
        ValueError: lists of other lengths, no curve, or limits that are none.
    """
    places = np.asarray(xs, np.float64)
    n = len(places)
    lists = [np.size(curve.values) for curve in curves] + [len(says)]
    lists += [len(texts) for _, texts in facts if not isinstance(texts, str)]
    if not curves or any(length != n for length in lists):
        raise ValueError(f"{n} samples need curves and texts of that length, not {lists}")
    low, high = limits
    if not low < high or not math.isfinite(high - low) or (log and low <= 0):
        raise ValueError(f"limits must be (lowest, highest), got {limits}")
    if not 0 <= at < n or (home is not None and not 0 <= home < n):
        raise ValueError(f"the hand stands on one of {n} samples, not on {at}")
    _component(
        key=key,
        data={
            "xs": _numbers(places),
            "curves": [[c.name, c.role, _numbers(c.values)] for c in curves],
            "at": int(at),
            "title": title,
            "hand": hand,
            "unit": unit,
            "says": list(says),
            "facts": [[label, t if isinstance(t, str) else list(t)] for label, t in facts],
            "limits": [float(low), float(high)],
            "alt": alt,
            "log": bool(log),
            "ticks": None if ticks is None else [[float(x), text] for x, text in ticks],
            "home": home,
            "homeSays": home_says,
            "stream": bool(stream),
            "reset": int(reset),
            "address": dict(address or {}),
            "echo": read(n, key=key, reset=reset).seq,
        },
        on_report_change=on_report or (lambda: None),
    )


def _numbers(values: ArrayLike) -> list[float | None]:
    """As JSON has them: what is not finite is null; seven digits are more than a screen shows."""
    array = np.asarray(values, np.float64).ravel()
    return [float(f"{value:.7g}") if math.isfinite(value) else None for value in array.tolist()]
