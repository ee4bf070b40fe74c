"""Where a run stands: its name, its state, how far it is, and its figures in a row."""

from collections.abc import Sequence

import streamlit as st

from explorer.view.components import assets

_HTML = """
<div class="head"><span class="state" data-part="state" role="status"></span>
  <strong data-part="name"></strong></div>
<div class="track" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"
  data-part="track"><span data-part="bar"></span></div>
<dl data-part="figures"></dl>
<p data-part="note"></p>
"""

_assets = assets("run_head")
_component = st.components.v2.component(
    "cnn_explorer.run_head", html=_HTML, css=_assets.css, js=_assets.js
)


def show(
    *,
    name: str,
    state: str,
    tone: str,
    share: float,
    figures: Sequence[tuple[str, str]],
    note: str = "",
    key: str = "run_head",
) -> None:
    """Show where a run stands.

    Args:
        name: as somebody typed it; it is shown as text.
        state: in a word or two.
        tone: ``live``, ``still``, ``good`` or ``bad``: the colour of the state, which its word says
            too.
        share: done of the whole, in [0, 1].
        figures: what each is called, and the number with its unit.
        note: a sentence below.
        key: identity of the element.
    """
    data = {
        "name": name,
        "state": state,
        "tone": tone,
        "share": min(max(float(share), 0.0), 1.0),
        "figures": [[str(label), str(text)] for label, text in figures],
        "note": note,
    }
    _component(key=key, data=data)
