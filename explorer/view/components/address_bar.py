"""What the page's address should say, handed to the browser: it adds nothing to the history.

Streamlit's own ``st.query_params`` adds an entry for each change, which is right for what a person
chose, and wrong for what the app only keeps in step.
"""

from collections.abc import Mapping

import streamlit as st

from explorer.view.components import assets

_assets = assets("address_bar")
_component = st.components.v2.component("cnn_explorer.address_bar", css=_assets.css, js=_assets.js)


def show(words: Mapping[str, str], *, key: str = "address") -> None:
    """Have the address say ``words``, "" to take one away; nothing is to be seen on the page."""
    st.session_state["address turn"] = turn = st.session_state.get("address turn", 0) + 1
    _component(key=key, data={"words": dict(words), "turn": turn})
