"""The pad in a browser, where a new sheet comes while somebody draws."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import serving
from tests.browser.drawing import Pen
from tests.view import served

SCRIPT = """
import time

import numpy as np
import streamlit as st
from explorer.view.components import digit_pad

state = st.session_state
state.setdefault("version", 0)

@st.fragment
def pad():
    if digit_pad.read(reset=state.version).drawing and not state.version:
        time.sleep(float(st.query_params["seconds"]))
        state.version = 1
    report = digit_pad.read(reset=state.version)
    st.text(f"sheet {state.version}: {len(report.strokes)} strokes, said: {report.current}")
    image = np.zeros((28, 28), np.float32) if state.version else None
    digit_pad.show(reset=state.version, background=image)

pad()
"""
QUIET = """() => {
    const all = [...document.querySelectorAll('.st-key-digit_pad *')];
    const host = all.find((element) => element.shadowRoot);
    return host.dataset.seq > 0 && host.dataset.seq === host.dataset.echo;
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if serving.chromium() is None:
        pytest.skip("no Chromium or Chrome: install it (Debian: apt-get install chromium)")
    with served.serve(SCRIPT) as address:
        yield address


def begun(page: Any) -> Pen:
    page.get_by_text("sheet 0").wait_for()
    page.locator(".st-key-digit_pad canvas").wait_for()
    pen = Pen(page)
    pen.down((0.2, 0.2))
    pen.move((0.5, 0.5))
    return pen


def test_a_hand_that_has_begun_draws_on_where_a_new_sheet_comes(address):
    with served.opened(f"{address}?seconds=0", **serving.DESKTOP) as page:
        pen = begun(page)
        page.get_by_text("sheet 1: ").wait_for()
        pen.move((0.8, 0.2))
        pen.up()
        page.get_by_text("sheet 1: 1 strokes, said: True").wait_for()


def test_what_was_not_yet_said_of_the_sheet_before_is_not_said_of_the_new_one(address):
    with served.opened(f"{address}?seconds=1", **serving.DESKTOP) as page:
        begun(page).up()
        page.get_by_text("sheet 1: ").wait_for()
        page.wait_for_function(QUIET)
        assert page.get_by_text("sheet 1: ").inner_text() == "sheet 1: 0 strokes, said: False"
