"""The kernel editor: what Python believes of it, and what it does under mouse, finger and keys."""

import json
import re
from collections.abc import Iterator

import numpy as np
import pytest

from explorer.view.components import kernel_editor
from tests import serving
from tests.apps import scripted
from tests.view import served

SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]

SCRIPT = """
import numpy as np
import streamlit as st
from explorer.view.components import kernel_editor

KERNELS = {
    "sobel": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32),
    "five": np.ones((5, 5), np.float32) / np.float32(25),
    "seven": np.arange(49, dtype=np.float32).reshape(7, 7) / 10,
}
state = st.session_state
state.setdefault("name", st.query_params.get("kernel", "sobel"))
state.setdefault("token", 0)
state.setdefault("log", [])

def other():
    state.name, state.token = "five", state.token + 1

@st.fragment
def editor():
    st.button("five", on_click=other)
    edit = kernel_editor.read(reset=state.token)
    if edit.current:
        state.log.append((edit.seq, edit.dragging, edit.kernel.ravel().tolist()))
    kernel = KERNELS[state.name]
    kernel_editor.show(kernel, reset=state.token)
    shown = edit.kernel if edit.current else kernel
    st.text("seq %d current %s dragging %s bias %r" % (
        edit.seq, edit.current, edit.dragging, edit.bias))
    st.text("kernel " + " ".join(repr(float(x)) for x in shown.ravel()))
    st.text("reports %d dragged %d" % (len(state.log), sum(d for _, d, _ in state.log)))

editor()
"""


def report(**changes):
    fields = {"seq": 3, "reset": 0, "kernel": [0.5] * 9, "bias": 0.25, "dragging": True}
    return {"report": fields | changes}


def test_a_report_becomes_a_kernel():
    edit = kernel_editor._parse(report(kernel=[0, 1, 2, 3, 4, 5, 6, 7, 8.5]), reset=0)
    assert edit.kernel is not None
    assert edit.kernel.dtype == np.float32
    assert edit.kernel.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8.5]]
    assert (edit.bias, edit.seq, edit.current, edit.dragging) == (0.25, 3, True, True)


def test_a_report_from_before_the_reset_keeps_its_number_only():
    edit = kernel_editor._parse(report(), reset=1)
    assert (edit.kernel, edit.seq, edit.current, edit.dragging) == (None, 3, False, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"kernel": [0.5] * 8},
        {"kernel": [0.5] * 64},
        {"kernel": []},
        {"kernel": "123456789"},
        {"kernel": [0.5] * 8 + [None]},
        {"kernel": [0.5] * 8 + [True]},
        {"kernel": [0.5] * 8 + ["1"]},
        {"kernel": [0.5] * 8 + [float("nan")]},
        {"kernel": [0.5] * 8 + [1e400]},
        {"kernel": [0.5] * 8 + [1000.5]},
        {"bias": None},
        {"bias": -2000},
        {"seq": True},
        {"seq": -1},
        {"seq": 2**60},
    ],
    ids=str,
)
def test_a_malformed_report_is_no_kernel_and_no_error(changes):
    edit = kernel_editor._parse(report(**changes), reset=0)
    assert (edit.kernel, edit.bias, edit.current) == (None, 0, False)


@pytest.mark.parametrize("state", [None, 5, "x", [], {}, {"report": None}, {"report": [1]}])
def test_a_state_without_a_report_is_no_edit(state):
    edit = kernel_editor._parse(state, reset=0)
    assert (edit.kernel, edit.seq, edit.current) == (None, 0, False)


@pytest.mark.parametrize(
    ("kernel", "options"),
    [
        (np.zeros((3, 2)), {}),
        (np.zeros((33, 33)), {}),
        (np.zeros(9), {}),
        (np.full((3, 3), np.nan), {}),
        (np.full((3, 3), 1001), {}),
        (SOBEL, {"bias": float("inf")}),
        (SOBEL, {"limits": (0, 4)}),
        (SOBEL, {"bias_limits": (-1, float("nan"))}),
    ],
    ids=str,
)
def test_a_kernel_that_cannot_be_edited_is_refused(kernel, options):
    with pytest.raises(ValueError, match=r"kernel|bias|limits"):
        kernel_editor.show(kernel, **options)


def app():
    import numpy as np

    from explorer.view.components import kernel_editor

    kernel_editor.show(np.full((3, 3), 1 / 9, np.float32), bias=0.1, key="editor", reset=4)


def test_the_browser_gets_every_digit_of_a_float32():
    at = scripted(app).run()
    assert not at.exception
    data = json.loads(at.get("bidi_component")[0].proto.json)
    assert data["kernel"] == [float(np.float32(1 / 9))] * 9
    assert data["bias"] == float(np.float32(0.1))
    assert (data["reset"], data["echo"], data["limit"]) == (4, 0, 4)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if serving.chromium() is None:
        pytest.skip("no Chromium or Chrome: install it (Debian: apt-get install chromium)")
    with served.serve(SCRIPT) as address:
        yield address


@pytest.fixture
def page(address):
    with served.opened(address, **serving.DESKTOP) as page:
        page.get_by_text("seq 0 current False").wait_for()
        yield page


