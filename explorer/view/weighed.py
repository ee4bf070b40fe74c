"""The parameters of networks drawn to scale: the area of a square is a layer's number of them."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from explorer.view.answer import percent

if TYPE_CHECKING:
    from explorer.network.architecture import Network

SIDE = 260
"""Of the largest square, in CSS pixels."""

COLOURS = {"conv": "#7b6fd0", "norm": "#868c96"}
DENSE = "#0b8f7e"


def show(networks: Sequence[tuple[str, "Network"]]) -> None:
    """Draw the networks, all to one scale.

    Args:
        networks: title and network.
    """
    most = max(row.parameters for _, network in networks for row in network.rows) or 1
    parts = [_network(title, network, most) for title, network in networks]
    with st.container(key="weighed"):
        st.html("".join(parts))


def sentence(title: str, network: "Network") -> str:
    """Which layer holds most of the parameters, and how many."""
    total = network.parameters
    largest = max(network.rows, key=lambda row: row.parameters)
    if not total:
        return f"{title} has no parameters."
    share = percent(largest.parameters / total)
    return f"{title}: {share} of its {total:,} parameters sit in {largest.name}."


def _network(title: str, network: "Network", most: int) -> str:
    blocks = "".join(
        _square(row.name, row.parameters, network.parameters, most)
        for row in network.rows
        if row.parameters
    )
    return (
        f'<div style="margin:0.5rem 0 1.25rem"><div style="font-weight:600;margin-bottom:0.5rem">'
        f"{escape(sentence(title, network))}</div>"
        '<div style="display:flex;flex-wrap:wrap;align-items:flex-end;gap:1.25rem">'
        f"{blocks}</div></div>"
    )


def _square(name: str, count: int, total: int, most: int) -> str:
    side = SIDE * (count / most) ** 0.5
    colour = next((c for prefix, c in COLOURS.items() if name.startswith(prefix)), DENSE)
    return (
        f'<div><div style="width:{side:.2f}px;height:{side:.2f}px;background:{colour}"></div>'
        '<div style="font-size:0.8125rem;line-height:1.35;margin-top:0.3rem">'
        f"<b>{escape(name)}</b><br>{count:,}<br>"
        f'<span style="opacity:0.75">{percent(count / total)}</span></div></div>'
    )
