"""Surgery on the page *Network*: a weight dragged, a map switched off, the test set read again."""

import re
from typing import Any

from tests.benchmarks.browser import Hand, settle
from tests.benchmarks.rows import Interaction, Page, middle

FOLLOWS = ("network", "surgery-later", "surgery-edited")
"""What an edit changes at once: the picture, every later map, the probabilities."""


def _slider(hand: Hand) -> tuple[float, float, float, float]:
    editor = hand.page.locator(".st-key-surgery_editor")
    wide = hand.page.evaluate("matchMedia('(pointer: coarse)').matches")
    slider = "input[data-part=wide]" if wide else ".grid input[type=range]"
    return middle(hand, editor.locator(slider).first)


def _to(i: int, box: tuple[float, float, float, float]) -> tuple[float, float]:
    left, top, width, height = box
    return left + (0.25, 0.75, 0.35, 0.65)[i % 4] * width, top + height / 2


def _grasp(hand: Hand, i: int) -> None:
    """Before a step of a drag: the slider is held."""
    hand.up()
    _rest(hand)
    hand.page.evaluate("watcher.arm()")
    hand.down(*_to(i, _slider(hand)))
    settle(hand.page, "pointerdown", ())


def _drag(hand: Hand, i: int) -> None:
    hand.move(*_to(i + 1, _slider(hand)))


def _rest(hand: Hand) -> None:
    """Until the test images are read, and nothing else changes."""
    hand.page.locator("[data-testid=stMetricValue]").wait_for()
    hand.page.evaluate("watcher.arm()")
    settle(hand.page, None, (), patience=60)


def _switch(hand: Hand) -> Any:
    return hand.page.get_by_role("button", name=re.compile("^Switch (off|on)$"))


def _whole(hand: Hand, i: int) -> None:
    """Before the map is switched off: every map is on, and the hand rests."""
    hand.up()
    _rest(hand)
    reset = hand.page.locator(".st-key-surgery_reset button")
    if reset.is_enabled():
        hand.page.evaluate("watcher.arm()")
        hand.press(reset)
        settle(hand.page, "pointerup", FOLLOWS, patience=60)
        _rest(hand)
    # Another map each time: what was read once is not read again.
    chosen = hand.page.get_by_role("radio", name=re.compile(rf"^map {i % 12}\b")).first
    hand.page.evaluate("watcher.arm()")
    hand.press(chosen)
    settle(hand.page, "pointerup", (), patience=60)
    _switch(hand).scroll_into_view_if_needed()


def _off(hand: Hand, i: int) -> None:
    hand.press(_switch(hand))


SURGERY = Page(
    path="/network?image=20",
    shows=("network", "surgery_editor", "surgery-later"),
    interactions=(
        Interaction(
            "weight dragged -> picture, later maps and probabilities painted",
            _drag,
            FOLLOWS,
            event="pointermove",
            prepare=_grasp,
        ),
        Interaction(
            "map switched off -> picture, later maps and probabilities painted",
            _off,
            FOLLOWS,
            prepare=_whole,
            until="needs",
        ),
        Interaction(
            "map switched off -> accuracy on all test images painted",
            _off,
            ("surgery-tested",),
            prepare=_whole,
            bar_ms=1000,
        ),
    ),
)
