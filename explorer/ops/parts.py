"""A person from parts: kernels taken from a face, pooled, and weighed by one neuron.

Each part's kernel is a patch of the face (:func:`explorer.ops.matching.template`), scaled so that
its response to its own patch is 1. Its activation map is an ordinary convolution. Pooling keeps the
strongest response of the map, of all of it or of a region; below zero it counts as 0 (ReLU). The
neuron adds up weight × response and fires above its threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from explorer.ops.arrays import Floats, floats
from explorer.ops.matching import response, template

Box = tuple[int, int, int, int]
"""Row, column, height, width."""


@dataclass(frozen=True)
class Pooled:
    """The strongest response of a map, and where it lies: the upper left pixel of its patch."""

    value: float
    row: int
    column: int


def kernel(face: ArrayLike, box: Box) -> Floats:
    """The kernel of a part: the patch in ``box``, whose response to itself is 1.

    Raises:
        ValueError: the patch is all of one shade.
    """
    row, column, height, width = box
    patch = floats("face", face)[row : row + height, column : column + width]
    weights = template(patch)
    return np.asarray(weights / float((weights * patch).sum(dtype=np.float64)), patch.dtype)


def pooled(
    picture: ArrayLike, weights: Floats, region: tuple[int, int, int] | None = None
) -> Pooled:
    """The strongest response of a kernel on a picture.

    Args:
        picture: ``(H, W)``, prepared as the face was.
        weights: ``(h, w)`` of :func:`kernel`.
        region: (row, column, reach): only patches whose upper left pixel is at most ``reach`` rows
            and columns away; None for anywhere.
    """
    answers = response(picture, weights)
    top = left = 0
    if region is not None:
        row, column, reach = region
        top = min(max(row - reach, 0), answers.shape[0] - 1)
        left = min(max(column - reach, 0), answers.shape[1] - 1)
        answers = answers[top : row + reach + 1, left : column + reach + 1]
    place = np.unravel_index(int(answers.argmax()), answers.shape)
    return Pooled(max(float(answers[place]), 0.0), top + int(place[0]), left + int(place[1]))


def excess(values: Sequence[float], weights: Sequence[float], threshold: float) -> float:
    """What the neuron's weighted sum exceeds its threshold by; it fires above 0."""
    return sum(w * v for w, v in zip(weights, values, strict=True)) - threshold


def cover(image: ArrayLike, box: Box, margin: int = 1) -> Floats:
    """A picture with a patch over ``box``: the mean shade of what lies around it.

    Args:
        image: ``(H, W)``.
        box: what is covered.
        margin: pixels around it that are covered too.
    """
    out = np.array(floats("image", image))
    row, column, height, width = box
    top, left = max(row - margin, 0), max(column - margin, 0)
    inner = np.zeros(out.shape, bool)
    inner[top : row + height + margin, left : column + width + margin] = True
    outer = np.zeros(out.shape, bool)
    outer[max(top - 2, 0) : row + height + margin + 2, max(left - 2, 0) :][
        :, : width + 2 * margin + 4
    ] = True
    ring = outer & ~inner
    out[inner] = out[ring].mean() if ring.any() else 0.0
    return out
