"""A slider over the steps of a training run that were kept, and a button that plays them.

Every move of a hand is reported, one message in flight, so a page reads the report, redraws what
shows the network, and shows the timeline *last*: its echo is what the next report, and while it
plays the next step, waits for. The step is reported rather than its place on the slider, because a
run that goes on keeps new steps and drops old ones.

While the hand moves the page's element ``html`` has the attribute ``data-travelling``: whatever
stands in a container whose key begins with :data:`AT_REST` fades and says that it follows when the
slider rests. `host.timeline` of the component's element holds the step that the hand asks for and
the one that is shown, for tests.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.view.components import assets

AT_REST = "at-rest-"
"""How the keys of containers begin whose content waits until the hand rests."""

WAITS = "Follows when the slider rests."

# What a JavaScript number counts exactly.
_MAX_SEQ = 2**53 - 1

_HTML = """
<div class="timeline" role="group" aria-label="Travel through the training of this network">
  <button type="button" data-part="play" title="Show one kept step after the other">
    <svg viewBox="0 0 16 16" aria-hidden="true"><path data-part="icon"/></svg>
    <span data-part="word">Play training</span>
  </button>
  <div class="track">
    <div class="heights" data-part="heights" aria-hidden="true"
      title="How much of the test set was read right"></div>
    <input type="range" data-part="slider" min="0" step="1" aria-label="Step of the training">
    <div class="ticks" data-part="ticks" aria-hidden="true"></div>
  </div>
  <div class="said"><strong data-part="step"></strong><span data-part="text"></span></div>
</div>
"""

_assets = assets("timeline", "reporter", AT_REST=AT_REST, WAITS=WAITS, sheets=("slider",))
_component = st.components.v2.component(
    "cnn_explorer.timeline", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True, slots=True)
class Stop:
    """One step that was kept.

    Attributes:
        step: updates of the weights until then.
        share: of the test images read right, in [0, 1]; None where it is not known.
        text: what is said of it beside its number.
    """

    step: int
    share: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the hand is, as last reported.

    Attributes:
        step: the step that is asked for.
        seq: number of the report, rising by at least one; 0 before the first.
        current: whether anything was reported since the last reset; only then the rest says
            something.
        moving: whether the hand is still at it, or the run is being played.
    """

    step: int = 0
    seq: int = 0
    current: bool = False
    moving: bool = False


def read(steps: Sequence[int], *, key: str = "timeline", reset: int = 0) -> Moved:
    """The last report of the timeline with this key, before it is shown in this run.

    A report from before the given `reset` token, or of a step that is none of ``steps``, keeps its
    number and nothing else.
    """
    return _parse(st.session_state.get(key), steps, reset)


def show(
    stops: Sequence[Stop],
    step: int,
    *,
    key: str = "timeline",
    title: str = "",
    reset: int = 0,
    address: Mapping[str, str] | None = None,
    on_report: Callable[[], None] | None = None,
) -> None:
    """Show the timeline, and by that answer its last report.

    Args:
        stops: what the slider goes over, steps ascending.
        step: the one that is shown; a new timeline starts with it, and takes it over at a new
            `reset`.
        key: identity of the timeline; its report lies in the session state under this key.
        title: what the run is called.
        reset: any whole number; when it changes, the slider takes over `step`.
        address: query parameters that the browser's address takes over, as in the digit pad.
        on_report: called at each report, before the run that answers it.

    Raises:
        ValueError: no stop, steps that do not ascend, or a step that is none of them.
    """
    steps = [stop.step for stop in stops]
    if not steps or steps != sorted(set(steps)):
        raise ValueError(f"steps must ascend, and there must be one: got {steps}")
    if step not in steps:
        raise ValueError(f"step {step} is none of {steps}")
    report = read(steps, key=key, reset=reset)
    _component(
        key=key,
        data={
            "stops": [[s.step, None if s.share is None else float(s.share), s.text] for s in stops],
            "step": int(step),
            "resting": not report.moving,
            "title": title,
            "reset": int(reset),
            "address": dict(address or {}),
            "echo": report.seq,
        },
        on_report_change=on_report or (lambda: None),
    )


def _parse(state: object, steps: Sequence[int], reset: int) -> Moved:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return Moved()
    seq, step = report.get("seq"), report.get("step")
    if type(seq) is not int or not 0 <= seq <= _MAX_SEQ:
        return Moved()
    if report.get("reset") != reset or type(step) is not int or step not in steps:
        return Moved(seq=seq)
    return Moved(step, seq, current=True, moving=report.get("moving") is True)
