"""Blocks of convolution, ReLU and pooling on one picture, and what a shift changes of its maps.

Choices:

- Every block applies the same kernel, with ``same`` padding, so that a map keeps its size until it
  is pooled. Without a kernel a block only pools.
- Two maps are compared cell by cell, at the same place or after moving one of them back by as many
  whole cells as the shift holds (:meth:`Chain.moves`): the first asks what does not notice the
  shift, the second what moves along with it. A cell counts as unchanged where it differs by no more
  than a share of the original map's largest value.
- A cell is *lit* where the picture reaches it: where one of the two maps differs there from what
  the chain makes of an empty sheet, by more than that same tolerance. Where neither does, nothing
  could have changed, so that a share of all cells says more about the margin than about pooling.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from explorer.ops.arrays import Floats
from explorer.ops.convolution import convolve, output_size, translate
from explorer.ops.pooling import average_pool, blur_pool, max_pool, strided

POOLS: dict[str, Callable[[Floats, int, int], Floats]] = {
    "max": max_pool,
    "average": average_pool,
    "strided": lambda x, size, stride: strided(x, stride),
    "blur": blur_pool,
}
"""Kind of pooling -> (map, size, stride) -> the pooled map."""

EMPTY, SAME, CHANGED = 0, 1, 2
"""What became of a cell: not lit in either map, lit and unchanged, changed."""


@dataclass(frozen=True, eq=False)
class Block:
    """What one block made: its map after ReLU ``(H, W)``, and the pooled map ``(H', W')``."""

    before: Floats
    after: Floats


@dataclass(frozen=True, eq=False)
class Chain:
    """Blocks that follow each other.

    Attributes:
        kernel: ``(k, k)``, odd; None for no convolution.
        bias: added to every sum of a convolution.
        pool: one of :data:`POOLS`.
        size, stride: of the pooling, at least 1; ``strided`` has a window of one cell.
        blocks: how many, at least 1.
    """

    kernel: Floats | None = None
    bias: float = 0.0
    pool: str = "max"
    size: int = 2
    stride: int = 2
    blocks: int = 1

    @property
    def window(self) -> int:
        """Side of the pooling window, in cells."""
        return 1 if self.pool == "strided" else self.size

    def moves(self, shift: int) -> list[tuple[int, int]]:
        """By how many whole cells a shift in pixels moves each block's maps, before and after.

        >>> Chain(stride=2, blocks=2).moves(-5)
        [(-5, -2), (-2, -1)]
        """
        jumps = [self.stride**block for block in range(self.blocks + 1)]
        cells = [int(shift / jump) for jump in jumps]
        return list(pairwise(cells))

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for chains that compute the same."""
        kernel = None if self.kernel is None else (self.kernel.shape, self.kernel.tobytes())
        return (kernel, self.bias, self.pool, self.window, self.stride, self.blocks)

    def fitting(self, side: int) -> int:
        """How many of its blocks fit on a picture of ``side`` pixels, 0 included."""
        for block in range(self.blocks):
            if self.window > side:
                return block
            side = output_size(side, self.window, self.stride)
        return self.blocks

    def run(self, image: Floats) -> list[Block]:
        """The maps of every block, for an ``(H, W)`` image.

        Raises:
            ValueError: an image or a map that is smaller than the window.
        """
        found, x = [], image
        for _ in range(self.blocks):
            if self.kernel is not None:
                x = np.maximum(convolve(x, self.kernel, padding="same", bias=self.bias), 0)
            pooled = POOLS[self.pool](x, self.size, self.stride)
            found.append(Block(x, pooled))
            x = pooled
        return found


@dataclass(frozen=True, eq=False)
class Compared:
    """A map beside that of the shifted picture.

    Attributes:
        states: ``(H, W)`` uint8, on the shifted map: :data:`EMPTY`, :data:`SAME` or
            :data:`CHANGED`.
        lit: how many cells are lit in one map or the other.
        unchanged: share of the lit cells that are unchanged, in [0, 1]; None where none is lit.
        unchanged_of_all: share of all compared cells that are unchanged, in [0, 1].
        change: mean change of a lit cell, as a share of the original map's largest value.
    """

    states: NDArray[np.uint8]
    lit: int
    unchanged: float | None
    unchanged_of_all: float
    change: float


