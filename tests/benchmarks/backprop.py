"""The interactions of the page *Backprop*: the way back, its cells, and the weight in question.

Where more follows further down the page, the nudge, the step, the saliency maps, the time ends when
what was asked for has been painted.
"""

from collections.abc import Callable

from tests.benchmarks.browser import Hand, settle
from tests.benchmarks.rows import Interaction, Page, Pointing, button, middle, next_option

WAY = ("backward_play", "way_back")
CHOSEN = ("weight_pair", "weight_lens", "weight-sum")


def _stage(hand: Hand, name: str) -> None:
    """The way stands at a stage."""
    hand.page.evaluate("watcher.arm()")
    hand.press(hand.page.locator(".st-key-backward_play .stages button").get_by_text(name))
    settle(hand.page, "pointerup", ())


def _to_and_fro(hand: Hand, i: int) -> None:
    """From the pooling of conv2 one step on, or back again: maps and cells change each time."""
    name = "One step before" if i % 2 else "One step further back"
    button(name)(hand, i)


def _at_pooling(hand: Hand, i: int) -> None:
    if i == 0:
        _stage(hand, "pool2")


def _cell(hand: Hand, i: int) -> None:
    """A weight of the open kernel, another one each time."""
    canvas = hand.page.locator(".st-key-weight_pair canvas[tabindex]").first
    left, top, width, height = middle(hand, canvas)
    row, column = divmod(7 * i % 25, 5)
    x, y = left + (column + 0.5) * width / 5, top + (row + 0.5) * height / 5
    (hand.page.touchscreen.tap if _touches(hand) else hand.page.mouse.click)(x, y)


def _touches(hand: Hand) -> bool:
    return bool(hand.page.evaluate("navigator.maxTouchPoints > 0"))


def _over_cells(hand: Hand) -> Callable[[int], None]:
    _stage(hand, "pool2")
    canvas = hand.page.locator(".st-key-routing canvas[tabindex]").nth(1)
    left, top, width, height = middle(hand, canvas)
    return lambda i: hand.move(
        left + (i % 10 + 0.5) * width / 10, top + (i // 10 % 10 + 0.5) * height / 10
    )


BACKPROP = Page(
    path="/backprop",
    shows=(*WAY, *CHOSEN),
    interactions=(
        Interaction(
            "step on the way back -> maps and cells painted",
            _to_and_fro,
            (*WAY, "routing"),
            prepare=_at_pooling,
        ),
        Interaction("weight chosen -> its sum painted", _cell, CHOSEN, until="needs"),
        Interaction(
            "cost function chosen -> way and weights painted",
            next_option("setting-cost"),
            ("way_back", *CHOSEN),
            until="needs",
        ),
        Interaction(
            "test image chosen -> loss, way and weights painted",
            button("Random"),
            ("given", "way_back", *CHOSEN[:2]),
            until="needs",
        ),
    ),
    pointing=(Pointing("over the cells of a pooled map", _over_cells),),
)
