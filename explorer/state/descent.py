"""Where a person has stepped to: the weights of a copy of each network, in the session.

A copy is its weights and nothing else: one flat float32 array. Taking a step back puts the array
that was there before in its place, so that every byte is as it was. What is kept is bounded.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
import streamlit as st

from explorer.data import mnist
from explorer.network import stepping, zoo
from explorer.network.stepping import Doubles, Examples, Floats, Slope

BATCH = 32
"""Images of the fixed batch: the first of the training set."""

MAX_BYTES = 16 << 20
"""Of weights that are kept to go back to, for one network."""

MAX_NETWORKS = 3
"""Networks with steps that a session keeps."""

MAX_STEPS = 500
"""Steps whose losses are kept."""

_WALKS, _TRIED = "steps taken", "step tried"

Back = Callable[[str], None]


class Asked(NamedTuple):
    """One image, its target and the cost function; what is compared is these three."""

    pixels: bytes
    target: int
    cost: str


class Step(NamedTuple):
    """One step taken; ``asked`` comes with what it was for, ``image`` or ``batch``.

    ``image`` and ``batch`` are the loss of the image and of the fixed batch, each before the step
    and after it.
    """

    asked: tuple[Asked, str]
    rate: float
    image: tuple[float, float]
    batch: tuple[float, float]


@dataclass
class Walk:
    """The steps of one network's copy.

    Attributes:
        weights: where it is now; None where no step was taken.
        pasts: the weights before each press of a button, and how many steps it took.
        steps: each step taken, the oldest first.
        count: how many were taken since the network was as it came.
        refused: why the last press did nothing, or less than asked; "" where it did.
    """

    weights: Floats | None = None
    pasts: list[tuple[Floats | None, int]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    count: int = 0
    refused: str = ""

    def steps_for(self, asked: tuple[Asked, str]) -> list[tuple[float, float, float]]:
        """Rate, the image's loss, the batch's loss of the last steps in a row for ``asked``.

        First as it was before them, with a rate of 0; nothing where the last was for another.
        """
        some: list[Step] = []
        for step in reversed(self.steps):
            if step.asked != asked:
                break
            some.insert(0, step)
        if not some:
            return []
        first = (0.0, some[0].image[0], some[0].batch[0])
        return [first, *((step.rate, step.image[1], step.batch[1]) for step in some)]


@dataclass(frozen=True, eq=False)
class Tried:
    """What one step from here would do, at every learning rate.

    Attributes:
        network: its key.
        slope: where the copy is, and the gradient there.
        before: ``image`` and ``batch`` to the loss now.
        after: the same after one step, one for each rate.
    """

    network: str
    slope: Slope
    before: dict[str, float]
    after: dict[str, Doubles]


def asked(image: Floats, target: int, cost: str) -> Asked:
    """What is asked of the network."""
    return Asked(np.ascontiguousarray(image, np.float32).tobytes(), target, cost)


def current(network: str) -> Walk:
    """The steps taken on a network's copy."""
    walks: dict[str, Walk] = st.session_state.setdefault(_WALKS, {})
    return walks.get(network) or Walk()


def tried(network: str, asked: Asked, on: str, rates: tuple[float, ...]) -> Tried:
    """What one step would do from where the copy is now; the last answer is remembered.

    Args:
        network: its key.
        asked: the image, its target, the cost.
        on: ``image`` or ``batch``: what the step is for.
        rates: the learning rates.
    """
    weights = current(network).weights
    key = (network, asked, on, rates)
    kept = st.session_state.get(_TRIED)
    # Weights are never written to, so that the same array holds the same numbers.
    if kept is not None and kept[0] == key and kept[1] is weights:
        found: Tried = kept[2]
        return found
    model = zoo.shared(network)
    examples = _examples(asked)
    here = stepping.slope(model, stepping.flat(model) if weights is None else weights, examples[on])
    both = [examples["image"], examples["batch"]]
    now = stepping.losses_at(model, here, [0.0], both)
    after = stepping.losses_at(model, here, rates, both)
    found = Tried(
        network,
        here,
        {"image": float(now[0, 0]), "batch": float(now[1, 0])},
        {"image": after[0], "batch": after[1]},
    )
    st.session_state[_TRIED] = (key, weights, found)
    return found


def take(network: str, asked: Asked, on: str, rate: float, count: int) -> None:
    """Take steps on the copy, each along the gradient where it then is.

    Args:
        network, asked, on: as for :func:`tried`.
        rate: the learning rate.
        count: how many; it ends at the first that would overflow.
    """
    walks: dict[str, Walk] = st.session_state.setdefault(_WALKS, {})
    walk = walks.pop(network, None) or Walk()
    walks[network] = walk  # the one used last stands last
    while len(walks) > MAX_NETWORKS:
        del walks[next(iter(walks))]
    model, examples = zoo.shared(network), _examples(asked)
    start = walk.weights
    weights = stepping.flat(model) if start is None else start
    walk.refused, done = "", 0
    before = _losses(network, weights, examples)
    for _ in range(count):
        try:
            after = stepping.take(model, weights, examples[on], rate)
        except ValueError as error:
            walk.refused = str(error)
            break
        now = _losses(network, after, examples)
        walk.steps.append(Step((asked, on), rate, (before[0], now[0]), (before[1], now[1])))
        weights, before, done = after, now, done + 1
    if not done:
        return
    walk.pasts.append((start, done))
    walk.weights, walk.count = weights, walk.count + done
    del walk.steps[:-MAX_STEPS]
    most = max(1, MAX_BYTES // weights.nbytes)
    del walk.pasts[:-most]


def undo(network: str) -> None:
    """Take back what the last press did; nothing where there is nothing."""
    walk = current(network)
    if walk.pasts:
        walk.weights, done = walk.pasts.pop()
        walk.count -= done
        del walk.steps[max(len(walk.steps) - done, 0) :]
        walk.refused = ""


def reset(network: str) -> None:
    """Make the copy what the network is."""
    walks: dict[str, Walk] = st.session_state.setdefault(_WALKS, {})
    walks.pop(network, None)


def _losses(network: str, weights: Floats, examples: dict[str, Examples]) -> tuple[float, float]:
    """The loss of the image, and that of the fixed batch."""
    model = stepping.with_weights(zoo.shared(network), weights)
    image, batch = (stepping.loss_of(model, examples[which]) for which in ("image", "batch"))
    return image, batch


def _examples(asked: Asked) -> dict[str, Examples]:
    side = round((len(asked.pixels) / 4) ** 0.5)
    image = np.frombuffer(asked.pixels, np.float32).reshape(1, side, side)
    images, labels = _batch()
    return {
        "image": Examples(image, np.array([asked.target], np.int64), asked.cost),
        "batch": Examples(images, labels, asked.cost),
    }


@cache
def _batch() -> tuple[Floats, "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """The fixed batch: the first 32 training images, ``(32, 28, 28)`` in [0, 1], and labels."""
    images, labels, *_ = mnist.read_mnist(mnist.maybe_download())
    pixels = images[:BATCH].astype(np.float32) / np.float32(255)
    return pixels, labels[:BATCH].astype(np.int64)
