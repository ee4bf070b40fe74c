"""Ascents piece by piece for a page, kept for whoever asks next: see :mod:`.synthesis`.

An ascent is kept for each map of each layer of a network, for each seed, with and without
regularisation. Maps that nobody asked for yet are made together, as one batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
import numpy.typing as npt

from explorer.network import synthesis, zoo

Floats = npt.NDArray[np.float32]

LAYERS = 128
"""Layers whose ascents are kept: 64 KB each for 16 maps."""


@dataclass(frozen=True, eq=False)
class Ascent:
    """The ascent of one map, as far as it has come.

    Attributes:
        image: ``(H, W)`` in [0, 1], as it is now.
        values: what its unit answered to the noise and after each step, before its activation.
    """

    image: Floats
    values: tuple[float, ...]

    @property
    def done(self) -> float:
        """The share of its steps that were taken, in [0, 1]."""
        return (len(self.values) - 1) / synthesis.STEPS


class Ascents:
    """The maps of one layer.

    Args:
        network: a key of :func:`explorer.network.zoo.shared`.
        layer: the name of one of its layers.
        held: the regularisation.
        seed: of the noise.
    """

    def __init__(self, network: str, layer: str, held: synthesis.Regularised, seed: int) -> None:
        self._network, self._layer, self._held, self._seed = network, layer, held, seed
        self._lock = Lock()
        self._running: tuple[tuple[int, ...], Iterator[synthesis.Step]] | None = None
        self._found: dict[int, Ascent] = {}

    def get(self, index: int) -> Ascent | None:
        """The ascent of one map; None where it has not begun."""
        return self._found.get(index)

    def done(self, maps: Sequence[int]) -> float:
        """The share of the work on these maps that is done, in [0, 1]."""
        found = (self._found.get(index) for index in maps)
        return sum(one.done for one in found if one is not None) / len(maps)

    def step(self, maps: Sequence[int]) -> None:
        """One step of the maps under way, or the first of those that are missing.

        Nothing where all are there, or where somebody else is just doing that.

        Raises:
            ValueError: the network is not there any more, or has no such layer or map.
        """
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._running is None:
                missing = tuple(index for index in maps if index not in self._found)
                if not missing:
                    return
                model = zoo.shared(self._network)
                climb = synthesis.ascend(
                    model, self._layer, missing, held=self._held, seed=self._seed
                )
                self._running = missing, climb
            batch, climb = self._running
            now = next(climb, None)
            if now is None:
                self._running = None
                return
            for index, image, value in zip(batch, now.images, now.values, strict=True):
                before = self._found[index].values if now.number else ()
                values = (*before, float(value))
                self._found[index] = Ascent(image, values)
            if now.number == synthesis.STEPS:
                self._running = None
        finally:
            self._lock.release()


@lru_cache(maxsize=LAYERS)
def ascents(
    network: str, layer: str, held: synthesis.Regularised = synthesis.SMOOTH, seed: int = 0
) -> Ascents:
    """The one collection of a layer's ascents."""
    return Ascents(network, layer, held, seed)
