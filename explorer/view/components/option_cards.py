"""A choice whose options need a line each: cards in a row, of which one is chosen."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from explorer.view.components import assets

_HTML = '<div role="radiogroup" data-part="cards"></div>'

_assets = assets("option_cards")
_component = st.components.v2.component(
    "cnn_explorer.option_cards", html=_HTML, css=_assets.css, js=_assets.js
)


def read(*, key: str, options: Sequence[str]) -> str | None:
    """The option that was chosen last by hand, or None."""
    state: Any = st.session_state.get(key)
    chosen = state.get("chosen") if isinstance(state, Mapping) else None
    name = chosen.get("name") if isinstance(chosen, Mapping) else None
    return name if isinstance(name, str) and name in options else None


def show(
    options: Mapping[str, tuple[str, str]],
    *,
    chosen: str | None,
    label: str,
    key: str,
    on_choose: Callable[[], None],
) -> None:
    """Show the cards.

    Args:
        options: name to title and line.
        chosen: the option that is in force; None for none of them.
        label: what is chosen, for those who listen.
        key: identity of the choice.
        on_choose: called when an option was chosen, before the run that answers it.
    """
    cards = [[name, title, line] for name, (title, line) in options.items()]
    data = {"cards": cards, "chosen": chosen, "label": label}
    _component(key=key, data=data, on_chosen_change=on_choose)
