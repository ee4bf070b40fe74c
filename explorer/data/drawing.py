"""Ink on a canvas → the 28×28 that MNIST's authors would have made of it.

MNIST's digits were cropped to their ink, scaled with anti-aliasing until the longer side was 20
pixels, and placed by centre of mass in 28×28 (LeCun et al., "Gradient-based learning applied to
document recognition", 1998, and the description that came with the files). A mouse or a finger adds
one thing that their pens did not: strokes of any width. So the width is evened out on the way.

Choices:

- Width is evened by moving the edge of the ink, not by thinning it to a skeleton: with ``d`` the
  depth of a pixel inside the ink and ``r`` the pen's radius, the ink of a pen of radius ``t``
  along the same path is ``d ≥ r − t``. That is exact for a round pen, it has no spurs, it opens the
  loops that a thick pen has almost closed, and it changes smoothly while a stroke grows. A loop
  that is closed altogether stays a blob, as it does in MNIST.
- ``r`` is read off the ink itself: a low percentile of the depth along its ridge, which crossings
  and blobs, being deeper, do not move. Ink that this would wipe out was drawn with a thinner pen:
  it is found and treated by its own radius, so two pens may meet in one drawing.
- The scale counts the path, not the ink, so that a thick pen does not make a digit smaller. A
  path shorter than the pen is wide is a dot: it is drawn as a dot instead of being blown up.
- All of it happens at one resolution (the ink's longer side is always :data:`WORK` pixels), so
  that the cost does not depend on the canvas, and the result is smoothed only once, at the end.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SIDE = 28
BOX = 20.0
"""Longer side of the ink in the result, in pixels."""

RADIUS = 1.1
"""Half the width of a stroke in the result, in pixels: MNIST's own, by the mass of its digits."""

CENTRE = 14.5
"""Where the centre of mass lies, in pixels from the upper left corner: the mean over MNIST."""

WORK = 80
"""Longer side of the ink while its width is evened out, in pixels: four for one of the result."""

_FAINT = 0.25
"""Ink paler than this share of the darkest is the rim of a smoothed stroke."""

_TRIES = 8
"""How often a radius is tried that turns out to be too large."""

_PENS = 3
"""How many widths of pen one drawing may have."""


def to_mnist(ink: NDArray[np.uint8]) -> Floats:
    """What the network receives for a drawing.

    Defined answers: an empty canvas gives zeros; a dot gives a dot of the usual stroke width at
    the centre; a canvas that is ink all over gives a solid rectangle of the canvas's aspect; a
    line, however thin, gives a line 20 pixels long of the usual stroke width.

    Args:
        ink: ``(H, W)`` uint8, 255 = ink, 0 = paper; any size, any aspect.

    Returns:
        ``(28, 28)`` float32 in [0, 1], 1 = ink: the longer side of the ink is 20 pixels, its
        centre of mass is where MNIST has it, except that no ink is pushed over the edge.

    Raises:
        ValueError: ``ink`` is not a two-dimensional uint8 array with at least one pixel.
    """
    shape, dtype = getattr(ink, "shape", None), getattr(ink, "dtype", None)
    if not isinstance(ink, np.ndarray) or ink.ndim != 2 or ink.size == 0 or dtype != np.uint8:
        raise ValueError(
            f"ink must be a (height, width) array of uint8, not {type(ink).__name__} "
            f"of shape {shape} and type {dtype}"
        )
    shade = int(ink.max())
    if shade == 0:
        return np.zeros((SIDE, SIDE), np.float32)
    cropped = _crop(ink, shade)
    if cropped.shape == ink.shape and int(ink.min()) > _FAINT * shade:
        scale = WORK / max(ink.shape)
        least = round(WORK * 2 * RADIUS / BOX)
        solid = np.ones([max(least, round(side * scale)) for side in ink.shape], np.float32)
        return _place(solid, BOX / WORK)
    return _place(*_even(_shrink(cropped, shade)))


def thicken(ink: NDArray[np.uint8], pixels: float) -> NDArray[np.uint8]:
    """The drawing as a pen wider by ``2 · pixels`` would have left it.

    Args:
        ink: ``(H, W)`` uint8, 255 = ink.
        pixels: how far the edge of the ink moves outwards.

    Returns:
        ``(H + 2m, W + 2m)`` uint8, either 0 or 255, with a margin m that holds all of it.
    """
    mask = np.pad(ink >= 128, math.ceil(pixels) + 1)
    grown = _depth(~mask, pixels + 1, beyond=True) <= pixels
    return np.where(grown, np.uint8(255), np.uint8(0))


