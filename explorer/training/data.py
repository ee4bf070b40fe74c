"""The data of a run: uint8 on the device as a whole, indexed and scaled batch by batch.

Every random choice follows from the seed and the place in the run alone, never from what was drawn
before: epoch ``n`` has its order and step ``n`` its shifts wherever a run was resumed.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor

from explorer.data import mnist


@dataclass(frozen=True, eq=False)
class Images:
    """A data set for training.

    Attributes:
        train: ``(n, 28, 28)`` uint8.
        train_labels: ``(n,)`` int64.
        test, test_labels: the same of the test set.
    """

    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor

    def held_out(self, count: int) -> "Images":
        """The last ``count`` training images in the place of the test set: to choose settings by,
        for which the test set must stay unseen.
        """
        train, labels = self.train, self.train_labels
        return Images(train[:-count], labels[:-count], train[-count:], labels[-count:])


@cache
def load(name: str) -> Images:
    """A data set by its name, decoded once a process; raises as ``mnist.maybe_download`` does."""
    train, train_labels, test, test_labels = mnist.read_mnist(mnist.maybe_download(name))

    def tensor(values: np.ndarray, kind: type) -> Tensor:
        return torch.from_numpy(values.astype(kind))  # a copy: the arrays are read-only

    return Images(
        tensor(train, np.uint8),
        tensor(train_labels, np.int64),
        tensor(test, np.uint8),
        tensor(test_labels, np.int64),
    )


_ORDER, _SHIFT, _DROPOUT = range(3)


def _seed(seed: int, purpose: int, place: int) -> int:
    """A number for a generator of its own, mixed so that neighbours have nothing in common."""
    return int(np.random.SeedSequence((seed, purpose, place)).generate_state(1, np.uint64)[0] >> 1)


def order(seed: int, epoch: int, count: int) -> Tensor:
    """``(count,)`` int64: the order of the training images in an epoch, counted from 0."""
    generator = torch.Generator().manual_seed(_seed(seed, _ORDER, epoch))
    return torch.randperm(count, generator=generator)


def shifts(seed: int, step: int, count: int) -> Tensor:
    """``(2, count)`` int64 of 0, 1, 2: where each image's window begins, 1 leaves it in place."""
    generator = torch.Generator().manual_seed(_seed(seed, _SHIFT, step))
    return torch.randint(3, (2, count), generator=generator)


def dropout_seed(seed: int, step: int) -> int:
    """What PyTorch's own generator is seeded with for the dropout of a step."""
    return _seed(seed, _DROPOUT, step)


def scaled(images: Tensor) -> Tensor:
    """``(N, 28, 28)`` uint8 to ``(N, 1, 28, 28)`` float32 in [0, 1], channels last in memory."""
    return images.to(torch.float32).div_(255).unsqueeze(-1).permute(0, 3, 1, 2)


def moved(images: Tensor, starts: Tensor) -> Tensor:
    """``(N, H, W)`` images, each seen through a window that begins at ``starts`` ``(2, N)`` of the
    image with a black frame of one pixel.
    """
    n, height, width = images.shape
    across = width + 2
    strides = ((height + 2) * across, across, 1, across, 1)
    windows = F.pad(images, (1, 1, 1, 1)).as_strided((n, 3, 3, height, width), strides)
    return windows[torch.arange(n, device=images.device), starts[0], starts[1]]


class Batches:
    """The batches of a run, by the number of their step.

    Args:
        images: ``(n, 28, 28)`` uint8, on the device.
        labels: ``(n,)`` int64, on the device.
        size: images a batch.
        seed: decides order and shifts.
        shifted: move every image by up to one pixel along each axis.
    """

    def __init__(
        self, images: Tensor, labels: Tensor, size: int, seed: int, shifted: bool = False
    ) -> None:
        self.labels, self.size, self.seed = labels, size, seed
        self.images, self.shifted, self.count = images, shifted, len(images)
        self.per_epoch = -(-self.count // size)
        self._epoch, self._order = -1, torch.empty(0)

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Images ``(N, 1, 28, 28)`` in [0, 1] and labels ``(N,)`` of a step, from 1."""
        epoch, place = divmod(step - 1, self.per_epoch)
        if epoch != self._epoch:
            self._order = order(self.seed, epoch, self.count).to(self.labels.device)
            self._epoch = epoch
        chosen = self._order[place * self.size : (place + 1) * self.size]
        images = self.images.index_select(0, chosen)
        if self.shifted:
            images = moved(images, shifts(self.seed, step, len(chosen)).to(images.device))
        return scaled(images), self.labels.index_select(0, chosen)
