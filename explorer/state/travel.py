"""Travelling through training: a slider over the kept steps of the run whose network is shown.

A page that shows a network calls :func:`show` where the slider belongs, and has :data:`PANEL`
redrawn with everything else that follows another network:

    STATE.controls("network", redraw=("explore", travel.PANEL))
    travel.show(STATE, redraw=("explore",), rest=("measure",))

The hand's step becomes the shared network, the same as if it had been chosen from the list. What
takes longer than a repaint may follows when the hand rests: those panels stand in a container of
:func:`at_rest`, which fades meanwhile, and have nothing to do while :func:`moving`.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.state import PageState, address, networks, past
from explorer.view import panel
from explorer.view.components import timeline
from explorer.view.components.timeline import Stop

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

PANEL = "travel"

_TOKEN, _MOVING = "travel token", "travel moving"


Panels = Sequence[str] | Callable[[], Sequence[str]]


def show(state: type[PageState], redraw: Panels, rest: Sequence[str] = ()) -> None:
    """Draw the slider where the network in force is a step of a run, and else nothing.

    Args:
        state: the page's settings, with ``network`` among them.
        redraw: the panels that follow the hand, or what tells them when it moves.
        rest: those that follow when it rests.
    """

    @panel.panel
    def travel() -> None:
        key = state.now().network  # type: ignore[attr-defined]
        if sentence := networks.note(key):
            st.caption(f":material/info: {sentence}")
        named = networks.place(key)
        seen = past.find(named[0]) if named else None
        token = _token(key)
        if named is None or seen is None:
            return
        past.prepare(seen)
        # One that was let go of meanwhile can still be shown, and then stands among the others.
        steps = tuple(sorted({*seen.steps, named[1]}))
        report = timeline.read(steps, reset=token)
        st.session_state[_MOVING] = (address.visit(), report.moving)
        timeline.show(
            [_stop(seen, step) for step in steps],
            named[1],
            title=seen.title,
            reset=token,
            address={} if report.moving else state.take(network=key),
            on_report=partial(_moved, state, named[0], steps, token, redraw, tuple(rest)),
        )

    travel()


def at_rest(name: str) -> "DeltaGenerator":
    """A container for what follows only when the slider rests; meanwhile it says so.

    Args:
        name: its own on the page.
    """
    return st.container(key=f"{timeline.AT_REST}{name}")


def moving() -> bool:
    """Whether a hand is on the slider of this page, or the run is being played."""
    return bool(st.session_state.get(_MOVING) == (address.visit(), True))


def _moved(
    state: type[PageState],
    run: str,
    steps: tuple[int, ...],
    token: int,
    redraw: Panels,
    rest: tuple[str, ...],
) -> None:
    """The hand asks for a step: it becomes the network, unless it has been let go of.

    A report that comes after another network was chosen asks for nothing: on a busy server the
    slider says a second time what it has not seen answered.
    """
    report = timeline.read(steps, reset=token)
    if not report.current or st.session_state.get(_TOKEN, ("", token))[1] != token:
        panel.redraw(PANEL)
        return
    key, there = networks.run_key(run, report.step), True
    if not networks.ready(key):
        key, there = networks.nearest(run, report.step), False
    state.keep(network=key)
    if there:
        st.session_state[_TOKEN] = (key, token)
    follows = report.moving and there
    st.session_state[_MOVING] = (address.visit(), follows)
    first = redraw() if callable(redraw) else redraw
    panel.redraw(*dict.fromkeys([*first, *(() if follows else rest), PANEL]))


def _token(key: str) -> int:
    """Changes when something else than the slider changed the network."""
    known, token = st.session_state.get(_TOKEN, ("", 0))
    if known != key:
        token += 1
        st.session_state[_TOKEN] = (key, token)
        st.session_state.pop(_MOVING, None)
    return int(token)


def _stop(seen: past.Past, step: int) -> Stop:
    if step not in seen.tested:
        return Stop(step)
    share, images = seen.tested[step]
    return Stop(step, share, f"reads {100 * share:.1f} % of {images:,} test images")
