"""The lower half of the page *Backprop*: a weight nudged, a learning rate tried, a step taken."""

from collections.abc import Callable

from tests.benchmarks.browser import Hand, settle
from tests.benchmarks.rows import Interaction, Page, Pointing, button, middle, next_option

TRIED = ("step-conv1", "step-After")
"""What the learning rate changes: the kernels after the step, and the probabilities."""

EXPLAINED = ("why-gradient", "why-integrated", "why-cam", "why-occlusion")


def _slider(hand: Hand, key: str) -> tuple[float, float, float, float]:
    return middle(hand, hand.page.locator(f".st-key-{key} input[type=range]"))


def _to(i: int, box: tuple[float, float, float, float]) -> tuple[float, float]:
    left, top, width, height = box
    return left + (0.25, 0.6, 0.35, 0.7)[i % 4] * width, top + height / 2


def _grasp(key: str) -> Callable[[Hand, int], None]:
    """Before a step of a drag: the slider is held."""

    def prepare(hand: Hand, i: int) -> None:
        hand.up()
        hand.page.evaluate("watcher.arm()")
        settle(hand.page, None, ())
        hand.page.evaluate("watcher.arm()")
        hand.down(*_to(i, _slider(hand, key)))
        settle(hand.page, "pointerdown", ())

    return prepare


def _drag(key: str) -> Callable[[Hand, int], None]:
    return lambda hand, i: hand.move(*_to(i + 1, _slider(hand, key)))


def _slide(key: str) -> Callable[[Hand], Callable[[int], None]]:
    """The slider is held, and pulled to and fro."""

    def begin(hand: Hand) -> Callable[[int], None]:
        box = _slider(hand, key)
        hand.down(*_to(0, box))
        return lambda i: hand.move(*_to(i, box))

    return begin


STEPPING = Page(
    path="/backprop",
    shows=("nudge_weight_hand", "learning_rate", *EXPLAINED),
    interactions=(
        Interaction(
            "learning rate dragged -> kernels and probabilities painted",
            _drag("learning_rate"),
            TRIED,
            event="pointermove",
            prepare=_grasp("learning_rate"),
        ),
        Interaction(
            "step taken -> losses at all rates, kernels, history painted",
            button("Take the step"),
            ("learning_rate", "steps_taken", *TRIED),
            bar_ms=250,
        ),
        Interaction(
            "trained or random weights -> four maps painted",
            next_option("setting-sanity"),
            EXPLAINED,
            bar_ms=200,
        ),
    ),
    stream=_slide("learning_rate"),
    follows="step-conv1",
    pointing=(Pointing("nudge dragged", _slide("nudge_weight_hand")),),
)
