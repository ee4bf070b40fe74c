"""The twins: what Python believes of them, and what they do under mouse, finger and keys."""

import json
import re
from collections.abc import Iterator

import numpy as np
import pytest

from explorer.view.components import twins
from explorer.view.components.twins import Stage, Twins
from tests import serving
from tests.apps import scripted
from tests.view import served

SCRIPT = """
import numpy as np
import streamlit as st
from explorer.view.components import twins
from explorer.view.components.twins import Stage

state = st.session_state
state.setdefault("token", 0)
state.setdefault("log", [])
image = np.zeros((28, 28), np.float32)
image[10:18, 12:15] = 1

def anew():
    state.token += 1

@st.fragment
def show():
    st.button("anew", on_click=anew)
    report = twins.read(reset=state.token)
    dx, dy = (report.dx, report.dy) if report.current else (2, 0)
    if report.current:
        state.log.append(report)
    pooled = image.reshape(14, 2, 14, 2).max((1, 3))
    states = np.zeros((14, 14), np.uint8)
    states[5, 6:8] = 1, 2
    twins.show(
        [Stage("Input", image, image, "ink"), Stage("Pooled", pooled, pooled, states=states)],
        dx=dx, dy=dy, reset=state.token, alt="a bar",
        address={} if report.moving else {"dx": str(dx)},
    )
    st.text("seq %d shift %d %d moving %s reports %d" % (
        report.seq, dx, dy, report.moving, len(state.log)))

show()
"""


def report(**changes):
    return {"report": {"seq": 3, "reset": 0, "dx": 2, "dy": -8, "moving": True} | changes}


def test_a_report_becomes_a_shift():
    assert twins._parse(report(), reset=0) == Twins(2, -8, 3, current=True, moving=True)


def test_a_report_from_before_the_reset_keeps_its_number_only():
    assert twins._parse(report(), reset=1) == Twins(seq=3)


@pytest.mark.parametrize(
    "changes",
    [
        {"dx": 9},
        {"dy": -9},
        {"dx": 1.5},
        {"dx": True},
        {"dx": "2"},
        {"dy": None},
        {"dy": float("nan")},
        {"dx": 10**400},
        {"seq": -1},
        {"seq": "3"},
        {"seq": 2**60},
    ],
    ids=str,
)
def test_a_malformed_report_is_no_shift_and_no_error(changes):
    found = twins._parse(report(**changes), reset=0)
    assert (found.dx, found.dy, found.current, found.moving) == (0, 0, False, False)


@pytest.mark.parametrize("state", [None, 5, "x", [], {}, {"report": None}, {"report": [1]}])
def test_a_state_without_a_report_is_no_shift(state):
    assert twins._parse(state, reset=0) == Twins()


ONE = np.zeros((2, 2), np.float32)


@pytest.mark.parametrize(
    ("stages", "dx"),
    [
        ([], 0),
        ([Stage("a", ONE, np.zeros((2, 3)))], 0),
        ([Stage("a", ONE, ONE, states=np.zeros((3, 2)))], 0),
        ([Stage("a", np.zeros(4), np.zeros(4))], 0),
        ([Stage("a", np.full((2, 2), np.nan), ONE)], 0),
        ([Stage("a", ONE, ONE)], 9),
    ],
    ids=str,
)
def test_twins_that_cannot_be_shown_are_refused(stages, dx):
    with pytest.raises(ValueError, match=r"stage|picture|shift|finite"):
        twins.show(stages, dx=dx, dy=0, alt="")


def app():
    import numpy as np

    from explorer.view.components import twins
    from explorer.view.components.twins import Stage

    maps = np.array([[0.25, -3]], np.float32)
    stage = Stage("Map", maps, 2 * maps, "activation", [[1, 2]], (1, 0), (2, 2), ([0], [1]))
    twins.show([stage], dx=3, dy=-1, alt="two cells", reset=4, remark="said")


