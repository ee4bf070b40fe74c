"""Find a feature: a patch of a picture becomes a kernel, and its activation map is searched.

The map is an ordinary convolution, so that what the page shows is what a convolution layer does.
A convolution answers to contrast as well as to likeness: a strong edge that fits badly may beat a
faint eye that fits well. Two steps keep that in bounds.

- :func:`template` takes the mean out of the patch, so that plain brightness gives nothing, and
  scales it to length 1, so that patches of different size and contrast give comparable maps.
- :func:`even_contrast` prepares the picture, where wanted: in each neighbourhood the mean is taken
  out and the contrast made alike (Jarrett, Kavukcuoglu, Ranzato and LeCun, "What is the best
  multi-stage architecture for object recognition?", 2009, local contrast normalisation; here with
  a box instead of a Gaussian). Patch and picture must be prepared in the same way.

A kernel has one size: the same feature twice as large is not found.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from explorer.ops.arrays import Floats, floats, whole
from explorer.ops.convolution import convolve

WINDOW = 27
"""Side of the neighbourhood whose contrast is evened, in pixels: a little more than an eye of the
shipped face at 256×256, so that an eye is compared with the skin around it."""

_FLOOR = 0.5
"""Share of the whole picture's contrast that is added to every neighbourhood's, so that the noise
of an even wall is not blown up into a texture."""


@dataclass(frozen=True)
class Peak:
    """One strong response; rank 1 is the strongest.

    ``row`` and ``column`` are where it lies in the map. On a map of :func:`response` they are also
    the upper left pixel of the patch of the picture that gave it.
    """

    rank: int
    row: int
    column: int
    value: float


def even_contrast(image: ArrayLike, window: int = WINDOW) -> Floats:
    """The picture with its contrast evened out.

    ``(x − mean) / (deviation + ½ · deviation of the whole picture)``, where mean and deviation
    are taken over the ``window`` × ``window`` pixels around each pixel; beyond the border the
    picture is mirrored. A picture of one shade gives zeros.

    Args:
        image: ``(H, W)``.
        window: odd side in pixels, at least 3, at most twice the picture's shorter side less 1.

    Returns:
        ``(H, W)`` in the image's type, around 0, mostly in −2…2.

    Raises:
        ValueError: not two-dimensional, or a window that does not fit.
    """
    pixels = _plane("image", image)
    window = whole("window", window, least=3)
    reach = window // 2
    if window % 2 == 0 or reach >= min(pixels.shape):
        raise ValueError(
            f"window must be odd and at most {2 * min(pixels.shape) - 1} for {pixels.shape}, "
            f"not {window}"
        )
    exact = pixels.astype(np.float64)
    exact = exact - exact.mean()
    padded = np.pad(exact, reach, mode="reflect")
    mean = _box_mean(padded, window)
    deviation = np.sqrt(np.maximum(_box_mean(padded * padded, window) - mean * mean, 0))
    floor = _FLOOR * float(exact.std())
    if floor <= 1e-9 * max(1.0, float(np.abs(pixels).max())):
        return np.zeros_like(pixels)
    return np.asarray((exact - mean) / (deviation + floor), pixels.dtype)


def template(patch: ArrayLike) -> Floats:
    """The patch as a kernel: mean 0, length 1 (the root of the sum of squares).

    Args:
        patch: ``(h, w)``, such as a box around an eye.

    Raises:
        ValueError: not two-dimensional, or all of one shade, so that nothing can be matched.
    """
    pixels = _plane("patch", patch)
    centred = pixels.astype(np.float64) - pixels.mean(dtype=np.float64)
    length = float(np.sqrt((centred * centred).sum()))
    if length <= 1e-6 * max(1.0, float(np.abs(pixels).max())):
        raise ValueError(
            f"the {pixels.shape[0]}×{pixels.shape[1]} patch is all of one shade: "
            "choose one with an edge in it"
        )
    return np.asarray(centred / length, pixels.dtype)


def response(image: ArrayLike, kernel: ArrayLike) -> Floats:
    """The activation map of a template: a convolution of stride 1 with padding ``valid``.

    ``valid``, because the zeros of ``same`` would be an edge all around the picture.

    Args:
        image: ``(H, W)``.
        kernel: ``(h, w)`` of :func:`template`.

    Returns:
        ``(H − h + 1, W − w + 1)``: cell (r, c) tells how the patch whose upper left pixel is
        (r, c) answers.
    """
    return convolve(_plane("image", image), _plane("kernel", kernel))


def peaks(responses: ArrayLike, count: int, distance: int) -> tuple[Peak, ...]:
    """The strongest responses, none of them within ``distance`` of a stronger one.

    Taken greedily: the largest value, then the largest outside of its neighbourhood, and so on
    (non-maximum suppression); of equal values the first in reading order.

    Args:
        responses: ``(H, W)``.
        count: at most this many, at least 1; fewer where no room is left.
        distance: rows and columns around a peak in which there is no other, at least 0.

    Raises:
        ValueError: not two-dimensional, or a number out of range.
    """
    left = np.array(_plane("map", responses))
    count = whole("count", count, least=1)
    distance = whole("distance", distance, least=0)
    found: list[Peak] = []
    while len(found) < count:
        row, column = (int(i) for i in np.unravel_index(left.argmax(), left.shape))
        if np.isneginf(left[row, column]):
            break
        found.append(Peak(len(found) + 1, row, column, float(left[row, column])))
        rows = slice(max(0, row - distance), row + distance + 1)
        columns = slice(max(0, column - distance), column + distance + 1)
        left[rows, columns] = -np.inf
    return tuple(found)


def _plane(name: str, values: ArrayLike) -> Floats:
    array = floats(name, values)
    if array.ndim != 2:
        raise ValueError(f"{name} must be (height, width), not {array.shape}")
    return array


def _box_mean(padded: Floats, side: int) -> Floats:
    """Mean of every ``side`` × ``side`` window, by differences of running sums."""
    sums = np.pad(padded.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    box = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(box / side**2)