def _crop(ink: NDArray[np.uint8], shade: int) -> NDArray[np.uint8]:
    """The smallest rectangle that holds all ink."""
    level = _FAINT * shade
    rows = np.flatnonzero(ink.max(1) > level)
    columns = np.flatnonzero(ink.max(0) > level)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _shrink(ink: NDArray[np.uint8], shade: int) -> NDArray[np.bool_]:
    """The ink at the working resolution, longer side :data:`WORK` pixels, as a mask.

    A hairline covers only a part of a pixel there; the level falls with the scale to keep it.
    """
    height, width = ink.shape
    scale = WORK / max(height, width)
    tall, wide = max(1, round(height * scale)), max(1, round(width * scale))
    if scale > 1:
        tall_map, wide_map = _lines(height, tall), _lines(width, wide)
    else:
        tall_map, wide_map = _areas(height, tall), _areas(width, wide)
    grey = tall_map @ ink.astype(np.float32) @ wide_map.T
    # Where nothing is left, the ink is a few pixels far apart, less than a hairline.
    level = min(0.45 * min(1.0, scale) * shade, 0.5 * float(grey.max()))
    return np.asarray(grey > level)


def _areas(length: int, pixels: int) -> Floats:
    """``(pixels, length)``: the share of each new pixel that each old one covers."""
    edges = np.linspace(0, length, pixels + 1)
    return _overlap(edges[:-1], edges[1:], length)


def _lines(length: int, pixels: int) -> Floats:
    """``(pixels, length)``: weights of linear interpolation between the centres of old pixels."""
    centres = (np.arange(pixels) + 0.5) * length / pixels
    away = np.abs(centres[:, None] - (np.arange(length) + 0.5))
    weights = np.maximum(0, 1 - away)
    return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)


def _overlap(low: NDArray[Any], high: NDArray[Any], length: int) -> Floats:
    """``(n, length)``: the share of each interval [low, high] that each unit pixel covers."""
    pixel = np.arange(length)
    shared = np.minimum(high[:, None], pixel + 1) - np.maximum(low[:, None], pixel)
    return np.asarray(np.maximum(0, shared) / (high - low)[:, None], np.float32)


def _depth(mask: NDArray[np.bool_], limit: float, beyond: bool = False) -> Floats:
    """Distance of every set pixel to the edge of its region, in pixels, up to about ``limit``.

    The exact Euclidean transform, one axis after the other; a window as wide as the largest
    distance is all that the second axis has to look at. What lies beyond the array counts as unset,
    or with ``beyond`` as set.
    """
    height, width = mask.shape
    reach = min(math.ceil(limit) + 1, max(mask.shape) + 1)
    far = np.float32(-reach if beyond else 0)
    # Steps to the nearest unset pixel of the column: a running minimum from either side.
    rows = np.arange(1, height + 1, dtype=np.float32)[:, None]
    above = rows - np.maximum.accumulate(np.where(mask, far, rows), axis=0)
    back = np.float32(height + 1) - rows
    below = back - np.maximum.accumulate(np.where(mask, far, back)[::-1], axis=0)[::-1]
    down = np.minimum(np.minimum(above, below), np.float32(reach))
    border = np.float32(reach**2 if beyond else 0)
    square = np.full((height, width + 2 * reach), border, np.float32)
    square[:, reach : reach + width] = down * down
    nearest = square[:, reach : reach + width].copy()
    for step in range(1, reach + 1):
        if step * step >= nearest.max():
            break
        for start in (reach - step, reach + step):
            np.minimum(nearest, square[:, start : start + width] + np.float32(step**2), out=nearest)
    return np.asarray(np.maximum(np.sqrt(nearest) - np.float32(0.5), 0), np.float32)


def _radius(depth: Floats, mask: NDArray[np.bool_]) -> float:
    """Radius of the pen that drew ``mask``, in pixels, from the depth along its ridge."""
    padded = np.pad(depth, 1)
    height, width = depth.shape
    highest = np.zeros_like(depth)
    for down, right in ((0, 1), (1, 0), (1, 2), (2, 1)):
        np.maximum(highest, padded[down : down + height, right : right + width], out=highest)
    deepest = float(depth.max())
    if deepest > 0.4 * max(mask.shape):
        return deepest  # as deep as it is wide: a dot, round or square
    ridge = np.sort(depth[mask & (depth >= highest)])
    # A rough edge has little ridges of its own: count each pixel by its depth to see past them.
    weight = np.cumsum(ridge)
    middle = float(ridge[np.searchsorted(weight, 0.5 * weight[-1])])
    ridge = ridge[ridge > 0.35 * middle]
    return float(ridge[int(0.1 * (len(ridge) - 1))])


