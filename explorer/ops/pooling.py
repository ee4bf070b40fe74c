"""Max-pooling, average pooling, and what is done in their place, in NumPy.

Choices:

- The stride is the window's side where none is given, as in Keras.
- ``same`` pads as TensorFlow does (:func:`explorer.ops.convolution.pads`), and no window is made of
  padding alone. Padding never wins a maximum, and an average counts the real cells only.
- Of equal values the first in reading order wins, as in PyTorch: it is the cell that the gradient
  goes to.
- An average adds up row by row, left to right, in the type of the result, and divides once.
- Blurred max-pooling is that of Zhang, "Making Convolutional Networks Shift-Invariant Again" (ICML
  2019): the maximum at stride 1, a binomial blur, then every ``stride``-th cell. The blur has
  ``2 · stride − 1`` taps, so that what is left out has its part in what is kept ([1, 2, 1] / 4 at
  stride 2, and no blur where nothing is left out), and beyond the map it reads zeros. Its output
  has the size of max-pooling's.
"""

from functools import cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.ops.arrays import Floats, floats, whole
from explorer.ops.convolution import convolve, output_size, pads

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


def strided(x: ArrayLike, stride: int = 2) -> Floats:
    """Every ``stride``-th cell of every ``stride``-th row: a stride without any pooling.

    Arguments, shapes and errors as :func:`max_pool` with a window of one cell.

    >>> strided([[1, 2, 5], [4, 3, 6], [7, 8, 9]]).tolist()
    [[1.0, 5.0], [7.0, 9.0]]
    """
    return max_pool(x, 1, stride)


def blur_kernel(stride: int) -> Floats:
    """The binomial blur in front of a stride: ``(2 · stride − 1)²`` float32 that sum to 1.

    >>> blur_kernel(2).tolist()[1]
    [0.125, 0.25, 0.125]
    """
    line = np.ones(1)
    for _ in range(2 * whole("stride", stride, least=1) - 2):
        line = np.convolve(line, [0.5, 0.5])
    # Powers of two: the float32 are exact.
    return np.outer(line, line).astype(np.float32)


def blur_pool(x: ArrayLike, size: int = 2, stride: int | None = None) -> Floats:
    """Blurred max-pooling; arguments, shapes and errors as :func:`max_pool`.

    >>> blur_pool([[0, 0, 0, 0, 0], [0, 0, 0, 8, 0], [0, 0, 0, 0, 0]]).tolist()
    [[0.0, 4.5]]
    """
    step = size if stride is None else stride
    strongest, kernel = max_pool(x, size, 1), blur_kernel(step)
    planes = strongest.reshape(-1, *strongest.shape[-2:])
    blurred = np.stack([convolve(plane, kernel, padding="same") for plane in planes])
    kept = blurred[:, ::step, ::step]
    return np.ascontiguousarray(kept.reshape(*strongest.shape[:-2], *kept.shape[-2:]))


@cache
def absorbed(pool: str, size: int = 2, stride: int = 2, blocks: int = 1) -> int:
    """By how many pixels a lone bright pixel can move, at best, with no change of a cell it lights.

    At best it starts at one border of what the cell sees and ends at the other; at worst, for every
    kind of pooling, it starts at the border that it is pushed across, and the answer is 0. For
    max-pooling whose windows leave no gap, ``stride ≤ size``, it is
    ``(size − 1) · (1 + stride + … + stride^(blocks − 1))``.

    The response of one cell to a pixel at each place along an axis is followed through the blocks,
    without a kernel: the longest run of equal responses is where the pixel may be. Both axes are
    alike.

    Args:
        pool: ``max``, ``average``, ``strided`` or ``blur``.
        size, stride: as in :func:`max_pool`; ``strided`` has no window.
        blocks: how many poolings follow each other.

    Raises:
        ValueError: another word for ``pool``, or a number below 1.

    >>> absorbed("max", 2, 2, 3), absorbed("strided", 2, 2, 1), absorbed("blur", 2, 2, 1)
    (7, 0, 1)
    """
    if pool not in ("max", "average", "strided", "blur"):
        raise ValueError(f"pool must be max, average, strided or blur, not {pool!r}")
    size, stride, blocks = (
        whole(name, value, least=1)
        for name, value in (("size", size), ("stride", stride), ("blocks", blocks))
    )
    seen, jump = np.ones(1), 1
    for _ in range(blocks):
        cells = [np.pad(seen, (j * jump, (size - 1 - j) * jump)) for j in range(size)]
        if pool == "average":
            seen = np.sum(cells, axis=0)
        elif pool != "strided":
            seen = np.max(cells, axis=0)
        if pool == "blur":
            taps = np.zeros(2 * (stride - 1) * jump + 1)
            taps[::jump] = blur_kernel(stride)[stride - 1] / blur_kernel(stride)[stride - 1].sum()
            seen = np.convolve(seen, taps)
        jump *= stride
    ends = np.flatnonzero(np.diff(np.concatenate([[-1.0], seen, [-1.0]])))
    runs = [int(b - a) for a, b in pairwise(ends) if seen[a] > 0]
    return max(runs) - 1


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
