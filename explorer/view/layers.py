"""The layers of a network as they answered one input: facts, sentences, maps."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.view import cards
from explorer.view.components import map_grid
from explorer.view.components.map_grid import Grid, Scale

if TYPE_CHECKING:
    from explorer.network.architecture import Row

FEW = 16
"""A vector of at most this many units is shown unit by unit, each under its number."""

LINE, LINES = 100, 16
"""A longer vector is laid out in equal lines of at least ``LINE`` units, at most ``LINES`` of them
where its length allows."""


def show(
    rows: Sequence["Row"], values: Mapping[str, npt.NDArray[np.float32]], scale: Scale
) -> tuple[int, int] | None:
    """Draw all layers, one below the other, and return (layer, map) of the selected map, or None.

    Args:
        rows: the layers in their places.
        values: name to ``(channels, H, W)`` or ``(units,)``; where there are negative values they
            are shown as signed.
        scale: one colour scale for each map, or one for the layer.
    """
    return map_grid.show_stack([grid(row, values[row.name], scale) for row in rows], key="layers")


def grid(row: "Row", values: npt.NDArray[np.float32], scale: Scale) -> Grid:
    """One layer as a grid of its maps, or as its vector laid out in lines."""
    maps, few = values.ndim == 3, values.size <= FEW
    return Grid(
        values if maps else values.reshape(-1, 1, 1) if few else lines(values),
        label=row.name,
        text=cards.card(row),
        caption=cards.facts(row),
        kind="signed" if (values < 0).any() else "activation",
        scale=scale if maps else "layer",
        titles=[str(i) for i in range(len(values))] if few else None,
        noun="map" if maps else "unit" if few else "vector",
        cell=None if maps else 44 if few else 1056,
        selectable=maps,
        alt=f"Outputs of {row.name}, a {type(row.layer).__name__} layer: "
        f"{cards.size(row.output_shape)}.",
    )


def lines(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """``(units,)`` to ``(1, lines, units in a line)``, in the vector's own order."""
    units = len(vector)
    least = min(units, max(LINE, units / LINES))
    length = next(n for n in range(1, units + 1) if n >= least and units % n == 0)
    return vector.reshape(1, -1, length)
