"""A progress bar that asks for the next piece of the work it stands for.

Work of seconds, done at once, would hold up everything else that a person does on the page. Done in
pieces, one for each report of this bar, it lets other panels have their turn in between:

    if progress.asked(key="measuring", reset=token):
        work.step()
    if work.done < 1:
        progress.show(work.done, "Measuring …", key="measuring", reset=token)
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.view.components import assets

_HTML = """
<div class="text" data-part="text"></div>
<div class="track" data-part="track" role="progressbar" aria-valuemin="0" aria-valuemax="100"
  ><span></span></div>
"""

_assets = assets("progress", "reporter")
_component = st.components.v2.component(
    "cnn_explorer.progress", html=_HTML, css=_assets.css, js=_assets.js
)


def asked(*, key: str, reset: int = 0) -> bool:
    """Whether the bar with this key asks for a piece of the work that `reset` stands for."""
    return _seq(st.session_state.get(key), reset)[1]


def show(share: float, text: str, *, key: str, reset: int = 0) -> None:
    """Show the bar, which then asks for the next piece.

    Args:
        share: what is done, in [0, 1].
        text: what is being done.
        key: identity of the bar.
        reset: any whole number: which work it is.

    Raises:
        ValueError: a share outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share}")
    seq, _ = _seq(st.session_state.get(key), reset)
    _component(
        key=key,
        on_report_change=lambda: None,
        data={"share": float(share), "text": text, "reset": int(reset), "echo": seq},
    )


def _seq(state: object, reset: int) -> tuple[int, bool]:
    """The number of the last report, and whether it asks for this work."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    seq = report.get("seq") if isinstance(report, Mapping) else None
    if type(seq) is not int or not 0 < seq < 2**53:
        return 0, False
    return seq, report.get("reset") == reset
