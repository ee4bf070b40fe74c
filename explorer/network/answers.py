"""What the layers of a network answer to one image, and what is said of a layer's maps."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from explorer import ops
from explorer.data import mnist
from explorer.network import exciting
from explorer.network.architecture import CNN, Row
from explorer.network.layers import Flatten
from explorer.network.trace import trace

Floats = npt.NDArray[np.float32]

IMAGE = "image"
"""What the input is called among the layers' outputs."""

COUNT = 4
"""How many responses of a map are pointed out, at most."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What every layer answered to one image, under its name; the image itself is :data:`IMAGE`.

    Attributes:
        before, after: its activation: ``(C, H, W)`` or ``(units,)`` each.
        probabilities: ``(classes,)``.
    """

    before: dict[str, Floats]
    after: dict[str, Floats]
    probabilities: Floats


def answers(model: CNN, image: Floats) -> Answers:
    """What every layer of ``model`` answers to ``image``, ``(H, W)`` in [0, 1]."""
    with torch.inference_mode():
        found = trace(model, torch.from_numpy(image)[None, None])
    start = {IMAGE: image[None]}
    return Answers(
        start | {name: output[0].numpy() for name, output in found.before.items()},
        start | {name: output[0].numpy() for name, output in found.items()},
        found.probabilities[0].numpy(),
    )


@dataclass(frozen=True, eq=False)
class Maps:
    """The maps or units of one layer, as they are to be shown.

    Attributes:
        row: the layer in its place.
        before, after: its activation: ``(n, H, W)`` or ``(n,)`` each.
        values: those of the two that are shown.
        order: the maps' numbers in the order in which they are shown.
        limits: lowest and highest value that any layer of the network shows.
    """

    row: Row
    before: Floats
    after: Floats
    values: Floats
    order: tuple[int, ...]
    limits: tuple[float, float]

    @property
    def live(self) -> Floats:
        """Each map's share of cells above zero, ``(n,)`` in [0, 1]."""
        return np.asarray((self._flat > 0).mean(axis=1), np.float32)

    @property
    def dead(self) -> tuple[int, ...] | None:
        """Maps without a value above zero; None where zero has no such meaning."""
        if not mortal(self.row):
            return None
        return tuple(int(i) for i in np.flatnonzero(self._flat.max(axis=1) <= 0))

    @property
    def strongest(self) -> int:
        """The map with the strongest response."""
        return int(self._flat.max(axis=1).argmax())

    @property
    def _flat(self) -> Floats:
        return self.after.reshape(len(self.after), -1)

    def peaks(self, index: int, count: int = COUNT) -> tuple[ops.Peak, ...]:
        """A map's strongest responses above zero, at most ``count``, none in another's way.

        Two units that are pointed out see parts of the image that overlap by about a half at most.
        """
        if self.row.field is None or self.after.ndim == 1:
            return ()
        apart = max(1, self.row.field.size // self.row.field.jump // 2)
        return tuple(p for p in ops.peaks(self.after[index], count, apart) if p.value > 0)


def maps(found: Answers, row: Row, *, before: bool = False, ranked: bool = False) -> Maps:
    """One layer of the answers.

    Args:
        found: of one image.
        row: the layer.
        before: show the values before the activation.
        ranked: by their strongest response, the strongest first; a flatten keeps its order, which
            is all that it does.
    """
    shown, after = found.before if before else found.after, found.after[row.name]
    order = np.arange(len(after))
    if ranked and not isinstance(row.layer, Flatten):
        order = np.argsort(-after.reshape(len(after), -1).max(axis=1), kind="stable")
    numbers = tuple(int(i) for i in order)
    return Maps(row, found.before[row.name], after, shown[row.name], numbers, limits(shown))


def limits(outputs: Mapping[str, Floats]) -> tuple[float, float]:
    """Lowest and highest output of all layers, the image left out."""
    every = [values for name, values in outputs.items() if name != IMAGE]
    return min(float(v.min()) for v in every), max(float(v.max()) for v in every)


def mortal(row: Row) -> bool:
    """Whether a map of this layer can be called dead: a logit below zero is as good as any."""
    return not isinstance(row.layer, Flatten) and row.layer.activation != "softmax"


@dataclass(frozen=True, eq=False)
class Exciting:
    """The parts of test images that excite one map most, strongest first.

    Attributes:
        patches: ``(n, h, w)`` in [0, 1].
        values: ``(n,)``, the responses.
        labels: the images' classes.
        dead: the maps of the layer that answer no image of the test set.
    """

    patches: Floats
    values: tuple[float, ...]
    labels: tuple[int, ...]
    dead: tuple[int, ...]


def most_exciting(network: str, row: Row, index: int) -> Exciting:
    """What excites map ``index`` of a layer most; the first call for a layer takes seconds."""
    found = exciting.strongest(network, row.name)
    images, labels = mnist.test_set()
    numbers = found.images[index]
    patches = [
        exciting.patch(images[i].astype(np.float32) / np.float32(255), row.field, int(r), int(c))
        for i, r, c in zip(numbers, found.rows[index], found.columns[index], strict=True)
    ]
    return Exciting(
        np.stack(patches),
        tuple(float(v) for v in found.values[index]),
        tuple(int(labels[i]) for i in numbers),
        found.dead,
    )
