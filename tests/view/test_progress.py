"""The bar that asks for the next piece of work."""

from collections.abc import Iterator

import pytest

from explorer.view.components import progress
from tests import serving
from tests.apps import scripted
from tests.view import served

SCRIPT = """
import streamlit as st
from explorer.view.components import progress

state = st.session_state
state.setdefault("done", 0)

@st.fragment
def work():
    if progress.asked(key="bar", reset=5):
        state.done += 1
    st.text(f"done {state.done}")
    if state.done < 4:
        progress.show(state.done / 4, "Working", key="bar", reset=5)

work()
"""


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"report": {"seq": 3, "reset": 5}}, (3, True)),
        ({"report": {"seq": 3, "reset": 4}}, (3, False)),
        ({"report": {"seq": 0, "reset": 5}}, (0, False)),
        ({"report": {"seq": True, "reset": 5}}, (0, False)),
        ({"report": {"seq": "3", "reset": 5}}, (0, False)),
        ({"report": None}, (0, False)),
        (None, (0, False)),
        ([], (0, False)),
    ],
    ids=str,
)
def test_only_a_report_about_this_work_asks_for_a_piece(state, expected):
    assert progress._seq(state, reset=5) == expected


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_beyond_the_whole_is_refused(share):
    with pytest.raises(ValueError, match="share"):
        progress.show(share, "", key="bar")


def test_nobody_asks_before_the_bar_is_there():
    def script():
        import streamlit as st

        from explorer.view.components import progress

        st.text(str(progress.asked(key="bar")))
        progress.show(0.5, "Working", key="bar")

    at = scripted(script).run()
    assert not at.exception
    assert at.text[0].value == "False"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if serving.chromium() is None:
        pytest.skip("no Chromium or Chrome: install it (Debian: apt-get install chromium)")
    with served.serve(SCRIPT) as address:
        yield address


def test_the_bar_asks_for_piece_after_piece_until_the_work_is_done(address):
    with served.opened(address, **serving.DESKTOP) as page:
        page.get_by_text("done 4").wait_for()
        page.locator(".st-key-bar").wait_for(state="detached")
