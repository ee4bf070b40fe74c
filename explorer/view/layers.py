"""One layer of a network as it answered one input: its facts, its sentence, its maps."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view import cards
from explorer.view.components import map_grid
from explorer.view.components.map_grid import Scale

if TYPE_CHECKING:
    from explorer.network.architecture import Row

FEW = 16
"""A vector of at most this many units is shown unit by unit, each under its number."""

LINE, LINES = 100, 16
"""A longer vector is laid out in equal lines of at least ``LINE`` units, at most ``LINES`` of them
where its length allows."""


def show(row: "Row", values: npt.NDArray[np.float32], scale: Scale) -> int | None:
    """Draw one layer and return the index of the selected map, or None.

    Args:
        row: the layer in its place.
        values: ``(channels, H, W)`` or ``(units,)``; negative values are shown as signed.
        scale: one colour scale for each map, or one for the layer.
    """
    kind = type(row.layer).__name__
    maps = values.ndim == 3
    few = values.size <= FEW
    with st.container(border=True, gap="small"):
        st.markdown(f"**{row.name}** &nbsp; {cards.card(row)}")
        return map_grid.show(
            values if maps else values.reshape(-1, 1, 1) if few else lines(values),
            key=f"layer-{row.name}",
            caption=cards.facts(row),
            kind="signed" if (values < 0).any() else "activation",
            scale=scale if maps else "layer",
            titles=[str(i) for i in range(len(values))] if few else None,
            noun="map" if maps else "unit" if few else "vector",
            cell=None if maps else 44 if few else 1056,
            selectable=maps,
            alt=f"Outputs of {row.name}, a {kind} layer: {cards.size(row.output_shape)}.",
        )


def lines(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """``(units,)`` to ``(1, lines, units in a line)``, in the vector's own order."""
    units = len(vector)
    least = min(units, max(LINE, units / LINES))
    length = next(n for n in range(1, units + 1) if n >= least and units % n == 0)
    return vector.reshape(1, -1, length)
