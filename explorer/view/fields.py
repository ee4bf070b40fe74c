"""What the units of a layer see of the input: the map to choose, and the field."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.view.cards import size
from explorer.view.components import field, map_grid

if TYPE_CHECKING:
    from explorer.network.architecture import Row
    from explorer.network.seeing import Average, Seen

Floats = npt.NDArray[np.float32]

SIDE = 48
"""Side of a map that can be chosen, in CSS pixels."""


def about(row: "Row", shown: int) -> str:
    """What one unit of a layer sees, in a sentence.

    Args:
        row: the layer.
        shown: how many units are shown of a dense layer.
    """
    if row.field is None:
        count = row.output_shape[0]
        said = f"Each of the {count:,} units of {row.name} sees the whole input."
        return said if shown == count else f"{said} The first {shown:,} are shown."
    side, step = row.field.size, row.field.jump
    steps = "1 pixel" if step == 1 else f"{step} pixels"
    padded = " At the border the frame is cut: beyond it lies the padding." if _padded(row) else ""
    return (
        f"{row.name} has {row.output_shape[0]:,} maps ({size(row.output_shape)}). Each unit sees "
        f"{side}×{side} pixels, and its neighbour the same frame {steps} further on.{padded}"
    )


def _padded(row: "Row") -> bool:
    return row.field is not None and row.field.start < 0


def choose(maps: Floats, row: "Row", index: int, *, key: str) -> None:
    """Draw the maps of a layer to choose from.

    Args:
        maps: ``(C, H, W)``.
        row: the layer.
        index: the one that is chosen.
        key: identity of the grid, for :func:`explorer.view.components.map_grid.read`.
    """
    map_grid.show(
        maps,
        key=key,
        alt=f"The {len(maps)} maps of {row.name}; map {index} is chosen.",
        label="Choose a map",
        kind="signed" if (maps < 0).any() else "activation",
        titles=[str(i) for i in range(len(maps))],
        cell=SIDE,
        selected=index,
        required=True,
    )


def show(
    image: Floats,
    seen: "Seen",
    row: "Row",
    index: int,
    average: "Average | None",
    images: int,
    *,
    key: str,
    pinned: tuple[int, int] | None,
    reset: int,
    address: str,
) -> None:
    """Draw a map, and what its units see of the input, this one and others.

    Args:
        image: ``(H, W)`` in [0, 1].
        seen: by the units of the map.
        row: the layer.
        index: the map; of a dense layer it says nothing.
        average: None for none.
        images: how many the average is of.
        key, pinned, reset, address: as in :func:`explorer.view.components.field.show`.
    """
    found = seen.field
    field.show(
        image,
        seen.values,
        seen.gradients,
        seen.shares,
        key=key,
        frame=None if found is None else field.Frame(found.start, found.jump, found.size),
        layer=row.name,
        index=None if found is None else index,
        average=None
        if average is None
        else field.Average(average.size, average.row, average.column, average.share, images),
        pinned=pinned,
        reset=reset,
        address=address,
        alt="The input; inside the frame what the unit sees, coloured by the gradient.",
    )
