"""What a curve says about its run, in plain words: pure functions on arrays.

Each rule looks for one trouble, says why it comes about, and names the settings that remedy it in
the next run. The thresholds are rules of thumb for ten classes, where guessing costs ln 10 = 2.30
and is right one time in ten; they are chosen so that the shipped presets show what they are meant
to show, and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FEW = 60
"""Steps before which nothing is said: every run begins by guessing."""

RECENT = 30
"""Steps whose mean counts as where a run stands."""


@dataclass(frozen=True, eq=False)
class Signs:
    """What the rules look at.

    Attributes:
        loss, accuracy: ``(n,)`` of each step's batch.
        tests: ``(m, 4)``: x, loss, accuracy, images.
        spec: the run's settings by name.
        failed: whether the loss became infinite or undefined.
        dead: share of the units that answer to no test image, in the layer where it is highest.
        layer: that layer.
    """

    loss: Floats
    accuracy: Floats
    tests: Floats
    spec: Mapping[str, Any]
    failed: bool = False
    dead: float = 0.0
    layer: str = ""


@dataclass(frozen=True)
class Hint:
    """One trouble: what is seen, why, and the settings that help, with a name for the button."""

    kind: str
    seen: str
    why: str
    label: str
    remedy: Mapping[str, Any]


def hints(signs: Signs) -> list[Hint]:
    """What there is to say, the gravest first."""
    for rule in (diverging, stuck):
        if hint := rule(signs):
            return [hint]  # what else is seen follows from it
    rules: tuple[Callable[[Signs], Hint | None], ...] = (dead, overfitting, slow)
    return [hint for rule in rules if (hint := rule(signs))]


def diverging(signs: Signs) -> Hint | None:
    """The loss left where it had been, upwards and for good, or is no number any more."""
    if not signs.failed:
        if len(signs.loss) < FEW:
            return None
        now, best = _now(signs.loss), _best(signs.loss)
        first = float(np.mean(signs.loss[:3]))
        if now < max(2 * best, 1.1 * first):
            return None
    return Hint(
        "diverging",
        "The loss has grown instead of falling.",
        "Each step goes so far that it lands higher up on the other side of the valley, from where "
        "the slope is steeper still: the learning rate is too high.",
        *_rate(signs, 0.1),
    )


def stuck(signs: Signs) -> Hint | None:
    """The network still guesses."""
    if len(signs.loss) < 2 * FEW or _now(signs.accuracy) > 0.2:
        return None
    first = float(np.mean(signs.loss[:3]))
    jumped = float(signs.loss.max()) > 1.3 * first
    lowest = {"sgd": 1e-2, "momentum": 1e-3}.get(str(signs.spec.get("optimiser")), 1e-4)
    if jumped or float(signs.spec["learning_rate"]) >= lowest:
        return Hint(
            "stuck",
            "The network is still guessing: about one image in ten is read right.",
            "Early steps that were too long can push the weights to where ReLU answers nothing at "
            "all; from there no gradient leads back.",
            *_rate(signs, 0.1),
        )
    return Hint(
        "stuck",
        "The network is still guessing: about one image in ten is read right.",
        "The loss hardly moves, because each step is tiny: the learning rate is too low.",
        *_rate(signs, 10.0),
    )


def dead(signs: Signs) -> Hint | None:
    """Many units answer to no image at all."""
    if signs.dead < 0.25 or len(signs.loss) < FEW:
        return None
    return Hint(
        "dead",
        f"{100 * signs.dead:.0f} % of the units of {signs.layer} answer to no test image.",
        "Their sums are negative for every image, ReLU makes zero of them, and through a zero no "
        "gradient flows: they learn no more. Long early steps do that.",
        *_rate(signs, 0.3),
    )


def overfitting(signs: Signs) -> Hint | None:
    """The test loss has turned and rises, while the training loss goes on falling."""
    costs = signs.tests[:, 1]
    if len(costs) < 4 or len(signs.loss) < FEW:
        return None
    low = int(costs.argmin())
    rising = len(costs) - 1 - low >= 2 and costs[-1] > 1.15 * costs[low]
    if not rising or _now(signs.loss) > 0.4 * costs[-1]:
        return None
    remedy: dict[str, Any] = {"augmentation": "shift", "dropout": 0.5}
    label = "Next run: shifted images and dropout 0.5"
    if signs.spec.get("images"):
        remedy, label = {"images": None, "epochs": 2.0}, "Next run: all 60,000 images, 2 epochs"
    elif signs.spec.get("augmentation") == "shift" and signs.spec.get("dropout"):
        return None
    return Hint(
        "overfitting",
        "The test loss has turned and rises, while the training loss goes on falling.",
        "The network learns its training images by heart; what it learns now no longer helps with "
        "images that it has not seen.",
        label,
        remedy,
    )


def slow(signs: Signs) -> Hint | None:
    """It learns, and would do so faster with longer steps."""
    if len(signs.loss) < 4 * FEW:
        return None
    now = _now(signs.accuracy)
    before = float(np.mean(signs.accuracy[-4 * RECENT : -3 * RECENT]))
    if not 0.2 < now < 0.8 or now < before:
        return None
    return Hint(
        "slow",
        "It learns, but slowly.",
        "The loss falls evenly and is far from its floor: longer steps would do the same in fewer "
        "of them.",
        *_rate(signs, 3.0),
    )


def _now(values: Floats) -> float:
    return float(np.mean(values[-RECENT:]))


def _best(values: Floats) -> float:
    """The lowest mean of :data:`RECENT` steps in a row."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return float((sums[RECENT:] - sums[:-RECENT]).min() / RECENT)


def _rate(signs: Signs, factor: float) -> tuple[str, dict[str, Any]]:
    """The remedy: another learning rate."""
    rate = float(f"{min(max(float(signs.spec['learning_rate']) * factor, 1e-6), 100.0):.1g}")
    return f"Next run: learning rate {rate:g}", {"learning_rate": rate}