def kernel_of(page, number_of_reports_at_least=0):
    """The kernel as Python has it, once browser and Python agree."""
    page.wait_for_function(
        """(least) => {
            const host = [...document.querySelectorAll('.st-key-kernel_editor *')]
                .find((e) => e.shadowRoot);
            const shown = [...document.querySelectorAll('[data-testid="stText"]')]
                .map((e) => e.textContent).find((t) => t.startsWith('kernel '));
            const seq = host?.dataset.seq ?? '0';
            const values = shown?.split(' ').slice(1).map(Number);
            return host?.kernel && seq === host.dataset.echo && Number(seq) >= least
                && host.kernel.values.length === values.length
                && host.kernel.values.every((value, i) => value === values[i]);
        }""",
        arg=number_of_reports_at_least,
    )
    text = page.get_by_text(re.compile("^kernel ")).text_content()
    return [float(value) for value in text.split()[1:]]


def field(page, label):
    return page.locator(f'.cell input[type="text"][aria-label="{label}"]')


def test_a_slider_reports_while_it_is_dragged_and_is_one_step_back(page):
    slider = page.locator('.cell input[type="range"][aria-label="row 1, column 1"]')
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    for share in (0.6, 0.7, 0.8):
        page.mouse.move(box["x"] + share * box["width"], middle)
        page.get_by_text("dragging True").wait_for()
        kernel_of(page, 1)
    dragged = kernel_of(page)
    assert dragged[4] > 1
    assert dragged[4] == np.float32(round(dragged[4], 3))
    page.mouse.up()
    page.get_by_text("dragging False").wait_for()
    page.get_by_role("button", name="Undo").click()
    assert kernel_of(page, 3) == [-1, 0, 1, -2, 0, 2, -1, 0, 1]
    page.get_by_role("button", name="Redo").click()
    assert kernel_of(page, 4) == dragged


def test_typed_numbers_are_taken_to_the_last_bit(page):
    cases = {"0.1": 0.1, "1/9": 1 / 9, "−2,5": -2.5, ".5e1": 5, "-1000": -1000}
    for count, (typed, taken) in enumerate(cases.items(), start=1):
        field(page, "row 0, column 0").fill(typed)
        page.keyboard.press("Enter")
        assert kernel_of(page, count)[0] == np.float32(taken), typed


def test_what_is_no_number_within_bounds_is_refused_in_a_sentence(page):
    cell = field(page, "row 0, column 0")
    for typed in ("", "x", "NaN", "Infinity", "1e9", "1/0", "--1", "1/2/3"):
        cell.fill(typed)
        page.keyboard.press("Enter")
        page.get_by_text(f"“{typed}” was not taken: type a number").wait_for()
        assert kernel_of(page)[0] == -1
        assert cell.input_value() == "−1"


def test_arrow_keys_step_by_a_tenth_with_shift_by_one_and_are_one_step_back(page):
    field(page, "row 0, column 1").focus()
    for key in ("ArrowUp", "ArrowUp", "Shift+ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    page.get_by_text(re.compile(r"kernel -1\.0 1\.10000")).wait_for()
    assert kernel_of(page, 1)[1] == np.float32(1.1)
    page.keyboard.press("Control+z")
    page.get_by_text("kernel -1.0 0.0 1.0 -2.0").wait_for()
    assert kernel_of(page) == [-1, 0, 1, -2, 0, 2, -1, 0, 1]


def test_a_number_beyond_the_sliders_widens_them(page):
    field(page, "row 0, column 0").fill("7.5")
    page.keyboard.press("Enter")
    kernel_of(page, 1)
    slider = page.locator('.cell input[type="range"]').first
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("-8", "8")


def test_reset_goes_back_and_undo_takes_that_back(page):
    field(page, "row 2, column 2").fill("0.75")
    page.keyboard.press("Enter")
    assert kernel_of(page, 1)[8] == 0.75
    page.get_by_role("button", name="Reset").click()
    assert kernel_of(page, 2)[8] == 1
    page.get_by_role("button", name="Undo").click()
    assert kernel_of(page, 3)[8] == 0.75


def test_a_kernel_from_the_page_is_taken_back_by_undo_even_if_it_has_another_size(page):
    page.get_by_role("button", name="five").click()
    page.wait_for_function("() => document.querySelector('.st-key-kernel_editor')")
    page.locator('.cell input[aria-label="row 4, column 4"]').first.wait_for()
    assert kernel_of(page) == [float(np.float32(1) / np.float32(25))] * 25
    page.get_by_role("button", name="Undo").click()
    assert kernel_of(page, 1) == [-1, 0, 1, -2, 0, 2, -1, 0, 1]


def test_the_bias_is_edited_as_a_weight_is(page):
    page.locator('[data-part="bias-number"]').fill("0.3")
    page.keyboard.press("Enter")
    page.get_by_text(f"bias {float(np.float32(0.3))!r}").wait_for()
    assert kernel_of(page, 1)[0] == -1


@pytest.mark.parametrize("kernel", ["sobel", "five", "seven"])
def test_a_finger_chooses_a_cell_and_moves_its_wide_slider(address, kernel):
    with served.opened(f"{address}?kernel={kernel}", **serving.PHONE) as page:
        cell = field(page, "row 0, column 0")
        cell.tap()
        assert not cell.is_editable()
        page.get_by_text("Row 0, column 0").wait_for()
        wide = page.locator('[data-part="wide"]')
        box = wide.bounding_box()
        page.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
        assert kernel_of(page, 1)[0] > 2.5
        fits = "document.documentElement.scrollWidth <= innerWidth"
        assert page.evaluate(fits)
        editor = page.locator('[data-part="editor"]').bounding_box()
        for part in page.locator(".cell, button, .number").all():
            found = part.bounding_box()
            assert found is None or found["x"] + found["width"] <= editor["x"] + editor["width"] + 1
