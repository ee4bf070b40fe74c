"""How a map or a unit came about: what it reads, its weights, and the output that they make.

Choices: a convolution and a pooling are computed here a second time, in the plain arithmetic of
:mod:`explorer.ops`, whose order of summation a page can follow number by number; PyTorch adds up
in another order, so that its values may differ from these in the last bits. The weights of a dense
layer behind a flatten are laid back over the maps that were flattened. After training a batch
normalisation is a 1×1 kernel over its own map, and a dropout the mean of one value.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from torch import nn

from explorer import ops
from explorer.network.answers import IMAGE
from explorer.network.architecture import CNN, Row
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
Operation = Literal["convolution", "max", "average", "flatten", "dense"]


@dataclass(frozen=True, eq=False)
class Made:
    """One map or unit, and all that it was made of.

    Attributes:
        operation: what made it.
        reads: ``(C, H, W)``, what it was made from; a vector is ``(units, 1, 1)``, and a pooling
            reads one channel.
        noun: what one channel of ``reads`` is: input, map or unit.
        output: ``(H', W')`` before the activation; ``(1, 1)`` for a unit.
        weights: ``(C, k, k)`` of a convolution, in the shape of ``reads`` of a dense unit.
        bias: what is added to every sum.
        window, stride: side of the window and its step, in cells.
        pads: zeros above and to the left.
        place: (channel, row, column) in ``reads`` of a flattened number.
    """

    operation: Operation
    reads: Floats
    noun: str
    output: Floats
    weights: Floats | None = None
    bias: float = 0.0
    window: int = 1
    stride: int = 1
    pads: tuple[int, int] = (0, 0)
    place: tuple[int, int, int] = (0, 0, 0)

    @property
    def products(self) -> Floats:
        """Weight × value of a dense unit, in the shape of ``reads``."""
        assert self.weights is not None
        return self.weights * self.reads


def made(model: CNN, outputs: Mapping[str, Floats], name: str, index: int) -> Made:
    """How map or unit ``index`` of the layer called ``name`` was made.

    Args:
        model: the network.
        outputs: :attr:`~explorer.network.answers.Answers.after`.
        name: one of the network's layers.
        index: from 0, less than the number of its maps or units.
    """
    row = _row(model, name)
    reads, noun = _reads(model, outputs, row)
    match row.layer:
        case Conv2D(kernel_size=side, strides=stride, padding=padding):
            kernel, bias = _weights(model, name, index)
            output = _float32(ops.convolve(reads, kernel, stride, padding, bias=bias))
            top, left = (ops.pads(n, side, stride, padding)[0] for n in reads.shape[1:])
            return Made("convolution", reads, noun, output, kernel, bias, side, stride, (top, left))
        case MaxPooling2D() | AveragePooling2D() as pool:
            plane, how = reads[index : index + 1], (pool.pool_size, pool.stride)
            if isinstance(pool, AveragePooling2D):
                output = _float32(ops.average_pool(plane[0], *how))
                return Made("average", plane, noun, output, window=how[0], stride=how[1])
            output = _float32(ops.max_pool(plane[0], *how))
            return Made("max", plane, noun, output, window=how[0], stride=how[1])
        case BatchNormalization():
            plane, (scale, bias) = reads[index : index + 1], _normal(model, name, index)
            kernel = np.full((1, 1, 1), scale, np.float32)
            output = _float32(ops.convolve(plane, kernel, 1, "valid", bias=bias))
            return Made("convolution", plane, noun, output, kernel, bias)
        case Dropout():
            return Made("average", reads[index : index + 1], noun, reads[index])
        case Flatten():
            place = slot(index, reads.shape)
            return Made("flatten", reads, noun, reads[place].reshape(1, 1), place=place)
        case Dense():
            line, bias = _weights(model, name, index)
            line = laid_back(line, reads.shape)
            total = (line * reads).sum(dtype=np.float64) + bias
            return Made("dense", reads, noun, _float32(total).reshape(1, 1), line, bias)
    raise TypeError(f"no account of how {type(row.layer).__name__} computes")


def weights(model: CNN, name: str) -> Floats | None:
    """Weights of a layer: ``(filters, C, k, k)`` or ``(units, inputs)``; None where it has none."""
    found = dict(model.get_submodule(name).named_parameters()).get("weight")
    return None if found is None else np.asarray(found.detach(), np.float32)


def _weights(model: CNN, name: str, index: int) -> tuple[Floats, float]:
    """One kernel or one unit's line, and its bias."""
    every = weights(model, name)
    assert every is not None
    return every[index], float(model.get_parameter(f"{name}.bias").detach()[index])


def _normal(model: CNN, name: str, index: int) -> tuple[float, float]:
    """Scale and offset of one map or unit of a batch normalisation, by its running values."""
    layer = cast(nn.BatchNorm2d, model.get_submodule(name))
    weight, bias = float(layer.weight.detach()[index]), float(layer.bias.detach()[index])
    assert layer.running_mean is not None
    assert layer.running_var is not None
    mean, variance = float(layer.running_mean[index]), float(layer.running_var[index])
    scale = weight / math.sqrt(variance + layer.eps)
    return scale, bias - scale * mean


def _row(model: CNN, name: str) -> Row:
    return next(row for row in model.network.rows if row.name == name)


def _float32(values: npt.ArrayLike) -> Floats:
    return np.asarray(values, np.float32)


def _reads(model: CNN, outputs: Mapping[str, Floats], row: Row) -> tuple[Floats, str]:
    """What a layer reads, ``(C, H, W)``, through a flatten, and what a channel of it is."""
    rows = model.network.rows
    below = rows.index(row) - 1
    if isinstance(row.layer, Dense) and below >= 0 and isinstance(rows[below].layer, Flatten):
        below -= 1
    reads = outputs[IMAGE if below < 0 else rows[below].name]
    if reads.ndim == 1:
        return reads.reshape(-1, 1, 1), "unit"
    return reads, "input" if below < 0 else "map"


def slot(index: int, shape: Sequence[int]) -> tuple[int, int, int]:
    """(channel, row, column) of a flattened number: channels last, as Keras flattens.

    >>> slot(5, (2, 2, 2))
    (1, 1, 0)
    """
    channels, _, width = shape
    cell, channel = divmod(index, channels)
    return channel, *divmod(cell, width)


def laid_back(line: Floats, shape: Sequence[int]) -> Floats:
    """``(H · W · C,)`` in the order of a flatten to the ``(C, H, W)`` of ``shape``."""
    channels, height, width = shape
    return np.ascontiguousarray(line.reshape(height, width, channels).transpose(2, 0, 1))
