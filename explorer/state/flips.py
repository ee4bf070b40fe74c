"""What changed between two evaluations, and what the last one confuses."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.training.records import Evaluation

Bytes = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Flips:
    """Test images whose reading changed, by their numbers in the test set.

    Attributes:
        before, after: the steps that are compared.
        images: the first so many images were read both times.
        righted: wrong before, right after.
        wronged: right before, wrong after.
        was, now: ``(images,)`` what was read.
    """

    before: int
    after: int
    images: int
    righted: Indices
    wronged: Indices
    was: Bytes
    now: Bytes


def flips(old: Evaluation, new: Evaluation, labels: Bytes) -> Flips:
    """Which of the images that both evaluations read changed their side."""
    images = min(old.images, new.images, len(labels))
    was, now, truth = old.answers[:images], new.answers[:images], labels[:images]
    right, wrong = (was != truth) & (now == truth), (was == truth) & (now != truth)
    return Flips(old.step, new.step, images, np.flatnonzero(right), np.flatnonzero(wrong), was, now)


def pair(evaluations: tuple[Evaluation, ...], step: int | None) -> list[Evaluation]:
    """The last evaluation, at or before ``step`` where one is given, and the one before it.

    Of one step that was read twice the larger evaluation counts.
    """
    by_step = {each.step: each for each in evaluations}
    steps = sorted(s for s in by_step if step is None or s <= step)
    if step is not None and not steps:
        steps = sorted(by_step)[:1]
    return [by_step[s] for s in steps[-2:]]


def confusion(evaluation: Evaluation, labels: Bytes, classes: int = 10) -> Indices:
    """``(classes, classes)``: how many images of each true class were read as each class."""
    truth = labels[: evaluation.images].astype(np.int64)
    pairs = truth * classes + np.minimum(evaluation.answers[: len(truth)], classes - 1)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def confused(evaluation: Evaluation, labels: Bytes, truth: int, read: int) -> Indices:
    """The images of one true class that were read as another, or as itself."""
    seen = labels[: evaluation.images]
    return np.flatnonzero((seen == truth) & (evaluation.answers[: len(seen)] == read))
