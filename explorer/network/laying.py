"""Where the weights of a layer lie on a page: as slices over what the layer reads.

A kernel of a convolution has a slice for each channel. A unit of a dense layer behind a flatten has
a weight for every cell of the maps that were flattened: laid back over them, it has slices too. A
unit that reads other units has one slice, as nearly square as their number allows.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.network.architecture import Network, Row
from explorer.network.layers import Conv2D, Flatten
from explorer.network.making import laid_back, slot

Floats = npt.NDArray[np.float32]
Cell = tuple[int, int, int]


@dataclass(frozen=True)
class Laying:
    """How the weights of one kernel or unit of a layer are laid out.

    Attributes:
        slices, rows, columns: of the sheet.
        what: what a slice reads: ``input``, ``map``, or ``units`` for the one that reads them all.
        order: where each cell of the sheet lies in the weights: ``keras`` for channels last, as
            behind a flatten, ``same`` for the sheet's own order.
    """

    slices: int
    rows: int
    columns: int
    what: str
    order: str = "same"

    @property
    def shape(self) -> Cell:
        """``(slices, rows, columns)``."""
        return self.slices, self.rows, self.columns

    def lay(self, line: Floats) -> Floats:
        """The weights of one kernel or unit, or as many numbers, as :attr:`shape`."""
        if self.order == "keras":
            return laid_back(line, self.shape)
        return np.ascontiguousarray(line.reshape(self.shape))

    def cell(self, index: tuple[int, ...]) -> Cell:
        """Slice, row and column of a weight: (kernel, channel, row, column) or (unit, input)."""
        if len(index) == 4:
            return index[1], index[2], index[3]
        if self.order == "keras":
            return slot(index[1], self.shape)
        place, column = divmod(index[1], self.columns)
        return (*divmod(place, self.rows), column)

    def index(self, kernel: int, cell: Cell, axes: int) -> tuple[int, ...]:
        """The weight of a kernel or unit at a cell; ``axes`` is 4 for a convolution, else 2.

        Raises:
            ValueError: the sheet has no such cell.
        """
        if not all(0 <= i < n for i, n in zip(cell, self.shape, strict=True)):
            raise ValueError(f"a sheet of {self.shape} has no cell {cell}")
        if axes == 4:
            return (kernel, *cell)
        channel, row, column = cell
        if self.order == "keras":
            return kernel, (row * self.columns + column) * self.slices + channel
        return kernel, (channel * self.rows + row) * self.columns + column


def laying(network: Network, row: Row) -> Laying:
    """How the weights of a convolution or a dense layer are laid out."""
    place = network.rows.index(row)
    first = place == 0
    if isinstance(row.layer, Conv2D):
        side = row.layer.kernel_size
        return Laying(row.input_shape[0], side, side, "input" if first else "map")
    below = network.rows[place - 1] if place else None
    if below and isinstance(below.layer, Flatten) and len(below.input_shape) == 3:
        return Laying(*below.input_shape, "input" if place == 1 else "map", "keras")
    count = row.input_shape[0]
    high = next(n for n in range(math.isqrt(count), 0, -1) if count % n == 0)
    return Laying(1, high, count // high, "units")
