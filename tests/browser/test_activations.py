"""A learner at the page Activation maps: a layer, a map, and how one of its values was made."""

from typing import Any

import numpy as np
import pytest

from explorer.data import mnist
from explorer.network import answers, zoo
from tests.browser.test_convolution import element

IMAGE = 20
desktop = pytest.mark.parametrize("page", ["desktop"], indirect=True)
phone = pytest.mark.parametrize("page", ["phone"], indirect=True)


@pytest.fixture(scope="module")
def computed() -> answers.Answers:
    """What the default network computes for the test image that these tests open."""
    image = mnist.test_set()[0][IMAGE].astype(np.float32) / np.float32(255)
    return answers.answers(zoo.shared("default"), image)


def opened(page: Any, app: str, **words: object) -> None:
    address = "&".join(f"{name}={word}" for name, word in words.items())
    page.goto(f"{app}/activations?image={IMAGE}&{address}")
    page.locator("h3").first.wait_for()


def pointed_at(page: Any, row: int, column: int) -> dict[str, Any]:
    """What the lens shows once the mouse is on this output."""
    canvas = page.locator(".st-key-inside figure[data-part=output] canvas").last
    output = element(page, "inside", "lens")
    assert output is not None
    shape = page.evaluate(
        """() => {
            const text = [...document.querySelectorAll('.st-key-inside *')]
                .find((e) => e.shadowRoot).shadowRoot
                .querySelector('figure[data-part=output] figcaption span').textContent;
            return text.split('×').map(Number);
        }"""
    )
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    at = {
        "x": (column + 0.5) * box["width"] / shape[1],
        "y": (row + 0.5) * box["height"] / shape[0],
    }
    canvas.hover(position=at)
    page.wait_for_function(
        """([row, column]) => {
            const { lens } = [...document.querySelectorAll('.st-key-inside *')]
                .find((e) => e.shadowRoot);
            return lens.row === row && lens.column === column;
        }""",
        arg=[row, column],
    )
    card: dict[str, Any] = element(page, "inside", "lens")
    return card


def numbers(values: Any) -> np.ndarray:
    """A typed array of the browser, which travels as an object of its places."""
    listed = values if isinstance(values, list) else list(values.values())
    return np.array(listed, np.float32)


@desktop
def test_a_layer_is_chosen_a_map_opened_by_keys_and_its_values_are_explained(page, app, computed):
    opened(page, app)
    page.get_by_role("radio", name="conv2").click()
    page.wait_for_url("**layer=conv2*")
    page.get_by_text("of conv2").first.wait_for()
    grid = page.locator("[class*=st-key-maps-] canvas").first
    grid.focus()
    for key in ("Home", *["ArrowRight"] * 5, "Enter"):
        page.keyboard.press(key)
    page.get_by_role("heading", name="Map 5 of conv2").wait_for()
    page.wait_for_url("**map=5*")

    after, before = computed.after["conv2"][5], computed.before["conv2"][5]
    shown = element(page, "where-map", "maps")
    np.testing.assert_array_equal(numbers(shown["values"]).reshape(after.shape), after)
    frames = element(page, "where-input", "maps")["meta"]["frames"]
    assert {frame[5] for frame in frames} == {str(rank + 1) for rank in range(len(frames))}
    assert all(after[f[1], f[2]] > 0 for f in shown["meta"]["frames"])
    patches = element(page, "exciting", "maps")
    assert patches["n"] == len(patches["titles"]) == 9

    rows, columns = after.shape
    for row, column in [(0, 0), (rows - 1, columns - 1), (rows // 2, columns // 2)]:
        card = pointed_at(page, row, column)
        assert np.float32(card["before"]) == np.float32(card["computed"])
        assert np.float32(card["after"]) == max(np.float32(card["before"]), np.float32(0))
        # Torch adds in another order than the card: the last digits may differ.
        assert card["before"] == pytest.approx(float(before[row, column]), abs=1e-5)
        assert len(numbers(card["channelSums"])) == len(computed.after["pool1"])


@desktop
def test_a_pin_stays_in_the_address_until_it_is_let_go(page, app):
    opened(page, app, layer="conv2", map=5)
    element(page, "inside", "lens")
    canvas = page.locator(".st-key-inside figure[data-part=output] canvas").last
    pointed_at(page, 3, 4)
    length = page.evaluate("history.length")
    canvas.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**pin=3_4*")
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**pin=4_4*")
    assert page.evaluate("history.length") == length
    page.reload()
    assert element(page, "inside", "lens")["pinned"] == {"row": 4, "column": 4}
    canvas.focus()
    page.keyboard.press("Escape")
    page.wait_for_function("!new URL(location).searchParams.has('pin')")


@desktop
def test_a_pooled_value_is_the_largest_of_its_window(page, app, computed):
    opened(page, app, layer="pool1", map=3)
    reads, pooled = computed.after["conv1"][3], computed.after["pool1"][3]
    row, column = np.unravel_index(pooled.argmax(), pooled.shape)
    card = pointed_at(page, int(row), int(column))
    window = reads[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
    np.testing.assert_array_equal(numbers(card["patch"]).reshape(2, 2), window)
    assert card["winner"] == window.argmax()
    assert np.float32(card["before"]) == pooled[row, column]


@desktop
def test_settings_go_along_to_the_next_page_without_an_entry_of_their_own(page, app):
    opened(page, app, network="article", layer="dense1", map=31)
    page.get_by_role("heading", name="Unit 31 of dense1").wait_for()
    element(page, "made-products", "maps")
    before = page.url
    page.get_by_role("link", name="Draw", exact=True).click()
    page.wait_for_url(f"{app}/?*network=article*")
    page.wait_for_function(f"new URL(location).searchParams.get('image') === '{IMAGE}'")
    page.go_back()
    page.wait_for_url(before)
    page.get_by_role("heading", name="Unit 31 of dense1").wait_for()


@phone
def test_a_phone_shows_it_without_scrolling_sideways_and_a_finger_lights_a_weight(page, app):
    opened(page, app, layer="conv2", map=5)
    element(page, "inside", "lens")
    assert page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]');"
        " return m.scrollWidth <= m.clientWidth; })()"
    )
    page.locator(".st-key-inside [data-part=weights] .cell").nth(4).tap()
    page.get_by_text("Weight of map 0, row 1, column 1", exact=False).first.wait_for()
