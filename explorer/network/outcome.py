"""What edits did to the answers on the test set: accuracy, classes, images that flipped."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Two networks' answers to the same images, compared.

    Attributes:
        images: how many.
        right_before, right_after: how many each network reads right.
        class_images: ``(classes,)``, how many images each class has.
        class_before, class_after: ``(classes,)``, how many of them each network reads right.
        wronged: numbers of the images that were read right and no longer are, ascending.
        righted: numbers of those that are read right only now, ascending.
        other: how many are read wrong both times, but not as the same class.
    """

    images: int
    right_before: int
    right_after: int
    class_images: Indices
    class_before: Indices
    class_after: Indices
    wronged: Indices
    righted: Indices
    other: int

    @property
    def worst(self) -> int | None:
        """The class that lost the largest share of its images; None where none lost any."""
        lost = self.class_before - self.class_after
        if lost.max(initial=0) <= 0:
            return None
        return int((lost / np.maximum(self.class_images, 1)).argmax())

    @property
    def flipped(self) -> int:
        """How many images are read as another class than before."""
        return len(self.wronged) + len(self.righted) + self.other


def compare(before: Bytes, after: Bytes, labels: Bytes, classes: int = 10) -> Outcome:
    """Compare two networks' answers.

    Args:
        before, after: ``(N,)``, the class that each reads.
        labels: ``(N,)``, the true ones.
        classes: how many there are.
    """
    was, now = before == labels, after == labels

    def per_class(which: npt.NDArray[np.bool_]) -> Indices:
        return np.bincount(labels[which], minlength=classes).astype(np.int64)

    return Outcome(
        len(labels),
        int(was.sum()),
        int(now.sum()),
        per_class(np.ones_like(was)),
        per_class(was),
        per_class(now),
        np.flatnonzero(was & ~now),
        np.flatnonzero(~was & now),
        int((~was & ~now & (before != after)).sum()),
    )
