"""Convolution as deep learning means it: cross-correlation plus bias, in NumPy.

``out[r, c] = bias + Σ_n Σ_i Σ_j image[n, r·s + i·d − top, c·s + j·d − left] · kernel[n, i, j]``

with channel ``n``, stride ``s`` and dilation ``d``; what lies outside the image is zero (Dumoulin
and Visin, "A guide to convolution arithmetic for deep learning", 2016).

Choices:

- The order is fixed, so that a page can show how a number came about and end at the same bits:
  channel by channel, row by row, left to right, each product rounded and then added to the sum,
  and the bias last, all in the type of the result. In JavaScript a float32 sum is
  ``sum = Math.fround(sum + Math.fround(pixel * weight))``.
- It is a sum of shifted copies of the whole image, laid out flat: one multiplication and one
  addition per weight run over all pixels, in blocks that stay in the processor's cache. What wraps
  from one row into the next lands in columns that are cut away. Weights that are zero are skipped,
  which changes no finite sum.
- A stride picks from the map of stride 1: simpler than a second way, and never slower than it.
- ``same`` is TensorFlow's rule, which Keras uses: ``ceil(n / stride)`` outputs, and where the
  number of zeros is odd, the extra one is at the end.
"""

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from explorer.ops.arrays import Floats, floats, whole

Padding = Literal["valid", "same"]

_BLOCK = 16384
"""Pixels summed at a time: the sum, the product and the image's part of it fit the cache."""


def pads(
    n: int, kernel: int, stride: int = 1, padding: str = "valid", dilation: int = 1
) -> tuple[int, int]:
    """Zeros before and after one axis of ``n`` pixels; two equal numbers or one more at the end.

    Raises:
        ValueError: a size below 1, or a padding other than ``valid`` and ``same``.
    """
    n, kernel, stride, dilation = (
        whole(name, value, least=1)
        for name, value in zip(
            ("the image's side", "the kernel's side", "stride", "dilation"),
            (n, kernel, stride, dilation),
            strict=True,
        )
    )
    if padding == "valid":
        return 0, 0
    if padding != "same":
        raise ValueError(f"padding must be 'valid' or 'same', not {padding!r}")
    total = (math.ceil(n / stride) - 1) * stride + (kernel - 1) * dilation + 1 - n
    return max(total, 0) // 2, max(total, 0) - max(total, 0) // 2


def output_size(
    n: int, kernel: int, stride: int = 1, padding: str = "valid", dilation: int = 1
) -> int:
    """How many outputs one axis of ``n`` pixels gives.

    ``valid``: ``floor((n − (kernel − 1) · dilation − 1) / stride) + 1``; ``same``:
    ``ceil(n / stride)``.

    Raises:
        ValueError: a size below 1, an unknown padding, or a kernel that does not fit.
    """
    padded = n + sum(pads(n, kernel, stride, padding, dilation))
    span = (kernel - 1) * dilation + 1
    if span > padded:
        spread = f" at dilation {dilation}" if dilation > 1 else ""
        raise ValueError(
            f"a kernel side of {kernel}{spread} spans {span} pixels and the image's side has {n}: "
            "choose a smaller kernel or dilation, or padding 'same'"
        )
    return (padded - span) // stride + 1


def flip(kernel: ArrayLike) -> Floats:
    """``(…, h, w)`` turned by half a turn: ``convolve`` with it is the true convolution."""
    values = floats("kernel", kernel)
    if values.ndim < 2:
        raise ValueError(f"kernel must be (h, w) or (channels, h, w), not {values.shape}")
    return np.ascontiguousarray(values[..., ::-1, ::-1])


