"""What a logit hangs on: four well-known maps of the input, each by a function of its own.

All take a network in evaluation mode, an image ``(H, W)`` in [0, 1] and a class, and give a map of
the image's size, in logits: the logit z_c of that class, and never its probability, which would
speak of all other classes too. The network is copied, and left as it is.

None of them is a proof. Adebayo et al., "Sanity Checks for Saliency Maps" (NeurIPS 2018,
https://arxiv.org/abs/1810.03292), found maps that hardly change when the weights do; whoever shows
one should show it for :func:`untrained` weights too.
"""

import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explorer.network.architecture import CNN, Row
from explorer.network.layers import Conv2D

Floats = npt.NDArray[np.float32]

STEPS = 128
"""Points on the path of the integrated gradients."""

BATCH = 128
"""Images at once: their activations stay within the processor's cache."""

SEED = 1
"""Of the weights of an untrained network."""


def gradient(model: CNN, image: Floats, about: int) -> Floats:
    """∂z_c / ∂x: how fast the logit rises with each pixel, right here.

    Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks" (2013,
    https://arxiv.org/abs/1312.6034), who show its size; here it keeps its sign.

    Args:
        model: a network in evaluation mode.
        image: ``(H, W)``.
        about: the class c, from 0.

    Returns:
        ``(H, W)``, logits per unit of ink.
    """
    own = _own(model, about)
    return np.asarray(_slopes(own, _batch(image), about)[0, 0].numpy())


@dataclass(frozen=True, eq=False)
class Integrated:
    """Integrated gradients, and what they should sum to.

    Attributes:
        parts: ``(H, W)``, what each pixel adds to the logit.
        logit, baseline: z_c of the image, and of empty paper.
    """

    parts: Floats
    logit: float
    baseline: float

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return float(self.parts.sum(dtype=np.float64))

    @property
    def gap(self) -> float:
        """Total minus (logit − baseline): 0 but for the steps that stand for an integral."""
        return self.total - (self.logit - self.baseline)


def integrated(model: CNN, image: Floats, about: int, steps: int = STEPS) -> Integrated:
    """x · ∫₀¹ ∂z_c(α·x) / ∂x dα: the gradient along the way from empty paper, times the ink.

    Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks" (2017,
    https://arxiv.org/abs/1703.01365); the baseline is empty paper, the integral the midpoint rule.
    The parts sum to z_c(x) − z_c(0), which is called completeness. The gradient jumps on the way
    wherever a ReLU or a max-pooling changes its mind, thousands of times: what the sum of so many
    midpoints misses falls with their number, and is stated.

    Args:
        model, image, about: as for :func:`gradient`.
        steps: points on the way.
    """
    own, x = _own(model, about), _batch(image)
    alphas = (torch.arange(steps, dtype=torch.float64) + 0.5) / steps
    total = torch.zeros(x.shape, dtype=torch.float64)
    for start in range(0, steps, BATCH):
        some = alphas[start : start + BATCH].to(torch.float32)[:, None, None, None]
        total += _slopes(own, some * x, about).double().sum(0, keepdim=True)
    with torch.inference_mode():
        ends = own(torch.cat([x, torch.zeros_like(x)]))[:, about]
    parts = (x.double() * total / steps)[0, 0].to(torch.float32)
    return Integrated(np.asarray(parts.numpy()), float(ends[0]), float(ends[1]))


def grad_cam(model: CNN, image: Floats, about: int) -> Floats | None:
    """ReLU(Σ_k α_k·A^k), α_k the mean of ∂z_c / ∂A^k over map k: where useful maps are active.

    Selvaraju et al., "Grad-CAM" (2017, https://arxiv.org/abs/1610.02391). A^k are the maps of the
    layer of :func:`cam_layer`, after its activation. Choice: each cell is laid at the centre of its
    receptive field and what lies between is interpolated bilinearly; stretching the maps over the
    whole image would shift them outwards, because ``valid`` convolutions lose its border.

    Args:
        model, image, about: as for :func:`gradient`.

    Returns:
        ``(H, W)``, 0 or more; None for a network without a convolution.
    """
    row = cam_layer(model)
    if row is None or row.field is None:
        return None
    own = _own(model, about)
    with torch.inference_mode(False), torch.enable_grad():
        steps = {name: after for name, _, after in own.steps(_batch(image).requires_grad_())}
        maps, logit = steps[row.name], list(steps.values())[-1][0, about]
        slopes = torch.autograd.grad(logit, maps, materialize_grads=True)[0]
    weights = slopes.mean(dim=(2, 3), keepdim=True)
    coarse = (weights * maps.detach()).sum(1).relu()[0]
    centre = row.field.start + (row.field.size - 1) / 2
    across = [
        _between(n, m, centre, row.field.jump)
        for n, m in zip(image.shape, coarse.shape, strict=True)
    ]
    return np.asarray((across[0] @ coarse.double() @ across[1].T).to(torch.float32).numpy())


