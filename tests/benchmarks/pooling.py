"""The interactions of the page *Pooling*."""

import math
from collections.abc import Callable
from typing import Any

from tests.benchmarks.browser import Hand, settle
from tests.benchmarks.rows import Interaction, Page, button, middle, next_option

FOLLOWS = ("twins", "unchanged", "shifted-bars")
"""What a shift changes: both chains with their changed cells, the shares, the probabilities."""


def _twin(hand: Hand) -> Any:
    return hand.page.locator(".st-key-twins .hand canvas").last


def _place(hand: Hand, shift: int) -> tuple[float, float]:
    """Where a finger is that took the picture in its middle and moved it by whole pixels."""
    left, top, width, height = middle(hand, _twin(hand))
    return left + width / 2 + shift * width / 28, top + height / 2


def _hold(hand: Hand, i: int) -> None:
    """Before a step of a drag: the picture is held, and lies unshifted."""
    hand.up()
    reset = hand.page.get_by_role("button", name="Reset")
    if reset.is_enabled():
        hand.page.evaluate("watcher.arm()")
        hand.press(reset)
        settle(hand.page, "pointerup", FOLLOWS)
    hand.page.evaluate("watcher.arm()")
    hand.down(*_place(hand, 0))
    settle(hand.page, "pointerdown", ())


def _drag(hand: Hand, i: int) -> None:
    hand.move(*_place(hand, (1, -1, 2, -2, 3, -3)[i % 6]))


def _slide(hand: Hand, i: int) -> None:
    box = middle(hand, hand.page.locator(".st-key-twins input[data-part=dx]"))
    share = 0.5 + 0.055 * (1, -1, 2, -2, 3, -3)[i % 6]
    hand.move(box[0] + share * box[2], box[1] + box[3] / 2)


def _hold_slider(hand: Hand, i: int) -> None:
    hand.up()
    left, top, width, height = middle(hand, hand.page.locator(".st-key-twins input[data-part=dx]"))
    hand.page.evaluate("watcher.arm()")
    hand.down(left + width / 2, top + height / 2)
    settle(hand.page, "pointerdown", ())


def _focus(hand: Hand, i: int) -> None:
    hand.up()
    _twin(hand).focus()
    hand.page.evaluate("watcher.arm()")
    settle(hand.page, None, ())


def _wander(hand: Hand) -> Callable[[int], None]:
    """The held picture goes round and round."""
    _hold(hand, 0)
    (left, top), (step, _) = _place(hand, 0), _place(hand, 1)
    size = 6 * (step - left)
    return lambda i: hand.move(left + size * math.cos(i / 9), top + size * math.sin(i / 9))


POOLING = Page(
    path="/pooling",
    shows=("twins", "unchanged", "shifted-bars", "original-bars", "pool-lens", "share-unchanged"),
    interactions=(
        Interaction(
            "picture dragged by a pixel or more -> painted",
            _drag,
            FOLLOWS,
            event="pointermove",
            prepare=_hold,
        ),
        Interaction(
            "shift slider moved -> painted",
            _slide,
            FOLLOWS,
            event="pointermove",
            prepare=_hold_slider,
        ),
        Interaction(
            "arrow key -> painted",
            lambda hand, i: hand.page.keyboard.press(("ArrowRight", "ArrowLeft")[i % 2]),
            FOLLOWS,
            event="keydown",
            prepare=_focus,
        ),
        Interaction(
            "kind of pooling chosen -> painted", next_option("setting-pool"), ("twins", "unchanged")
        ),
        Interaction("test image chosen -> painted", button("Random"), ("twins", "original-bars")),
    ),
    stream=_wander,
    follows="twins",
)
