"""The input that excites a map most, made by gradient ascent from noise.

Activation maximisation (Erhan, Bengio, Courville and Vincent, *Visualizing Higher-Layer Features of
a Deep Network*, 2009): the weights stay as they are, and the input takes steps along the gradient
of one unit's sum before its activation function, where a ReLU does not yet hide it.

Choices. Of a map the unit in its middle is excited, and only the pixels of its receptive field may
change; a unit of a dense layer sees all of the image. Ink stays within [0, 1]: each step is cut to
it. Without more than that the pictures are full of fine noise that no pen makes. They are held back
by four regularisations:

* *blur*: the gradient is smoothed by a Gaussian (after Yosinski et al., *Understanding Neural
  Networks Through Deep Visualization*, 2015, who blur the image);
* *total variation*: differences of neighbouring pixels cost (Mahendran and Vedaldi, *Understanding
  Deep Image Representations by Inverting Them*, 2015), here in its smooth form √(d² + ε²);
* *ink*: every bit of ink costs, so that the sheet stays white where ink would not help;
* *jitter*: where the whole image may change, it is moved by a few pixels, another way at each step
  (Mordvintsev, Olah and Tyka, *Inceptionism*, 2015).

The gradient is brought to a mean absolute value of 1 first, so that their weights mean the same for
every unit of every network. What sees few pixels is held back less, because there is little room
for noise in them: the first three are scaled by √(side of the receptive field / side of the image).
Steps are those of Adam (Kingma and Ba, 2015). Each image has its own objective, its own noise and
its own scale; that many are made at once changes no result but in the last bits.
"""

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor

from explorer.network.architecture import CNN, Row

Floats = npt.NDArray[np.float32]

STEPS = 128
RATE = 0.05
"""How far a pixel moves in a step, about."""

NOISE = 0.2
"""The noise that an ascent starts from: uniform from 0 to this much ink."""

EDGE = 0.1  # ε of the total variation: differences well below it cost little
MOMENTS = (0.9, 0.99)  # of Adam
REACH = 3  # pixels of the Gaussian to either side


@dataclass(frozen=True)
class Regularised:
    """What holds an ascent back; 0 leaves a part of it out.

    Attributes:
        variation: weight of the total variation.
        ink: price of ink.
        blur: standard deviation of the gradient's Gaussian, in pixels.
        jitter: pixels that an image is moved at most, each way.
    """

    variation: float = 0.2
    ink: float = 0.2
    blur: float = 1.0
    jitter: int = 2

    def scaled(self, share: float) -> "Regularised":
        """The same for a unit that sees this share of the image's side, in (0, 1]."""
        by = math.sqrt(share)
        return replace(self, variation=by * self.variation, ink=by * self.ink, blur=by * self.blur)


SMOOTH = Regularised()
FREE = Regularised(0.0, 0.0, 0.0, 0)


@dataclass(frozen=True, eq=False)
class Step:
    """Where the ascents of several maps have come; its arrays are the caller's own.

    Attributes:
        number: how many steps were taken; 0 for the noise.
        images: ``(n, H, W)`` in [0, 1].
        values: ``(n,)``, what the maps' units answer to them, before the activation function.
    """

    number: int
    images: Floats
    values: Floats


def row_of(model: CNN, layer: str) -> Row:
    """The layer of this name; ValueError where the network has none."""
    for row in model.network.rows:
        if row.name == layer:
            return row
    raise ValueError(f"{model.network.name} has no layer {layer!r}")


def middle(row: Row) -> tuple[int, int]:
    """Row and column of the unit that is excited; (0, 0) for a layer without places."""
    if len(row.output_shape) != 3:
        return 0, 0
    return row.output_shape[1] // 2, row.output_shape[2] // 2


def window(row: Row, height: int, width: int) -> tuple[slice, slice]:
    """The part of an input of this size that the excited unit sees, and that may change."""
    if row.field is None or len(row.output_shape) != 3:
        return slice(0, height), slice(0, width)
    down, across = middle(row)
    return slice(*row.field.span(down, height)), slice(*row.field.span(across, width))


def ascend(
    model: CNN,
    layer: str,
    maps: Sequence[int],
    *,
    held: Regularised = SMOOTH,
    steps: int = STEPS,
    seed: int = 0,
) -> Iterator[Step]:
    """The ascents of some maps or units of one layer, all at once, from the noise on.

    The model is left as it is, also where the caller stops asking: a copy of it is asked.

    Args:
        model: takes images of one channel.
        layer: the name of one of its layers.
        maps: their numbers, at least one.
        held: the regularisation.
        steps: how many, after the noise.
        seed: of the noise and of the jitter; each map has its own noise, whoever else is there.

    Raises:
        ValueError: no such layer or map, or a network that reads more than one channel.
    """
    row = row_of(model, layer)
    channels, height, width = model.network.input_shape
    if channels != 1:
        raise ValueError(f"{model.network.name} reads {channels} channels: only one can be made")
    count = row.output_shape[0]
    if not maps or not all(0 <= index < count for index in maps):
        raise ValueError(f"{layer} has maps 0 to {count - 1}, not {list(maps)}")
    return _steps(model, row, tuple(maps), held, steps, seed, (height, width))