def _even(mask: NDArray[np.bool_]) -> tuple[Floats, float]:
    """The ink as a pen of radius :data:`RADIUS` would have left it, and the scale to the result.

    Returns ``(H, W)`` float32 in [0, 1] at the working resolution, and pixels of the result per
    pixel of it.
    """
    depth = _depth(mask, WORK)
    pen = _radius(depth, mask)
    pieces = _pieces(mask)
    for _ in range(_TRIES):
        even, scale = _redrawn(mask, depth, pen)
        if _pieces(even > 0.5) <= pieces:
            break
        # A pen that tears a stroke is larger than the one that drew it: much ink has merged.
        pen *= 0.85
    sides = [np.flatnonzero(even.max(axis) > 0.5) for axis in (1, 0)]
    longer = max(int(side[-1] - side[0]) + 1 for side in sides)
    return even, min(scale, BOX / longer)


def _redrawn(mask: NDArray[np.bool_], depth: Floats, pen: float) -> tuple[Floats, float]:
    """:func:`_even` for ink that a pen of radius ``pen`` is known to have drawn."""
    path = max(mask.shape) - 2 * pen
    scale = (BOX - 2 * RADIUS) / max(path, pen)
    wanted = RADIUS / scale
    margin = math.ceil(wanted) + 2
    mask, depth = np.pad(mask, margin), np.pad(depth, margin)
    signed = depth
    if wanted > 0.7 * pen:
        signed = depth - _depth(~mask, margin, beyond=True)
    even = np.clip(signed - (pen - wanted) + np.float32(0.5), 0, 1)
    rest = mask
    for _ in range(_PENS - 1):
        if pen < 1.5 or path < pen:
            break
        # What this pen cannot have drawn without leaving the ink is a thinner pen's.
        away = _depth(depth < 0.85 * pen, 1.2 * pen + 2, beyond=True)
        rest = rest & (away > max(1.1 * pen, pen + 1))
        if rest.sum() < max(wanted**2, 0.02 * mask.sum()):
            break
        pen = _radius(depth * rest, rest)
        thinner = depth
        if wanted > 0.7 * pen:
            thinner = depth - _depth(~mask, margin, beyond=True)
        near = np.clip(thinner - (pen - wanted) + np.float32(0.5), 0, 1)
        reach = _depth(~rest, wanted + 2, beyond=True) <= wanted
        even = np.maximum(even, near * reach)
    return even, scale


def _pieces(mask: NDArray[np.bool_]) -> int:
    """Number of connected pieces, pixels that share a corner being connected."""
    height, width = mask.shape
    bordered = np.zeros((height, width + 2), np.int8)
    bordered[:, 1:-1] = mask
    change = np.diff(bordered, axis=1)
    row, start = (part.tolist() for part in np.nonzero(change > 0))
    end = np.nonzero(change < 0)[1].tolist()
    parent = list(range(len(start)))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    above, pieces = 0, len(start)
    for run in range(len(start)):
        while row[above] < row[run] - 1:
            above += 1
        other = above
        while row[other] == row[run] - 1 and start[other] <= end[run]:
            if end[other] >= start[run]:
                one, two = root(run), root(other)
                if one != two:
                    parent[one] = two
                    pieces -= 1
            other += 1
    return pieces


def _place(ink: Floats, scale: float) -> Floats:
    """Scales ``ink`` and puts its centre of mass at the centre of 28×28.

    Args:
        ink: ``(H, W)`` float32 in [0, 1].
        scale: pixels of the result per pixel of ``ink``.
    """
    maps = []
    for axis in (1, 0):
        mass = ink.sum(axis, dtype=np.float64)
        middle = float(mass @ (np.arange(len(mass)) + 0.5) / mass.sum())
        held = np.flatnonzero(mass > 0)
        start = middle - CENTRE / scale
        start = max(min(start, float(held[0])), float(held[-1]) + 1 - SIDE / scale)
        edges = start + np.arange(SIDE + 1) / scale
        maps.append(_overlap(edges[:-1], edges[1:], len(mass)))
    return np.asarray(np.clip(maps[0] @ ink @ maps[1].T, 0, 1), np.float32)
