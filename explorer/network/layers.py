"""The layer types: one frozen class each, and everything a layer type means.

A layer carries Keras' name and arguments, and answers for itself (see
:class:`~explorer.network.layer.Layer`): the shape it makes of a shape, its parameters, the torch
module that holds its weights, its line of Keras source. Nothing else in the project asks
``isinstance`` to find out what a layer does.

Choices: ``same`` padding follows Keras, which puts the odd zero at the end; ``Flatten`` reads
channels last ``(height, width, channels)``, as Keras does, so that a dense weight means the same in
both. The two layers that act otherwise in training stand in :mod:`explorer.network.steadying`.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor, nn

from explorer.network.layer import (
    ACTIVATIONS,
    Activation,
    Layer,
    Padding,
    Shape,
    keras_call,
    positive,
    spatial,
)
from explorer.network.steadying import BatchNormalization, Dropout
from explorer.ops.convolution import pads
from explorer.ops.receptive import ReceptiveField

__all__ = [
    "ACTIVATIONS",
    "LAYERS",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "Layer",
    "MaxPooling2D",
    "Shape",
    "initialise",
]


class _Convolution(nn.Conv2d):
    """``nn.Conv2d`` with Keras' ``same``, whose two sides may differ by one zero."""

    def __init__(self, channels: int, layer: "Conv2D") -> None:
        super().__init__(channels, layer.filters, layer.kernel_size, layer.strides)
        self.same = layer.padding == "same"

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C, H, W)`` to ``(N, filters, H', W')``."""
        if self.same:
            kernel, stride = self.kernel_size[0], self.stride[0]
            top, bottom = pads(x.shape[2], kernel, stride, "same")
            left, right = pads(x.shape[3], kernel, stride, "same")
            x = F.pad(x, (left, right, top, bottom))
        return super().forward(x)


class _Flatten(nn.Module):
    """``(N, C, H, W)`` to ``(N, H · W · C)``."""

    def forward(self, x: Tensor) -> Tensor:
        """Channels last, then one row per example."""
        return x.permute(0, 2, 3, 1).flatten(1) if x.ndim == 4 else x.flatten(1)


@dataclass(frozen=True)
class Conv2D:
    """Slides ``filters`` kernels over all channels of the input: cross-correlation plus bias."""

    filters: int
    kernel_size: int = 3
    strides: int = 1
    padding: Padding = "valid"
    activation: Activation = None
    prefix: ClassVar[str] = "conv"
    commutes: ClassVar[bool] = False

    def __post_init__(self) -> None:
        positive(filters=self.filters, kernel_size=self.kernel_size, strides=self.strides)
        if self.padding not in ("valid", "same"):
            raise ValueError(f"padding must be 'valid' or 'same', not {self.padding!r}")
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {list(ACTIVATIONS)}")

    def output_shape(self, shape: Shape) -> Shape:
        """``(filters, H', W')``."""
        _, *sides = spatial(shape, "Conv2D")
        if self.padding == "same":
            return (self.filters, *(math.ceil(side / self.strides) for side in sides))
        if min(sides) < self.kernel_size:
            raise ValueError(f"a {self.kernel_size}×{self.kernel_size} kernel does not fit {shape}")
        return (self.filters, *((side - self.kernel_size) // self.strides + 1 for side in sides))

    def parameters(self, shape: Shape) -> int:
        """One weight per kernel cell and input channel, and one bias, for each filter."""
        return self.filters * (shape[0] * self.kernel_size**2 + 1)

    def module(self, shape: Shape) -> nn.Module:
        """Weights ``(filters, channels, k, k)``, bias ``(filters,)``."""
        return _Convolution(shape[0], self)

    def field(self, below: ReceptiveField, shape: Shape, image: Shape) -> ReceptiveField | None:
        """The kernel's window on the layer below."""
        before = pads(shape[1], self.kernel_size, self.strides, self.padding)[0]
        return below.through(self.kernel_size, self.strides, before)

    def keras(self) -> str:
        """Such as ``Conv2D(32, activation='relu')``."""
        return keras_call(self)

    def torch(self, shape: Shape) -> dict[str, str]:
        """``nn.Conv2d``, behind the zeros that ``same`` puts around its input."""
        kernel, stride = self.kernel_size, self.strides
        source = {"": f"nn.Conv2d({shape[0]}, {self.filters}, {kernel}, stride={stride})"}
        if self.padding == "valid":
            return source
        top, bottom = pads(shape[1], kernel, stride, "same")
        left, right = pads(shape[2], kernel, stride, "same")
        return {"_padding": f"nn.ZeroPad2d(({left}, {right}, {top}, {bottom}))"} | source


