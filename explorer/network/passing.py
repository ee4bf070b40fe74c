"""How a gradient passes back through each layer, and the sums that it is made of on the way.

A backward pass (:mod:`explorer.network.gradients`) is taken apart into its steps: a layer and its
activation are two, for they do different things to what arrives. What a convolution does on the way
back is a convolution too (Dumoulin and Visin, "A guide to convolution arithmetic for deep
learning", 2016); with the stride s, the zeros t above and to the left, and g = ∂L/∂z:

- by a weight: ``∂L/∂w[k, c, i, j] = Σ_r Σ_q x[c, r·s + i − t, q·s + j − t] · g[k, r, q]``, the
  cross-correlation of the channel that it reads with the map's gradient, dilated by the stride;
- by an input: ``∂L/∂x[c, y, q] = Σ_k Σ_i Σ_j w[k, c, i, j] · g[k, (y + t − i)/s, (q + t − j)/s]``
  where the divisions leave no rest: the gradients of all maps, stride − 1 zeros between them, under
  the flipped kernels.

Choices: both are written as what the lens shows, and computed in the plain arithmetic of
:mod:`explorer.ops`, whose order of summation can be followed number by number; autograd adds up in
another order, so that its values may differ from these in the last bits.
"""

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from torch import nn

from explorer import ops
from explorer.network.answers import IMAGE
from explorer.network.architecture import CNN, Network, Row
from explorer.network.gradients import Backward
from explorer.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)

Floats = npt.NDArray[np.float32]
Operation = Literal[
    "loss",
    "dense",
    "relu",
    "softmax",
    "flatten",
    "max",
    "average",
    "convolution",
    "scale",
    "pass",
]

_OPERATIONS: dict[type, Operation] = {
    Conv2D: "convolution",
    MaxPooling2D: "max",
    AveragePooling2D: "average",
    BatchNormalization: "scale",
    Dropout: "pass",
    Flatten: "flatten",
    Dense: "dense",
}


@dataclass(frozen=True, eq=False)
class Stage:
    """One step of the way back.

    Attributes:
        operation: what the gradient passes through.
        row: the layer; None for the loss.
        source: whose output it is handed to: a layer's name or
            :data:`~explorer.network.answers.IMAGE`; an activation hands it to its own layer's sums.
        values: what the operation read on the way forwards, ``(C, H, W)`` or ``(units,)``.
        arrives: the loss's derivative by what the operation gave; for the loss itself ``(1,)``.
        leaves: the derivative by ``values``, of their shape.
    """

    operation: Operation
    row: Row | None
    source: str
    values: Floats
    arrives: Floats
    leaves: Floats

    @property
    def name(self) -> str:
        """What it is called: the layer, the activation of a layer, or the loss."""
        if self.row is None:
            return "Loss"
        if self.operation in ("relu", "softmax"):
            return f"{'ReLU' if self.operation == 'relu' else 'Softmax'} of {self.row.name}"
        return self.row.name

    @property
    def blocked(self) -> int:
        """How many values a ReLU lets nothing through to: those not above zero."""
        return int((self.values <= 0).sum())

    @property
    def winners(self) -> npt.NDArray[np.int64]:
        """Of a max-pooling: ``(C, H', W')``, the winner of each window, row · W + column."""
        assert self.row is not None
        layer = cast(MaxPooling2D, self.row.layer)
        return ops.winners(self.values, layer.pool_size, layer.stride)

    @property
    def reached(self) -> int:
        """Of a max-pooling: how many cells of all maps won a window, and can get anything."""
        return sum(len(np.unique(plane)) for plane in self.winners)


def stages(network: Network, found: Backward) -> tuple[Stage, ...]:
    """The way back, from the loss to the input.

    Args:
        network: the network.
        found: its backward pass.

    Raises:
        KeyError: a layer type of which nothing is said here.
    """
    rows = network.rows
    out = rows[-1].name
    whole = np.ones(1, found.to_after[out].dtype)
    way = [Stage("loss", None, out, found.after[out], whole, found.to_after[out])]
    for place in range(len(rows) - 1, -1, -1):
        row, below = rows[place], rows[place - 1].name if place else IMAGE
        name, bends = row.name, row.layer.activation
        if bends == "relu" or (bends == "softmax" and place < len(rows) - 1):
            arrives, leaves = found.to_after[name], found.to_before[name]
            way.append(Stage(bends, row, name, found.before[name], arrives, leaves))
        kind, arrives = _OPERATIONS[type(row.layer)], found.to_before[name]
        way.append(Stage(kind, row, below, found.after[below], arrives, found.to_after[below]))
    return tuple(way)


