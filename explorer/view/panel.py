"""A panel: a part of a page that redraws itself, and fails without taking the page with it.

A panel is a Streamlit fragment, so that an interaction inside it reruns nothing else. Its key is
its function's name: a widget elsewhere redraws it by :func:`redraw` in its callback. An error in it
reaches the user as one sentence, and the log as a traceback.
"""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

P = ParamSpec("P")

SORRY = (
    "This part of the page could not be shown. Reload the page; if that does not help, open it "
    "without the part of its address after the question mark."
)


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Show :data:`SORRY` instead of an error raised inside; ``what`` names the place in the log."""
    try:
        yield
    except Exception:
        logging.getLogger(__name__).exception("%s failed", what)
        st.error(SORRY, icon=":material/error:")


def panel(draw: Callable[P, None], every: float | None = None) -> Callable[P, None]:
    """Make ``draw`` a panel; it is redrawn alone when a widget inside it changes.

    Args:
        draw: draws it.
        every: seconds after which it is redrawn anyway, until the page runs anew without them.
    """

    @st.fragment(key=draw.__name__, run_every=every)
    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        with guarded(draw.__qualname__):
            draw(*args, **kwargs)

    return drawn


def redraw(*panels: str) -> None:
    """Redraw these panels and nothing else; for the callback of a widget, which it ends.

    One that the page has not drawn yet will be drawn as things then are, and is passed over.
    """
    if there := [name for name in panels if _drawn(name)]:
        st.rerun(there)


def _drawn(name: str) -> bool:
    context = get_script_run_ctx()
    if context is None:
        return True
    try:
        return bool(context.fragment_storage.resolve_target(name))
    except StreamlitAPIException:
        return False
