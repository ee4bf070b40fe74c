"""What one unit sees of an image: its receptive field, and how much each pixel in it counts.

How much a pixel counts is the gradient of the unit's value by that pixel, exact, by autograd; all
units of a map are done together. Units whose receptive fields do not overlap share one backward
pass: outside of its field a unit's gradient is exactly zero, so that each finds its own in its own
window. The windows are cut at the border of the image, where a field reaches into the padding.

How little of the field counts was first measured by Luo, Li, Urtasun and Zemel, "Understanding the
Effective Receptive Field in Deep Convolutional Neural Networks", NeurIPS 2016.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explorer.data import mnist
from explorer.network import zoo
from explorer.network.architecture import CNN, Row
from explorer.network.trace import trace
from explorer.ops.receptive import ReceptiveField

Floats = npt.NDArray[np.float32]

UNITS = 512
"""At most so many units of a dense layer are looked into: the first ones."""

IMAGES = 100
"""Test images that the average is taken over: the first ones."""

_ROOM = 20_000_000
"""Activations that one pass may hold."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What the units of one map, or those of a dense layer, see of one image.

    A dense layer's units are one row of a map, and each sees the whole image.

    Attributes:
        values: ``(H, W)``.
        gradients: ``(H, W, s, t)``: each unit's change per unit of ink at each pixel of its window.
        field: what a unit sees, padding included; None for all of the image.
        side: height and width of the image.
    """

    values: Floats
    gradients: Floats
    field: ReceptiveField | None
    side: tuple[int, int]

    @property
    def shares(self) -> Floats:
        """``(H, W)``: the part of each unit's gradient in the middle quarter of what it sees.

        It is in [0, 1], of the gradient's absolute values; 0.25 where all pixels count alike, and
        −1 where none counts at all.
        """
        down, along = (
            np.stack([_middle(self.field, i, length) for i in range(count)])
            for count, length in zip(self.values.shape, self.side, strict=True)
        )
        size = np.abs(self.gradients)
        inner, total = np.einsum("hwij,hi,wj->hw", size, down, along), size.sum((2, 3))
        shares = np.divide(inner, total, out=np.full_like(total, -1), where=total > 0)
        return np.asarray(shares, np.float32)


@dataclass(frozen=True, eq=False)
class Average:
    """What the unit in the middle of a map uses of the image, on average.

    Attributes:
        size: ``(H, W)`` of the image: mean absolute gradient over :data:`IMAGES` test images.
        row, column: the unit's place on its map.
        share: the part of it in the middle quarter of what the unit sees; −1 where it is all zero.
    """

    size: Floats
    row: int
    column: int
    share: float


def corner(field: ReceptiveField | None, index: int, length: int) -> tuple[int, int]:
    """First pixel and side of the window that holds all that unit ``index`` sees, on one axis.

    It lies within the image, and is as large for every unit of a layer.

    Args:
        field: of the layer; None for all of the image.
        index: the unit's row or column.
        length: pixels of the image along this axis.
    """
    if field is None:
        return 0, length
    size = min(field.size, length)
    return min(max(field.start + index * field.jump, 0), length - size), size


def _middle(field: ReceptiveField | None, index: int, length: int) -> Floats:
    """How much of each pixel of a window lies in the middle half of what its unit sees."""
    first, last = (0, length) if field is None else field.span(index, length)
    start, size = corner(field, index, length)
    low, high = first + (last - first) / 4, last - (last - first) / 4
    pixels = start + np.arange(size)
    inside = np.clip(np.minimum(pixels + 1, high) - np.maximum(pixels, low), 0, 1)
    return np.asarray(inside, np.float32)


def layers(model: CNN) -> tuple[Row, ...]:
    """The layers that can be looked into: all but those that only lay out maps as a vector."""
    rows = model.network.rows
    return tuple(row for row in rows if len(row.output_shape) == 3 or row.field is None)


@torch.inference_mode(False)
@torch.enable_grad()
def seen(
    model: CNN, image: npt.NDArray[np.floating], layer: str, index: int, *, before: bool = False
) -> Seen:
    """What the units of one map see of an image, and how much each pixel counts for them.

    Args:
        model: in evaluation mode, of images with one channel; it is left as it is.
        image: ``(H, W)`` in [0, 1].
        layer: the name of one of :func:`layers`.
        index: the map; of a dense layer, whose units are done together, it says nothing.
        before: of the values before the layer's activation; those of the output layer are logits.
    """
    row = next(row for row in layers(model) if row.name == layer)
    side = image.shape[0], image.shape[1]
    if row.field is None:
        count = min(math.prod(row.output_shape[:1]), UNITS)
        masks = torch.eye(row.output_shape[0])[:count]
        values, gradients = _pull(model, image, row, index, masks, before)
        return Seen(values[None, :count], gradients[None], None, side)
    shape = row.output_shape[1], row.output_shape[2]
    # So many units further on, the next field begins where this one has ended.
    apart = [min(math.ceil(row.field.size / row.field.jump), n) for n in shape]
    turns = [np.arange(n) % step for n, step in zip(shape, apart, strict=True)]
    turn = turns[0][:, None] * apart[1] + turns[1]
    masks = torch.from_numpy(turn == np.arange(math.prod(apart))[:, None, None])
    values, gradients = _pull(model, image, row, index, masks, before)
    (down, within), (along, inside) = (
        _windows(row.field, n, length) for n, length in zip(shape, side, strict=True)
    )
    found = gradients[turn[..., None, None], down[:, None, :, None], along[None, :, None, :]]
    return Seen(
        values, found * (within[:, None, :, None] & inside[None, :, None, :]), row.field, side
    )


def _windows(
    field: ReceptiveField, count: int, length: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The pixels of each unit's window along one axis, ``(count, size)``, and which it sees."""
    starts = [corner(field, i, length)[0] for i in range(count)]
    pixels = np.array(starts)[:, None] + np.arange(min(field.size, length))
    spans = np.array([field.span(i, length) for i in range(count)])
    return pixels, (pixels >= spans[:, :1]) & (pixels < spans[:, 1:])


