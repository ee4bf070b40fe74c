"""Digits written with a synthetic pen, in the styles that MNIST lacks.

MNIST's writers were American: hardly a seven with a bar, a one with a flag and a foot, an open
four, a nine with a hooked tail. :data:`STYLES` describes such shapes, and the common ones, as the
pen's path; a sample bends, slants, stretches and trims that path at random, inks it with a round
brush of random width, and passes it through the same :func:`~explorer.data.drawing.to_mnist` as a
drawing on the pad.

Choices: a path is a few control points joined by centripetal Catmull-Rom curves, which pass through
their points and do not overshoot; everything random comes from one NumPy generator, so that a
seed names a data set.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from explorer.data.drawing import to_mnist

Points = NDArray[np.float64]

STYLES: dict[int, dict[str, str]] = {
    0: {
        "closed": "30,0 8,15 0,50 8,85 30,100 52,85 60,50 52,15 30,0",
        "overlapping": "44,12 22,0 4,30 2,70 28,100 54,82 58,40 46,8 24,4",
        "open": "40,4 16,6 0,45 8,86 32,100 56,78 60,40 50,8",
        "curled": "42,10 20,2 0,45 8,88 32,100 56,80 60,40 50,8 32,2 24,14 36,20",
        "spiral": "20,32 40,12 14,6 0,50 14,92 44,96 60,50 44,8 18,12",
        "slashed": "30,0 8,15 0,50 8,85 30,100 52,85 60,50 52,15 30,0 | 54,10 6,92",
    },
    1: {
        "plain": "30,0 30,100",
        "flag": "8,28 32,0 / 32,100",
        "short flag": "18,14 30,0 / 30,100",
        "long flag": "0,48 34,0 / 34,100",
        "steep flag": "6,56 30,0 / 26,100",
        "parallel flag": "12,70 34,0 / 30,100",
        "wide flag": "-18,46 30,0 / 14,100",
        "falling flag": "-10,62 30,0 / 22,100",
        "slanted flag": "-6,40 44,0 / 18,100",
        "slanted wide flag": "-24,54 44,0 / 12,100",
        "level flag": "4,20 20,16 32,0 / 32,100",
        "foot": "30,0 30,100 | 8,100 52,100",
        "flag and foot": "8,26 32,0 / 32,100 | 8,100 56,100",
        "flag and foot in one": "10,26 32,0 / 32,100 / 8,100 / 56,100",
    },
    2: {
        "flat base": "4,24 12,5 32,0 52,8 55,30 38,62 3,100 / 60,100",
        "looped": "5,22 15,3 35,0 52,12 50,38 30,74 12,95 3,92 10,82 28,90 42,98 60,93",
        "angular": "4,4 50,2 / 4,98 / 58,98",
        "waved base": "4,22 14,3 34,0 52,10 52,32 34,66 4,96 / 22,90 42,100 60,94",
        "curled start": "14,28 5,22 12,4 34,0 54,12 50,36 30,70 2,100 / 58,98",
        "round": "2,18 20,0 48,4 52,34 30,66 8,88 / 30,86 60,92",
        "long base": "6,22 14,4 32,0 46,10 44,32 28,64 2,98 / 74,98",
    },
    3: {
        "round": "4,12 24,0 50,10 48,34 20,47 / 48,54 56,80 30,100 2,88",
        "flat top": "4,3 52,3 / 24,40 / 50,54 55,82 30,100 2,88",
        "looped waist": "5,12 28,0 50,12 42,38 24,48 16,44 26,42 50,58 54,82 28,100 3,90",
        "smooth": "5,9 30,0 50,16 38,42 28,47 42,52 55,75 34,98 2,92",
        "small top": "8,8 26,0 42,10 38,30 20,40 / 50,50 58,78 34,100 2,94",
        "curled": "12,20 5,14 24,0 48,10 44,36 22,46 / 50,56 54,84 28,100 4,92 8,80",
        "short arms": "14,4 34,0 48,14 38,38 26,44 / 48,52 54,78 36,98 14,96",
    },
    4: {
        "open": "12,0 4,55 / 58,54 | 46,18 43,100",
        "open and level": "6,0 2,50 / 60,48 | 50,0 46,100",
        "open and round": "10,0 3,36 16,52 52,48 | 50,0 47,100",
        "open in one": "10,0 4,40 14,54 40,46 52,4 / 48,100",
        "low stem": "24,0 3,58 / 60,56 | 40,34 34,100",
        "closed": "40,0 0,68 / 60,68 | 42,2 42,100",
        "closed in one": "44,100 44,0 / 0,66 / 62,66",
        "from the bar": "58,62 2,62 / 42,0 / 40,100",
        "slanted": "30,0 2,60 / 58,56 | 48,28 26,100",
        "zigzag": "22,0 2,58 / 52,44 | 36,24 28,100",
        "zigzag with a short stem": "26,0 4,62 / 50,56 | 36,40 32,100",
        "rounded zigzag": "24,0 6,44 6,56 48,46 | 44,26 36,100",
        "low hook": "24,0 8,44 8,66 44,50 | 44,34 34,100",
        "small cup": "18,0 6,54 16,64 46,46 | 40,28 30,100",
        "cup and tick": "20,0 4,50 10,72 42,56 | 42,40 36,92",
        "round cup": "18,0 2,58 20,72 50,48 | 46,32 34,100",
        "square": "4,0 4,48 / 50,48 | 50,0 50,100",
    },
    5: {
        "in one": "52,2 12,2 / 8,42 / 32,36 54,55 50,85 25,100 2,88",
        "separate top": "12,3 8,44 / 30,38 53,52 52,80 28,100 3,90 | 12,2 54,2",
        "detached top": "13,8 8,46 / 30,38 53,54 52,82 28,100 3,90 | 20,0 60,-3",
        "smooth": "52,3 26,2 9,14 12,38 40,48 52,70 40,95 4,94",
        "no corner": "50,2 14,3 / 5,42 20,44 46,50 54,74 36,98 2,94",
        "high belly": "54,0 16,2 / 12,30 / 36,28 56,50 48,86 22,100 2,96",
        "short stem": "54,0 14,5 / 20,40 / 46,48 52,74 24,98 -4,92",
        "falling top": "12,3 8,44 / 32,38 54,56 50,84 26,100 2,90 | 12,3 40,6 58,0",
        "curled": "54,3 14,2 / 9,40 / 34,34 54,54 48,86 24,98 6,88 14,78",
    },
    6: {
        "curved": "46,2 20,20 3,60 8,92 30,100 52,88 54,66 34,53 8,68",
        "straight stem": "40,0 14,44 2,76 14,98 38,98 54,80 44,60 22,60 4,76",
        "open": "44,0 16,28 2,66 10,94 32,100 52,86 50,68 36,60 24,66",
        "curled inside": "44,2 14,28 2,66 12,96 36,100 54,82 48,60 28,58 16,74 26,84",
        "big belly": "36,0 12,24 0,62 12,96 40,100 60,76 50,46 26,42 4,60",
        "hooked start": "50,14 44,2 22,12 4,54 8,92 32,100 52,84 46,60 24,56 6,74",
        "crossing tail": "44,0 18,48 10,84 26,100 44,86 34,68 -8,74",
        "small crossing loop": "40,0 22,44 12,86 22,98 34,84 26,68 0,78",
        "small belly": "30,0 10,44 4,80 18,100 38,96 44,80 32,70 12,76",
    },
    7: {
        "plain": "3,3 57,3 / 25,100",
        "barred": "3,3 57,3 / 25,100 | 10,52 54,48",
        "serif": "4,22 5,3 / 57,3 / 25,100",
        "serif and bar": "4,22 5,3 / 57,3 / 25,100 | 12,50 54,48",
        "waved": "2,14 12,3 32,8 57,3 / 32,45 22,100",
        "waved and barred": "2,14 12,3 32,8 57,3 / 32,45 22,100 | 8,52 52,46",
        "bent": "4,4 54,3 / 48,30 30,60 26,100",
        "bent and barred": "4,4 54,3 / 46,30 32,60 28,100 | 12,50 56,50",
        "rounded": "3,12 24,2 50,4 50,24 34,56 24,100",
        "barred in one": "4,8 54,3 / 26,98 / 6,58 / 52,50",
        "low bar": "3,10 56,3 / 28,100 | 6,64 54,56",
        "hat": "0,20 14,4 38,3 54,14 / 48,60 40,100 | 18,62 66,58",
        "looped bar": "2,12 14,3 30,8 54,2 / 30,52 22,98 | 2,56 30,50 58,52",
        "steep": "4,4 48,2 / 44,100 | 24,50 64,48",
        "hooked": "4,16 8,2 30,6 52,2 / 22,62 20,100",
    },
    8: {
        "crossed": "48,12 28,0 8,12 14,35 45,58 54,80 30,100 6,82 15,58 45,35 50,12",
        "two circles": "30,48 10,36 12,10 30,0 48,10 50,36 30,48 | "
        "30,48 6,62 5,90 30,100 55,90 54,62 30,48",
        "open top": "46,8 28,2 10,14 18,36 44,58 52,82 28,100 6,82 18,58 42,36 58,4",
        "from the middle": "30,48 8,28 24,2 48,10 44,36 12,60 6,88 30,100 54,84 46,62 26,46",
        "open top left": "8,8 18,36 46,60 52,86 28,100 6,82 18,58 46,34 44,6 22,0 6,14",
        "crossed ends": "8,0 20,30 46,62 50,86 28,100 8,86 16,62 42,34 54,0",
        "wide open": "54,12 32,0 10,12 16,34 46,60 50,84 28,100 8,82 18,60 40,40 52,28",
        "narrow": "40,10 28,0 18,14 24,38 40,62 40,90 26,100 14,86 22,60 42,34 42,12",
        "small top": "42,14 28,4 16,16 22,36 50,56 56,82 28,100 2,80 14,56 38,36 44,16",
        "reversed": "12,12 32,0 52,12 46,35 15,58 6,80 30,100 54,82 45,58 15,35 10,12",
    },
    9: {
        "straight": "50,15 30,0 6,12 5,38 25,48 48,34 52,8 / 50,100",
        "hooked": "50,14 30,0 6,12 5,38 25,48 48,34 52,8 / 54,60 46,92 24,100 4,88",
        "curved": "50,14 30,0 6,12 5,38 25,48 48,34 54,10 / 48,62 20,100",
        "slanted": "52,14 32,0 8,14 6,38 25,46 46,32 54,8 / 26,100",
        "open": "54,8 32,0 8,15 8,38 28,45 52,24 / 50,100",
        "wide hook": "48,12 28,0 6,12 8,36 28,44 48,28 50,6 / 54,70 38,100 12,98 0,84",
        "flat hook": "48,12 28,0 6,12 8,38 30,44 50,26 / 54,80 / 40,98 4,96",
        "spread hook": "52,12 26,0 4,16 14,38 48,26 54,14 56,60 34,94 0,92",
        "far hook": "50,14 30,0 8,12 10,36 30,44 48,30 52,10 / 54,84 / 30,96 -6,94",
        "small head and hook": "48,8 34,0 16,6 14,30 30,38 46,24 50,8 / 56,58 46,90 20,100 -8,88",
        "round sweep": "46,10 30,0 14,8 12,28 30,36 48,22 52,14 62,64 46,92 14,100 -8,94",
        "scribbled head": "40,14 28,2 14,14 24,34 42,26 36,8 18,8 16,30 44,32 / 52,66 36,96 2,94",
        "low sweep": "46,8 28,0 14,14 24,32 42,24 46,8 / 52,86 / -10,98",
        "small head": "46,10 32,0 18,10 20,28 34,32 46,18 48,6 / 48,60 42,100",
        "two strokes": "46,10 28,0 8,12 8,36 28,46 46,34 48,10 | 50,4 50,60 44,100",
        "hooked and open": "54,6 34,0 10,14 10,38 30,44 52,24 / 54,66 42,96 22,100 6,90",
        "round": "52,22 40,0 10,6 6,34 26,48 50,36 54,20 50,66 30,96 6,98",
    },
}
"""Pen paths, digit → style → strokes: ``x,y`` in 60 × 100, ``/`` a corner, ``|`` the pen lifted."""


INK = 100
"""Longer side of a path on the canvas, in pixels."""


def pen_path(digit: int, style: str, rng: np.random.Generator) -> list[Points]:
    """A digit as one person might write it once.

    Args:
        digit: 0 to 9.
        style: a name in ``STYLES[digit]``.
        rng: decides everything that is random.

    Returns:
        One array ``(n, 2)`` of x and y for each stroke, the longer side of the whole :data:`INK`,
        y down.
    """
    wobble = rng.uniform(1.0, 5.0)
    strokes = []
    for index, stroke in enumerate(STYLES[digit][style].split("|")):
        # A later stroke is aimed afresh.
        aim = rng.normal(0, 0.8 * wobble if index else 0.0, 2)
        pieces: list[Points] = []
        for piece in stroke.split("/"):
            points = np.array([point.split(",") for point in piece.split()], float)
            points += rng.normal(0, wobble, points.shape) + aim
            if pieces:
                points = np.concatenate([pieces[-1][-1:], points])
            pieces.append(_curve(points))
        strokes.append(_trim(np.concatenate(pieces), rng))
    return _bend(strokes, rng)


def _curve(points: Points, steps: int = 8) -> Points:
    """Centripetal Catmull-Rom curve through ``points`` ``(n, 2)``: ``((n − 1) · steps + 1, 2)``.

    Source: Barry and Goldman, "A recursive evaluation algorithm for a class of Catmull-Rom
    splines", 1988.
    """
    ends = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    knots = np.sqrt(np.maximum(np.linalg.norm(np.diff(ends, axis=0), axis=1), 1e-3))
    time = np.concatenate([[0.0], np.cumsum(knots)])
    where = np.linspace(0, 1, steps, endpoint=False)
    parts = []
    for first in range(len(points) - 1):
        p, t = ends[first : first + 4], time[first : first + 4]
        now = (t[1] + where * (t[2] - t[1]))[:, None]

        def blend(a: Any, b: Any, low: float, high: float, now: Points = now) -> Any:
            return ((high - now) * a + (now - low) * b) / (high - low)

        a = [blend(p[i], p[i + 1], t[i], t[i + 1]) for i in range(3)]
        b = [blend(a[i], a[i + 1], t[i], t[i + 2]) for i in range(2)]
        parts.append(blend(b[0], b[1], t[1], t[2]))
    return np.concatenate([*parts, points[-1:]])


def _trim(curve: Points, rng: np.random.Generator) -> Points:
    """The stroke begins a little late or early and ends so too: off by up to 6 % of its length."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    low, high = length[-1] * np.clip(rng.normal(0, 0.03, 2), -0.06, 0.06)
    kept = curve[(length >= low) & (length <= length[-1] + min(high, 0.0))]
    if high > 0:
        kept = np.concatenate([kept, kept[-1:] + (kept[-1:] - kept[-4:-3]) * high / 12])
    return np.asarray(kept, float)


