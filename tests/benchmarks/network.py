"""The interactions of the page *Network*, but for the pad's, which are those of *Draw*."""

from collections.abc import Callable
from typing import Any

from tests.benchmarks.browser import Hand, settle
from tests.benchmarks.rows import Interaction, Page, Pointing, button, middle

HOST = "[...document.querySelectorAll('.st-key-network *')].find((one) => one.placeOf)"
"""The element of the picture."""


def _marks(hand: Hand) -> Any:
    return hand.page.locator(".st-key-network canvas[data-part=marks]")


def _place(hand: Hand, stage: int, unit: int) -> tuple[float, float]:
    """Where the middle of a map lies in the window."""
    middle(hand, _marks(hand))
    x, y = hand.page.evaluate(
        f"([stage, unit]) => {HOST}.placeOf({{ stage, unit }})", [stage, unit]
    )
    return x, y


def _closed(hand: Hand, i: int) -> None:
    """Before a unit opens: none is open, and the picture has its place."""
    _marks(hand).focus()
    hand.page.evaluate("watcher.arm()")
    if hand.page.evaluate(f"{HOST}.graph?.opened ?? null"):
        hand.page.keyboard.press("Escape")
        settle(hand.page, "keydown", ("network",))
    hand.page.evaluate("watcher.arm()")
    settle(hand.page, None, ())


def _open(hand: Hand, i: int) -> None:
    """A map of the second convolution, another one each time."""
    _tap(hand, *_place(hand, 3, 5 * i % 24))


def _tap(hand: Hand, x: float, y: float) -> None:
    if hand.page.evaluate("navigator.maxTouchPoints > 0"):
        hand.page.touchscreen.tap(x, y)
        hand.page.touchscreen.tap(x, y)
    else:
        hand.page.mouse.click(x, y)


def _over_maps(hand: Hand) -> Callable[[int], None]:
    """Back and forth over all maps of the four layers in the middle, and the units behind them."""
    _closed(hand, 0)
    counts = {1: 12, 2: 12, 3: 24, 4: 24, 6: 64, 7: 10}
    places = [_place(hand, stage, unit) for stage, count in counts.items() for unit in range(count)]
    # Between two maps the hand passes over others.
    path = [
        (x + (u - x) * step / 3, y + (v - y) * step / 3)
        for (x, y), (u, v) in zip(places, places[7:] + places[:7], strict=True)
        for step in range(3)
    ]
    return lambda i: hand.move(*path[i % len(path)])


NETWORK = Page(
    path="/network",
    shows=("network",),
    interactions=(
        Interaction("test image chosen -> painted", button("Random"), ("network",)),
        Interaction("map clicked -> opened, painted", _open, ("network",), prepare=_closed),
    ),
    follows="network",
    pointing=(Pointing("over all maps and units, with edges and card", _over_maps),),
)
