"""What excites a map most: the strongest responses of every map over the whole test set."""

from dataclasses import dataclass
from functools import lru_cache

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
    found = _search(network)
    if layer not in found:
        raise ValueError(f"{network} has no layer {layer!r} that computes something")
    return found[layer]


@lru_cache(maxsize=64)
def _search(network: str) -> dict[str, Strongest]:
    """All layers in one pass over the test set: most of the time goes into the first ones."""
    model = zoo.shared(network)
    images, _ = mnist.test_set()
    # Thousands of flattened numbers say nothing that the maps they come from do not.
    rows = [row for row in model.network.rows if not isinstance(row.layer, Flatten)]
    peaks: dict[str, list[Tensor]] = {row.name: [] for row in rows}
    places: dict[str, list[Tensor]] = {row.name: [] for row in rows}
    with torch.inference_mode():
        for start in range(0, len(images), BATCH):
            batch = torch.from_numpy(images[start : start + BATCH].astype(np.float32) / 255)
            outputs = trace(model, batch[:, None])
            for name in peaks:
                output = outputs[name]
                best = output.reshape(*output.shape[:2], -1).max(dim=2)
                peaks[name].append(best.values)
                places[name].append(best.indices)
        return {
            row.name: _best(
                torch.cat(peaks[row.name]),
                torch.cat(places[row.name]),
                width=row.output_shape[-1] if len(row.output_shape) == 3 else 1,
            )
            for row in rows
        }


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
