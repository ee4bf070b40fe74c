"""A network and a data set so small that a run takes a moment."""

import numpy as np
import torch

from explorer.network.architecture import Network
from explorer.network.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from explorer.training.data import Images
from explorer.training.spec import RunSpec

NETWORK = Network(
    "small",
    (
        Conv2D(4, 5, strides=2, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(12, activation="relu"),
        Dense(10, activation="softmax"),
    ),
)

STEADIED = Network(
    "steadied",
    (
        Conv2D(4, 5, strides=2, activation="relu"),
        BatchNormalization(momentum=0.9),
        MaxPooling2D(3),
        Flatten(),
        Dropout(0.3),
        Dense(10, activation="softmax"),
    ),
)

COUNT, TESTS = 70, 30


def images(seed: int = 0) -> Images:
    """Noise in which each class has a bright column of its own."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, COUNT + TESTS)
    pixels = rng.integers(0, 120, (COUNT + TESTS, 28, 28), np.uint8)
    pixels[np.arange(len(labels)), :, 2 * labels + 4] = 255
    both = torch.from_numpy(pixels), torch.from_numpy(labels)
    return Images(both[0][:COUNT], both[1][:COUNT], both[0][COUNT:], both[1][COUNT:])


def spec(**changes: object) -> RunSpec:
    """A run of 12 steps over the small data set, 3 epochs of 4, with changes."""
    settings: dict[str, object] = {
        "network": NETWORK,
        "images": COUNT,
        "batch_size": 20,
        "epochs": 3.0,
        "learning_rate": 0.01,
        "device": "cpu",
    }
    return RunSpec(**{**settings, **changes})  # type: ignore[arg-type]


def endless(**changes: object) -> RunSpec:
    """A run over the small data set of so many steps that a test has long stopped it."""
    return spec(**{"epochs": 200.0, "batch_size": 1, **changes})
