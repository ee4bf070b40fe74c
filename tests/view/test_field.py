"""The field: what is sent, what Python believes of it, what it does under mouse, keys, touch."""

import json
from collections.abc import Iterator

import numpy as np
import pytest

from explorer.view.components import field
from explorer.view.components.field import FieldResult, Frame
from tests import serving
from tests.apps import scripted
from tests.view import served

SCRIPT = """
import numpy as np
import streamlit as st
from explorer.view.components import field

state = st.session_state
state.setdefault("token", 0)

def anew():
    state.token += 1

image = np.zeros((28, 28), np.float32)
image[10:18, 12:15] = 1
values = np.arange(100, dtype=np.float32).reshape(10, 10) / 8 - 2
# The gradient of unit (r, c) by pixel (i, j) of its window says where it is, but at the border.
units = np.arange(100, dtype=np.float32).reshape(10, 10, 1, 1)
pixels = np.arange(36, dtype=np.float32).reshape(1, 1, 6, 6)
shares = np.full((10, 10), 0.61, np.float32)
shares[0, 0] = -1

@st.fragment
def show():
    report = field.read(key="field", reset=state.token)
    field.show(
        image, values, units + pixels / 64, shares, key="field",
        frame=field.Frame(-1, 3, 6), layer="conv2", index=3,
        average=field.Average(image, 5, 5, 0.44, 100),
        pinned=report.pinned if report.current else (8, 7) if state.token else None,
        reset=state.token, address="unit", alt="a bar",
    )
    st.text("pinned %s" % (report.pinned if report.current else "nothing",))
    st.button("anew", on_click=anew)
    field.show(
        image, values[:1], np.zeros((1, 10, 28, 28), np.float32), -np.ones((1, 10)), key="dense",
        frame=None, layer="dense1", index=None, alt="a bar",
    )

show()
"""


def report(**changes):
    return {"report": {"pinned": [4, 5], "reset": 2} | changes}


def test_a_report_becomes_a_pin_or_none():
    assert field._parse(report(), 2) == FieldResult((4, 5), current=True)
    assert field._parse(report(pinned=None), 2) == FieldResult(None, current=True)


def test_a_report_from_before_the_reset_is_none():
    assert field._parse(report(), 3) == FieldResult()


@pytest.mark.parametrize(
    "pinned", [5, "4,5", [4], [4, 5, 6], [4, -1], [4, 1.5], [True, 1], [4, 10**9]], ids=str
)
def test_a_malformed_pin_is_no_report(pinned):
    assert field._parse(report(pinned=pinned), 2) == FieldResult()


@pytest.mark.parametrize("state", [None, 5, [], {}, {"report": None}, {"report": [1]}])
def test_a_state_without_a_report_is_none(state):
    assert field._parse(state, 0) == FieldResult()


ONES = np.ones((4, 4), np.float32)


