"""Random changes to a batch of digits, as vectorised PyTorch: another hand, another pen.

Choices: one bilinear resampling does rotation, slant, stretch, shift and elastic distortion at
once, so that an image is blurred only once; the distortion is noise on a coarse grid, smoothly
enlarged (after Simard, Steinkraus and Platt, "Best practices for convolutional neural networks",
2003); stroke width is changed by a blend with the local maximum or minimum.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor


@dataclass(frozen=True)
class Distortion:
    """How far images are changed: standard deviations, except where said.

    Args:
        rotation: degrees.
        slant: horizontal shear, pixels per pixel.
        stretch: logarithm of the scale, along each axis.
        shift: pixels, uniform up to this.
        elastic: pixels, at each point of the coarse grid.
        width: largest blend with the local maximum or minimum, in [0, 1], uniform.
        untouched: share of the images that are left as they are, in [0, 1].
    """

    rotation: float = 7.0
    slant: float = 0.12
    stretch: float = 0.08
    shift: float = 1.5
    elastic: float = 0.7
    width: float = 0.5
    untouched: float = 0.1


def distort(images: Tensor, by: Distortion) -> Tensor:
    """A changed copy, with PyTorch's default generator.

    Args:
        images: ``(N, 1, H, W)`` float32 in [0, 1].
        by: how far.

    Returns:
        ``(N, 1, H, W)`` float32 in [0, 1].
    """
    n, _, height, width = images.shape
    touched = (torch.rand(n, 1, 1, 1) >= by.untouched).float()
    changed = _pen(images, by, touched)
    turn = torch.randn(n) * math.radians(by.rotation)
    slant = torch.randn(n) * by.slant
    scale = torch.exp(torch.randn(n, 2) * by.stretch)
    shift = (torch.rand(n, 2) * 2 - 1) * by.shift * 2 / width
    cos, sin = torch.cos(turn), torch.sin(turn)
    # Rotation · shear · scale, from where a pixel lands to where it is taken from.
    matrix = torch.stack(
        (
            torch.stack((cos * scale[:, 0], (cos * slant - sin) * scale[:, 1], shift[:, 0]), 1),
            torch.stack((sin * scale[:, 0], (sin * slant + cos) * scale[:, 1], shift[:, 1]), 1),
        ),
        1,
    )
    same = torch.eye(2, 3).expand_as(matrix)
    matrix = torch.where(touched.view(n, 1, 1) > 0, matrix, same)
    grid = F.affine_grid(matrix, [n, 1, height, width], align_corners=False)
    coarse = torch.randn(n, 2, 6, 6) * (by.elastic * 2 / width)
    bent = F.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)
    grid = grid + (bent * touched).permute(0, 2, 3, 1)
    return F.grid_sample(changed, grid, mode="bilinear", align_corners=False)


def _pen(images: Tensor, by: Distortion, touched: Tensor) -> Tensor:
    """Strokes made wider or thinner by up to about a pixel."""
    blend = (torch.rand(len(images), 1, 1, 1) * 2 - 1) * by.width * touched
    wider = F.max_pool2d(images, 3, 1, 1)
    thinner = -F.max_pool2d(-images, 3, 1, 1)
    return (
        images + blend.clamp(min=0) * (wider - images) + (-blend).clamp(min=0) * (thinner - images)
    )
