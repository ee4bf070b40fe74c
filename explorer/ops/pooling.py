"""Max-pooling and average pooling, in NumPy.

Choices:

- The stride is the window's side where none is given, as in Keras.
- ``same`` pads as TensorFlow does (:func:`explorer.ops.convolution.pads`), and no window is made of
  padding alone. Padding never wins a maximum, and an average counts the real cells only.
- Of equal values the first in reading order wins, as in PyTorch: it is the cell that the gradient
  goes to.
- An average adds up row by row, left to right, in the type of the result, and divides once.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.ops.arrays import Floats, floats, whole
from explorer.ops.convolution import output_size, pads

T = TypeVar("T", bound=np.generic)


def max_pool(
    x: ArrayLike, size: int = 2, stride: int | None = None, padding: str = "valid"
) -> Floats:
    """The strongest value of each window.

    Args:
        x: ``(…, H, W)``; float64 stays float64, the rest is taken as float32.
        size: side of the window, at least 1.
        stride: cells from one window to the next, at least 1; ``None`` is ``size``.
        padding: ``valid`` (whole windows only) or ``same`` (``ceil(n / stride)`` outputs).

    Returns:
        ``(…, H', W')``.

    Raises:
        ValueError: an argument out of range, a window that does not fit, NaN or infinity.

    >>> max_pool([[1, 2, 5], [4, 3, 6]], size=2, stride=1).tolist()
    [[4.0, 6.0]]
    """
    views = _views(floats("x", x), size, stride, padding, -np.inf)
    out = views[0].copy()
    for view in views[1:]:
        np.maximum(out, view, out=out)
    return out


def average_pool(
    x: ArrayLike, size: int = 2, stride: int | None = None, padding: str = "valid"
) -> Floats:
    """The mean of each window's real cells; arguments, shapes and errors as :func:`max_pool`.

    >>> average_pool([[1, 2], [3, 4], [9, 9]], padding="same").tolist()
    [[2.5], [9.0]]
    """
    values = floats("x", x)
    total = _sum(_views(values, size, stride, padding, 0.0))
    if padding == "valid":
        return np.asarray(total / values.dtype.type(size * size))
    real = np.ones(values.shape[-2:], values.dtype)
    return np.asarray(total / _sum(_views(real, size, stride, padding, 0.0)))


def winners(
    x: ArrayLike, size: int = 2, stride: int | None = None, padding: str = "valid"
) -> NDArray[np.int64]:
    """Which cell is the strongest of each window; arguments and errors as :func:`max_pool`.

    Returns:
        ``(…, H', W')`` int64: ``row · W + column`` in the plane of ``x``, as PyTorch's
        ``return_indices``; of equal cells the first in reading order.

    >>> winners([[1, 7, 7, 0]], size=2, padding="same").tolist()
    [[1, 2]]
    """
    values = floats("x", x)
    views = _views(values, size, stride, padding, -np.inf)
    width = values.shape[-1]
    places = np.arange(values.shape[-2] * width).reshape(values.shape[-2:])
    where = _views(places, size, stride, padding, -1)
    best = views[0].copy()
    won = np.broadcast_to(where[0], best.shape).copy()
    for view, place in zip(views[1:], where[1:], strict=True):
        stronger = view > best
        np.copyto(best, view, where=stronger)
        np.copyto(won, place, where=stronger)
    return won


def _views(
    x: NDArray[T], size: int, stride: int | None, padding: str, fill: float
) -> list[NDArray[T]]:
    """One ``(…, H', W')`` view for each cell of the window, in reading order."""
    if x.ndim < 2:
        raise ValueError(f"x must be (…, height, width), not {x.shape}")
    size = whole("size", size, least=1)
    step = size if stride is None else whole("stride", stride, least=1)
    rows, columns = (output_size(n, size, step, padding) for n in x.shape[-2:])
    around = [pads(n, size, step, padding) for n in x.shape[-2:]]
    if any(before or after for before, after in around):
        x = np.pad(x, [(0, 0)] * (x.ndim - 2) + around, constant_values=fill)
    return [
        x[..., i : i + (rows - 1) * step + 1 : step, j : j + (columns - 1) * step + 1 : step]
        for i in range(size)
        for j in range(size)
    ]


def _sum(views: list[Floats]) -> Floats:
    total = views[0].copy()
    for view in views[1:]:
        total += view
    return total