def compare(
    original: Floats,
    shifted: Floats,
    empty: Floats,
    tolerance: float,
    moved: tuple[int, int] = (0, 0),
) -> Compared:
    """What became of each cell.

    Args:
        original, shifted, empty: ``(H, W)``, the same map of the picture, of its shifted twin and
            of an empty sheet.
        tolerance: share of the largest value of ``original`` that a cell may differ by, at least 0.
        moved: cells to the right and down by which ``shifted`` is moved back first; what has left
            the frame is not compared.
    """
    most = max(float(original.max()), 0.0)
    bound = tolerance * most
    (right, down), (height, width) = moved, original.shape
    there = (
        slice(max(down, 0), height + min(down, 0)),
        slice(max(right, 0), width + min(right, 0)),
    )
    here = (
        slice(max(-down, 0), height + min(-down, 0)),
        slice(max(-right, 0), width + min(-right, 0)),
    )
    a, b = original[here], shifted[there]
    difference = np.abs(a - b)
    changed = difference > bound
    lit = changed | (np.abs(a - empty[here]) > bound) | (np.abs(b - empty[there]) > bound)
    states = np.full((height, width), EMPTY, np.uint8)
    states[there] = np.where(changed, CHANGED, np.where(lit, SAME, EMPTY))
    count, altered = int(lit.sum()), int(changed.sum())
    return Compared(
        states,
        count,
        (count - altered) / count if count else None,
        (changed.size - altered) / changed.size if changed.size else 1.0,
        float(difference[lit].mean()) / most if count and most > 0 else 0.0,
    )


@dataclass(frozen=True, eq=False)
class Shifted:
    """A chain on a picture and on its shifted twin.

    Attributes:
        original, twin: the maps of each block.
        before, after: of each block, what became of the cells before and after its pooling.
        moves: of each block, (right, down) in cells by which the twin's maps were compared
            displaced, before and after its pooling.
    """

    original: list[Block]
    twin: list[Block]
    before: list[Compared]
    after: list[Compared]
    moves: list[tuple[tuple[int, int], tuple[int, int]]]


def shift(
    chain: Chain, image: Floats, dx: int, dy: int, tolerance: float, *, back: bool = False
) -> Shifted:
    """What a shift of ``image``, ``(H, W)``, changes in the maps of each block.

    Args:
        chain: its blocks fit on the image.
        image: ``(H, W)``.
        dx, dy: pixels to the right and down.
        tolerance: as in :func:`compare`.
        back: whether the twin's maps are moved back by as many whole cells as the shift holds.
    """
    original, twin = chain.run(image), chain.run(translate(image, dx, dy))
    empty = chain.run(np.zeros_like(image))
    moves = [
        ((x[0], y[0]), (x[1], y[1])) if back else ((0, 0), (0, 0))
        for x, y in zip(chain.moves(dx), chain.moves(dy), strict=True)
    ]
    maps = list(zip(original, twin, empty, moves, strict=True))
    return Shifted(
        original,
        twin,
        [compare(a.before, b.before, e.before, tolerance, m[0]) for a, b, e, m in maps],
        [compare(a.after, b.after, e.after, tolerance, m[1]) for a, b, e, m in maps],
        moves,
    )


def unchanged(
    chain: Chain,
    image: Floats,
    direction: tuple[int, int],
    tolerance: float,
    *,
    back: bool = False,
) -> NDArray[np.float64]:
    """The share of lit cells of the last map that shifts of 0 to 8 pixels leave unchanged.

    Args:
        chain, image, tolerance, back: as in :func:`shift`.
        direction: (right, down) of one pixel.

    Returns:
        ``(9,)`` in [0, 1]; NaN where no cell is lit.
    """
    shares = [
        shift(chain, image, n * direction[0], n * direction[1], tolerance, back=back)
        .after[-1]
        .unchanged
        for n in range(9)
    ]
    return np.array([np.nan if share is None else share for share in shares])
