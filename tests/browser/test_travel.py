"""A learner travels through the training of a network: by mouse, by keys, by the play button."""

import re
from typing import Any

import numpy as np
import pytest

from explorer.data import mnist
from explorer.network import learning
from explorer.network.answers import answers
from tests.browser.drawing import maps

pytestmark = pytest.mark.parametrize("page", ["desktop"], indirect=True)

STEPS = learning.steps()
STATE = """(() => [...document.querySelectorAll('.st-key-timeline *')]
    .find((element) => element.shadowRoot)?.timeline)()"""


def at_step(page: Any, step: int) -> None:
    """Wait until a step is shown, the hand is at rest and the address says so."""
    page.wait_for_function(f"(() => {{ const t = {STATE}; return t && t.shown === {step} }})()")
    page.wait_for_function(f"(() => {{ const t = {STATE}; return !t.moving && !t.playing }})()")
    page.wait_for_url(re.compile(rf"run=shipped.*step={step}\b"))
    page.wait_for_function("!document.documentElement.hasAttribute('data-travelling')")


def drag_to(page: Any, step: int) -> None:
    """Take the thumb with the mouse and carry it to a step, past others."""
    slider = page.locator(".st-key-timeline input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    width, y = box["width"] - 18, box["y"] + box["height"] / 2
    place = {s: box["x"] + 9 + i * width / (len(STEPS) - 1) for i, s in enumerate(STEPS)}
    page.mouse.move(place[page.evaluate(STATE)["step"]], y)
    page.mouse.down()
    page.mouse.move(place[STEPS[3]], y)
    page.mouse.move(place[step], y, steps=3)
    page.wait_for_function(f"(() => {STATE}.shown === {step})()")
    assert page.evaluate(STATE)["moving"]
    page.mouse.up()


def first_maps(step: int) -> np.ndarray[Any, Any]:
    image = mnist.test_set()[0][0].astype(np.float32) / 255
    return answers(learning.load(step), image).after["conv1"].ravel()


def test_the_maps_follow_mouse_keys_and_play_and_the_history_does_not_grow(page, app):
    page.goto(f"{app}/?run=shipped&step=100")
    at_step(page, 100)
    entries = page.evaluate("history.length")
    drag_to(page, 10)
    at_step(page, 10)
    np.testing.assert_allclose(maps(page, "conv1")["values"], first_maps(10), rtol=1e-6)
    page.locator(".st-key-timeline input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    at_step(page, 20)
    page.keyboard.press("Home")
    at_step(page, 0)
    np.testing.assert_allclose(maps(page, "conv1")["values"], first_maps(0), rtol=1e-6)
    page.keyboard.press("End")
    at_step(page, STEPS[-1])
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    at_step(page, STEPS[-4])
    page.get_by_role("button", name="Play training").click()
    page.get_by_role("button", name="Pause").wait_for()
    at_step(page, STEPS[-1])
    page.get_by_role("button", name="Play training").wait_for()
    np.testing.assert_allclose(maps(page, "conv1")["values"], first_maps(STEPS[-1]), rtol=1e-6)
    assert page.evaluate("history.length") == entries
    page.reload()
    at_step(page, STEPS[-1])


def test_what_takes_long_waits_for_the_slider_and_back_leaves_the_run(page, app):
    page.goto(f"{app}/pooling?run=shipped&step=100")
    at_step(page, 100)
    waiting = page.locator(".st-key-at-rest-measured")
    slider = page.locator(".st-key-timeline input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 9, box["y"] + box["height"] / 2, steps=3)
    page.wait_for_function(f"(() => {STATE}.shown === 0)()")
    assert waiting.get_attribute("aria-busy") == "true"
    page.mouse.up()
    at_step(page, 0)
    assert waiting.get_attribute("aria-busy") is None
    page.locator(".st-key-share-unchanged, .st-key-measuring").first.wait_for()
    page.locator(".st-key-setting-network").get_by_role("combobox").click()
    page.get_by_role("option", name="Max-pooling", exact=True).click()
    page.wait_for_url("**network=pool-max**")
    page.locator(".st-key-timeline").wait_for(state="detached")
    page.go_back()
    at_step(page, 0)
