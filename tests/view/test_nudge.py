"""The nudge: what Python believes of it, and what it does under keys, mouse and finger."""

import math
import re
from collections.abc import Iterator

import pytest

from explorer.view.components import nudge
from explorer.view.components.nudge import Curve, Hand
from tests import serving
from tests.view import served

SCRIPT = """
import numpy as np
import streamlit as st
from explorer.view.components import nudge
from explorer.view.components.nudge import Curve

state = st.session_state
state.setdefault("token", 0)
state.setdefault("log", [])
state.setdefault("at", 5)
xs = np.arange(11.0)

def anew():
    state.token += 1
    state.at = 5

@st.fragment
def show():
    st.button("anew", on_click=anew)
    report = nudge.read(11, key="hand", reset=state.token)
    if report.current:
        state.at = report.at
        state.log.append(report.at)
    nudge.show(
        xs, [Curve("loss", (xs - 3) ** 2), Curve("promised", 4 - 4 * xs, "tangent")],
        key="hand", at=state.at, title="The loss", hand="Nudge", unit="x",
        says=[f"at {x:.0f}" for x in xs],
        facts=[("Before", "4"), ("After", [f"{(x - 3) ** 2:.0f} now" for x in xs])],
        limits=(0, 25), home=3, home_says="Home", stream=STREAM, reset=state.token,
        address={} if report.moving else {"x": str(state.at)}, alt="a parabola",
    )
    st.text("at %d moving %s reports %d" % (state.at, report.moving, len(state.log)))

show()
"""


def report(**changes):
    return {"report": {"seq": 3, "reset": 0, "at": 2, "moving": True} | changes}


def test_a_report_becomes_a_place_of_the_hand():
    assert nudge._parse(report(), 5, reset=0) == Hand(2, 3, current=True, moving=True)


def test_a_report_from_before_the_reset_keeps_its_number_only():
    assert nudge._parse(report(), 5, reset=1) == Hand(seq=3)


@pytest.mark.parametrize(
    "changes",
    [
        {"at": 5},
        {"at": -1},
        {"at": 1.0},
        {"at": True},
        {"at": "2"},
        {"at": None},
        {"seq": -1},
        {"seq": "3"},
        {"seq": 2**60},
    ],
    ids=str,
)
def test_a_malformed_report_is_no_place_and_no_error(changes):
    found = nudge._parse(report(**changes), 5, reset=0)
    assert (found.at, found.current, found.moving) == (0, False, False)


@pytest.mark.parametrize("state", [None, 5, "x", [], {}, {"report": None}, {"report": [1]}])
def test_a_state_without_a_report_is_no_place(state):
    assert nudge._parse(state, 5, reset=0) == Hand()


GOOD = {
    "xs": [0, 1],
    "curves": [Curve("a", [0, 1])],
    "at": 0,
    "says": ["0", "1"],
    "facts": [("one", "1"), ("each", ["0", "1"])],
    "limits": (0, 1),
}


@pytest.mark.parametrize(
    "changes",
    [
        {"curves": []},
        {"curves": [Curve("a", [0, 1, 2])]},
        {"says": ["0"]},
        {"facts": [("each", ["0"])]},
        {"limits": (1, 1)},
        {"limits": (0, math.inf)},
        {"limits": (0, 1), "log": True},
        {"at": 2},
        {"home": -1},
    ],
    ids=str,
)
def test_a_chart_that_cannot_be_shown_is_refused(changes):
    with pytest.raises(ValueError, match=r"samples|limits"):
        nudge.show(key="k", title="", hand="", unit="", alt="", **(GOOD | changes))


def test_what_is_not_finite_is_off_the_chart():
    assert nudge._numbers([1 / 3, math.inf, math.nan]) == [0.3333333, None, None]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if serving.chromium() is None:
        pytest.skip("no Chromium or Chrome: install it (Debian: apt-get install chromium)")
    with served.serve(SCRIPT.replace("STREAM", "st.query_params.get('stream') == '1'")) as address:
        yield address


def ready(page):
    page.get_by_text("at 5 moving False reports 0").wait_for()
    page.get_by_text("4 now").wait_for()
    return page


def drawn(page):
    """Where the dot is, in the browser."""
    return page.evaluate(
        "(({at, y}) => [at, y])([...document.querySelectorAll('.st-key-hand *')]"
        ".find((e) => e.shadowRoot))"
    )


def test_keys_move_the_dot_at_once_and_python_hears_of_it_when_they_rest(address):
    with served.opened(address, **serving.DESKTOP) as page:
        slider = ready(page).get_by_role("slider", name="Nudge")
        slider.press("ArrowRight")
        assert drawn(page) == [6, 9]
        page.get_by_text("9 now").wait_for()
        assert slider.get_attribute("aria-valuetext") == "at 6"
        page.get_by_text(re.compile("at 6 moving False")).wait_for()
        page.wait_for_url(re.compile("x=6"))
        home = page.get_by_role("button", name="Home")
        home.click()
        page.get_by_text(re.compile("at 3 moving False")).wait_for()
        assert drawn(page) == [3, 0]
        assert home.is_disabled()
        page.get_by_role("button", name="anew").click()
        page.get_by_text(re.compile("at 5 moving False")).wait_for()
        assert drawn(page) == [5, 4]


def test_a_drag_on_the_chart_streams_where_python_follows(address):
    with served.opened(f"{address}?stream=1", **serving.DESKTOP) as page:
        box = ready(page).locator(".st-key-hand canvas").bounding_box()
        x, y = box["x"] + box["width"] - 12, box["y"] + 60
        page.mouse.move(x, y)
        page.mouse.down()
        page.get_by_text("at 10 moving True").wait_for()
        assert drawn(page) == [10, 49]  # above the chart, and still the number that was computed
        page.mouse.move(box["x"] + 50, y)
        page.get_by_text("at 0 moving True").wait_for()
        page.mouse.up()
        page.get_by_text(re.compile("at 0 moving False")).wait_for()
        page.wait_for_url(re.compile("x=0"))


def test_a_finger_drags_the_dot_and_the_page_stays_where_it_is(address):
    with served.opened(address, **serving.PHONE) as page:
        canvas = ready(page).locator(".st-key-hand canvas")
        box = canvas.bounding_box()
        finger = page.context.new_cdp_session(page)
        for kind, share in (("Start", 0.6), ("Move", 0.7), ("Move", 0.9), ("Move", 0.99)):
            where = [{"x": box["x"] + share * box["width"], "y": box["y"] + 80}]
            details = {"type": f"touch{kind}", "touchPoints": where}
            finger.send("Input.dispatchTouchEvent", details)
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.get_by_text(re.compile("at 10 moving False")).wait_for()
        assert drawn(page) == [10, 49]
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
