"""A learner at the convolution page: weights, lens, presets, a feature that is found."""

import math
from typing import Any

import numpy as np
import pytest

from explorer import ops
from explorer.data import pictures
from explorer.ops.kernels import PRESETS
from explorer.state import kernel
from tests.browser.drawing import PREDICTION, ZERO, Pen, at_rest, painted


def element(page: Any, key: str, name: str) -> Any:
    """A property of a component's element, once it is there."""
    handle = page.wait_for_function(
        """([key, name]) => [...document.querySelectorAll(`.st-key-${key} *`)]
            .find((element) => element.shadowRoot)?.[name]""",
        arg=[key, name],
    )
    return handle.json_value()


def opened(page: Any, address: str) -> None:
    page.goto(address)
    element(page, "lens", "lens")
    at_rest(page)


def sums_are_those_of_the_array(card: dict[str, Any], output: np.ndarray) -> None:
    """The card's own sum and the value it ends at are the array's, to the last bit."""
    assert card["sum"] == card["computed"] or card["bias"]
    assert np.float32(card["before"]) == output[card["row"], card["column"]]


@pytest.mark.parametrize("place", [(0, 0), (0, 27), (27, 0), (27, 27), (13, 14), (5, 20)])
def test_the_card_holds_the_numbers_that_were_computed(page, app, place):
    opened(page, f"{app}/convolution?padding=same&kernel=emboss&bias=0.25&image=3")
    canvas = page.locator(".st-key-lens figure[data-part=output] canvas").last
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    row, column = place
    at = {
        "x": (column + 0.5) * box["width"] / 28,
        "y": (row + 0.5) * box["height"] / 28,
    }
    canvas.click(position=at)
    page.wait_for_function(
        """([row, column]) => {
            const lens = [...document.querySelectorAll('.st-key-lens *')]
                .find((element) => element.shadowRoot)?.lens;
            return lens && lens.row === row && lens.column === column;
        }""",
        arg=[row, column],
    )
    card = element(page, "lens", "lens")

    from explorer.data import mnist

    image = mnist.test_set()[0][3].astype(np.float32) / np.float32(255)
    weights = PRESETS["emboss"].kernel
    output = ops.convolve(image, weights, padding="same", bias=0.25)
    padded = np.pad(image, 1)
    patch = padded[row : row + 3, column : column + 3]
    np.testing.assert_array_equal(np.float32(card["patch"]).reshape(3, 3), patch)
    np.testing.assert_array_equal(np.float32(card["weights"]).reshape(3, 3), weights)
    np.testing.assert_array_equal(np.float32(card["products"]).reshape(3, 3), patch * weights)
    assert np.float32(card["before"]) == output[row, column]
    assert math.isclose(card["bias"], 0.25)


def test_moving_a_slider_repaints_the_output_before_it_is_released(page, app):
    opened(page, f"{app}/convolution")
    before = element(page, "lens", "lens")["before"]
    slider = page.locator(".st-key-kernel_editor input[type=range]").first
    slider.evaluate(
        """(input) => {
            input.value = 3.5;
            input.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
        }"""
    )
    page.wait_for_function(
        """(before) => {
            const lens = [...document.querySelectorAll('.st-key-lens *')]
                .find((element) => element.shadowRoot)?.lens;
            return lens && lens.weights.includes(3.5);
        }""",
        arg=before,
    )


def test_an_edited_kernel_is_custom_and_stands_in_the_address(page, app):
    opened(page, f"{app}/convolution")
    slider = page.locator(".st-key-kernel_editor input[type=range]").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**kernel=*_*")
    weights = kernel.read(page.evaluate("new URL(location).searchParams.get('kernel')"))
    assert weights is not None
    assert weights.shape == (3, 3)
    assert (weights != PRESETS["sobel-x"].kernel).sum() == 1
    page.get_by_text("A kernel of your own.").wait_for()


def test_a_preset_is_taken_and_the_link_reopens_it(page, app):
    opened(page, f"{app}/convolution?kernel=sharpen&picture=cat&stride=2")
    card = element(page, "lens", "lens")
    expected = ops.convolve(pictures.load("cat", 256), PRESETS["sharpen"].kernel, stride=2)
    assert np.float32(card["before"]) == expected[card["row"], card["column"]]


def test_the_box_that_opens_has_the_eyes_first(page, app):
    opened(page, f"{app}/convolution")
    element(page, "find-box", "lens")
    page.get_by_text("On an eye: 1, 2.").first.wait_for()


def test_a_drawing_goes_to_the_convolution_page_and_back(page, app):
    page.goto(app)
    page.locator(PREDICTION).get_by_text("7").wait_for()
    painted(page)
    Pen(page).draw(ZERO)
    page.locator(PREDICTION).get_by_text("0").wait_for()
    ink = page.evaluate("new URL(location).searchParams.get('ink')")
    if page.locator("[data-testid=stExpandSidebarButton]").is_visible():
        page.locator("[data-testid=stExpandSidebarButton]").click()
    page.get_by_role("link", name="Convolution").click()
    element(page, "lens", "lens")
    page.wait_for_function("(ink) => new URL(location).searchParams.get('ink') === ink", arg=ink)
    page.go_back()
    page.locator(PREDICTION).get_by_text("0").wait_for()