@dataclass(frozen=True)
class _Pooling:
    pool_size: int = 2
    strides: int | None = None

    def __post_init__(self) -> None:
        positive(pool_size=self.pool_size)
        if self.strides is not None:
            positive(strides=self.strides)

    @property
    def stride(self) -> int:
        """The step of the window: ``strides``, or Keras' default, the window's own size."""
        return self.strides or self.pool_size

    @property
    def activation(self) -> Activation:
        """None: pooling has no activation of its own."""
        return None

    def output_shape(self, shape: Shape) -> Shape:
        """``(C, H', W')``; what does not fill a window is left out (``valid``)."""
        channels, *sides = spatial(shape, type(self).__name__)
        if min(sides) < self.pool_size:
            raise ValueError(f"a {self.pool_size}×{self.pool_size} window does not fit {shape}")
        return (channels, *((side - self.pool_size) // self.stride + 1 for side in sides))

    def parameters(self, shape: Shape) -> int:
        """None to train."""
        return 0

    def field(self, below: ReceptiveField, shape: Shape, image: Shape) -> ReceptiveField | None:
        """The window on the layer below."""
        return below.through(self.pool_size, self.stride, 0)

    def keras(self) -> str:
        """Such as ``MaxPooling2D(2)``."""
        return keras_call(self)


class MaxPooling2D(_Pooling):
    """Keeps the strongest response of each window."""

    prefix: ClassVar[str] = "pool"
    commutes: ClassVar[bool] = True  # the largest of a window is the same

    def module(self, shape: Shape) -> nn.Module:
        """``nn.MaxPool2d``."""
        return nn.MaxPool2d(self.pool_size, self.stride)

    def torch(self, shape: Shape) -> dict[str, str]:
        """``nn.MaxPool2d``."""
        return {"": f"nn.MaxPool2d({self.pool_size}, {self.stride})"}


class AveragePooling2D(_Pooling):
    """Keeps the mean response of each window."""

    prefix: ClassVar[str] = "pool"
    commutes: ClassVar[bool] = False

    def module(self, shape: Shape) -> nn.Module:
        """``nn.AvgPool2d``."""
        return nn.AvgPool2d(self.pool_size, self.stride)

    def torch(self, shape: Shape) -> dict[str, str]:
        """``nn.AvgPool2d``."""
        return {"": f"nn.AvgPool2d({self.pool_size}, {self.stride})"}


@dataclass(frozen=True)
class Flatten:
    """Lays all maps out as one vector, in Keras' order: row, column, channel."""

    prefix: ClassVar[str] = "flatten"
    commutes: ClassVar[bool] = False

    @property
    def activation(self) -> Activation:
        """None: flattening changes no number."""
        return None

    def output_shape(self, shape: Shape) -> Shape:
        """``(H · W · C,)``."""
        return (math.prod(shape),)

    def parameters(self, shape: Shape) -> int:
        """None to train."""
        return 0

    def module(self, shape: Shape) -> nn.Module:
        """Channels last, then flat."""
        return _Flatten()

    def field(self, below: ReceptiveField, shape: Shape, image: Shape) -> ReceptiveField | None:
        """Unchanged: every slot is one unit of the layer below."""
        return below

    def keras(self) -> str:
        """``Flatten()``."""
        return keras_call(self)

    def torch(self, shape: Shape) -> dict[str, str]:
        """The class that the exported source defines for it."""
        return {"": "FlattenChannelsLast()"}


@dataclass(frozen=True)
class Dense:
    """Every unit weighs every input: a matrix product plus bias."""

    units: int
    activation: Activation = None
    prefix: ClassVar[str] = "dense"
    commutes: ClassVar[bool] = False

    def __post_init__(self) -> None:
        positive(units=self.units)
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {list(ACTIVATIONS)}")

    def output_shape(self, shape: Shape) -> Shape:
        """``(units,)``."""
        if len(shape) != 1:
            raise ValueError(f"Dense needs a flat input, not {shape}: put Flatten() before it")
        return (self.units,)

    def parameters(self, shape: Shape) -> int:
        """One weight per input and one bias, for each unit."""
        return self.units * (shape[0] + 1)

    def module(self, shape: Shape) -> nn.Module:
        """Weights ``(units, inputs)``, bias ``(units,)``."""
        return nn.Linear(shape[0], self.units)

    def field(self, below: ReceptiveField, shape: Shape, image: Shape) -> ReceptiveField | None:
        """None: a unit reads every map, and so the whole image."""
        return None

    def keras(self) -> str:
        """Such as ``Dense(10, activation='softmax')``."""
        return keras_call(self)

    def torch(self, shape: Shape) -> dict[str, str]:
        """``nn.Linear``."""
        return {"": f"nn.Linear({shape[0]}, {self.units})"}


LAYERS: tuple[type, ...] = (
    Conv2D,
    MaxPooling2D,
    AveragePooling2D,
    BatchNormalization,
    Dropout,
    Flatten,
    Dense,
)


def initialise(model: nn.Module) -> None:
    """Keras' initialisation, in place: Glorot uniform weights, zero biases."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
