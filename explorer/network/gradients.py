"""One image, one step backwards: the loss, and its gradient at every number of a network.

A forward pass goes through the layers to the loss of one image; a backward pass gives, exactly as
the training engine's own does, the derivative of that loss by every layer's output, before and
after its activation, by the input, and by every weight and bias (Rumelhart, Hinton and Williams,
"Learning representations by back-propagating errors", Nature 1986).

Choices: PyTorch's autograd does it, on a copy of the network, so that the shared one keeps its
weights, its mode, and no gradient or hook. It runs in evaluation mode: a batch normalisation uses
its running means, a dropout passes everything on. The numbers are of the network's own type.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explorer.network import losses, zoo
from explorer.network.answers import IMAGE
from explorer.network.architecture import CNN

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Backward:
    """One image's way forwards to its loss, and the loss's gradient on the way back.

    Attributes:
        cost: name of the cost function.
        target: the class that the network should have answered.
        loss: what the image costs.
        terms: ``(classes,)``, what each class adds; see :func:`explorer.network.losses.terms`.
        probabilities: ``(classes,)``.
        before, after: layer name to its output before and after its activation, ``(C, H, W)`` or
            ``(units,)``; :data:`~explorer.network.answers.IMAGE` is the input. For the output
            layer both are the logits.
        to_before, to_after: the loss's derivative by each of them, of the same shape.
        to_weights: layer name to the derivative by its weights, ``(filters, C, k, k)``,
            ``(units, inputs)`` or ``(channels,)``; only layers that have some.
        to_biases: the same by its biases, ``(filters,)``.
    """

    cost: str
    target: int
    loss: float
    terms: Floats
    probabilities: Floats
    before: Mapping[str, Floats]
    after: Mapping[str, Floats]
    to_before: Mapping[str, Floats]
    to_after: Mapping[str, Floats]
    to_weights: Mapping[str, Floats]
    to_biases: Mapping[str, Floats]


def backward(model: CNN, image: Floats, target: int, cost: str = losses.LOSSES[0]) -> Backward:
    """The loss of one image and its gradient everywhere.

    Args:
        model: a network in evaluation mode; it is copied, and left as it is.
        image: ``(H, W)`` in [0, 1].
        target: the class that it should answer, from 0.
        cost: one of :data:`explorer.network.losses.LOSSES`.

    Raises:
        ValueError: the network is in training mode, or has no such class, or there is no such cost.
    """
    if model.training:
        raise ValueError("a gradient needs a network in evaluation mode: call eval() first")
    with torch.inference_mode(False), torch.enable_grad():
        own = copy.deepcopy(model).requires_grad_(True)
        parameters = dict(own.named_parameters())
        kind = next(iter(parameters.values())).dtype if parameters else torch.float32
        x = torch.from_numpy(np.array(image))[None, None].to(kind).requires_grad_()
        steps = list(own.steps(x))
        logits = steps[-1][2]
        if not 0 <= target < logits.shape[1]:
            raise ValueError(f"the network has classes 0 to {logits.shape[1] - 1}, not {target}")
        loss = losses.loss(cost, logits, torch.tensor([target]))
        befores = [before for _, before, _ in steps]
        afters = [after for _, _, after in steps]
        wanted = [x, *befores, *afters, *parameters.values()]
        # A class that a cost keeps within bounds learns nothing, and may be cut off altogether.
        found = torch.autograd.grad(loss, wanted, materialize_grads=True)
    names, count = model.network.names(), len(steps)
    slope = _one(found[0])
    flowing = iter(found[1:])
    to_before = {name: _one(next(flowing)) for name in names}
    to_after = {name: _one(next(flowing)) for name in names}
    by_parameter = dict(zip(parameters, flowing, strict=True))
    assert len(to_before) == count
    return Backward(
        cost,
        target,
        float(loss.detach()),
        np.asarray(losses.terms(cost, logits.detach()[0], target)),
        np.asarray(torch.softmax(logits.detach()[0], dim=0)),
        _named(x, names, befores),
        _named(x, names, afters),
        {IMAGE: slope, **to_before},
        {IMAGE: slope, **to_after},
        _of(by_parameter, "weight"),
        _of(by_parameter, "bias"),
    )


def _one(batch: Tensor) -> Floats:
    return np.asarray(batch[0].detach())


def _named(x: Tensor, names: tuple[str, ...], outputs: list[Tensor]) -> dict[str, Floats]:
    return {
        IMAGE: _one(x),
        **{name: _one(output) for name, output in zip(names, outputs, strict=True)},
    }


def _of(found: Mapping[str, Tensor], what: str) -> dict[str, Floats]:
    """Layer name to the gradient of its weights or of its biases."""
    return {
        name.removesuffix(f".{what}"): np.asarray(gradient.detach())
        for name, gradient in found.items()
        if name.endswith(f".{what}")
    }


def step(network: str, image: Floats, target: int, cost: str) -> Backward:
    """The same for a network's key; what was asked lately is remembered.

    Args:
        network: a key of :func:`explorer.network.zoo.shared`.
        image, target, cost: as for :func:`backward`.
    """
    return _step(network, image.shape, image.tobytes(), target, cost)


@lru_cache(maxsize=16)
def _step(network: str, shape: tuple[int, ...], pixels: bytes, target: int, cost: str) -> Backward:
    image = np.frombuffer(pixels, np.float32).reshape(shape)
    return backward(zoo.shared(network), image, target, cost)