@dataclass(frozen=True, eq=False)
class Sum:
    """A gradient as a cross-correlation, so that every number of it can be followed.

    Attributes:
        reads: ``(C, H, W)``.
        kernel: ``(C, h, w)``, what is laid on it.
        output: ``(H', W')``.
        dilation: cells from one number of the kernel to the next.
        pads: zeros above and to the left of ``reads``.
    """

    reads: Floats
    kernel: Floats
    output: Floats
    dilation: int = 1
    pads: tuple[int, int] = (0, 0)


def by_weights(row: Row, values: Floats, gradient: Floats, kernel: int, channel: int) -> Sum:
    """The gradient of one slice of a kernel, as a sum over all positions of its map.

    Args:
        row: a convolution in its place.
        values: ``(C, H, W)``, what it read.
        gradient: ``(filters, H', W')``, the loss's derivative by what it gave, before ReLU.
        kernel: which filter.
        channel: which slice of it.
    """
    layer = cast(Conv2D, row.layer)
    side, stride = layer.kernel_size, layer.strides
    before = _before(layer, values.shape)
    shape = [(n - 1) * stride + side for n in gradient.shape[1:]]
    reads = _laid(values[channel], shape, before)
    own = np.ascontiguousarray(gradient[kernel])
    output = ops.convolve(reads, own, dilation=stride)
    plane = np.ascontiguousarray(values[channel : channel + 1], np.float32)
    return Sum(plane, own[None], _float32(output), stride, before)


def by_input(row: Row, weights: Floats, gradient: Floats, shape: tuple[int, ...], c: int) -> Sum:
    """The gradient of one channel that a convolution read, as a sum over maps and windows.

    Args:
        row: a convolution in its place.
        weights: ``(filters, C, k, k)``.
        gradient: ``(filters, H', W')``, the loss's derivative by what it gave, before ReLU.
        shape: ``(C, H, W)``, what it read.
        c: which channel of that.
    """
    layer = cast(Conv2D, row.layer)
    side, stride = layer.kernel_size, layer.strides
    top, left = (side - 1 - zeros for zeros in _before(layer, shape))
    height, width = ((n - 1) * stride + 1 for n in gradient.shape[1:])
    # Where the last windows left pixels over, zeros stand for outputs that there are none of.
    height, width = max(height, shape[1] - top), max(width, shape[2] - left)
    spread = np.zeros((len(gradient), height, width), np.float32)
    rows, columns = (slice(None, (n - 1) * stride + 1, stride) for n in gradient.shape[1:])
    spread[:, rows, columns] = gradient
    flipped = _float32(ops.flip(weights[:, c]))
    around = [
        (0, 0),
        (top, max(0, shape[1] + side - 1 - top - height)),
        (left, max(0, shape[2] + side - 1 - left - width)),
    ]
    padded = np.pad(spread, around)[:, : shape[1] + side - 1, : shape[2] + side - 1]
    output = _float32(ops.convolve(padded, flipped))
    return Sum(spread, flipped, output, 1, (top, left))


def products(row: Row, values: Floats, gradient: Floats, index: tuple[int, ...]) -> Floats:
    """What each position of a map adds to the gradient of one weight: ``(H', W')``.

    Args:
        row, values, gradient: as for :func:`by_weights`.
        index: (kernel, channel, row, column) of the weight.
    """
    layer = cast(Conv2D, row.layer)
    kernel, channel, i, j = index
    side, stride = layer.kernel_size, layer.strides
    shape = [(n - 1) * stride + side for n in gradient.shape[1:]]
    reads = _laid(values[channel], shape, _before(layer, values.shape))
    rows, columns = (
        slice(at, at + (n - 1) * stride + 1, stride)
        for at, n in zip((i, j), gradient.shape[1:], strict=True)
    )
    return _float32(reads[rows, columns] * gradient[kernel])


def scales(model: CNN, name: str) -> Floats:
    """What a batch normalisation multiplies each map or unit by, ``(channels,)``."""
    layer = cast(nn.BatchNorm2d, model.get_submodule(name))
    assert layer.running_var is not None
    found = layer.weight.detach() / (layer.running_var + layer.eps).sqrt()
    return np.asarray(found, np.float32)


def _before(layer: Conv2D, shape: tuple[int, ...]) -> tuple[int, int]:
    """Zeros above and to the left of what a convolution reads."""
    side, stride = layer.kernel_size, layer.strides
    top, left = (ops.pads(n, side, stride, layer.padding)[0] for n in shape[1:])
    return top, left


def _laid(plane: Floats, shape: list[int], before: tuple[int, int]) -> Floats:
    """A plane with its zeros in front, cut or filled up to just what the windows reach."""
    out = np.zeros(shape, plane.dtype)
    (top, left), (height, width) = before, shape
    part = plane[: height - top, : width - left]
    out[top : top + part.shape[0], left : left + part.shape[1]] = part
    return out


def _float32(values: npt.ArrayLike) -> Floats:
    return np.asarray(values, np.float32)
