"""One weight moved a little, everything else held: the true loss beside what its gradient promised.

A weight w of kernel k changes nothing but the map (or unit) k of its layer, and that linearly. So
the layers before it run once; map k is then computed for all the moved weights at once, as if they
were so many kernels, and laid into as many copies of the layer's output, which run through the rest
of the network as one batch.

Choices:

- Everything here is float64, also where the network is float32: of a difference of two float32
  losses hardly a digit is left.
- The loss is smooth only piece by piece: it bends where a ReLU's sum crosses zero, and where
  another cell of a max-pooling's window becomes the largest. Both are counted, against the weight
  as it is, because they are why a tangent and a finite difference may fail.
- The derivative is autograd's, which takes 0 for a ReLU at zero and the first of equal winners.
"""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.func import functional_call

from explorer.network.architecture import CNN, Row
from explorer.network.layers import ACTIVATIONS, Conv2D, Dense, MaxPooling2D
from explorer.network.losses import loss

Doubles = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

NOISE = 1e-12
"""Sums that differ by less differ by the order in which they were added up, and not by a weight."""

H = 1e-5
"""How far a finite difference steps to either side: far enough for float64 to see a difference of
some ten digits, near enough that the loss hardly curves."""


@dataclass(frozen=True, eq=False)
class Nudged:
    """The loss with one weight moved, and the tangent at the weight as it is.

    Attributes:
        weight: as it is.
        loss, slope: at the weight as it is: the loss, and its derivative by the weight.
        offsets: ``(n,)``, ascending, what was added to the weight.
        losses: ``(n,)``, the true loss for each.
        switched: ``(n,)``, how many ReLUs are on that were off, or off that were on.
        rerouted: ``(n,)``, how many windows of max-pooling have another winner.
    """

    weight: float
    loss: float
    slope: float
    offsets: Doubles
    losses: Doubles
    switched: Counts
    rerouted: Counts

    @property
    def tangent(self) -> Doubles:
        """``(n,)``: loss + slope · offset."""
        return np.asarray(self.loss + self.slope * self.offsets)


@dataclass(frozen=True)
class Check:
    """The derivative by one weight, found in two ways.

    Attributes:
        analytic: by back-propagation.
        numeric: (L(w + h) − L(w − h)) / 2h.
        left, right: (L(w) − L(w − h)) / h and (L(w + h) − L(w)) / h.
        switched, rerouted: ReLUs and windows that change their mind between w − h and w + h.
        h: the step.
    """

    analytic: float
    numeric: float
    left: float
    right: float
    switched: int
    rerouted: int
    h: float = H

    @property
    def relative(self) -> float:
        """|numeric − analytic| over the larger of the two; 0 where both are 0."""
        size = max(abs(self.analytic), abs(self.numeric))
        return abs(self.numeric - self.analytic) / size if size else 0.0

    @property
    def agrees(self) -> bool:
        """Whether they differ by no more than a finite difference in float64 is off by itself."""
        return self.relative <= 1e-5 or abs(self.numeric - self.analytic) <= 1e-9

    @property
    def bends(self) -> bool:
        """Whether the loss has a kink between w − h and w + h."""
        return self.switched + self.rerouted > 0


Index = tuple[int, ...]


def nudge(
    model: CNN,
    image: npt.NDArray[np.floating],
    target: int,
    cost: str,
    layer: str,
    index: Index,
    offsets: Doubles,
) -> Nudged:
    """The loss of one image for one weight at several places.

    Args:
        model: a network in evaluation mode; it is copied, and left as it is.
        image: ``(H, W)`` in [0, 1].
        target: the class that the network should answer.
        cost: a name of :func:`explorer.network.losses.loss`.
        layer: a convolution or a dense layer.
        index: of the weight in that layer's weights: ``(kernel, channel, row, column)`` or
            ``(unit, input)``.
        offsets: ``(n,)``, what is added to the weight.

    Raises:
        ValueError: the network is in training mode, or has no such weight or class.
    """
    own = _double(model, layer, index)
    label = _label(own, target)
    with torch.inference_mode(False), torch.enable_grad():
        x = torch.from_numpy(np.array(image, np.float64))[None, None]
        weights = own.get_parameter(f"{layer}.weight").requires_grad_()
        here = loss(cost, own(x), label)
        slope = torch.autograd.grad(here, weights, materialize_grads=True)[0][index]
        weights.requires_grad_(False)
    with torch.inference_mode():
        moved = np.concatenate([[0.0], offsets])
        logits, switched, rerouted = _run(own, x, layer, index, moved)
        losses = np.array([float(loss(cost, each[None], label)) for each in logits])
    return Nudged(
        float(weights[index]),
        float(losses[0]),
        float(slope),
        np.asarray(offsets, np.float64),
        losses[1:],
        switched[1:],
        rerouted[1:],
    )


