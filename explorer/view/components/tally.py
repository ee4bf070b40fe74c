"""A sum and its parts: what speaks for in one colour, what speaks against in another."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from explorer.view.components import assets

FOR = "#c8553d"
AGAINST = "#3a7fc1"
"""The middle tones of the signed scale: red is above zero, blue below."""

_HTML = '<div class="tally" data-part="tally" role="list"></div>'

_assets = assets("tally", FOR=FOR, AGAINST=AGAINST)
_component = st.components.v2.component(
    "cnn_explorer.tally", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True)
class Item:
    """One line: a part of the sum, or with ``total`` the sum itself.

    Attributes:
        name: what it is.
        value: what it adds.
        note: said in small letters behind the name.
        total: whether it is the sum of the lines above.
        text: the value as it is written; none: with its sign and two decimals.
    """

    name: str
    value: float
    note: str = ""
    total: bool = False
    text: str = ""


def show(items: Sequence[Item], *, key: str, alt: str) -> None:
    """Show the lines, their bars to the right where they speak for, to the left where against.

    Args:
        items: in their order.
        key: identity of the element.
        alt: what is summed up.
    """
    _component(
        key=key,
        data={
            "alt": alt,
            "items": [
                [i.name, i.note, float(i.value), i.text or signed(i.value), i.total] for i in items
            ],
        },
    )


def signed(value: float) -> str:
    """A contribution with its sign and two decimals; a true minus."""
    text = f"{value:+.2f}"
    return text.replace("-", "\u2212") if abs(value) >= 0.005 or value == 0 else "\u22480"