def test_the_browser_gets_both_maps_and_what_became_of_each_cell():
    at = scripted(app).run()
    assert not at.exception
    raw = at.get("bidi_component")[0].proto.bytes
    length = int.from_bytes(raw[8:12], "little")
    described = json.loads(raw[12 : 12 + length])
    names = [name for name, _, _ in described["arrays"]]
    assert names == ["original0", "shifted0", "states0", "won0", "wonShifted0"]
    assert np.frombuffer(raw, "<f4", 4, 12 + length).tolist() == [0.25, -3, 0.5, -6]
    assert list(raw[12 + length + 16 :][:2]) == [1, 2]
    meta = described["meta"]
    assert (meta["dx"], meta["dy"], meta["reset"], meta["remark"]) == (3, -1, 4, "said")
    assert meta["stages"][0]["range"] == [-3, 0.25]
    assert (meta["stages"][0]["moved"], meta["stages"][0]["window"]) == ([1, 0], [2, 2])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if serving.chromium() is None:
        pytest.skip("no Chromium or Chrome: install it (Debian: apt-get install chromium)")
    with served.serve(SCRIPT) as address:
        yield address


@pytest.fixture
def page(address):
    with served.opened(address, **serving.DESKTOP) as page:
        page.get_by_text("seq 0 shift 2 0").wait_for()
        hand(page).wait_for()
        yield page


def hand(page):
    return page.locator(".hand canvas").last


def centre(page):
    hand(page).scroll_into_view_if_needed()
    box = hand(page).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 28


def arrived(page, shift):
    """The shift in the browser, once Python has it too and the hand is at rest."""
    page.get_by_text(re.compile(f"shift {shift} moving False")).wait_for()
    found = page.evaluate(
        "[...document.querySelectorAll('.st-key-twins *')].find((e) => e.shadowRoot).twins"
    )
    assert f"{found['dx']} {found['dy']}" == shift
    assert f"{found['computed']['dx']} {found['computed']['dy']}" == shift


def test_the_picture_is_dragged_pixel_by_pixel_and_reported_on_the_way(page):
    x, y, cell = centre(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.4 * cell, y)
    page.mouse.move(x + 3 * cell, y - cell)
    page.get_by_text("shift 5 -1 moving True").wait_for()
    page.mouse.move(x - 40 * cell, y + 40 * cell)
    page.get_by_text("shift -8 8 moving True").wait_for()
    page.mouse.up()
    arrived(page, "-8 8")
    assert "dx=-8" in page.url


def test_arrow_keys_move_by_one_pixel_and_stop_at_eight(page):
    hand(page).focus()
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    arrived(page, "2 -1")
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    arrived(page, "8 -1")


def test_sliders_report_while_they_move_and_reset_goes_to_no_shift(page):
    slider = page.locator('input[data-part="dy"]')
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"], box["y"] + box["height"] / 2)
    page.get_by_text("shift 2 8 moving True").wait_for()
    page.mouse.up()
    arrived(page, "2 8")
    page.get_by_role("button", name="Reset").click()
    arrived(page, "0 0")
    assert page.get_by_role("button", name="Reset").is_disabled()


def test_new_twins_take_over_the_shift_of_the_page(page):
    hand(page).focus()
    page.keyboard.press("ArrowRight")
    arrived(page, "3 0")
    page.get_by_role("button", name="anew").click()
    arrived(page, "2 0")


def test_pointing_at_a_cell_reads_both_maps(page):
    cell = page.locator("figure").nth(1).locator(".side").first.locator("canvas").last
    box = cell.bounding_box()
    page.mouse.move(box["x"] + 6.5 * box["width"] / 14, box["y"] + 5.5 * box["height"] / 14)
    page.get_by_text("Pooled, row 5, column 6: 1.000 → 1.000: unchanged").wait_for()


def test_a_finger_drags_the_picture_and_the_page_stays_where_it_is(address):
    with served.opened(address, **serving.PHONE) as page:
        page.get_by_text("seq 0 shift 2 0").wait_for()
        x, y, cell = centre(page)
        before = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
        finger = page.context.new_cdp_session(page)
        for kind, at in (("Start", 0), ("Move", 1), ("Move", 2), ("Move", 4)):
            where = [{"x": x, "y": y + at * cell}]
            details = {"type": f"touch{kind}", "touchPoints": where}
            finger.send("Input.dispatchTouchEvent", details)
        page.get_by_text("shift 2 4 moving True").wait_for()
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        arrived(page, "2 4")
        scrolled = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
        assert scrolled == before
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
