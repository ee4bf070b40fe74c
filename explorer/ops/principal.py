"""Principal components: the plane in which a cloud of points spreads most.

Choice: the eigenvectors of the covariance in float64, which are the right singular vectors of the
centred points; for many points with few coordinates that takes a fraction of the time. The sign of
an axis is arbitrary: its largest entry is made positive, so that a picture is the same each time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.ops.arrays import floats, whole

Exact = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plane:
    """Axes through the mean of a cloud.

    Attributes:
        mean: ``(d,)``.
        axes: ``(k, d)``, of length 1 and at right angles, the widest first.
        shares: ``(k,)`` in [0, 1], each axis' share of the whole variance.
    """

    mean: Exact
    axes: Exact
    shares: Exact

    def project(self, points: ArrayLike) -> NDArray[np.float32]:
        """``(…, d)`` to coordinates on the axes, ``(…, k)``."""
        centred = np.asarray(points, np.float64) - self.mean
        return np.asarray(centred @ self.axes.T, np.float32)


def principal(points: ArrayLike, count: int = 2) -> Plane:
    """The ``count`` axes along which points spread most.

    Where the points have fewer coordinates than that, the missing axes are zero.

    Args:
        points: ``(n, d)``, at least one.
        count: axes wanted.

    Raises:
        ValueError: not ``(n, d)``, or not finite.
    """
    array = floats("points", points)
    if array.ndim != 2:
        raise ValueError(f"points must be (n, d), not {array.shape}")
    count = whole("count", count, least=1)
    mean = array.mean(0, dtype=np.float64)
    centred = array - mean
    values, vectors = np.linalg.eigh(centred.T @ centred)
    values, axes = np.maximum(values[::-1], 0), vectors[:, ::-1].T[:count]
    largest = np.abs(axes).argmax(1)
    axes = axes * np.where(axes[np.arange(len(axes)), largest] < 0, -1.0, 1.0)[:, None]
    whole_variance = float(values.sum()) or 1.0
    missing = count - len(axes)
    return Plane(
        mean,
        np.pad(axes, ((0, missing), (0, 0))),
        np.pad(values[:count] / whole_variance, (0, missing)),
    )
