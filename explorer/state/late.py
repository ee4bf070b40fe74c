"""A part of a page that is drawn once what stands above it has been painted.

A browser paints nothing before it has made everything that it was sent. What is far down the page,
and large, is therefore asked for by the browser itself, when the rest is on the screen.
"""

import functools
from collections.abc import Callable

import streamlit as st

from explorer.state import address
from explorer.view.components import progress
from explorer.view.panel import panel

AT_ONCE = "late at once"
"""Where the session has this, nothing waits; for tests, which have no browser to ask."""


def late(draw: Callable[[], None]) -> Callable[[], None]:
    """Make ``draw`` a panel that waits until the page has been painted.

    It may draw panels of its own; until it has, :func:`explorer.view.panel.redraw` passes over
    them.
    """

    @panel
    @functools.wraps(draw)
    def drawn() -> None:
        if _asked_for(draw.__name__):
            draw()

    return drawn


def _asked_for(name: str) -> bool:
    memory, bar, here = f"{name} was asked for", f"late-{name}", address.visit()
    if progress.asked(key=bar) or AT_ONCE in st.session_state:
        st.session_state[memory] = here
    if st.session_state.get(memory) == here:
        return True
    progress.show(0, "Comes as soon as the picture is there …", key=bar)
    return False
