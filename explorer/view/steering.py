"""What can be told to a run: the row of buttons, as far as the run takes them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from explorer.training.records import Run

SLOW = {"full": 0.0, "5 steps/s": 0.2, "1 step/s": 1.0}
"""Speeds to choose from: seconds from step to step."""

Tell = Callable[..., None]


def buttons(run: "Run", slow: float, rate: float, tell: Tell, again: Callable[[], None]) -> None:
    """Draw the row.

    Args:
        run: as it stands.
        slow: seconds from step to step, as last set.
        rate: the highest learning rate of its schedule, as last set.
        tell: called with the run, a verb and its value.
        again: lets a run that ended before its time go on.
    """
    state = run.state.value
    if run.state.ended:
        if state != "finished":
            st.button(
                "Resume",
                icon=":material/resume:",
                help="It goes on from its last checkpoint.",
                on_click=again,
                key=f"again-{run.id}-{run.attempt}",
            )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="steering"):
        paused = state == "paused"
        if state != "queued":
            _button(
                "Resume" if paused else "Pause",
                ":material/play_arrow:" if paused else ":material/pause:",
                "It goes on." if paused else "It stands still within one batch.",
                tell,
                run,
                "resume" if paused else "pause",
            )
            _button(
                "One step",
                ":material/skip_next:",
                "One batch, then it stands still.",
                tell,
                run,
                "step",
            )
        _button("Stop", ":material/stop:", "It ends; it can be resumed later.", tell, run, "stop")
        if state == "queued":
            return
        key = _holding(
            f"slow-{run.id}", next((name for name in SLOW if SLOW[name] == slow), "full")
        )
        st.segmented_control(
            "Speed",
            list(SLOW),
            required=True,
            key=key,
            on_change=_slow,
            args=(tell, run, key),
            help="Slow motion waits between two steps.",
        )
        # Without bounds: a number beyond them is said to be wrong in a sentence.
        key = _holding(f"rate-{run.id}", rate)
        st.number_input(
            "Learning rate",
            format="%g",
            step=rate / 2,
            width=170,
            key=key,
            on_change=_rate,
            args=(tell, run, key),
            help="In force from the next step on; with a schedule, its highest.",
        )


def _button(label: str, icon: str, help: str, tell: Tell, run: "Run", verb: str) -> None:
    key = f"tell-{verb}-{run.id}"
    arguments: dict[str, Any] = {"on_click": tell, "args": (run, verb), "key": key}
    st.button(label, icon=icon, help=help, **arguments)


def _holding(key: str, value: object) -> str:
    """The key of a widget that holds a value, whoever gave it to the run.

    The widget stays the same one: a second click may come before the first was answered.
    """
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return key


def _slow(tell: Tell, run: "Run", key: str) -> None:
    tell(run, "slow", SLOW[st.session_state[key]])


def _rate(tell: Tell, run: "Run", key: str) -> None:
    value = st.session_state[key]
    if value is not None:
        tell(run, "rate", value)
