"""A network in a row of facts: what a unit of each layer sees of the input, to scale, its
parameters and its maps.
"""

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from explorer.view import cards, palette
from explorer.view.inside import noun_of

if TYPE_CHECKING:
    from explorer.network.architecture import Network, Row

SHEET = 44
"""Side of the picture of a receptive field in CSS pixels."""


def show(network: "Network") -> None:
    """Draw each layer's receptive field to scale, with its parameters and its maps."""
    side = network.input_shape[1]
    parts = [_fact(row, side) for row in network.rows if noun_of(row) != "slot"]
    with st.container(key="depth_facts"):
        st.html(f'<div style="display:flex;flex-wrap:wrap;gap:0.75rem 1rem">{"".join(parts)}</div>')


def _fact(row: "Row", side: int) -> str:
    scale = SHEET / side
    field = side if row.field is None else min(row.field.size, side)
    sees = "all of it" if row.field is None else f"{row.field.size}×{row.field.size} pixels"
    learnt = f"{row.parameters:,} parameters" if row.parameters else "no parameters"
    offset = (side - field) // 2 * scale
    return (
        f'<div style="display:flex;gap:0.5rem"><div role="img" aria-label="A unit of '
        f'{escape(row.name)} sees {sees}" style="position:relative;flex:none;width:{SHEET}px;'
        f"height:{SHEET}px;box-sizing:border-box;border:1px solid "
        'color-mix(in srgb, currentColor 35%, transparent)">'
        f'<div style="position:absolute;left:{offset:.1f}px;top:{offset:.1f}px;'
        f"width:{field * scale - 2:.1f}px;height:{field * scale - 2:.1f}px;"
        f'background:{palette.PREDICTED}"></div></div>'
        f'<div style="font-size:0.8125rem;line-height:1.4"><b>{escape(row.name)}</b><br>'
        f"sees {sees}<br>{cards.size(row.output_shape)}<br>"
        f'<span style="opacity:0.75">{learnt}</span></div></div>'
    )
