"""One step of plain gradient descent, on a copy: w ← w − η·∂L/∂w for every weight at once.

Weights travel as one flat float32 array, all parameters of a network in their order, so that taking
a step back restores every byte. The shared network is copied and never written to.

Choices:

- The step is that of ``torch.optim.SGD`` without momentum, parameter by parameter, bit for bit.
- In evaluation mode: a batch normalisation keeps its running means and variances, whose scale and
  offset are stepped like any weight.
- A step is refused where the network would overflow: what is no number cannot be stepped back from.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explorer.network.architecture import CNN
from explorer.network.losses import loss

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Examples:
    """What a step is taken for.

    Attributes:
        images: ``(N, H, W)`` in [0, 1].
        labels: ``(N,)`` int64.
        cost: a name of :func:`explorer.network.losses.loss`.
    """

    images: Floats
    labels: npt.NDArray[np.int64]
    cost: str

    def loss(self, model: CNN) -> Tensor:
        """The cost of these images, a scalar."""
        x = torch.from_numpy(np.array(self.images, np.float32))[:, None]
        return loss(self.cost, model(x), torch.from_numpy(np.array(self.labels, np.int64)))


@dataclass(frozen=True, eq=False)
class Slope:
    """The loss at some weights, and the direction in which it rises fastest.

    Attributes:
        weights, gradient: flat, in the order of the network's parameters.
        loss: of the examples.
        squared: Σ of the squared gradient, ‖g‖².
    """

    weights: Floats
    gradient: Floats
    loss: float
    squared: float

    def promised(self, rate: float) -> float:
        """The loss after a step if it went on along its tangent: L − η·‖g‖²."""
        return self.loss - rate * self.squared


def flat(model: CNN) -> Floats:
    """A copy of all parameters, one behind the other: ``(n,)``."""
    return np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])


def with_weights(model: CNN, weights: Floats) -> CNN:
    """A copy of a network with other parameters, in evaluation mode; ``model`` stays as it is.

    Args:
        model: the network.
        weights: ``(n,)``, as of :func:`flat`.

    Raises:
        ValueError: there are not as many.
    """
    with torch.inference_mode(False):
        own = copy.deepcopy(model).eval().requires_grad_(False)
        _write(own, weights)
    return own


def slope(model: CNN, weights: Floats, examples: Examples) -> Slope:
    """The loss of the examples at these weights, and its gradient."""
    with torch.inference_mode(False), torch.enable_grad():
        own = with_weights(model, weights).requires_grad_(True)
        found = examples.loss(own)
        parts = torch.autograd.grad(found, list(own.parameters()), materialize_grads=True)
    gradient = np.concatenate([part.numpy().ravel() for part in parts])
    squared = float(np.square(gradient, dtype=np.float64).sum())
    return Slope(weights, gradient, float(found.detach()), squared)


def stepped(model: CNN, here: Slope, rate: float) -> Floats:
    """The weights after one step: ``(n,)``, new.

    Args:
        model: says where one parameter ends and the next begins.
        here: the weights and the gradient.
        rate: the learning rate η.
    """
    # A vectorised sum and the scalar one at its end may differ in the last bit: each parameter is
    # stepped on its own, as the optimiser does it.
    after = torch.from_numpy(here.weights.copy())
    for part, gradient in zip(
        _parts(model, after), _parts(model, torch.from_numpy(here.gradient)), strict=True
    ):
        part.add_(gradient, alpha=-rate)
    return np.asarray(after.numpy())


def losses_at(
    model: CNN, here: Slope, rates: Sequence[float], asked: Sequence[Examples]
) -> Doubles:
    """The losses after one step at each rate: ``(len(asked), len(rates))``; an overflow is inf."""
    found = np.full((len(asked), len(rates)), np.inf)
    # Channels last is PyTorch's faster memory format for convolutions without gradients; its sums
    # may differ from the other's in the last bit.
    own = with_weights(model, here.weights)
    own.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for i, rate in enumerate(rates):
        _write(own, stepped(model, here, rate))
        found[:, i] = [loss_of(own, examples) for examples in asked]
    return found


def loss_of(model: CNN, examples: Examples) -> float:
    """The loss of the examples; inf where the network overflows."""
    with torch.inference_mode():
        value = float(examples.loss(model))
    return value if np.isfinite(value) else np.inf


def take(model: CNN, weights: Floats, examples: Examples, rate: float) -> Floats:
    """The weights after one more step.

    Raises:
        ValueError: the step overflows, in one sentence that says what to do.
    """
    after = stepped(model, slope(model, weights, examples), rate)
    value = loss_of(with_weights(model, after), examples)
    if not (np.isfinite(after).all() and np.isfinite(value)):
        raise ValueError("The step is too large: numbers overflow. Take a smaller learning rate.")
    return after


def layer_weights(model: CNN, weights: Floats, layer: str) -> Floats:
    """One layer's part of flat weights, in the shape of its own: a view.

    Args:
        model: the network.
        weights: ``(n,)``, or any other numbers in that order.
        layer: a layer with weights.
    """
    start = 0
    for name, parameter in model.named_parameters():
        if name == f"{layer}.weight":
            return weights[start : start + parameter.numel()].reshape(tuple(parameter.shape))
        start += parameter.numel()
    raise ValueError(f"{model.network.name} has no layer {layer[:40]!r} with weights")


def _parts(model: CNN, every: Tensor) -> Iterator[Tensor]:
    """The parameters' parts of a flat tensor, as views."""
    start = 0
    for parameter in model.parameters():
        yield every[start : start + parameter.numel()].view(parameter.shape)
        start += parameter.numel()


def _write(own: CNN, weights: Floats) -> None:
    count = sum(p.numel() for p in own.parameters())
    if weights.shape != (count,):
        raise ValueError(f"{own.network.name} has {count:,} parameters, not {weights.shape}")
    with torch.no_grad():
        for parameter, part in zip(
            own.parameters(), _parts(own, torch.from_numpy(weights)), strict=True
        ):
            parameter.copy_(part)
