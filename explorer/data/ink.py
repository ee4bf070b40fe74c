"""Strokes of a drawing: as text for a link, and as pixels without a browser.

A drawing is a tuple of strokes on a 280×280 sheet. In a link it is URL-safe base64, without
padding, of one version byte and then, for each stroke: the brush (one byte), the number of points,
the first point, and the steps from point to point as zigzag varints, so that a step shorter than 64
takes one byte an axis. A written digit is some 60 to 200 characters.

`rasterise` follows the same path as the pad in the browser: a curve at each point, half way to its
neighbours at most, and within `SLACK` of the point: bows are round and corners stay corners.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, sqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SHEET = 280
MIN_BRUSH, MAX_BRUSH = 4, 40
SLACK = 1.0
MAX_TEXT = 1_800
# More than a person draws and little enough that nobody can stall a server with scribbles.
MAX_STROKES = 400
MAX_POINTS = 20_000

_VERSION = 1
_OVERSAMPLE = 8
_CURVE_STEPS = 6

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke: brush is its width, points are (x, y), both in pixels of the 280×280 sheet."""

    brush: int
    points: tuple[Point, ...]


Strokes = tuple[Stroke, ...]


def encode_strokes(strokes: Sequence[Stroke]) -> str:
    """Text that fits a link, or "" when there is nothing to say or it exceeds `MAX_TEXT`."""
    if not strokes:
        return ""
    out = bytearray([_VERSION])
    for stroke in strokes:
        out.append(stroke.brush)
        out += _varint(len(stroke.points))
        x, y = 0, 0
        for px, py in stroke.points:
            out += _varint(_zigzag(px - x)) + _varint(_zigzag(py - y))
            x, y = px, py
        if len(out) > MAX_TEXT:
            return ""
    text = base64.urlsafe_b64encode(out).rstrip(b"=").decode()
    return text if len(text) <= MAX_TEXT else ""


def decode_strokes(text: str) -> Strokes:
    """Strokes of a link, clamped to the sheet; () for what `encode_strokes` never wrote."""
    if not text or len(text) > MAX_TEXT:
        return ()
    try:
        raw = base64.b64decode(
            text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
        if raw[0] != _VERSION:
            return ()
        return tuple(_read(iter(raw[1:])))
    except (ValueError, IndexError, binascii.Error):
        return ()


def rasterise(strokes: Sequence[Stroke], size: int = 140) -> NDArray[np.uint8]:
    """Draw the strokes: (size, size) uint8, 255 = ink, anti-aliased by 8×8 oversampling."""
    scale = size * _OVERSAMPLE / SHEET
    sheet = Image.new("L", (size * _OVERSAMPLE, size * _OVERSAMPLE), 0)
    pen = ImageDraw.Draw(sheet)
    for stroke in strokes:
        width = stroke.brush * scale
        # Pillow fills up to and including the last pixel of a box.
        reach = (width - 1) / 2
        # A point names the centre of a pixel, on the sheet as in Pillow's own coordinates.
        path = [
            ((x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5) for x, y in _rounded(stroke.points)
        ]
        for start, end in pairwise(path):
            pen.line([start, end], fill=255, width=round(width))
        for x, y in path:
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return np.asarray(sheet.reduce(_OVERSAMPLE), dtype=np.uint8)


def _rounded(points: Sequence[Point]) -> Iterator[tuple[float, float]]:
    """The polyline with each inner corner replaced by a quadratic curve, flattened."""
    if not points:
        return
    yield points[0]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        reach = _reach(before, at, after)
        (ax, ay), (bx, by) = _toward(at, before, reach), _toward(at, after, reach)
        for step in range(_CURVE_STEPS + 1):
            t = step / _CURVE_STEPS
            a, c, b = (1 - t) ** 2, 2 * t * (1 - t), t**2
            yield a * ax + c * at[0] + b * bx, a * ay + c * at[1] + b * by
    yield points[-1]


def _reach(before: Point, at: Point, after: Point) -> float:
    """How far from a corner its curve may start so that it passes within `SLACK` of the corner.

    Of a turn by t, the middle of the curve stays away by half the reach times sin(t / 2).
    """
    ax, ay, bx, by = at[0] - before[0], at[1] - before[1], after[0] - at[0], after[1] - at[1]
    lengths = hypot(ax, ay) * hypot(bx, by)
    cosine = (ax * bx + ay * by) / lengths if lengths else 1.0
    return 2 * SLACK / max(sqrt(max(0.0, 1 - cosine) / 2), 1e-6)


def _toward(at: Point, other: Point, distance: float) -> tuple[float, float]:
    """The point this far from `at`, at most half way to `other`."""
    dx, dy = other[0] - at[0], other[1] - at[1]
    share = min(0.5, distance / max(hypot(dx, dy), 1e-6))
    return at[0] + dx * share, at[1] + dy * share


def _read(raw: Iterator[int]) -> Iterator[Stroke]:
    """Strokes of the bytes after the version; ValueError where they are cut short or too many."""
    total = 0
    for brush in raw:
        count = _read_varint(raw)
        total += count
        if count == 0 or total > MAX_POINTS or not MIN_BRUSH <= brush <= MAX_BRUSH:
            raise ValueError("not a drawing")
        points: list[Point] = []
        x, y = 0, 0
        for _ in range(count):
            x = _on_sheet(x + _unzigzag(_read_varint(raw)))
            y = _on_sheet(y + _unzigzag(_read_varint(raw)))
            points.append((x, y))
        yield Stroke(brush, tuple(points))


def _on_sheet(value: int) -> int:
    return min(max(value, 0), SHEET - 1)


def _zigzag(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1


def _unzigzag(value: int) -> int:
    return value // 2 if value % 2 == 0 else -(value + 1) // 2


def _varint(value: int) -> bytes:
    """Seven bits a byte, lowest first; the high bit says that more follow."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(raw: Iterator[int]) -> int:
    """A varint of at most three bytes: nothing in a drawing needs more."""
    value = 0
    for shift in (0, 7, 14):
        byte = next(raw, None)
        if byte is None:
            raise ValueError("not a drawing")
        value |= (byte & 127) << shift
        if byte < 128:
            return value
    raise ValueError("not a drawing")
