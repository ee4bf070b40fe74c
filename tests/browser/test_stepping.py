"""One step by keyboard on the page *Backprop*: a rate that is too large, ten steps, and back."""

import re

import pytest


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_a_step_is_tried_taken_and_taken_back_by_keyboard(page, app):
    page.goto(f"{app}/backprop?descend=batch&eta=20")
    rate = page.get_by_role("slider", name="Learning rate η")
    page.get_by_text("After, η = 1:").wait_for()
    assert rate.get_attribute("aria-valuetext") == "1"
    for _ in range(3):
        rate.press("ArrowRight")
    page.get_by_text("After, η = 4:").wait_for()
    page.wait_for_url(re.compile("eta=23"))
    losses = page.locator(".st-key-learning_rate .facts strong").first
    before, after = losses.inner_text().split(" → ")
    assert float(after) > 10 * float(before)  # the step overshoots
    page.get_by_role("button", name="Take the step").press("Enter")
    page.get_by_text("1 step taken").wait_for()
    page.get_by_text(re.compile(f"^{re.escape(after)} → ")).wait_for()
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_text("No step taken yet").wait_for()
    nudge = page.get_by_role("slider", name="Nudge δ")
    page.get_by_text("They agree in").wait_for()
    nudge.press("Home")
    assert nudge.get_attribute("aria-valuetext") == "−0.500"
    page.wait_for_url(re.compile("nudge=0"))
    page.reload()
    page.get_by_text("After, η = 4:").wait_for()
    assert nudge.get_attribute("aria-valuetext") == "−0.500"
