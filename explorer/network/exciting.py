"""What excites a map most: the strongest responses of every map over the whole test set."""

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explorer.data import mnist
from explorer.network import zoo
from explorer.network.evaluate import BATCH
from explorer.network.layers import Flatten
from explorer.network.trace import trace
from explorer.ops.receptive import ReceptiveField

COUNT = 9
"""How many images are kept for each map."""


@dataclass(frozen=True, eq=False)
class Strongest:
    """The strongest response of each map or unit, on the images that excite it most.

    All arrays are ``(maps, COUNT)``, strongest first; no image stands twice in a line.

    Attributes:
        values: the responses, float32, after the activation.
        images: numbers in the test set.
        rows, columns: where on the map the response lies; 0 for a unit of a dense layer.
    """

    values: npt.NDArray[np.float32]
    images: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]

    @property
    def dead(self) -> tuple[int, ...]:
        """Maps that answer no image of the test set with anything above zero."""
        return tuple(int(i) for i in np.flatnonzero(self.values[:, 0] <= 0))


def strongest(network: str, layer: str) -> Strongest:
    """What excites each map of a layer, among the 10,000 test images; searched once.

    Args:
        network: a key of :data:`explorer.network.zoo.NETWORKS`.
        layer: the name of one of its layers that computes something: not of ``Flatten``.

    Raises:
        ValueError: no such network or layer.
    """
    found = search(network).finish()
    if layer not in found:
        raise ValueError(f"{network} has no layer {layer!r} that computes something")
    return found[layer]


class Search:
    """The search of one network, piece by piece, all layers in one pass over the test set.

    Most of the time goes into the first layers, which all of them need.

    Attributes:
        done: the share that is done, in [0, 1].
        result: the layers' names and what was found; None until it is done.
    """

    def __init__(self, network: str) -> None:
        self.done = 0.0
        self.result: dict[str, Strongest] | None = None
        self._network, self._lock, self._start = network, Lock(), 0
        # Thousands of flattened numbers say nothing that the maps they come from do not.
        rows = zoo.shared(network).network.rows
        self._rows = [row for row in rows if not isinstance(row.layer, Flatten)]
        self._peaks: dict[str, list[Tensor]] = {row.name: [] for row in self._rows}
        self._places: dict[str, list[Tensor]] = {row.name: [] for row in self._rows}

    def step(self) -> None:
        """Read one more batch of images; nothing where somebody else is just doing that.

        Raises:
            ValueError: the network is not there any more.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._step()
            finally:
                self._lock.release()

    def finish(self) -> dict[str, Strongest]:
        """Read all that is left, and return what was found."""
        with self._lock:
            while self.result is None:
                self._step()
            return self.result

    def _step(self) -> None:
        if self.result is not None:
            return
        images, _ = mnist.test_set()
        if self._start < len(images):
            self._read(images[self._start : self._start + BATCH])
            self._start += BATCH
            self.done = 0.95 * min(1.0, self._start / len(images))
            return
        with torch.inference_mode():
            self.result = {
                row.name: _best(
                    torch.cat(self._peaks[row.name]),
                    torch.cat(self._places[row.name]),
                    width=row.output_shape[-1] if len(row.output_shape) == 3 else 1,
                )
                for row in self._rows
            }
        self.done, self._peaks, self._places = 1.0, {}, {}

    def _read(self, images: npt.NDArray[np.uint8]) -> None:
        model = zoo.shared(self._network)
        with torch.inference_mode():
            batch = torch.from_numpy(images.astype(np.float32) / 255)
            outputs = trace(model, batch[:, None])
            for name in self._peaks:
                output = outputs[name]
                best = output.reshape(*output.shape[:2], -1).max(dim=2)
                self._peaks[name].append(best.values)
                self._places[name].append(best.indices)


@lru_cache(maxsize=64)
def search(network: str) -> Search:
    """The one search of a network; ValueError where no network has this key."""
    return Search(network)


def _best(peaks: Tensor, places: Tensor, width: int) -> Strongest:
    """The first ``COUNT`` images of each map, of ``(images, maps)`` peaks and their places."""
    values, order = peaks.T.topk(COUNT)
    place = places.T.gather(1, order)

    def integers(tensor: Tensor) -> npt.NDArray[np.int64]:
        return np.asarray(tensor, np.int64)

    return Strongest(
        np.asarray(values), integers(order), integers(place // width), integers(place % width)
    )


def patch(
    image: npt.NDArray[np.float32], field: ReceptiveField | None, row: int, column: int
) -> npt.NDArray[np.float32]:
    """What one unit sees of an image: ``(size, size)``, zeros where it sees padding.

    Args:
        image: ``(H, W)``.
        field: the unit's receptive field; None sees all, and gives the image itself.
        row, column: the unit's place on its map.
    """
    if field is None:
        return image
    out = np.zeros((field.size, field.size), image.dtype)
    top, left = field.start + row * field.jump, field.start + column * field.jump
    (first, last), (west, east) = field.span(row, len(image)), field.span(column, image.shape[1])
    out[first - top : last - top, west - left : east - left] = image[first:last, west:east]
    return out