def cam_layer(model: CNN) -> Row | None:
    """The layer whose maps Grad-CAM weighs: the last convolution; None where there is none."""
    rows = [row for row in model.network.rows if isinstance(row.layer, Conv2D)]
    return rows[-1] if rows else None


def occlusion(model: CNN, image: Floats, about: int, size: int, stride: int) -> Floats:
    """z_c(x) − z_c(x with a patch of empty paper): what the logit loses without these pixels.

    Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2013,
    https://arxiv.org/abs/1311.2901), with empty paper, 0, in the place of their grey. A pixel's
    value is the mean over the patches that cover it.

    Choice: a patch that covers no ink changes nothing, and is not computed.

    Args:
        model, image, about: as for :func:`gradient`.
        size: of the patch, in pixels; at most the image's.
        stride: pixels from patch to patch; the last one of a row ends with the image.

    Returns:
        ``(H, W)``, in logits.
    """
    height, width = image.shape
    if not 1 <= size <= min(height, width) or stride < 1:
        raise ValueError(
            f"a patch of {size} pixels in steps of {stride} does not fit {image.shape}"
        )
    # Channels last is PyTorch's faster memory format for convolutions without gradients.
    own = _own(model, about).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    x = _batch(image)
    places = [(r, c) for r in _starts(height, size, stride) for c in _starts(width, size, stride)]
    inked = [(r, c) for r, c in places if image[r : r + size, c : c + size].any()]
    lost: dict[tuple[int, int], float] = {}
    with torch.inference_mode():
        whole = float(own(x)[0, about])
        for start in range(0, len(inked), BATCH):
            some = inked[start : start + BATCH]
            covered = x.repeat(len(some), 1, 1, 1)
            for one, (r, c) in zip(covered, some, strict=True):
                one[:, r : r + size, c : c + size] = 0
            logits = own(covered)[:, about].double().tolist()
            lost |= {place: whole - z for place, z in zip(some, logits, strict=True)}
    total, times = np.zeros(image.shape), np.zeros(image.shape)
    for r, c in places:
        total[r : r + size, c : c + size] += lost.get((r, c), 0.0)
        times[r : r + size, c : c + size] += 1
    # A stride larger than the patch leaves pixels that no patch covers.
    return (total / np.maximum(times, 1)).astype(np.float32)


def untrained(model: CNN) -> CNN:
    """A network of the same layers with the random weights that training would begin with."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return model.network.build().eval().requires_grad_(False)


def _own(model: CNN, about: int) -> CNN:
    if model.training:
        raise ValueError("saliency needs a network in evaluation mode: call eval() first")
    classes = model.network.rows[-1].output_shape[0]
    if not 0 <= about < classes:
        raise ValueError(f"the network has classes 0 to {classes - 1}, not {about}")
    with torch.inference_mode(False):
        return copy.deepcopy(model).requires_grad_(False)


def _batch(image: Floats) -> Tensor:
    with torch.inference_mode(False):
        return torch.from_numpy(np.array(image, np.float32))[None, None]


def _slopes(own: CNN, x: Tensor, about: int) -> Tensor:
    """∂z_c / ∂x of each image ``(N, 1, H, W)``; each logit hangs on its own image alone."""
    with torch.inference_mode(False), torch.enable_grad():
        x = x.clone().requires_grad_()
        return torch.autograd.grad(own(x)[:, about].sum(), x, materialize_grads=True)[0]


def _starts(length: int, size: int, stride: int) -> list[int]:
    starts = list(range(0, length - size + 1, stride))
    return starts if starts[-1] == length - size else [*starts, length - size]


def _between(pixels: int, cells: int, centre: float, jump: int) -> Tensor:
    """``(pixels, cells)``: each pixel's shares of the two cells whose centres it lies between."""
    at = ((np.arange(pixels) - centre) / jump).clip(0, cells - 1)
    low = np.floor(at).astype(np.int64).clip(0, max(cells - 2, 0))
    shares = np.zeros((pixels, cells))
    shares[np.arange(pixels), low] = 1 - (at - low)
    if cells > 1:
        shares[np.arange(pixels), low + 1] = at - low
    return torch.from_numpy(shares)
