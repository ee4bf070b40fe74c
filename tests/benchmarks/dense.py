"""The interactions of the page *Fully connected*; its strokes are in :mod:`.interaction`."""

from collections.abc import Callable

from tests.benchmarks.browser import Hand, settle
from tests.benchmarks.rows import Interaction, Page, choose, middle, open_list

SPOKE = ("spoke", "tally")
"""What a class is taken apart into: the parts at every layer, and their sum."""

SOFTMAX = ".st-key-softmax input[data-part=heat]"


def seeing(view: str, then: Callable[[Hand, int], None]) -> Callable[[Hand, int], None]:
    """One of the page's views is open; then something else is prepared."""

    def prepare(hand: Hand, i: int) -> None:
        option = hand.page.locator(".st-key-setting-view").get_by_text(view, exact=True)
        if option.locator("xpath=ancestor-or-self::*[@data-selected]").count() == 0:
            hand.up()
            hand.page.evaluate("watcher.arm()")
            hand.press(option)
            settle(hand.page, "pointerup", (), patience=60)
        then(hand, i)

    return prepare


def _gathered(hand: Hand, i: int) -> None:
    """The patterns of the test set are there to compare with."""
    hand.page.locator(".st-key-distances").wait_for(timeout=60_000)
    hand.page.evaluate("watcher.arm()")
    settle(hand.page, None, ())


def _hold_heat(hand: Hand, i: int) -> None:
    hand.up()
    left, top, width, height = middle(hand, hand.page.locator(SOFTMAX))
    hand.page.evaluate("watcher.arm()")
    hand.down(left + width / 2, top + height / 2)
    settle(hand.page, "pointerdown", ())


def _heat(hand: Hand, i: int) -> None:
    left, top, width, height = middle(hand, hand.page.locator(SOFTMAX))
    hand.move(left + (0.2 if i % 2 else 0.8) * width, top + height / 2)


def _other(hand: Hand, i: int) -> None:
    hand.press(hand.page.locator(".st-key-second_any button"))


DENSE = Page(
    path="/dense",
    shows=("dense_pad", *SPOKE),
    interactions=(
        Interaction(
            "class chosen -> contributions painted",
            choose(("3", "7", "0")),
            SPOKE,
            prepare=seeing("Who spoke for it?", open_list("setting-about")),
        ),
        Interaction(
            "temperature dragged -> softmax painted",
            _heat,
            ("softmax",),
            event="pointermove",
            prepare=seeing("Softmax", _hold_heat),
        ),
        Interaction(
            "second input chosen -> both patterns painted",
            _other,
            ("compared",),
            prepare=seeing("Two inputs", _gathered),
        ),
    ),
)
