"""Which map of the layer on the table matters: whether it is being measured, and the next piece."""

import time

import streamlit as st

from explorer.network.mattering import Mattering, mattering
from explorer.state.surgery import Operation

PIECE = 0.06
"""Seconds of work between two looks at what else a person wants."""

_WEIGHING = "surgery weighs"


def measurement(now: Operation) -> Mattering:
    """The measurement of the layer on the table, after the edits."""
    return mattering(now.network, now.edits.done, now.layer)


def under_way(now: Operation) -> bool:
    """Whether a person has asked for it, and it is not done."""
    return bool(st.session_state.get(_WEIGHING) == (now.network, now.edits.done, now.layer))


def begin(now: Operation) -> None:
    """From here on the progress bar asks for piece after piece."""
    if measurement(now).done < 1:
        st.session_state[_WEIGHING] = (now.network, now.edits.done, now.layer)


def stop() -> None:
    """Ask for no more."""
    st.session_state.pop(_WEIGHING, None)


def piece(now: Operation) -> None:
    """Measure a little more."""
    work, end = measurement(now), time.monotonic() + PIECE
    while work.done < 1 and time.monotonic() < end:
        work.step()
    if work.done == 1:
        stop()
