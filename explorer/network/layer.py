"""What a layer is: the questions it answers, and what the layer types share.

Choices: shapes are ``(channels, height, width)`` or ``(units,)`` without the batch. An activation
is kept apart from the weights, so that a trace can show both sides of it.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import ClassVar, Literal, Protocol

import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor, nn

from explorer.ops.receptive import ReceptiveField

Shape = tuple[int, ...]
Padding = Literal["valid", "same"]
Activation = Literal["relu", "softmax"] | None

ACTIVATIONS: dict[str | None, Callable[[Tensor], Tensor]] = {
    None: lambda x: x,
    "relu": F.relu,
    "softmax": lambda x: F.softmax(x, dim=1),
}


class Layer(Protocol):
    """What the architecture, the trace and the pages ask of a layer."""

    prefix: ClassVar[str]
    commutes: ClassVar[bool]
    """Whether it gives the same before a ReLU as behind it, where there are fewer values."""

    @property
    def activation(self) -> Activation:
        """The function applied to what :meth:`module` computes."""

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of the output for an input of ``shape``; ValueError where none is possible."""

    def parameters(self, shape: Shape) -> int:
        """Number of trainable numbers for an input of ``shape``."""

    def module(self, shape: Shape) -> nn.Module:
        """A fresh torch module for an input of ``shape``, before the activation."""

    def field(self, below: ReceptiveField, shape: Shape, image: Shape) -> ReceptiveField | None:
        """Receptive field on the input image; None where a unit sees all of it."""

    def keras(self) -> str:
        """The layer as one line of Keras source."""

    def torch(self, shape: Shape) -> dict[str, str]:
        """PyTorch source of the modules for an input of ``shape``: name suffix to expression."""


def positive(**values: int) -> None:
    """Raises ValueError unless every value is a whole number of at least 1."""
    for name, value in values.items():
        if type(value) is not int or value < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, not {value!r}")


def spatial(shape: Shape, layer: str) -> tuple[int, int, int]:
    """The shape of maps; ValueError where a layer that needs maps is given something else."""
    if len(shape) != 3:
        raise ValueError(f"{layer} needs an input (channels, height, width), not {shape}")
    return shape[0], shape[1], shape[2]


def keras_call(layer: object, positional: bool = True) -> str:
    """``Name(argument, …)``: the first field by position, then those that are not their default."""
    parts = []
    for position, field in enumerate(fields(layer)):  # type: ignore[arg-type]
        value = getattr(layer, field.name)
        if position == 0 and positional:
            parts.append(repr(value))
        elif value != field.default:
            parts.append(f"{field.name}={value!r}")
    return f"{type(layer).__name__}({', '.join(parts)})"
