"""How far pooling withstands a shift: the formula, and the charts of what was measured."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from explorer.ops.chain import Chain
from explorer.ops.pooling import absorbed
from explorer.view.answer import percent
from explorer.view.figures import Line, over_shifts

if TYPE_CHECKING:
    import plotly.graph_objects as go

Floats = npt.NDArray[np.float32]


def absorbs(chain: Chain, shares: npt.NDArray[np.float64], way: str, tolerance: float) -> str:
    """The shift that the blocks can absorb: the formula, and what is measured on the picture.

    Args:
        chain: the blocks.
        shares: ``(9,)``, of the picture's lit cells that shifts of 0 to 8 pixels leave unchanged.
        way: the direction of these shifts.
        tolerance: that they were counted with.
    """
    best = absorbed(chain.pool, chain.size, chain.stride, chain.blocks)
    said = f"**What it can absorb.** {_formula(chain, best)} "
    if np.isnan(shares[1:]).any():
        return said + "No cell is lit on this picture, so there is nothing to measure."
    limit = min(best, 8)
    if limit:
        said += (
            f"Measured on this picture, moved {way}: {percent(shares[1])} of the lit cells are "
            f"unchanged after 1 pixel, {percent(shares[limit])} after {limit}"
            if limit > 1
            else f"Measured on this picture, moved {way}: {percent(shares[1])} of the lit cells "
            "are unchanged after 1 pixel"
        )
        if limit < 8:
            said += (
                f", and {percent(shares[limit + 1])} after {limit + 1}, beyond the best case: "
                "there a cell stays only where the picture looks alike again"
            )
        return f"{said}."
    return said + (
        f"Measured on this picture, moved {way}: {percent(shares[1])} of the lit cells are "
        f"unchanged after 1 pixel, those where the picture looks alike to within "
        f"{100 * tolerance:.0f}\u00a0%."
    )


def shares(
    before: npt.NDArray[np.float64],
    after: npt.NDArray[np.float64],
    here: npt.NDArray[np.float64],
    way: str,
    mark: int,
) -> "go.Figure":
    """The chart of the shares of unchanged cells.

    Args:
        before, after: of many images, ``(4, 9)``: directions, shifts.
        here: of this picture after pooling, ``(9,)``, moved in the direction ``way``.
        mark: the current shift, in pixels.
    """
    lines = [
        Line("before pooling", before.mean(0), before.min(0), before.max(0)),
        Line("after pooling", after.mean(0), after.min(0), after.max(0)),
        Line(f"after pooling, this picture, moved {way}", here),
    ]
    return over_shifts(lines, mark, what="Unchanged of the lit cells")


class Accuracy(Protocol):
    """Accuracies in [0, 1] for shifts of 0 to 8 pixels, ``(9,)`` each."""

    @property
    def images(self) -> int:
        """How many images were read."""

    @property
    def mean(self) -> Floats:
        """Over the directions."""

    @property
    def low(self) -> Floats:
        """In the worst direction."""

    @property
    def high(self) -> Floats:
        """In the best direction."""


TRIALS = {
    "pool-max": "with max-pooling",
    "pool-average": "with average pooling",
    "pool-strided": "with strides, without pooling",
}
"""The networks that differ in nothing but their pooling, and what they are called in the chart."""


def _title(name: str, images: int) -> str:
    fewer = "" if images == TEST_IMAGES else f", first {images:,} images"
    return TRIALS.get(name, f"network “{name}”") + fewer


TEST_IMAGES = 10_000


def accuracies(curves: Mapping[str, Accuracy], mark: int) -> "go.Figure":
    """The chart of the accuracies of networks, by name; ``mark`` is the current shift."""
    lines = [
        Line(_title(name, curve.images), curve.mean, curve.low, curve.high)
        for name, curve in curves.items()
    ]
    return over_shifts(lines, mark, what="Test images read correctly")


def _formula(chain: Chain, best: int) -> str:
    size, stride, blocks = chain.size, chain.stride, chain.blocks
    pixels = f"**{best} pixel{'' if best == 1 else 's'}**"
    worst = "at worst, at the border that it is pushed across, by none"
    if chain.pool == "strided":
        return (
            "Without a window nothing is absorbed: a lone pixel that moves by one has left its "
            "cell, at best and at worst."
        )
    if chain.pool == "blur":
        return (
            f"A lone pixel can move by at most {pixels} without any change of the cell that it "
            f"lights; {worst}. Blurred max-pooling does not hold values still: it lets them change "
            "gradually instead of all at once."
        )
    terms = ["1", f"{stride}", f"{stride}²"][:blocks]
    if chain.pool == "max" and stride <= size:
        inner = f"({size} − 1)" + (f" · ({' + '.join(terms)})" if blocks > 1 else "")
        case = f" (size − 1) · (1 + stride + …) = {inner} ="
    elif blocks == 1 or stride > size:
        case = f" size − 1 = {size} − 1 ="
    else:
        case = ""
    between = " (a kernel between the blocks spreads the pixel, and takes of that)"
    return (
        f"A lone pixel can move by at most{case} {pixels} without any change of the cell that it "
        f"lights, when it starts at the far border of the window; {worst}"
        f"{between if blocks > 1 and chain.kernel is not None else ''}."
    )
