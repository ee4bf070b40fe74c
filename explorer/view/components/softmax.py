"""Softmax with its live numbers, and a temperature in the visitor's hand.

The slider reports while it is moved, one message in flight; every number is Python's. So a page
reads first, computes, and shows the table last.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.view.components import assets

MAX_HEAT = 20
"""The slider goes from −20 to 20: the temperature is 10 to the power of a twentieth of that."""

_HTML = f"""
<div class="softmax">
  <label class="heat"><span>Temperature <em>T</em></span><input type="range" data-part="heat"
    min="-{MAX_HEAT}" max="{MAX_HEAT}" step="1" aria-label="Temperature"
    ><output data-part="number"></output><button type="button" data-part="reset"
    title="Back to a temperature of 1">T = 1</button></label>
  <table><thead><tr><th>class</th><th>logit <em>z</em></th><th data-part="powers"></th
    ><th colspan="2" data-part="shares"></th></tr></thead>
    <tbody data-part="rows"></tbody>
    <tfoot><tr><td></td><td></td><td data-part="sum"></td><td colspan="2" data-part="one"></td>
    </tr></tfoot></table>
</div>
"""

_assets = assets("softmax", "reporter")
_component = st.components.v2.component(
    "cnn_explorer.softmax", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True)
class Line:
    """One class: its name, its numbers as texts, its probability in [0, 1], its colour."""

    name: str
    logit: str
    power: str
    chance: float
    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Heat:
    """The slider, as last reported; ``seq`` is 0 before the first report."""

    heat: int = 0
    seq: int = 0
    current: bool = False
    moving: bool = False


def read(*, key: str = "softmax", reset: int = 0) -> Heat:
    """The last report, before the table is shown in this run.

    A report from before the given `reset` token keeps its number and nothing else.
    """
    return _parse(st.session_state.get(key), reset)


def _parse(state: object, reset: int) -> Heat:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return Heat()
    seq, heat = report.get("seq"), report.get("heat")
    if type(seq) is not int or not 0 <= seq < 2**53:
        return Heat()
    if report.get("reset") != reset or type(heat) is not int or abs(heat) > MAX_HEAT:
        return Heat(seq=seq)
    return Heat(heat, seq, current=True, moving=report.get("moving") is True)


def show(
    lines: Sequence[Line],
    *,
    total: str,
    heat: int,
    temperature: str,
    reset: int = 0,
    on_report: Callable[[], None] | None = None,
    key: str = "softmax",
) -> None:
    """Show the table, and by that answer the last report.

    Args:
        lines: one for each class.
        total: the sum of the powers, as text.
        heat: the slider, −20 to 20.
        temperature: what it means, as text.
        reset: any whole number; when it changes, the slider takes over `heat`.
        on_report: called at each report, before the run that answers it.
        key: identity of the table.
    """
    _component(
        key=key,
        data={
            "lines": [[i.name, i.logit, i.power, float(i.chance), i.text, i.colour] for i in lines],
            "total": total,
            "heat": int(heat),
            "temperature": temperature,
            "reset": int(reset),
            "echo": read(key=key, reset=reset).seq,
        },
        on_report_change=on_report or (lambda: None),
    )
