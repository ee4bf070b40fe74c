"""A network: a tuple of layers, and what follows from it.

Names, shapes, parameter counts, receptive fields and the torch module are all derived here from
the layers; nothing about a network is written down twice. The layers' names are Keras-like and
stable (``conv1``, ``pool1``, ``conv2``, …); the last dense layer is called ``output``.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor, nn

from explorer.network.layers import ACTIVATIONS, Dense, Layer, Shape, initialise
from explorer.ops.receptive import ReceptiveField


@dataclass(frozen=True)
class Row:
    """One layer in its place: a row of the parameter table."""

    name: str
    layer: Layer
    input_shape: Shape
    output_shape: Shape
    parameters: int
    field: ReceptiveField | None
    """Receptive field on the input image; None where a unit sees all of it."""


@dataclass(frozen=True)
class Network:
    """A feed-forward network described by its layers.

    Args:
        name: lower-case name, as it stands in a URL.
        layers: from the input to the output.
        input_shape: ``(channels, height, width)`` of one image.
    """

    name: str
    layers: tuple[Layer, ...]
    input_shape: Shape = (1, 28, 28)

    def __post_init__(self) -> None:
        _ = self.rows  # a network whose layers do not fit is refused here

    @property
    def parameters(self) -> int:
        """Number of trainable numbers."""
        return sum(row.parameters for row in self.rows)

    def names(self) -> tuple[str, ...]:
        """The layers' names, in order."""
        return tuple(row.name for row in self.rows)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every layer with its name, shapes, parameters and receptive field, in order.

        Raises ValueError where a layer cannot take the shape of the one before it.
        """
        counts: Counter[str] = Counter()
        shape, field = self.input_shape, ReceptiveField()
        image, rows = self.input_shape, []
        seen: ReceptiveField | None = field
        for index, layer in enumerate(self.layers):
            counts[layer.prefix] += 1
            name = f"{layer.prefix}{counts[layer.prefix]}"
            if layer.prefix == "flatten" and counts[layer.prefix] == 1:
                name = "flatten"
            if index == len(self.layers) - 1 and isinstance(layer, Dense):
                name = "output"
            out = layer.output_shape(shape)
            seen = None if seen is None else layer.field(seen, shape, image)
            rows.append(Row(name, layer, shape, out, layer.parameters(shape), seen))
            shape = out
        return tuple(rows)

    def build(self) -> "CNN":
        """A fresh module, initialised as Keras does."""
        return CNN(self)


class CNN(nn.Module):
    """The torch module of a :class:`Network`; parameters are named ``<layer>.weight``, ``.bias``.

    Its output is the logits: a softmax on the last layer belongs to reading the answer and to the
    cost function, which both do it in a numerically stable way.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        for row in network.rows:
            self.add_module(row.name, row.layer.module(row.input_shape))
        initialise(self)

    def steps(self, x: Tensor) -> Iterator[tuple[str, Tensor, Tensor]]:
        """Each layer's name, its output before and after its activation, in order.

        Args:
            x: ``(N, channels, height, width)``, pixels in [0, 1].
        """
        last = len(self.network.layers) - 1
        for index, row in enumerate(self.network.rows):
            before = self.get_submodule(row.name)(x)
            logits = index == last and row.layer.activation == "softmax"
            x = before if logits else ACTIVATIONS[row.layer.activation](before)
            yield row.name, before, x

    def forward(self, x: Tensor) -> Tensor:
        """``(N, channels, height, width)`` to logits ``(N, classes)``."""
        for _, _, after in self.steps(x):
            x = after
        return x