def _pull(
    model: CNN,
    image: npt.NDArray[np.floating],
    row: Row,
    index: int,
    masks: Tensor,
    before: bool,
) -> tuple[Floats, Floats]:
    """The values of a map, or of all units, and the gradients of their sums under each mask.

    Args:
        masks: ``(P, H, W)`` of a map, ``(P, units)`` of a dense layer.

    Returns:
        ``(H, W)`` or ``(units,)``, and ``(P, *image.shape)``.
    """
    kind = next(model.parameters()).dtype
    numbers = sum(math.prod(row.output_shape) for row in model.network.rows)
    parts = []
    for some in torch.split(masks, max(1, _ROOM // numbers)):
        x = torch.from_numpy(image).to(kind).repeat(len(some), 1, 1, 1).requires_grad_()
        out = _output(model, x, row.name, index, before)
        parts.append(torch.autograd.grad((out * some).sum(), x)[0][:, 0])
    return out[0].detach().numpy(), torch.cat(parts).numpy()


def _output(model: CNN, x: Tensor, layer: str, index: int, before: bool) -> Tensor:
    """What a layer makes of images: one of its maps, or all its units."""
    for name, weighted, output in model.steps(x):
        if name == layer:
            values = weighted if before else output
            return values[:, index] if values.ndim == 4 else values
    raise ValueError(f"the network has no layer {layer!r}")


@lru_cache(maxsize=24)
def _kept(network: str, pixels: bytes, layer: str, index: int, before: bool) -> Seen:
    model = zoo.shared(network)
    image = np.frombuffer(pixels, np.float32).reshape(model.network.input_shape[1:])
    return seen(model, image.copy(), layer, index, before=before)


def looked(network: str, image: Floats, layer: str, index: int, *, before: bool) -> Seen:
    """:func:`seen` for a key of :mod:`explorer.network.zoo`; the last few are remembered."""
    return _kept(network, image.tobytes(), layer, index, before)


@lru_cache(maxsize=256)
@torch.inference_mode(False)
@torch.enable_grad()
def average(network: str, layer: str, index: int, before: bool) -> Average | None:
    """What the unit in the middle of a map uses of the test images; None for a dense layer.

    Args:
        network: a key of :mod:`explorer.network.zoo`.
        layer, index, before: as in :func:`seen`.
    """
    model = zoo.shared(network)
    row = next(row for row in layers(model) if row.name == layer)
    if row.field is None:
        return None
    _, height, width = row.output_shape
    at = height // 2, width // 2
    images = mnist.test_set()[0][:IMAGES].astype(np.float32) / np.float32(255)
    x = torch.from_numpy(images)[:, None].requires_grad_()
    out = _output(model, x, layer, index, before)[:, at[0], at[1]]
    gradients = torch.autograd.grad(out.sum(), x)[0][:, 0]
    size = gradients.abs().mean(0).numpy()
    (top, tall), (left, wide) = (
        corner(row.field, i, n) for i, n in zip(at, size.shape, strict=True)
    )
    down, along = (_middle(row.field, i, n) for i, n in zip(at, size.shape, strict=True))
    total = float(size.sum(dtype=np.float64))
    inner = float(down @ size[top : top + tall, left : left + wide] @ along)
    return Average(size, *at, inner / total if total > 0 else -1.0)


@lru_cache(maxsize=256)
def liveliest(network: str, layer: str) -> int:
    """The map, or unit, with the largest mean over :data:`IMAGES` test images."""
    images = mnist.test_set()[0][:IMAGES].astype(np.float32) / np.float32(255)
    with torch.inference_mode():
        values = trace(zoo.shared(network), torch.from_numpy(images)[:, None])[layer]
    return int(values.transpose(0, 1).flatten(1).mean(1).argmax())
