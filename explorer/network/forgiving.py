"""The accuracy of a named network on shifted test images, measured once for all, piece by piece.

:mod:`explorer.network.shifts` does the work; here it is kept where it is, so that a page can draw
other things in between and that nobody waits for what somebody else has measured already.
"""

from collections.abc import Iterator
from functools import cache
from threading import Lock

from explorer.data import mnist
from explorer.network import shifts, zoo
from explorer.network.shifts import Curve, Progress

SECONDS = 4.0
"""How long a measurement may take; a slower machine reads fewer images in that time."""


class Reading:
    """One network's measurement, as far as it has come.

    Attributes:
        done: the share that is done, in [0, 1].
        curve: the result; None until it is done.
    """

    def __init__(self, network: str) -> None:
        self.done = 0.0
        shipped = shifts.shipped().get(network)
        self.curve: Curve | None = shipped
        self._network, self._lock = network, Lock()
        self._work: Iterator[Progress | Curve] | None = None

    def step(self) -> None:
        """Read one more batch of images; nothing where somebody else is just doing that."""
        if self.curve is not None or not self._lock.acquire(blocking=False):
            return
        try:
            if self._work is None:
                images, labels = mnist.test_set()
                model = zoo.shared(self._network)
                self._work = shifts.measure(model, images, labels, seconds=SECONDS)
            step = next(self._work)
            if isinstance(step, Progress):
                self.done = step.share
            else:
                self.done, self.curve, self._work = 1.0, step, None
        finally:
            self._lock.release()


@cache
def reading(network: str) -> Reading:
    """The one measurement of a named network; a shipped curve needs none."""
    return Reading(network)
