"""Kernels that people designed, as one table: what a convolution page offers to start from.

All are written for cross-correlation, the way a page shows them: a Sobel x answers positively where
the picture becomes brighter to the right. A ``y`` kernel answers where it becomes brighter
downwards. Values are the usual ones (Gonzalez and Woods, "Digital Image Processing"; the Scharr
weights 3, 10, 3 from Scharr, "Optimal operators in digital image processing", 2000).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.ops.arrays import Floats, floats

Kernel = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Preset:
    """A kernel with a name: ``kernel`` is ``(k, k)`` float32 and read-only."""

    title: str
    group: str
    kernel: Kernel
    line: str


def normalise(kernel: ArrayLike) -> Floats:
    """The kernel scaled so that it keeps the brightness, where it has one to keep.

    Divided by the sum of its weights, so that they sum to 1 and an even area keeps its shade. Where
    the sum is zero, as in every edge kernel, it is divided by the sum of the absolute values
    instead, so that a picture in 0…1 gives a map within −½…½. A sum counts as zero below a
    millionth of the absolute sum. A kernel of zeros stays as it is.

    Args:
        kernel: any shape; float64 stays float64, the rest is taken as float32.

    Returns:
        The same shape. A kernel with a negative sum changes its sign.

    Raises:
        ValueError: no real numbers, NaN or infinity.

    >>> normalise([[1, 3]]).tolist(), normalise([[-2, 2]]).tolist()
    ([[0.25, 0.75]], [[-0.5, 0.5]])
    """
    values = floats("kernel", kernel)
    absolute = float(np.abs(values).sum(dtype=np.float64))
    total = float(values.sum(dtype=np.float64))
    if absolute == 0:
        return values.copy()
    divisor = total if abs(total) > 1e-6 * absolute else absolute
    return np.asarray(values / divisor, values.dtype)


def slices(kernel: ArrayLike, channels: str) -> Floats:
    """One kernel as the slices of a kernel over several channels.

    Args:
        kernel: ``(k, k)``.
        channels: ``grey``: one slice, the kernel; ``rgb``: a third of it for red, green and blue
            each; ``opponent``: the kernel for red, its negative for green, zeros for blue.

    Returns:
        ``(1, k, k)`` or ``(3, k, k)`` in the kernel's type.

    Raises:
        ValueError: another word for ``channels``.
    """
    values = floats("kernel", kernel)
    shares = {"grey": (1.0,), "rgb": (1 / 3, 1 / 3, 1 / 3), "opponent": (1.0, -1.0, 0.0)}
    if channels not in shares:
        raise ValueError(f"channels must be one of {', '.join(shares)}, not {channels!r}")
    return np.stack([values * values.dtype.type(share) for share in shares[channels]])


def _preset(title: str, group: str, weights: ArrayLike, line: str, divisor: int = 1) -> Preset:
    kernel = np.array(weights, np.float32, order="C") / np.float32(divisor)
    kernel.flags.writeable = False
    return Preset(title, group, kernel, line)


_BINOMIAL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])
_SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
_PREWITT = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
_SCHARR = np.array([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]])
_LINE = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
_RISING = np.array([[-1, -1, 2], [-1, 2, -1], [2, -1, -1]])
_EDGE = np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]])

PRESETS: dict[str, Preset] = {
    "identity": _preset(
        "Identity",
        "Basics",
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
        "Copies every pixel: the output is the input.",
    ),
    "box-3": _preset(
        "Box blur 3×3",
        "Blur",
        np.ones((3, 3)),
        "Replaces each pixel by the mean of its nine neighbours.",
        divisor=9,
    ),
    "box-5": _preset(
        "Box blur 5×5",
        "Blur",
        np.ones((5, 5)),
        "Replaces each pixel by the mean of 25 neighbours: a stronger blur.",
        divisor=25,
    ),
    "gaussian-3": _preset(
        "Gaussian blur 3×3",
        "Blur",
        [[1, 2, 1], [2, 4, 2], [1, 2, 1]],
        "Blurs with weights that fall off from the centre, so it leaves no boxes behind.",
        divisor=16,
    ),
    "gaussian-5": _preset(
        "Gaussian blur 5×5",
        "Blur",
        _BINOMIAL,
        "Blurs over a wider neighbourhood, the centre still counting most.",
        divisor=256,
    ),
    "sharpen": _preset(
        "Sharpen",
        "Effects",
        [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
        "Adds to each pixel what sets it apart from its four neighbours.",
    ),
    "emboss": _preset(
        "Emboss",
        "Effects",
        [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
        "Lights the picture from the upper left, as if it were a relief.",
    ),
    "outline-4": _preset(
        "Outline (Laplacian, 4 neighbours)",
        "Outline",
        [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
        "Answers where a pixel differs from its four neighbours: outlines and dots.",
    ),
    "outline-8": _preset(
        "Outline (Laplacian, 8 neighbours)",
        "Outline",
        [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
        "Answers where a pixel differs from all eight neighbours: diagonals count too.",
    ),
    "sobel-x": _preset(
        "Sobel x",
        "Edges",
        _SOBEL,
        "Answers to vertical edges: positive where it becomes brighter to the right.",
    ),
    "sobel-y": _preset(
        "Sobel y",
        "Edges",
        _SOBEL.T,
        "Answers to horizontal edges: positive where it becomes brighter downwards.",
    ),
    "prewitt-x": _preset(
        "Prewitt x",
        "Edges",
        _PREWITT,
        "Vertical edges as Sobel x, with all three rows counting alike.",
    ),
    "prewitt-y": _preset(
        "Prewitt y",
        "Edges",
        _PREWITT.T,
        "Horizontal edges as Sobel y, with all three columns counting alike.",
    ),
    "scharr-x": _preset(
        "Scharr x",
        "Edges",
        _SCHARR,
        "Vertical edges, with weights that measure slanted edges more truly than Sobel x.",
    ),
    "scharr-y": _preset(
        "Scharr y",
        "Edges",
        _SCHARR.T,
        "Horizontal edges, with weights that measure slanted edges more truly than Sobel y.",
    ),
    "edge-rising": _preset(
        "Diagonal edge, rising",
        "Edges",
        _EDGE[:, ::-1],
        "Answers to edges that rise to the right: positive where the upper left is brighter.",
    ),
    "edge-falling": _preset(
        "Diagonal edge, falling",
        "Edges",
        _EDGE,
        "Answers to edges that fall to the right: positive where the upper right is brighter.",
    ),
    "line-horizontal": _preset(
        "Horizontal line",
        "Lines",
        _LINE,
        "Answers to a bright horizontal line one pixel thick.",
    ),
    "line-vertical": _preset(
        "Vertical line",
        "Lines",
        _LINE.T,
        "Answers to a bright vertical line one pixel thick.",
    ),
    "line-45": _preset(
        "Line at 45°",
        "Lines",
        _RISING,
        "Answers to a bright line that rises to the right.",
    ),
    "line-135": _preset(
        "Line at 135°",
        "Lines",
        _RISING[:, ::-1],
        "Answers to a bright line that falls to the right.",
    ),
}
