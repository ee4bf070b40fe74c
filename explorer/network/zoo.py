"""The named networks and their shipped weights.

A new named network is one entry in :data:`NETWORKS` and one file beside the others in
``weights/``, which ``python -m explorer.training.shipped <name>`` makes, or, for those that one of
the app's own runs can make, ``python -m explorer.training.weights <name>``.
"""

from functools import cache
from pathlib import Path

from safetensors.torch import load_file

from explorer.network.architecture import CNN, Network
from explorer.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    MaxPooling2D,
)

WEIGHTS = Path(__file__).parent / "weights"

NETWORKS: dict[str, Network] = {
    network.name: network
    for network in (
        Network(
            "default",
            (
                Conv2D(12, 5, activation="relu"),
                MaxPooling2D(2),
                Conv2D(24, 3, activation="relu"),
                MaxPooling2D(2),
                Flatten(),
                Dense(64, activation="relu"),
                Dense(10, activation="softmax"),
            ),
        ),
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
        Network(
            "pool-max",
            (
                Conv2D(12, 5, activation="relu"),
                MaxPooling2D(2),
                Conv2D(24, 3, activation="relu"),
                MaxPooling2D(2),
                Flatten(),
                Dense(64, activation="relu"),
                Dense(10, activation="softmax"),
            ),
        ),
        Network(
            "pool-average",
            (
                Conv2D(12, 5, activation="relu"),
                AveragePooling2D(2),
                Conv2D(24, 3, activation="relu"),
                AveragePooling2D(2),
                Flatten(),
                Dense(64, activation="relu"),
                Dense(10, activation="softmax"),
            ),
        ),
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


@cache
def shared(name: str) -> CNN:
    """The one copy of a named network that all sessions read; never change it.

    Raises ValueError as :func:`load` does.
    """
    return load(name).requires_grad_(False)
