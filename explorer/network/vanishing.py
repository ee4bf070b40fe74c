"""Why depth was hard: the size of the gradient, layer by layer, of deep networks before training.

A plain stack of convolutions multiplies the gradient by one factor a layer on its way back. Where
the factors are below one the first layers learn nothing (Hochreiter, diploma thesis, TU München
1991; Bengio, Simard and Frasconi 1994), where they are above one the gradient explodes. Remedies
that are measured here: weights drawn so that the factor is near one (Glorot and Bengio, AISTATS
2010; for ReLU He, Zhang, Ren and Sun, ICCV 2015), batch normalisation (Ioffe and Szegedy, ICML
2015), and residual connections (He, Zhang, Ren and Sun, CVPR 2016).

Choices: 3×3 kernels, 8 maps a layer, `same` padding, on 14×14 pixels (means of 2×2), so that 20
layers are measured while somebody waits. A residual connection spans one layer: from the second
layer on, ``h ← h + activation(convolution(h)) / √depth``; without the root the sum of many layers
grows out of all bounds (Hayou and others, "Stable ResNet", AISTATS 2021). The three variants begin
with the same weights, are given the same images, and their loss is the cross-entropy of ten logits
that a dense layer reads off the last maps.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor, nn

from explorer.data import mnist

Variant = Literal["plain", "norm", "residual"]
Activation = Literal["sigmoid", "tanh", "relu"]
Start = Literal["naive", "glorot", "he"]

VARIANTS: tuple[Variant, ...] = ("plain", "norm", "residual")
IMAGES, MAPS, SIDE, CLASSES = 32, 8, 14, 10
NAIVE = 0.01
"""Standard deviation of the naive start."""

STEPS = 50
MOMENTUM = 0.9

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
}

_SCALE = 2.0**64
"""The loss is so much larger while gradients are computed: they would become too small for float32
otherwise, and a power of two changes none of their digits."""


@dataclass(frozen=True)
class Trial:
    """A deep network to be.

    Args:
        depth: convolution layers, at least 2.
        activation: behind each of them.
        start: standard deviation of the weights: :data:`NAIVE`, √(2 / (inputs + outputs)) as Glorot
            and Bengio have it, or √(2 / inputs) as He and others have it.
        draw: seed of the weights.
    """

    depth: int
    activation: Activation
    start: Start
    draw: int = 0


@dataclass(frozen=True, eq=False)
class Sizes:
    """How large the gradient is at each convolution layer of one variant: root mean squares.

    Attributes:
        weights: ``(depth,)`` float64, of the loss by the layer's weights.
        activations: ``(depth,)`` float64, of the loss by what the layer gives to the next.
        loss: cross-entropy in nats.
    """

    weights: npt.NDArray[np.float64]
    activations: npt.NDArray[np.float64]
    loss: float


class Deep(nn.Module):
    """A deep network of :class:`Trial`, in one variant; takes ``(N, 1, H, W)`` in [0, 1]."""

    def __init__(self, trial: Trial, variant: Variant, side: int = SIDE) -> None:
        super().__init__()
        self.trial, self.variant = trial, variant
        layers = [nn.Conv2d(MAPS if i else 1, MAPS, 3, padding=1) for i in range(trial.depth)]
        norms = trial.depth if variant == "norm" else 0
        self.output = nn.Linear(MAPS * side * side, CLASSES)
        random = torch.Generator().manual_seed(trial.draw)
        with torch.no_grad():
            for layer in (*layers, self.output):
                draw(layer.get_parameter("weight"), trial.start, random)
                layer.get_parameter("bias").zero_()
        self.convolutions = nn.ModuleList(layers)
        self.norms = nn.ModuleList(nn.BatchNorm2d(MAPS) for _ in range(norms))

    def outputs(self, x: Tensor) -> list[Tensor]:
        """What each convolution layer gives to the next, ``(N, MAPS, H, W)`` each."""
        activation, found = _ACTIVATIONS[self.trial.activation], []
        for i, convolution in enumerate(self.convolutions):
            made = convolution(x)
            made = activation(self.norms[i](made) if self.norms else made)
            if self.variant == "residual" and i:
                made = x + made / math.sqrt(self.trial.depth)
            x = made
            found.append(x)
        return found

    def forward(self, x: Tensor) -> Tensor:
        """Logits ``(N, CLASSES)``."""
        return self.logits(self.outputs(x))

    def logits(self, outputs: list[Tensor]) -> Tensor:
        """The same from what the layers gave."""
        return self.output(outputs[-1].flatten(1))  # type: ignore[no-any-return]


def draw(weight: Tensor, start: Start, random: torch.Generator) -> None:
    """Draw weights ``(outputs, inputs, …)`` anew, in place, from a normal distribution."""
    inputs = weight[0].numel()
    outputs = weight.shape[0] * weight[0, 0].numel()
    spread = {"naive": NAIVE, "glorot": (2 / (inputs + outputs)) ** 0.5, "he": (2 / inputs) ** 0.5}
    weight.normal_(0, spread[start], generator=random)


def measure(model: Deep, images: Tensor, labels: Tensor) -> Sizes:
    """The size of the gradient at each layer; the model is left without one.

    Args:
        model: batch normalisation takes the mean and variance of these images.
        images: ``(N, 1, H, W)`` in [0, 1].
        labels: ``(N,)`` classes.
    """
    outputs = model.outputs(images)
    loss = F.cross_entropy(model.logits(outputs), labels)
    weights = [layer.get_parameter("weight") for layer in model.convolutions]
    found = torch.autograd.grad(loss * _SCALE, [*weights, *outputs])
    sizes = np.array([float(g.double().square().mean().sqrt()) for g in found]) / _SCALE
    return Sizes(sizes[: len(weights)], sizes[len(weights) :], loss.item())


@cache
@torch.inference_mode(False)
def batch(index: int = 0) -> tuple[Tensor, Tensor]:
    """:data:`IMAGES` test images, ``(N, 1, SIDE, SIDE)`` in [0, 1], and their labels.

    Args:
        index: 0 for the first ones, 1 for those that follow, and so on.
    """
    some = slice(index * IMAGES, (index + 1) * IMAGES)
    images, labels = (array[some] for array in mnist.test_set())
    pixels = torch.from_numpy(images.astype(np.float32) / np.float32(255))[:, None]
    return F.avg_pool2d(pixels, 2), torch.from_numpy(labels.astype(np.int64))


@lru_cache(maxsize=128)
def measured(trial: Trial) -> dict[str, Sizes]:
    """Each of :data:`VARIANTS` of a network, measured on :func:`batch`."""
    with torch.inference_mode(False), torch.enable_grad():
        return {variant: measure(Deep(trial, variant), *batch()) for variant in VARIANTS}


class Training:
    """The first :data:`STEPS` steps of the three variants, taken one after the other.

    Stochastic gradient descent with momentum :data:`MOMENTUM`, each step on the next
    :data:`IMAGES` images, the same for all.

    Attributes:
        losses: by variant, cross-entropy in nats before each step so far; one that is no number any
            more is NaN, and the variant is left there.
    """

    def __init__(self, trial: Trial, rate: float) -> None:
        with torch.inference_mode(False):
            self._models = {variant: Deep(trial, variant) for variant in VARIANTS}
            self._optimisers = {
                variant: torch.optim.SGD(model.parameters(), rate, momentum=MOMENTUM)
                for variant, model in self._models.items()
            }
        self.losses: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
        self._lock = Lock()

    @property
    def done(self) -> float:
        """The part that is done, in [0, 1]."""
        return len(self.losses[VARIANTS[-1]]) / STEPS

    def step(self) -> None:
        """One step of each; nothing where all are done, or another session is at it."""
        if self.done == 1 or not self._lock.acquire(blocking=False):
            return
        try:
            images, labels = batch(len(self.losses[VARIANTS[-1]]))
            with torch.inference_mode(False), torch.enable_grad():
                for variant in VARIANTS:
                    self.losses[variant].append(self._advance(variant, images, labels))
        finally:
            self._lock.release()

    def _advance(self, variant: Variant, images: Tensor, labels: Tensor) -> float:
        """The loss before the step."""
        past = self.losses[variant]
        if past and math.isnan(past[-1]):
            return math.nan
        loss = F.cross_entropy(self._models[variant](images), labels)
        if not loss.isfinite():
            return math.nan
        optimiser = self._optimisers[variant]
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        return loss.item()


@lru_cache(maxsize=16)
def training(trial: Trial, rate: float) -> Training:
    """The training of these networks, as far as anybody has taken it."""
    return Training(trial, rate)
