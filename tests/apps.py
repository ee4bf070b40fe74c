"""Apps of one script, run without a browser, with patience for a busy machine."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

PATIENCE = 60
"""Seconds that a run of a script may take; Streamlit's own three are too few beside other tests."""


def scripted(script: Callable[..., None], *args: object) -> AppTest:
    """The app whose script is the body of a function, called with ``args``; it has not run yet."""
    return AppTest.from_function(script, args=args, default_timeout=PATIENCE)
