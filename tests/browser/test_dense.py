"""A learner at the page *Fully connected*, with mouse, finger and keyboard."""

import re
from typing import Any

import numpy as np
import pytest
import torch

from explorer.data import mnist
from explorer.network import zoo
from explorer.network.answers import answers

HOST = """(key) => [...document.querySelectorAll(`.st-key-${key}, .st-key-${key} *`)]
    .find((element) => element.shadowRoot)"""


def host(page: Any, key: str, what: str) -> Any:
    """A property of a component's element."""
    return page.evaluate(f"({HOST})('{key}').{what}")


def wait(page: Any, key: str, condition: str) -> None:
    page.wait_for_function(f"(() => {{ const host = ({HOST})('{key}'); return {condition}; }})()")


def test_a_pixel_and_its_slot_are_found_from_either_side(page, app):
    page.goto(f"{app}/dense?view=flatten")
    maps, vector = (
        page.locator(f".st-key-slots canvas[data-part={n}]") for n in ("maps", "vector")
    )
    maps.wait_for()
    model = zoo.shared("default")
    image = mnist.test_set()[0][0].astype(np.float32) / np.float32(255)
    pooled = answers(model, image).after["pool2"]
    flat = model.get_submodule("flatten")(torch.from_numpy(pooled)[None])[0]
    readout = page.locator(".st-key-slots [data-part=readout]")
    maps.focus()
    page.keyboard.press("ArrowRight")
    for key in ("PageDown", "PageDown", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    slot = host(page, "slots", "pointed")
    assert slot == (1 * 5 + 2) * 24 + 2
    assert f"= {slot}" in readout.inner_text()
    shown = float(readout.inner_text().split(" at ")[0].replace("−", "-"))
    assert abs(shown - float(flat[slot])) <= 5e-4 * abs(shown)
    vector.focus()
    page.keyboard.press("ArrowRight")
    assert host(page, "slots", "pointed") == slot + 1
    assert "map 3, row 1, column 2" in readout.inner_text()
    # Back again with the pointer: the first slot is the first pixel of the first map.
    vector.scroll_into_view_if_needed()
    box = vector.bounding_box()
    touch = page.evaluate("navigator.maxTouchPoints > 0")
    (page.touchscreen.tap if touch else page.mouse.click)(box["x"] + 1.5, box["y"] + 3)
    wait(page, "slots", "host.pointed === 0")
    assert "map 0, row 0, column 0" in readout.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_numbers_follow_the_temperature_and_the_frames_of_the_person(page, app):
    page.goto(f"{app}/dense?view=softmax")
    slider = page.locator(".st-key-softmax input")
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.locator(".st-key-softmax tr.most").get_by_text(re.compile(r"71\.0\s%")).wait_for()
    page.wait_for_function("new URL(location).searchParams.get('heat') === '6'")
    face = page.locator(".st-key-assembly canvas").first
    face.scroll_into_view_if_needed()
    wait(page, "assembly", "host?.assembly.answers[0].fires")
    weight = page.get_by_role("slider", name="Weight of an eye", exact=True)
    weight.focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    page.locator(".st-key-assembly .verdict").get_by_text("not a person (3.00 ≤ 3.6)").wait_for()
    face.focus()
    page.keyboard.press("4")
    for key in ("ArrowUp", "ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
    page.wait_for_function("location.search.includes('.84_44_14_33')")
    assert host(page, "assembly", "assembly.boxes[3].join()") == "84,44,14,33"
    page.reload()
    wait(page, "assembly", "host?.assembly?.boxes[3][0] === 84 && host.assembly.weights[0] === 0")


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_a_drawing_lands_among_the_patterns_and_a_point_is_compared_with(page, app):
    page.goto(f"{app}/dense?view=map")
    page.locator(".st-key-cloud").wait_for()
    wait(
        page, "cloud", "host?.shadowRoot.querySelector('.told span')?.textContent.includes('ring')"
    )
    before = host(page, "cloud", "own.join()")
    pad = page.locator(".st-key-dense_pad canvas").last
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + box["height"] / 2)
    wait(page, "cloud", f"host.own.join() !== '{before}'")
    page.mouse.up()
    # A stroke straight down is a one, and lies among ones.
    wait(page, "cloud", "host.near?.filter((near) => near[1] === 1).length >= 6")
    over = page.locator(".st-key-cloud .stage canvas").last
    over.focus()
    page.keyboard.press("Home")
    wait(page, "cloud", "host.hover === host.near[0][0]")
    page.keyboard.press("ArrowUp")
    wait(page, "cloud", "host.hover !== host.near[0][0]")
    chosen = host(page, "cloud", "hover")
    page.keyboard.press("Enter")
    page.wait_for_function(f"new URL(location).searchParams.get('second') === '{chosen}'")
    page.locator(".st-key-distances canvas").wait_for()