@pytest.mark.parametrize(
    "changes",
    [
        {"image": np.ones(4)},
        {"values": np.ones((0, 4))},
        {"gradients": np.ones((4, 4, 2, 3))},
        {"gradients": np.ones((4, 4, 4, 4))},
        {"shares": np.ones((4, 3))},
        {"gradients": np.full((4, 4, 2, 2), np.nan)},
        {"average": field.Average(np.ones((3, 3)), 0, 0, 0.5, 1)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_field_that_cannot_be_shown_is_refused(changes):
    arguments = {
        "image": ONES,
        "values": ONES,
        "gradients": np.ones((4, 4, 2, 2)),
        "shares": ONES,
        "frame": Frame(0, 1, 2),
    }
    with pytest.raises(ValueError, match="must be"):
        field.show(**arguments | changes, key="field", layer="conv1", index=0, alt="")


def app():
    import numpy as np

    from explorer.view.components import field

    gradients = np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2)
    field.show(
        np.array([[0, 1], [0.5, 0]]),
        [[1, -2]],
        gradients,
        [[0.25, -1]],
        key="field",
        frame=field.Frame(-2, 1, 5),
        layer="conv1",
        index=7,
        pinned=(0, 1),
        reset=4,
        alt="two units",
    )


def test_the_browser_gets_the_gradient_of_every_unit():
    at = scripted(app).run()
    assert not at.exception
    raw = at.get("bidi_component")[0].proto.bytes
    length = int.from_bytes(raw[8:12], "little")
    described = json.loads(raw[12 : 12 + length])
    assert [name for name, _, _ in described["arrays"]] == [
        *("image", "values", "gradients", "shares")
    ]
    assert described["arrays"][2][2] == [1, 2, 2, 2]
    meta = described["meta"]
    assert (meta["frame"], meta["index"], meta["pinned"]) == ([-2, 1, 5], 7, [0, 1])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if serving.chromium() is None:
        pytest.skip("no Chromium or Chrome: install it (Debian: apt-get install chromium)")
    with served.serve(SCRIPT) as address:
        yield address


@pytest.fixture
def page(address):
    with served.opened(address, **serving.DESKTOP) as page:
        drawn(page, "field")
        yield page


def drawn(page, key):
    page.locator(f".st-key-{key} canvas").first.wait_for()
    page.wait_for_function(f"{element(key)}?.field")


def element(key):
    return f"[...document.querySelectorAll('.st-key-{key} *')].find((e) => e.shadowRoot)"


def canvas(page, part, key="field"):
    return page.locator(f'.st-key-{key} [data-part="{part}"] canvas').last


def at(page, part, row, column, count, key="field"):
    """The middle of a cell of a picture that has this many a side, in the window."""
    canvas(page, part, key).scroll_into_view_if_needed()
    box = canvas(page, part, key).bounding_box()
    side = box["width"] / count
    return box["x"] + (column + 0.5) * side, box["y"] + (row + 0.5) * side


def shows(page, expected, key="field"):
    """Wait until what is shown is this, and give all of it."""
    place = json.dumps(expected)
    page.wait_for_function(
        f"Object.entries({place}).every(([name, value]) => "
        f"JSON.stringify({element(key)}.field[name]) === JSON.stringify(value))"
    )
    return page.evaluate(f"{element(key)}.field")


def test_the_frame_follows_the_pointer_and_the_words_say_the_true_numbers(page):
    # It begins at the largest value.
    shows(page, {"row": 9, "column": 9, "frame": [26, 28, 26, 28]})
    page.mouse.move(*at(page, "map", 4, 5, 10))
    found = shows(page, {"row": 4, "column": 5, "frame": [11, 17, 14, 20], "pinned": None})
    assert found["value"] == 45 / 8 - 2
    said = page.locator('.st-key-field [data-part="readout"]').inner_text()
    assert said == (
        "conv2, map 3, row 4, column 5: value 3.625; sees rows 11–16, columns 14–19 (6×6); the "
        "middle quarter of the frame carries 61 % of the gradient (25 % if all pixels counted "
        "alike)."
    )
    # What does not follow the pointer stays, and so does the unit when the pointer has gone on to
    # a pixel: its gradient is that of row 2, column 4 of the window.
    page.mouse.move(*at(page, "input", 13, 18, 28))
    pixel = shows(page, {"row": 4, "column": 5, "frame": [11, 17, 14, 20]})
    page.wait_for_function(f"{element('field')}.field.pixel")
    pixel = page.evaluate(f"{element('field')}.field.pixel")
    assert pixel == {"row": 13, "column": 18, "gradient": 45 + 16 / 64}
    page.get_by_text("Input, row 13, column 18: ink 0; one more").wait_for()
    page.mouse.move(*at(page, "input", 3, 18, 28))
    page.get_by_text("outside of the frame, the unit cannot see it").wait_for()


def test_at_the_border_the_frame_is_cut_and_the_window_moved_in(page):
    page.mouse.move(*at(page, "map", 0, 0, 10))
    shows(page, {"row": 0, "column": 0, "frame": [0, 5, 0, 5]})
    said = page.locator('.st-key-field [data-part="readout"]').inner_text()
    assert "(5×5 of its 6×6: the rest is padding)" in said
    assert "no pixel changes it now" in said
    page.mouse.move(*at(page, "map", 9, 2, 10))
    shows(page, {"row": 9, "column": 2, "frame": [26, 28, 5, 11]})
    page.mouse.move(*at(page, "input", 27, 6, 28))
    # The window begins at row 22: its last row, and column 1.
    page.wait_for_function(f"{element('field')}.field.pixel?.gradient === 92 + 31 / 64")


def test_a_click_pins_until_the_next_and_python_and_the_address_know(page):
    page.mouse.move(*at(page, "map", 2, 6, 10))
    shows(page, {"row": 2, "column": 6})
    page.mouse.click(*at(page, "map", 2, 6, 10))
    page.get_by_text("pinned (2, 6)").wait_for()
    assert "unit=2_6" in page.url
    page.mouse.move(*at(page, "map", 7, 7, 10))
    shows(page, {"row": 2, "column": 6, "pinned": [2, 6]})
    page.get_by_role("button", name="anew").click()
    shows(page, {"row": 8, "column": 7, "pinned": [8, 7]})
    page.mouse.click(*at(page, "map", 8, 7, 10))
    page.get_by_text("pinned None").wait_for()
    assert "unit=" not in page.url


def test_arrow_keys_move_and_take_the_pin_along(page):
    canvas(page, "map").focus()
    for key in ("ArrowUp", "ArrowLeft", "ArrowLeft", "Shift+ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    shows(page, {"row": 3, "column": 8, "pinned": None})
    page.keyboard.press("Enter")
    page.get_by_text("pinned (3, 8)").wait_for()
    page.keyboard.press("ArrowDown")
    shows(page, {"row": 4, "column": 8, "pinned": [4, 8]})
    page.get_by_text("pinned (4, 8)").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("pinned None").wait_for()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    shows(page, {"row": 4, "column": 9, "pinned": None})


def test_dense_units_stand_in_a_block_and_see_all_of_the_input(page):
    drawn(page, "dense")
    page.mouse.move(*at(page, "map", 1, 3, 5, "dense"))
    shows(page, {"unit": 8, "frame": [0, 28, 0, 28], "value": 8 / 8 - 2}, "dense")
    said = page.locator('.st-key-dense [data-part="readout"]').inner_text()
    assert said.startswith("dense1, unit 8: value −1.000; sees the whole input (28×28); no pixel")


def test_a_finger_chooses_a_unit_and_the_page_does_not_overflow(address):
    with served.opened(address, **serving.PHONE) as page:
        drawn(page, "field")
        page.touchscreen.tap(*at(page, "map", 6, 1, 10))
        shows(page, {"row": 6, "column": 1, "frame": [17, 23, 2, 8], "pinned": [6, 1]})
        page.get_by_text("Pinned: tap it again to let go.").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