def _bend(strokes: list[Points], rng: np.random.Generator) -> list[Points]:
    """Stretch, slant, rotate and gently warp the plane under the strokes; then fit to INK."""
    counts = np.cumsum([len(stroke) for stroke in strokes])[:-1]
    points = np.concatenate(strokes) / 100 - np.array([0.3, 0.5])
    for _ in range(2):
        wave = rng.normal(0, 4.0, 2)
        phase, push = rng.uniform(0, 2 * math.pi), rng.normal(0, 0.025, 2)
        points = points + np.sin(points @ wave + phase)[:, None] * push
    stretch, slant = math.exp(rng.normal(0, 0.22)), rng.normal(-0.12, 0.2)
    turn = rng.normal(0, 0.12)
    shear = np.array([[stretch, slant], [0.0, 1.0]])
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    points = points @ (rotation @ shear).T
    points -= points.min(0)
    points *= INK / max(points.max(), 1e-6)
    return [np.asarray(part) for part in np.split(points, counts)]


def ink(strokes: Sequence[Points], brush: float) -> NDArray[np.uint8]:
    """Strokes inked with a round brush.

    Args:
        strokes: arrays ``(n, 2)`` of x and y in pixels.
        brush: diameter in pixels.

    Returns:
        ``(H, W)`` uint8, 255 = ink, just large enough for the strokes.
    """
    margin = brush / 2 + 2
    width, height = (np.concatenate(strokes).max(0) + 2 * margin).astype(int) + 1
    page = Image.new("L", (int(width), int(height)))
    pen = ImageDraw.Draw(page)
    for stroke in strokes:
        path = [(float(x), float(y)) for x, y in stroke + margin]
        if len(path) > 1:
            pen.line(path, fill=255, width=max(1, round(brush)), joint="curve")
        # The ends; between them the joints are round already.
        for x, y in (path[0], path[-1]):
            reach = brush / 2
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return np.asarray(page)


def sample(
    count: int, seed: int, digit: int | None = None, style: str | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Synthetic digits as the network receives them.

    Args:
        count: how many.
        seed: names the sample; the same seed gives the same digits.
        digit: only this one, or all in turn.
        style: only this style of ``digit``, or any.

    Returns:
        Images ``(count, 28, 28)`` uint8, 255 = ink, and labels ``(count,)`` uint8.
    """
    rng = np.random.default_rng(seed)
    images = np.empty((count, 28, 28), np.uint8)
    labels = np.empty(count, np.uint8)
    for index in range(count):
        labels[index] = index % 10 if digit is None else digit
        styles = list(STYLES[int(labels[index])])
        chosen = style or styles[int(rng.integers(len(styles)))]
        # From a hairline on a large digit to a marker on a small one that closes its loops.
        brush = INK * rng.uniform(0.03, 0.36)
        drawn = to_mnist(ink(pen_path(int(labels[index]), chosen, rng), brush))
        images[index] = np.rint(drawn * 255)
    return images, labels
