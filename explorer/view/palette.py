"""The one palette: lookup tables for maps, and the few colours that carry meaning.

A table is (256, 3) uint8, lowest value first. Each is built from a handful of anchors, linear in
sRGB between them, so that every colour on a page can be traced to a line here.

- `INK` is what a person drew: paper is 0, ink is 1. It follows the theme, so that a pad and the
  28×28 beside it look alike.
- `ACTIVATION` is sequential: black is zero and "lights up" means brighter. Its anchors are those of
  magma, whose lightness rises evenly and stays readable without red-green vision.
- `SIGNED` (blue to red) and `WEIGHT` (purple to green) diverge from a neutral zero. They are two
  different tables, so that a kernel is never mistaken for what it produces.

The dark twins of the diverging tables are neutral in the dark: zero must recede into the page.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Kind = Literal["ink", "activation", "signed", "weight"]
Table = NDArray[np.uint8]

# Each reads on white and on a dark page at a contrast of 3:1 or more.
PREDICTED = "#0b8f7e"
RUNNER_UP = "#c2701a"
MUTED = "#868c96"


class Tables(NamedTuple):
    """The table of one kind of map in each theme, both (256, 3) uint8."""

    light: Table
    dark: Table


def _anchors(colours: Sequence[str]) -> NDArray[np.float64]:
    """Hex colours -> (n, 3) float64 in 0..255."""
    return np.array([tuple(bytes.fromhex(colour)) for colour in colours], dtype=np.float64)


def _interpolate(colours: Sequence[str], positions: NDArray[np.float64]) -> Table:
    """Colours of evenly spaced anchors at positions in [0, 1] -> (len(positions), 3) uint8."""
    anchors = _anchors(colours)
    at = np.linspace(0, 1, len(anchors))
    channels = [np.interp(positions, at, anchors[:, channel]) for channel in range(3)]
    table = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    table.setflags(write=False)
    return table


def _sequential(*colours: str) -> Table:
    return _interpolate(colours, np.linspace(0, 1, 256))


def _diverging(*colours: str) -> Table:
    """A table whose two middle entries are both the neutral colour, so that zero has no hue."""
    distance = (np.abs(np.arange(256) - 127.5) - 0.5) / 127
    side = np.sign(np.arange(256) - 127.5)
    return _interpolate(colours, 0.5 + 0.5 * side * distance)


INK = _sequential("fcfbf8", "17181b")
INK_DARK = _sequential("1a1a1c", "f5f3ee")
ACTIVATION = _sequential(
    "000004",
    "140e36",
    "3b0f70",
    "641a80",
    "8c2981",
    "b73779",
    "de4968",
    "f7705c",
    "fe9f6d",
    "fecf92",
    "fcfdbf",
)
SIGNED = _diverging(
    "053061",
    "2166ac",
    "4393c3",
    "92c5de",
    "d1e5f0",
    "f7f7f5",
    "fddbc7",
    "f4a582",
    "d6604d",
    "b2182b",
    "67001f",
)
SIGNED_DARK = _diverging(
    "b9e2ff",
    "6db9f2",
    "3a8fd0",
    "235f93",
    "1b3853",
    "1d1d20",
    "4d2a25",
    "8f3d33",
    "cf5a46",
    "f38b6b",
    "ffcfb5",
)
WEIGHT = _diverging(
    "40004b",
    "762a83",
    "9970ab",
    "c2a5cf",
    "e7d4e8",
    "f7f7f5",
    "d9f0d3",
    "a6dba0",
    "5aae61",
    "1b7837",
    "00441b",
)
WEIGHT_DARK = _diverging(
    "ecd0ff",
    "c796e4",
    "9d6bc0",
    "6c478a",
    "3b2c4b",
    "1d1d20",
    "23402a",
    "2f6e3d",
    "479c57",
    "7fca85",
    "c9f2c4",
)

TABLES: dict[Kind, Tables] = {
    "ink": Tables(INK, INK_DARK),
    "activation": Tables(ACTIVATION, ACTIVATION),
    "signed": Tables(SIGNED, SIGNED_DARK),
    "weight": Tables(WEIGHT, WEIGHT_DARK),
}
