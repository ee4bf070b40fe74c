"""The way of a gradient from the loss back to the input: play, step, scrub, and a sentence each.

The browser keeps the time and says how far the gradient has come; Python answers with what is to be
seen there, one message in flight. Space plays and pauses, the arrow keys step, Home and End go to
either end, and each stage is a button of its own.

    report = backward_play.read(reset=token)
    ...                                        # the stage that is open
    backward_play.show(stages, at=…, reset=token)

`data-painted` of the component's element counts what Python sent and is painted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import streamlit as st

from explorer.view.components import assets

KEY = "backward_play"
# What a JavaScript number counts exactly.
_MAX_SEQ = 2**53 - 1

_HTML = """
<div class="way" data-part="way" role="group" aria-label="The gradient's way back"
  aria-describedby="keys">
  <div class="player">
    <button type="button" class="main" data-part="play"></button>
    <button type="button" data-part="back" title="One step before (←)"
      aria-label="One step before">‹</button>
    <button type="button" data-part="on" title="One step further back (→)"
      aria-label="One step further back">›</button>
    <input type="range" data-part="scrub" min="0" value="0" step="1"
      aria-label="How far the gradient has come">
    <span class="count" data-part="count"></span>
  </div>
  <ol class="stages" data-part="stages"></ol>
  <p class="sentence" data-part="sentence" aria-live="polite"></p>
  <div class="unseen" id="keys">Space plays and pauses, arrow keys step, Home goes to the loss, End
    to the input.</div>
</div>
"""

_assets = assets("backward_play", "reporter")
_component = st.components.v2.component(
    "cnn_explorer.backward_play", html=_HTML, css=_assets.css, js=_assets.js
)


class Step(NamedTuple):
    """A stage's name, and what happened there in one sentence."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class PlayResult:
    """How far the gradient has come, as last reported.

    Attributes:
        at: number of the stage, from 0.
        playing: whether it goes on by itself.
        seq: number of the report; 0 before the first.
        current: whether anything was reported since the last reset.
    """

    at: int = 0
    playing: bool = False
    seq: int = 0
    current: bool = False


def read(*, key: str = KEY, reset: int = 0) -> PlayResult:
    """The last report, before the component is shown in this run."""
    state = st.session_state.get(key)
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return PlayResult()
    seq, at = report.get("seq"), report.get("at")
    if type(seq) is not int or not 0 <= seq <= _MAX_SEQ:
        return PlayResult()
    if report.get("reset") != reset or type(at) is not int or not 0 <= at < 1000:
        return PlayResult(seq=seq)
    return PlayResult(at, report.get("playing") is True, seq, current=True)


def show(
    stages: Sequence[Step],
    *,
    at: int,
    key: str = KEY,
    reset: int = 0,
    address: Mapping[str, str] | None = None,
) -> None:
    """Show the way.

    Args:
        stages: from the loss to the input.
        at: the stage that is open in a new component, or at a new `reset`.
        key: identity of the element.
        reset: any whole number; when it changes, `at` is taken over.
        address: query parameters that the browser should set, without a new entry in the history.

    Raises:
        ValueError: there is no such stage.
    """
    if not 0 <= at < len(stages):
        raise ValueError(f"there are stages 0 to {len(stages) - 1}, not {at}")
    _component(
        key=key,
        data={
            "stages": [[step.name, step.sentence] for step in stages],
            "at": int(at),
            "reset": int(reset),
            "echo": read(key=key, reset=reset).seq,
            "address": dict(address or {}),
        },
    )
