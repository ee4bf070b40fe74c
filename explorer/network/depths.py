"""What more convolution layers buy: four networks of one size, trained alike and measured.

The file is made by ``python -m explorer.training.depths``. It holds counts of images that were read
correctly and no more than what was measured: parameters and receptive fields follow from the
networks' descriptions in :mod:`explorer.network.zoo`, accuracies and means from the counts.
"""

import json
import math
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer.network.layers import Conv2D, Dense
from explorer.network.zoo import NETWORKS

NAMES = ("depth-0", "depth-1", "depth-2", "depth-3")
"""The networks, by the number of their convolution layers."""

DATASETS = ("mnist", "fashion-mnist")
SEEDS = (1, 2, 3)
FILE = Path(__file__).parent / "weights" / "depths.json"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Recipe:
    """How all of them were trained.

    Attributes:
        optimiser, learning_rate, schedule, batch_size, epochs: as in a
            :class:`explorer.training.spec.RunSpec`.
        train_images: seen in an epoch.
        test_images: that every accuracy and every loss here is about.
    """

    optimiser: str
    learning_rate: float
    schedule: str
    batch_size: int
    epochs: float
    train_images: int
    test_images: int


@dataclass(frozen=True, eq=False)
class Run:
    """One network trained once.

    Attributes:
        network: a key of :data:`explorer.network.zoo.NETWORKS`.
        dataset: a key of :data:`explorer.data.mnist.DATASETS`.
        seed: decides the first weights and the order of the images.
        epochs: ``(T,)`` how far the training was at each point of the curve, the end last.
        accuracy: ``(T,)`` in [0, 1], on the test images.
        loss: ``(T,)`` cross-entropy in nats, on the test images.
        seconds: of processor time that the training took, without the reading of the test images.
    """

    network: str
    dataset: str
    seed: int
    epochs: Floats
    accuracy: Floats
    loss: Floats
    seconds: float

    @property
    def final(self) -> float:
        """The test accuracy that the training ended with."""
        return float(self.accuracy[-1])


@dataclass(frozen=True, eq=False)
class Entry:
    """One network on one data set: its runs, in the order of their seeds, at least one."""

    network: str
    dataset: str
    runs: tuple[Run, ...]

    @cached_property
    def finals(self) -> Floats:
        """``(seeds,)`` the test accuracies that the runs ended with."""
        return np.array([run.final for run in self.runs])

    @property
    def mean(self) -> float:
        """The mean of :attr:`finals`."""
        return float(self.finals.mean())

    @property
    def spread(self) -> float:
        """From the worst to the best of :attr:`finals`."""
        return float(np.ptp(self.finals))

    @property
    def epochs(self) -> Floats:
        """``(T,)`` where the curve has its points: the same in all runs."""
        return self.runs[0].epochs

    @cached_property
    def accuracy(self) -> Floats:
        """``(seeds, T)`` test accuracy during training."""
        return np.stack([run.accuracy for run in self.runs])

    @property
    def seconds(self) -> float:
        """The processor time of the fastest training, in seconds: what else a machine does only
        makes a training slower.
        """
        return min(run.seconds for run in self.runs)

    @property
    def convolutions(self) -> int:
        """How many convolution layers the network has."""
        return len(self.maps)

    @property
    def parameters(self) -> int:
        """The network's trainable numbers."""
        return NETWORKS[self.network].parameters

    @property
    def maps(self) -> tuple[int, ...]:
        """How many maps each convolution layer makes."""
        layers = NETWORKS[self.network].layers
        return tuple(layer.filters for layer in layers if isinstance(layer, Conv2D))

    @property
    def units(self) -> int:
        """Units of the first dense layer."""
        layers = NETWORKS[self.network].layers
        return next(layer.units for layer in layers if isinstance(layer, Dense))

    @property
    def products(self) -> int:
        """Multiplications of a weight by an input that one image takes: each weight of a
        convolution counts once for every cell of the map that it makes.
        """
        return sum(
            (row.parameters - row.output_shape[0]) * math.prod(row.output_shape[1:])
            for row in NETWORKS[self.network].rows
            if row.parameters
        )

    @property
    def field(self) -> int | None:
        """Pixels along a side that a unit of the last convolution layer sees; None without one."""
        return last_field(self.network)


@dataclass(frozen=True, eq=False)
class Measured:
    """All that was measured.

    Attributes:
        recipe: how the networks were trained.
        entries: by data set, then in the order of :data:`NAMES`.
    """

    recipe: Recipe
    entries: dict[str, tuple[Entry, ...]]


def last_field(network: str) -> int | None:
    """The side of the receptive field of a named network's last convolution layer, in pixels.

    None where it has none: then every unit sees the whole image.
    """
    fields = [
        row.field.size
        for row in NETWORKS[network].rows
        if isinstance(row.layer, Conv2D) and row.field is not None
    ]
    return fields[-1] if fields else None


def read(text: str) -> Measured:
    """The measurements in the text of a file that the command wrote."""
    given = json.loads(text)
    recipe = Recipe(**given["recipe"])
    per_epoch = -(-recipe.train_images // recipe.batch_size)
    runs = [
        Run(
            run["network"],
            run["dataset"],
            run["seed"],
            np.array(run["steps"]) / per_epoch,
            np.array(run["right"]) / recipe.test_images,
            np.array(run["loss"]),
            run["seconds"],
        )
        for run in given["runs"]
    ]
    entries = {}
    for dataset in DATASETS:
        found = [
            (name, tuple(run for run in runs if (run.network, run.dataset) == (name, dataset)))
            for name in NAMES
        ]
        entries[dataset] = tuple(Entry(name, dataset, some) for name, some in found if some)
    return Measured(recipe, {dataset: some for dataset, some in entries.items() if some})


@cache
def measured() -> Measured:
    """What ships: every network of :data:`NAMES`, data set and seed."""
    return read(FILE.read_text(encoding="utf-8"))
