"""A learner at the page *Backprop*: the whole way there and back, with keys, mouse and finger."""

from typing import Any

import numpy as np
import pytest
import torch

from explorer.data import mnist
from explorer.network import gradients, zoo

HOST = """(key) => [...document.querySelectorAll(`.st-key-${key}, .st-key-${key} *`)]
    .find((element) => element.shadowRoot)"""


def host(page: Any, key: str, what: str) -> Any:
    """A property of a component's element."""
    return page.evaluate(f"({HOST})('{key}')?.{what}")


def wait(page: Any, key: str, condition: str) -> None:
    page.wait_for_function(f"(() => {{ const host = ({HOST})('{key}'); return {condition}; }})()")


def number(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.fixture(scope="module")
def found() -> gradients.Backward:
    torch.set_num_threads(1)
    image = mnist.test_set()[0][0].astype(np.float32) / np.float32(255)
    return gradients.backward(zoo.shared("default"), image, 7)


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_the_whole_way_there_and_back_by_keyboard(page, app, found):
    page.goto(f"{app}/backprop")
    # There: the logits, their probabilities, the loss.
    page.get_by_text("−log 0.9806").wait_for()
    page.get_by_role("cell", name="0.9806").wait_for()
    play = page.locator(".st-key-backward_play [data-part=play]")
    play.wait_for()
    sentence = page.locator(".st-key-backward_play [data-part=sentence]")
    assert "7 is to grow" in sentence.inner_text()
    # And back: space sets off, and pauses; the arrow keys step.
    play.focus()
    page.keyboard.press("Space")
    wait(page, "backward_play", "host.dataset.at === '0'")
    page.locator(".st-key-backward_play [data-part=play]").get_by_text("Pause").wait_for()
    page.keyboard.press("Space")
    last = len(zoo.NETWORKS["default"].rows) + 3
    words = []
    for at in range(1, last + 1):
        page.keyboard.press("ArrowRight")
        wait(
            page,
            "backward_play",
            f"host.dataset.at === '{at}' && host.dataset.echo === host.dataset.seq",
        )
        words.append(sentence.inner_text())
    assert [w.split()[0] for w in words] == [
        *("Weighted", "Blocked", "Weighted", "Only", "Handed", "Blocked", "Spread"),
        *("Handed", "Blocked", "Spread"),
    ]
    page.wait_for_function("new URL(location).searchParams.get('at') === '10'")
    wait(
        page,
        "way_back",
        "host.grids?.[2].label === 'Handed back' && host.grids[2].values.length === 784",
    )
    shown = page.evaluate(f"Array.from(({HOST})('way_back').grids[2].values)")
    np.testing.assert_allclose(shown, found.to_after["image"].ravel(), rtol=1e-5, atol=1e-8)
    # Home is the loss again, and a reload stays where one is.
    page.keyboard.press("Home")
    wait(page, "backward_play", "host.dataset.at === '0'")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("new URL(location).searchParams.get('at') === '1'")
    page.reload()
    wait(page, "backward_play", "host?.dataset.at === '1'")


def test_a_pooled_cell_shows_its_winner_and_a_relu_what_it_blocks(page, app, found):
    page.goto(f"{app}/backprop?at=5")
    wait(page, "routing", "host?.linked")
    canvas = page.locator(".st-key-routing canvas[tabindex]").first
    canvas.focus()
    wait(page, "routing", "host.linked.cursor?.row === 2")
    page.keyboard.press("ArrowUp")
    wait(page, "routing", "host.linked.cursor?.row === 1")
    words = host(page, "routing", "linked.words")
    index = page.evaluate(f"({HOST})('way_back').grids[2].selected")
    arrives = found.to_after["pool2"][index][1, 2]
    assert number(words.split(": ")[1].split()[0]) == pytest.approx(arrives, rel=1e-3)
    window = found.after["conv2"][index][2:4, 4:6]
    row, column = np.unravel_index(window.argmax(), (2, 2))
    assert f"goes to row {2 + row}, column {4 + column}" in words
    page.locator(".st-key-backward_play .stages button").get_by_text("ReLU of conv2").click()
    wait(page, "routing", "host.linked?.words && host.shadowRoot.textContent.includes('Its sums')")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    touch = page.evaluate("navigator.maxTouchPoints > 0")
    (page.touchscreen.tap if touch else page.mouse.move)(box["x"] + 4, box["y"] + 4)
    wait(page, "routing", "host.linked.words.includes('arrives')")
    words = host(page, "routing", "linked.words")
    index = page.evaluate(f"({HOST})('way_back').grids[2].selected")
    off = found.before["conv2"][index][0, 0] <= 0
    assert ("off, so it blocks" if off else "on, so it lets pass") in words
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_a_weight_is_chosen_by_keys_and_its_sum_ends_at_its_gradient(page, app, found):
    page.goto(f"{app}/backprop")
    wait(page, "weight_pair", "host?.linked?.chosen?.join() === '0,3,2'")
    canvas = page.locator(".st-key-weight_pair canvas[tabindex]").first
    canvas.focus()
    for key in ("ArrowUp", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("new URL(location).searchParams.get('weight') === 'conv1_3_0_2_3'")
    wait(page, "weight_lens", "host.lens?.row === 2 && host.lens.column === 3 && host.lens.pinned")
    exact = float(found.to_weights["conv1"][3, 0, 2, 3])
    assert host(page, "weight_lens", "lens.computed") == pytest.approx(exact, rel=1e-4)
    # The card writes three digits of it, whatever its size.
    total = page.locator(".st-key-weight_lens .total.result strong").inner_text()
    assert number(total) == pytest.approx(exact, rel=5e-3)
    assert len(total.strip("−0.")) == 3
    wait(page, "weight-sum", "host.tally")
    items = host(page, "weight-sum", "tally")
    assert sum(item[2] for item in items[:-1]) == pytest.approx(exact, rel=1e-4)
    # Under the lens another one: it is let go, pointed at, and pinned.
    lens = page.locator(".st-key-weight_lens figure[data-part=output] canvas").last
    lens.focus()
    page.keyboard.press("Escape")
    wait(page, "weight_lens", "!host.lens.pinned")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("new URL(location).searchParams.get('weight') === 'conv1_3_0_3_3'")
    wait(page, "weight_pair", "host.linked.chosen.join() === '0,3,3'")
