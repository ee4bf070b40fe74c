"""A learner at the network page: points, opens, draws, with mouse and finger."""

import re
from typing import Any

import numpy as np

from explorer.data import mnist
from explorer.network import zoo
from explorer.network.answers import answers

IMAGE = 20
HOST = "[...document.querySelectorAll('.st-key-network *')].find((one) => one.placeOf)"


def found(network: str = "default") -> Any:
    return answers(zoo.shared(network), mnist.test_set()[0][IMAGE].astype(np.float32) / 255)


def place(page: Any, **at: int) -> tuple[float, float]:
    page.locator(".st-key-network canvas[data-part=marks]").scroll_into_view_if_needed()
    x, y = page.evaluate(f"(at) => {HOST}.placeOf(at)", at)
    height = page.evaluate("innerHeight")
    if not 80 < y < 0.5 * height:
        page.evaluate(
            "(by) => document.querySelector('[data-testid=stMain]').scrollBy(0, by)",
            y - 0.3 * height,
        )
        x, y = page.evaluate(f"(at) => {HOST}.placeOf(at)", at)
    return x, y


def point(page: Any, **at: int) -> None:
    x, y = place(page, **at)
    if page.evaluate("navigator.maxTouchPoints > 0"):
        page.touchscreen.tap(x, y)
    else:
        page.mouse.move(x, y)


def card(page: Any) -> Any:
    return page.locator(".st-key-network [data-part=card]")


def test_pointing_reads_a_value_a_click_opens_its_map_and_the_lens_follows(page, app):
    page.goto(f"{app}/network?image={IMAGE}")
    page.wait_for_function(f"{HOST}?.dataset.painted")
    stages = found().before
    point(page, stage=3, unit=6, row=2, column=4)
    card(page).get_by_text("conv2 · map 6", exact=True).wait_for()
    card(page).get_by_text("row 2, column 4", exact=True).wait_for()
    text = card(page).locator("[data-name=sum]").text_content()
    shown = float(text.split("=")[1].replace("−", "-"))
    assert abs(shown - stages["conv2"][6, 2, 4]) <= 5.1e-4 * abs(shown)
    x, y = place(page, stage=3, unit=6, row=2, column=4)
    if page.evaluate("navigator.maxTouchPoints > 0"):
        page.touchscreen.tap(x, y)
    else:
        page.mouse.click(x, y)
    page.wait_for_function(f"{HOST}.graph.opened?.unit === 6")
    assert "unit=conv2_6" in page.url
    page.locator(".st-key-inside .lens").wait_for()
    point(page, stage=3, unit=6, row=5, column=7)
    page.locator(".st-key-inside").get_by_text(
        "Map 6 of conv2, row 5, column 7", exact=True
    ).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    page.wait_for_function(f"{HOST}?.graph?.opened?.unit === 6")


def test_a_stroke_goes_through_the_whole_picture(page, app):
    page.goto(f"{app}/network?image={IMAGE}")
    page.wait_for_function(f"{HOST}?.dataset.painted")
    sheet = page.locator(".st-key-digit_pad canvas")
    sheet.scroll_into_view_if_needed()
    before = page.evaluate(f"{HOST}.dataset.painted")
    sheet.focus()
    page.keyboard.press("Space")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.wait_for_function(f"Number({HOST}.dataset.painted) > {before}")
    page.wait_for_function("new URL(location).searchParams.get('ink')")
    point(page, stage=7, unit=1)
    card(page).locator("[data-name=probability]").wait_for()
    assert re.fullmatch(r"[\d.e−]+", card(page).locator("[data-name=probability]").text_content())