def _steps(
    model: CNN,
    row: Row,
    maps: tuple[int, ...],
    held: Regularised,
    steps: int,
    seed: int,
    size: tuple[int, int],
) -> Iterator[Step]:
    with torch.inference_mode(False):
        own = copy.deepcopy(model).eval().requires_grad_(False)
        places = window(row, *size)
        mask = torch.zeros(size)
        mask[places] = 1
        held = held.scaled((places[0].stop - places[0].start) / size[0])
        images = _noise(maps, seed, size) * mask
        smooth = _gaussian(held.blur)
        first, second = torch.zeros_like(images), torch.zeros_like(images)
    moves = torch.Generator().manual_seed(seed)
    everywhere = bool(mask.all()) and len(row.output_shape) == 1
    for number in range(steps + 1):
        # Each piece in its own block: a generator must not leave a mode behind where it pauses.
        with torch.inference_mode(False), torch.enable_grad():
            asked = images.detach().requires_grad_(True)
            answers = _answers(own, row, maps, asked)
        values = answers.detach().numpy().copy()
        yield Step(number, asked.detach()[:, 0].numpy().copy(), values)
        if number == steps:
            return
        with torch.inference_mode(False), torch.enable_grad():
            if everywhere and held.jitter:
                drawn = torch.randint(-held.jitter, held.jitter + 1, (2,), generator=moves)
                shift = int(drawn[0]), int(drawn[1])
                answers = _answers(own, row, maps, _moved(asked, shift)) if any(shift) else answers
            (gradient,) = torch.autograd.grad(answers.sum(), asked)
        with torch.inference_mode(False), torch.no_grad():
            gradient = _held_back(gradient, images, mask, smooth, held)
            first = MOMENTS[0] * first + (1 - MOMENTS[0]) * gradient
            second = MOMENTS[1] * second + (1 - MOMENTS[1]) * gradient**2
            mean = first / (1 - MOMENTS[0] ** (number + 1))
            spread = (second / (1 - MOMENTS[1] ** (number + 1))).sqrt()
            images = (images + RATE * mean / (spread + 1e-8)).clamp(0, 1) * mask


def _answers(model: CNN, row: Row, maps: tuple[int, ...], images: Tensor) -> Tensor:
    """What unit ``maps[i]`` answers to image i, before its activation: ``(n,)``."""
    down, across = middle(row)
    for name, before, _ in model.steps(images):
        if name == row.name:
            own = before.reshape(*before.shape[:2], *(before.shape[2:] or (1, 1)))
            return own[torch.arange(len(maps)), list(maps), down, across]
    raise AssertionError(f"{row.name} is one of the network's own rows")


def _noise(maps: tuple[int, ...], seed: int, size: tuple[int, int]) -> Tensor:
    """``(n, 1, H, W)`` in [0, NOISE); a map's own, whichever others are made beside it."""
    sheets = [
        torch.rand(size, generator=torch.Generator().manual_seed(1_000_003 * seed + index))
        for index in maps
    ]
    return NOISE * torch.stack(sheets)[:, None]


def _moved(images: Tensor, shift: tuple[int, int]) -> Tensor:
    """The images, moved down and to the right, with empty paper where nothing comes in."""
    down, right = shift
    height, width = images.shape[-2:]
    padded = F.pad(images, (abs(right), abs(right), abs(down), abs(down)))
    top, left = abs(down) - down, abs(right) - right
    return padded[..., top : top + height, left : left + width]


def _gaussian(deviation: float) -> Tensor | None:
    if not deviation:
        return None
    line = torch.exp(-0.5 * (torch.arange(-REACH, REACH + 1) / deviation) ** 2)
    return (line[:, None] * line / line.sum() ** 2)[None, None]


def _held_back(
    gradient: Tensor, images: Tensor, mask: Tensor, smooth: Tensor | None, held: Regularised
) -> Tensor:
    """The gradient that is followed: blurred, scaled, less what the picture costs."""
    if smooth is not None:
        gradient = F.conv2d(gradient, smooth, padding=REACH)
    gradient = gradient * mask
    mean = gradient.abs().sum((1, 2, 3), keepdim=True) / mask.sum()
    gradient = gradient / mean.clamp(min=1e-12)
    gradient = gradient - held.ink
    if held.variation:
        gradient = gradient - held.variation * _variation_slope(images)
    return gradient * mask


def _variation_slope(images: Tensor) -> Tensor:
    """The gradient of Σ √(d² + ε²) over all differences d of neighbours, paper around them."""
    framed = F.pad(images, (1, 1, 1, 1))
    down = framed[..., 1:, 1:-1] - framed[..., :-1, 1:-1]
    right = framed[..., 1:-1, 1:] - framed[..., 1:-1, :-1]
    down, right = (d / torch.sqrt(d**2 + EDGE**2) for d in (down, right))
    return down[..., :-1, :] - down[..., 1:, :] + right[..., :, :-1] - right[..., :, 1:]