def check(
    model: CNN,
    image: npt.NDArray[np.floating],
    target: int,
    cost: str,
    layer: str,
    index: Index,
    h: float = H,
) -> Check:
    """The derivative of the loss by one weight, by back-propagation and by a central difference.

    Args:
        model, image, target, cost, layer, index: as for :func:`nudge`.
        h: the step to either side.
    """
    found = nudge(model, image, target, cost, layer, index, np.array([-h, h]))
    low, high = (float(value) for value in found.losses)
    return Check(
        found.slope,
        (high - low) / (2 * h),
        (found.loss - low) / h,
        (high - found.loss) / h,
        int(found.switched.sum()),
        int(found.rerouted.sum()),
        h,
    )


def _double(model: CNN, layer: str, index: Index) -> CNN:
    """A copy in float64; ValueError where it has no such weight."""
    if model.training:
        raise ValueError("a nudge needs a network in evaluation mode: call eval() first")
    row = next((row for row in model.network.rows if row.name == layer), None)
    if row is None or not isinstance(row.layer, Conv2D | Dense):
        raise ValueError(f"{model.network.name} has no layer {layer[:40]!r} with kernels")
    shape = model.get_parameter(f"{layer}.weight").shape
    if len(index) != len(shape) or not all(0 <= i < n for i, n in zip(index, shape, strict=True)):
        raise ValueError(f"{layer} has no weight {index}: its weights are {tuple(shape)}")
    with torch.inference_mode(False):
        return copy.deepcopy(model).requires_grad_(False).double()


def _label(model: CNN, target: int) -> Tensor:
    classes = model.network.rows[-1].output_shape[0]
    if not 0 <= target < classes:
        raise ValueError(f"the network has classes 0 to {classes - 1}, not {target}")
    return torch.tensor([target])


def _run(
    model: CNN, x: Tensor, layer: str, index: Index, offsets: Doubles
) -> tuple[Tensor, Counts, Counts]:
    """The logits ``(n, classes)`` for each offset, and how many ReLUs and windows changed.

    Changes count from the first offset.
    """
    count, rows = len(offsets), model.network.rows
    switched, rerouted = np.zeros(count, np.int64), np.zeros(count, np.int64)
    place = next(i for i, row in enumerate(rows) if row.name == layer)
    for number, row in enumerate(rows):
        module = model.get_submodule(row.name)
        if number > place and isinstance(row.layer, MaxPooling2D):
            rerouted += _rerouted(row.layer, x)
        if number == place:
            before = _moved(module, x, index, torch.from_numpy(offsets))
        else:
            before = module(x)
        if number >= place and row.layer.activation == "relu":
            first = before[:1]
            flips = ((before > 0) != (first > 0)) & ((before - first).abs() > NOISE)
            switched += flips.flatten(1).sum(1).numpy()
        x = before if _is_logits(row, rows) else ACTIVATIONS[row.layer.activation](before)
    return x, switched, rerouted


def _is_logits(row: Row, rows: tuple[Row, ...]) -> bool:
    return row is rows[-1] and row.layer.activation == "softmax"


def _moved(module: torch.nn.Module, x: Tensor, index: Index, offsets: Tensor) -> Tensor:
    """The layer's weighted sums ``(n, …)`` with one of its weights moved by each offset."""
    kernel, cell = index[0], index[1:]
    weight, bias = module.get_parameter("weight"), module.get_parameter("bias")
    kernels = weight[kernel].expand(len(offsets), *weight.shape[1:]).clone()
    places: Any = (slice(None), *cell)
    kernels[places] += offsets
    parts = {"weight": kernels, "bias": bias[kernel].expand(len(offsets))}
    maps = functional_call(module, parts, (x,))[0]  # (n, H, W), or (n,)
    every: Tensor = module(x).expand(len(offsets), *[-1] * maps.ndim).clone()
    every[:, kernel] = maps
    return every


def _rerouted(layer: MaxPooling2D, x: Tensor) -> Counts:
    """How many windows of each example ``(n, C, H, W)`` have another winner than the first's."""
    sizes = layer.pool_size, layer.stride
    best, _ = torch.nn.functional.max_pool2d(x, *sizes, return_indices=True)
    _, first = torch.nn.functional.max_pool2d(x[:1], *sizes, return_indices=True)
    still = x.flatten(2).gather(2, first.flatten(2).expand(len(x), -1, -1))
    lost = best.flatten(2) - still > NOISE
    return np.asarray(lost.flatten(1).sum(1).numpy())
