"""The time slider: a drag through the steps of the run that ships, on each page with a network."""

from collections.abc import Callable

from tests.benchmarks.browser import Hand, settle
from tests.benchmarks.rows import Interaction, Page, middle

STOPS = 16
BAR_MS = 150
_THUMB = 18


def _places(hand: Hand) -> Callable[[int], tuple[float, float]]:
    """Where on the page each stop of the slider is."""
    box = middle(hand, hand.page.locator(".st-key-timeline input[type=range]"))
    left, top, width, height = box
    step = (width - _THUMB) / (STOPS - 1)
    return lambda stop: (left + _THUMB / 2 + stop * step, top + height / 2)


def _hold(hand: Hand, i: int) -> None:
    """Before a step of a drag: the slider is held in its middle, and all has followed it there."""
    place = _places(hand)
    hand.page.evaluate("watcher.arm()")
    hand.up()
    hand.down(*place(7))
    settle(hand.page, "pointerdown", ())


def _drag(hand: Hand, i: int) -> None:
    hand.move(*_places(hand)((8, 6, 10, 4, 12, 2, 14, 0)[i % 8]))


def _travel(hand: Hand) -> Callable[[int], None]:
    """To and fro, faster than anybody looks."""
    _hold(hand, 0)
    place = _places(hand)
    return lambda i: hand.move(*place(abs(i // 2 % (2 * STOPS - 2) - STOPS + 1)))


def page(path: str, *follows: str) -> Page:
    """The slider on one page.

    Args:
        path: the page, with what its address says.
        follows: keys of the elements that a step always changes.
    """
    query = "&" if "?" in path else "?"
    return Page(
        path=f"{path}{query}run=shipped&step=100",
        shows=(*follows, "timeline"),
        interactions=(
            Interaction(
                "time slider dragged to another step -> painted",
                _drag,
                (*follows, "timeline"),
                event="pointermove",
                prepare=_hold,
                bar_ms=BAR_MS,
            ),
        ),
        stream=_travel,
        follows=follows[0],
    )


TRAVEL = {
    "travel-draw": page("/", "layers", "probabilities"),
    "travel-activations": page("/activations", "where-map", "inside"),
    "travel-pooling": page("/pooling", "twins"),
    "travel-network": page("/network", "network"),
    "travel-dense": page("/dense", "spoke", "tally"),
}
