"""Shares of a whole as bars, for what changes while a hand moves; charts that stay are plotly's."""

from collections.abc import Sequence

import streamlit as st

from explorer.view.components import assets

_HTML = """
<div class="heading" data-part="heading" aria-live="polite"></div>
<div class="bars" data-part="bars" role="img"></div>
"""

_assets = assets("bars")
_component = st.components.v2.component(
    "cnn_explorer.bars", html=_HTML, css=_assets.css, js=_assets.js
)


def show(
    values: Sequence[float],
    *,
    key: str,
    names: Sequence[str],
    texts: Sequence[str],
    colours: Sequence[str],
    alt: str,
    heading: str = "",
) -> None:
    """Show one bar a value, the highest one in bold.

    Args:
        values: in [0, 1]; 1 is the full width.
        key: identity of the chart.
        names, texts: what stands before and behind each bar.
        colours: CSS colours, one a bar.
        alt: what the chart shows, with its numbers.
        heading: a line above it.

    Raises:
        ValueError: lists of different lengths, or a value outside [0, 1].
    """
    if not len(values) == len(names) == len(texts) == len(colours):
        raise ValueError(f"{len(values)} values need as many names, texts and colours")
    if not all(0 <= value <= 1 for value in values):
        raise ValueError(f"values must be in [0, 1], got {list(values)}")
    _component(
        key=key,
        data={
            "heading": heading,
            "names": [str(name) for name in names],
            "values": [float(value) for value in values],
            "texts": list(texts),
            "colours": list(colours),
            "alt": alt,
        },
    )
