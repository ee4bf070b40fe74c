"""The named networks and their shipped weights.

A new named network is one entry in :data:`NETWORKS` and one file beside the others in
``weights/``, which ``python -m explorer.training.shipped <name>`` makes, or, for those that one of
the app's own runs can make, ``python -m explorer.training.weights <name>``, or, for those that are
compared by their depth, ``python -m explorer.training.depths``.

Besides, a *key* may stand for a network that was made here: :func:`hold` puts a checkpoint of a run
under one, and :mod:`explorer.network.kept` has those that somebody kept; or for a step of the run
that ships, :mod:`explorer.network.learning`. Whatever takes a key works for all of them; the
description of such a network carries its key as its name.
"""

import threading
from collections import OrderedDict
from dataclasses import replace
from functools import cache
from pathlib import Path

from safetensors.torch import load_file

from explorer.network import kept, learning
from explorer.network.architecture import CNN, Network
from explorer.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    Layer,
    MaxPooling2D,
)

WEIGHTS = Path(__file__).parent / "weights"


def _two_blocks(pool: Layer) -> tuple[Layer, ...]:
    return (
        Conv2D(12, 5, activation="relu"),
        pool,
        Conv2D(24, 3, activation="relu"),
        pool,
        Flatten(),
        Dense(64, activation="relu"),
        Dense(10, activation="softmax"),
    )


def _blocks(filters: tuple[int, ...], units: int) -> tuple[Layer, ...]:
    """A convolution and a pooling for each number of filters, then ``units`` dense units.

    With padding, because three blocks without it leave a single pixel.
    """
    blocks: list[Layer] = []
    for count in filters:
        blocks += [Conv2D(count, 3, padding="same", activation="relu"), MaxPooling2D(2)]
    return (
        *blocks,
        Flatten(),
        Dense(units, activation="relu"),
        Dense(10, activation="softmax"),
    )


NETWORKS: dict[str, Network] = {
    network.name: network
    for network in (
        Network("default", _two_blocks(MaxPooling2D(2))),
        Network(
            "article",
            (
                Conv2D(32, 3, activation="relu"),
                MaxPooling2D(2),
                Flatten(),
                Dense(256, activation="relu"),
                Dense(10, activation="softmax"),
            ),
        ),
        # Trained in three seconds, and without a convolution: see the presets of
        # :mod:`explorer.training.spec`.
        Network(
            "fast",
            (
                Conv2D(32, 5, strides=2, activation="relu"),
                MaxPooling2D(2),
                BatchNormalization(momentum=0.9),
                Conv2D(64, 3, activation="relu"),
                BatchNormalization(momentum=0.9),
                Flatten(),
                Dense(128, activation="relu"),
                BatchNormalization(momentum=0.9),
                Dense(10, activation="softmax"),
            ),
        ),
        Network(
            "dense",
            (Flatten(), Dense(256, activation="relu"), Dense(10, activation="softmax")),
        ),
        # Three of one size, 42,042 parameters, that differ in what halves the maps: see
        # :mod:`explorer.network.shifts`.
        Network("pool-max", _two_blocks(MaxPooling2D(2))),
        Network("pool-average", _two_blocks(AveragePooling2D(2))),
        Network(
            "pool-strided",
            (
                Conv2D(12, 5, strides=2, activation="relu"),
                Conv2D(24, 3, strides=2, activation="relu"),
                Flatten(),
                Dense(64, activation="relu"),
                Dense(10, activation="softmax"),
            ),
        ),
        # Four of one size, 39,418 to 39,800 parameters, that differ in how many convolution layers
        # come before the dense ones: see :mod:`explorer.network.depths`.
        Network("depth-0", _blocks((), 50)),
        Network("depth-1", _blocks((4,), 50)),
        Network("depth-2", _blocks((8, 16), 48)),
        Network("depth-3", _blocks((8, 16, 32), 113)),
    )
}


def load(name: str) -> CNN:
    """A fresh copy of a named network with its shipped weights, in evaluation mode.

    Raises:
        ValueError: no network has this name; the message lists those that do.
    """
    if name not in NETWORKS:
        raise ValueError(f"no network is called {name!r}: choose one of {', '.join(NETWORKS)}")
    model = NETWORKS[name].build()
    model.load_state_dict(load_file(WEIGHTS / f"{name}.safetensors"))
    return model.eval()


HELD = 64
"""Networks made here that stay in memory; whoever needs one of the others holds it again."""

_held: OrderedDict[str, CNN] = OrderedDict()
_holding = threading.Lock()


def shared(key: str) -> CNN:
    """The one copy of a network that all sessions read; never change it.

    Raises:
        ValueError: no network has this name, none was kept under this key, or it is no longer held.
    """
    if key in NETWORKS:
        return _shipped(key)
    with _holding:
        if key in _held:
            _held.move_to_end(key)
            return _held[key]
    if kept.is_key(key):
        return hold(key, kept.load(key))
    if (step := learning.step_of(key)) is not None:
        return hold(key, learning.load(step))
    raise ValueError(f"no network is called {key!r}: choose one of {', '.join(NETWORKS)}")


def hold(key: str, model: CNN) -> CNN:
    """Make a network that was made here the one that :func:`shared` gives for ``key``.

    Args:
        key: names these weights and no others, such as ``run-4f0a-300`` for a step of a run.
        model: a copy of the caller's, which is given away.
    """
    model.network = replace(model.network, name=key)
    model.eval().requires_grad_(False)
    with _holding:
        _held[key] = model
        _held.move_to_end(key)
        while len(_held) > HELD:
            _held.popitem(last=False)
    return model


def held(key: str) -> bool:
    """Whether :func:`shared` has a network under this key without being given it again."""
    return key in NETWORKS or key in _held or learning.step_of(key) is not None


def in_memory(key: str) -> bool:
    """Whether :func:`shared` gives a network that was made here without reading a file."""
    return key in _held


@cache
def _shipped(name: str) -> CNN:
    return load(name).requires_grad_(False)
