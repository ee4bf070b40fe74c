"""A network: a tuple of layers, and what follows from it.

Names, shapes, parameter counts, receptive fields and the torch module are all derived here from
the layers; nothing about a network is written down twice. The layers' names are Keras-like and
stable (``conv1``, ``pool1``, ``conv2``, …); the last dense layer is called ``output``.

A network that somebody composed travels as JSON; :meth:`Network.from_json` takes nothing on trust.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, cast

import torch
from torch import Tensor, nn

from explorer.network.layers import ACTIVATIONS, LAYERS, Dense, Layer, Shape, initialise
from explorer.ops.receptive import ReceptiveField

MAX_LAYERS = 20
MAX_PARAMETERS = 5_000_000
MAX_ACTIVATIONS = 1_000_000
"""Numbers that all layers together make of one image."""
MAX_SIDE = 256  # of an input image
MAX_JSON = 20_000  # characters

_KINDS = {kind.__name__: kind for kind in LAYERS}
_NAME = re.compile(r"[a-z0-9][a-z0-9 _-]{0,39}")


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
        """A fresh module, initialised as Keras does.

        Its weights can be differentiated whoever asks: those made in inference mode never can.
        """
        with torch.inference_mode(False):
            return CNN(self)

    def to_json(self) -> str:
        """The network as one line of JSON, which :meth:`from_json` reads."""
        layers = [{"type": type(layer).__name__, **_fields(layer)} for layer in self.layers]
        shape = list(self.input_shape)
        return json.dumps({"name": self.name, "input_shape": shape, "layers": layers})

    @classmethod
    def from_json(cls, text: str) -> "Network":
        """The network that a JSON text describes: ``{"name", "input_shape", "layers": [{"type":
        "Conv2D", "filters": 8, …}, …]}``; a field that is absent takes its default.

        The text may come from anybody: it can describe at most 20 layers, 5 million parameters and
        a million activations, and is refused before anything of its size is allocated.

        Raises:
            ValueError: one sentence that says what is wrong.
        """
        if len(text) > MAX_JSON:
            raise ValueError(f"a network's description may have {MAX_JSON:,} characters at most")
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError("a network's description must be a JSON object") from error
        if not isinstance(given, dict) or given.keys() - {"name", "input_shape", "layers"}:
            raise ValueError("a network's description has a name, an input_shape and layers")
        name, shape, layers = (given.get(key) for key in ("name", "input_shape", "layers"))
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError("a network's name has 1 to 40 small letters, digits, spaces, - and _")
        shape = [1, 28, 28] if shape is None else shape
        if not isinstance(shape, list) or len(shape) != 3 or not all(map(_is_side, shape)):
            raise ValueError(f"input_shape must be three whole numbers from 1 to {MAX_SIDE}")
        if not isinstance(layers, list) or not 1 <= len(layers) <= MAX_LAYERS:
            raise ValueError(f"a network has 1 to {MAX_LAYERS} layers")
        network = cls(name, tuple(_layer(layer) for layer in layers), tuple(shape))
        if network.parameters > MAX_PARAMETERS:
            raise ValueError(
                f"{network.parameters:,} parameters are more than {MAX_PARAMETERS:,}: take fewer"
                " filters or units"
            )
        if (numbers := sum(math.prod(row.output_shape) for row in network.rows)) > MAX_ACTIVATIONS:
            raise ValueError(
                f"{numbers:,} activations are more than {MAX_ACTIVATIONS:,}: take fewer filters"
            )
        return network


def _fields(layer: Layer) -> dict[str, Any]:
    return asdict(cast(Any, layer))


def _is_side(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_SIDE


def _layer(given: object) -> Layer:
    """One layer of a description that may come from anybody; ValueError where it is none."""
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"a layer's type must be one of {', '.join(_KINDS)}")
    arguments = {key: value for key, value in given.items() if key != "type"}
    known = {field.name for field in fields(_KINDS[kind])}
    if unknown := arguments.keys() - known:
        raise ValueError(f"{kind} has no argument {sorted(unknown)[0][:40]!r}")
    for key, value in arguments.items():
        if not isinstance(value, int | float | str | None) or len(repr(value)) > 40:
            raise ValueError(f"{kind}'s {key} must be a number or a word")
        if isinstance(value, int) and abs(value) > MAX_PARAMETERS:
            raise ValueError(f"{kind}'s {key} is too large")
    try:
        return cast(Layer, _KINDS[kind](**arguments))
    except TypeError as error:
        raise ValueError(f"{kind} lacks an argument: it has {', '.join(sorted(known))}") from error


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
        """``(N, channels, height, width)`` to logits ``(N, classes)``.

        The same numbers as the last of :meth:`steps`, sooner: a ReLU waits until the pooling that
        gives the same on either side of it has left fewer values.
        """
        waits = False
        last = len(self.network.layers) - 1
        for index, row in enumerate(self.network.rows):
            layer = row.layer
            if waits and not layer.commutes:
                x, waits = ACTIVATIONS["relu"](x), False
            x = self._modules[row.name](x)  # type: ignore[misc]
            if layer.activation == "relu":
                waits = True
            elif not (index == last and layer.activation == "softmax"):
                x = ACTIVATIONS[layer.activation](x)
        return ACTIVATIONS["relu"](x) if waits else x
