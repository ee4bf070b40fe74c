"""Activation patterns: what a network's first dense layer answers to the 10,000 test images.

They are computed once for a network, piece by piece, so that a page can draw other things in
between, and the networks looked at last are kept. Where a network has no hidden dense layer, its
pattern is the output of its last layer.

Choices: distances are Euclidean, the likeness of direction is the cosine. What is *typical* is
taken from all pairs among the first 100 images of each class, 499,500 pairs: of the 50 million
pairs of the whole test set they are one in a hundred, and they are exact.
"""

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
import numpy.typing as npt
import torch

from explorer.data import mnist
from explorer.network import zoo
from explorer.network.architecture import CNN, Network, Row
from explorer.network.evaluate import BATCH
from explorer.network.layers import Dense
from explorer.network.trace import trace
from explorer.ops.principal import Plane, principal

Floats = npt.NDArray[np.float32]

KEPT = 6
"""Networks whose patterns are kept: 10 MB each where the layer has 256 units."""

PER_CLASS = 100


def row_of(network: Network) -> Row:
    """The layer whose outputs are the pattern: the first dense one."""
    return next((row for row in network.rows if isinstance(row.layer, Dense)), network.rows[-1])


def pattern(model: CNN, image: Floats) -> Floats:
    """The pattern of one image, ``(H, W)`` in [0, 1]: ``(units,)``, after the activation."""
    name = row_of(model.network).name
    with torch.inference_mode():
        outputs = trace(model, torch.from_numpy(np.array(image, np.float32))[None, None])
        return np.asarray(outputs[name][0].flatten())


def distance(one: Floats, other: Floats) -> float:
    """The Euclidean distance of two patterns."""
    return float(np.linalg.norm(one.astype(np.float64) - other))


def cosine(one: Floats, other: Floats) -> float | None:
    """The cosine of the angle between two patterns, in −1…1; None where one of them is all zero."""
    lengths = float(np.linalg.norm(one.astype(np.float64)) * np.linalg.norm(other))
    return float(one.astype(np.float64) @ other) / lengths if lengths else None


@dataclass(frozen=True, eq=False)
class Typical:
    """Distances or cosines of pairs of test images, ascending.

    Attributes:
        within: of pairs of one class.
        between: of pairs of different classes.
    """

    within: Floats
    between: Floats


@dataclass(frozen=True, eq=False)
class Patterns:
    """The patterns of the test images.

    Attributes:
        values: ``(n, units)``.
        labels: ``(n,)``, the true classes.
        plane: the two axes along which they spread most.
        places: ``(n, 2)``, where they lie on it.
        distances, cosines: what is typical.
    """

    values: Floats
    labels: npt.NDArray[np.uint8]
    plane: Plane
    places: Floats
    distances: Typical
    cosines: Typical

    def nearest(self, one: Floats, count: int, but: int | None = None) -> list[tuple[int, float]]:
        """Numbers and distances of the nearest test images, in the space of all units.

        Args:
            one: ``(units,)``.
            count: how many.
            but: a test image that is left out: the one whose pattern it is.
        """
        gaps = np.linalg.norm(self.values - one, axis=1)
        if but is not None:
            gaps[but] = np.inf
        order = np.argsort(gaps, kind="stable")[:count]
        return [(int(i), float(gaps[i])) for i in order]


def gather(values: Floats, labels: npt.NDArray[np.uint8], per_class: int = PER_CLASS) -> Patterns:
    """What is to be known of patterns, ``(n, units)``, of images with these labels."""
    plane = principal(values)
    return Patterns(
        values, labels, plane, plane.project(values), *_typical(values, labels, per_class)
    )


def _typical(
    values: Floats, labels: npt.NDArray[np.uint8], per_class: int
) -> tuple[Typical, Typical]:
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == c)[:per_class] for c in set(labels)]))
    few, classes = values[chosen].astype(np.float64), labels[chosen]
    products = few @ few.T
    squares = products.diagonal()
    upper = np.triu_indices(len(few), 1)
    same = (classes[:, None] == classes)[upper]
    gaps = np.sqrt(np.maximum(squares[:, None] + squares - 2 * products, 0))[upper]
    lengths = np.sqrt(squares[:, None] * squares)[upper]
    lit = lengths > 0  # a pattern of zeros has no direction
    angles = products[upper][lit] / lengths[lit]

    def sorted_(found: npt.NDArray[np.float64], alike: npt.NDArray[np.bool_]) -> Typical:
        return Typical(*(np.sort(found[mask]).astype(np.float32) for mask in (alike, ~alike)))

    return sorted_(gaps, same), sorted_(angles, same[lit])


class Gathering:
    """The patterns of one network, as far as they have come.

    Attributes:
        done: the share that is done, in [0, 1].
        result: None until it is done.
    """

    def __init__(self, network: str) -> None:
        self.done = 0.0
        self.result: Patterns | None = None
        self._network, self._lock = network, Lock()
        self._parts: list[Floats] = []

    def step(self) -> None:
        """Read one more batch of images; nothing where somebody else is just doing that.

        Raises:
            ValueError: the network is not there any more.
        """
        if self.result is not None or not self._lock.acquire(blocking=False):
            return
        try:
            images, labels = mnist.test_set()
            model = zoo.shared(self._network)
            start = BATCH * len(self._parts)
            if start < len(images):
                batch = images[start : start + BATCH].astype(np.float32) / np.float32(255)
                name = row_of(model.network).name
                with torch.inference_mode():
                    x = torch.from_numpy(batch)[:, None]
                    for layer, _, output in model.steps(x):
                        if layer == name:
                            self._parts.append(np.asarray(output.flatten(1)))
                            break
                self.done = 0.95 * min(1.0, (start + BATCH) / len(images))
                return
            self.result = gather(np.concatenate(self._parts), labels)
            self.done, self._parts = 1.0, []
        finally:
            self._lock.release()


@lru_cache(maxsize=KEPT)
def gathering(network: str) -> Gathering:
    """The one collection of a network's patterns."""
    return Gathering(network)