def convolve(
    image: ArrayLike,
    kernel: ArrayLike,
    stride: int = 1,
    padding: str = "valid",
    dilation: int = 1,
    bias: float = 0.0,
) -> Floats:
    """One activation map, before any activation.

    Args:
        image: ``(H, W)`` or ``(C, H, W)``; float64 stays float64, the rest is taken as float32.
        kernel: ``(h, w)`` or ``(C, h, w)``, the same number of channels; odd or even sides.
        stride: pixels from one output to the next, at least 1.
        padding: ``valid`` (only where the kernel fits) or ``same`` (``ceil(n / stride)`` outputs).
        dilation: pixels from one weight to the next, at least 1.
        bias: added to every output.

    Returns:
        ``(H', W')`` of :func:`output_size`, in the image's type; the channels are summed.

    Raises:
        ValueError: shapes that do not go together, an argument out of range, NaN or infinity, or
            a sum too large for the type.

    >>> convolve([[1, 2, 3], [4, 5, 6]], [[1, -1]], bias=10).tolist()
    [[9.0, 9.0], [9.0, 9.0]]
    """
    pixels = floats("image", image)
    weights = floats("kernel", kernel)
    if pixels.ndim not in (2, 3) or weights.ndim != pixels.ndim:
        raise ValueError(
            "image and kernel must both be (height, width) or (channels, height, width), not "
            f"{pixels.shape} and {weights.shape}"
        )
    if pixels.ndim == 3 and len(pixels) != len(weights):
        raise ValueError(f"the image has {len(pixels)} channels and the kernel {len(weights)}")
    *channels, height, width = pixels.shape
    sides = [(height, weights.shape[-2]), (width, weights.shape[-1])]
    rows, columns = (output_size(n, k, stride, padding, dilation) for n, k in sides)
    around = [pads(n, k, stride, padding, dilation) for n, k in sides]
    if any(before or after for before, after in around):
        pixels = np.pad(pixels, [(0, 0)] * len(channels) + around)
    kind = pixels.dtype
    if not math.isfinite(bias):
        raise ValueError(f"bias must be finite, not {bias}")
    with np.errstate(over="ignore"):
        weights = weights.astype(kind, copy=False)
    flat = np.ascontiguousarray(pixels).reshape(-1, pixels.shape[-2] * pixels.shape[-1])
    across = pixels.shape[-1]
    taps = [
        (flat[channel], (i * across + j) * dilation, weight)
        for channel, plane in enumerate(weights.reshape(-1, *weights.shape[-2:]))
        for i, line in enumerate(plane)
        for j, weight in enumerate(line)
        if weight != 0
    ]
    # The last sum that counts starts at the upper left pixel of the last window.
    count = (rows - 1) * stride * across + (columns - 1) * stride + 1
    sums = np.zeros(rows * stride * across, kind)
    with np.errstate(over="ignore", invalid="ignore"):
        _sum_of_shifts(taps, sums[:count])
        sums += kind.type(bias)
    out = sums.reshape(rows, stride, across)[:, 0, : columns * stride : stride]
    if not np.isfinite(out).all():
        raise ValueError(f"the sums of this kernel and bias {bias} are too large for {kind}")
    return np.ascontiguousarray(out)


def _sum_of_shifts(taps: list[tuple[Floats, int, np.floating[Any]]], total: Floats) -> None:
    """Adds ``plane[shift : shift + len(total)] · weight`` to ``total``, tap by tap in order."""
    product = np.empty(min(len(total), _BLOCK), total.dtype)
    for start in range(0, len(total), _BLOCK):
        part = total[start : start + _BLOCK]
        block = product[: len(part)]
        for plane, shift, weight in taps:
            np.multiply(plane[start + shift : start + shift + len(part)], weight, out=block)
            np.add(part, block, out=part)


def translate(x: ArrayLike, dx: int = 0, dy: int = 0) -> Floats:
    """``x`` moved by whole pixels: zeros come in, and what leaves the frame is gone.

    Args:
        x: ``(…, H, W)``.
        dx: pixels to the right; negative to the left.
        dy: pixels down; negative up.

    Raises:
        ValueError: fewer than two axes, or a shift that is no whole number.
    """
    values = floats("x", x)
    if values.ndim < 2:
        raise ValueError(f"x must be (…, height, width), not {values.shape}")
    height, width = values.shape[-2:]
    down, right = whole("dy", dy), whole("dx", dx)
    out = np.zeros_like(values)
    if abs(down) < height and abs(right) < width:
        to_rows, from_rows = _overlap(down, height)
        to_columns, from_columns = _overlap(right, width)
        out[..., to_rows, to_columns] = values[..., from_rows, from_columns]
    return out


def _overlap(shift: int, n: int) -> tuple[slice, slice]:
    """Where the cells that stay in the frame go to, and where they come from."""
    return slice(max(shift, 0), n + min(shift, 0)), slice(max(-shift, 0), n + min(-shift, 0))
