"""The named networks and their shipped weights.

A new named network is one entry in :data:`NETWORKS` and one file beside the others in
``weights/``, which ``python -m explorer.training.shipped <name>`` makes, or, for those that one of
the app's own runs can make, ``python -m explorer.training.weights <name>``.

Besides, a *key* may stand for a network that was made here: :func:`hold` puts a checkpoint of a run
under one, and :mod:`explorer.network.kept` has those that somebody kept. Whatever takes a key works
for all of them; the description of such a network carries its key as its name.
"""

import threading
from collections import OrderedDict
from dataclasses import replace
from functools import cache
from pathlib import Path

from safetensors.torch import load_file

from explorer.network import kept
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
    return key in NETWORKS or key in _held


@cache
def _shipped(name: str) -> CNN:
    return load(name).requires_grad_(False)
