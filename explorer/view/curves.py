"""Curves of runs, as few numbers as a screen can show.

A run has thousands of steps and a chart some hundreds of pixels: of each pixel's steps their lowest
and highest value travel, so that no spike is lost, and the mean of the last :func:`span` steps,
which is the line that the eye follows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Any1D = npt.NDArray[np.floating] | npt.NDArray[np.integer]

BUCKETS = 400
"""Columns of one curve; a chart of 700 CSS pixels shows no more of a noisy band."""

COLOURS = (
    "#3f7be0",
    "#c9641a",
    "#15907a",
    "#a85bd0",
    "#c24a78",
    "#7d8a1f",
    "#2f8fb0",
    "#8c7a6b",
)
"""One a run; each reads on white and on a dark page at 3:1, and apart by its lightness or hue."""

Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Curve:
    """One run's curves.

    Attributes:
        name: of the run, as somebody typed it.
        x: ``(n,)`` of each step, ascending, in the unit of the axis.
        loss, accuracy: ``(n,)`` of each step's batch.
        tests: ``(m, 4)``: x, loss, accuracy in [0, 1], images.
        steps: of the whole run.
        live: whether more is to come.
    """

    name: str
    x: Floats
    loss: Floats
    accuracy: Floats
    tests: Floats
    steps: int
    live: bool = False


def span(steps: int) -> int:
    """Steps that the smooth line of a run of so many steps is the mean of."""
    return min(max(steps // 40, 5), 50)


def smooth(values: Any1D, width: int) -> Floats:
    """Mean of each value and those before it, ``width`` of them.

    At first of fewer, a fifth of those that there are, so that the line does not lag behind where
    everything changes fast.
    """
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    ends = np.arange(1, len(values) + 1)
    begins = ends - np.clip(ends // 5, 1, width)
    return np.asarray((sums[ends] - sums[begins]) / (ends - begins), np.float32)


def thin(
    x: Floats, y: Floats, line: Floats, within: Range | None, buckets: int = BUCKETS
) -> Floats:
    """A curve in at most ``buckets`` columns: ``(k, 4)`` x, lowest, highest, smooth.

    Args:
        x, y, line: ``(n,)``; x ascending.
        within: only what lies in this range of x, and one step on each side of it.
        buckets: as many columns are made of more steps; fewer steps stay as they are.
    """
    begin, end = 0, len(x)
    if within is not None:
        begin = max(int(np.searchsorted(x, within[0])) - 1, 0)
        end = min(int(np.searchsorted(x, within[1], "right")) + 1, len(x))
    x, y, line = x[begin:end], y[begin:end], line[begin:end]
    if len(x) <= buckets:
        return np.stack([x, y, y, line], axis=1).astype(np.float32)
    starts = np.linspace(0, len(x), buckets, endpoint=False).astype(np.int64)
    lasts = np.append(starts[1:], len(x)) - 1
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    return np.stack([x[lasts], low, high, line[lasts]], axis=1).astype(np.float32)


def arrays(curves: Sequence[Curve], within: Range | None = None) -> Mapping[str, Floats]:
    """What travels of these curves: ``loss<i>``, ``accuracy<i>`` and ``tests<i>`` of each.

    Of the first one the steps themselves, of those laid over it the smooth lines alone.
    """
    found: dict[str, Floats] = {}
    for i, curve in enumerate(curves):
        width = span(curve.steps)
        for name, values in (("loss", curve.loss), ("accuracy", curve.accuracy)):
            line = smooth(values, width)
            found[f"{name}{i}"] = thin(curve.x, values if i == 0 else line, line, within)
        found[f"tests{i}"] = np.asarray(curve.tests[-2000:], np.float32)
    return found


def whole(curves: Sequence[Curve]) -> Range:
    """The range of x that holds all curves; (0, 1) where nothing is there yet."""
    ends = [float(curve.x[-1]) for curve in curves if len(curve.x)]
    return (0.0, max(ends)) if ends and max(ends) > 0 else (0.0, 1.0)
