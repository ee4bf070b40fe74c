"""Loss and accuracy of runs while they train, on two canvases.

The browser gets what it draws and no more (:mod:`explorer.view.curves`): some kilobytes an update,
however long the run. Who zooms in asks Python for that part, so that it shows single steps; the
range is kept while data arrive. A click pins a step. A charting library would take JSON of all
points and lay out the whole chart anew, several times a second.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from explorer.view.components import assets, blob

TEST = "#c9641a"
"""Colour of the test images' line while one run is shown."""

_HTML = """
<div class="legend" data-part="legend"></div>
<div class="panels">
  <figure><figcaption data-part="loss-title"></figcaption>
    <canvas data-part="loss" tabindex="0" role="application" aria-roledescription="chart"
      aria-describedby="keys"></canvas></figure>
  <figure><figcaption data-part="accuracy-title"></figcaption>
    <canvas data-part="accuracy" tabindex="0" role="application" aria-roledescription="chart"
      aria-describedby="keys"></canvas></figure>
</div>
<div class="foot">
  <span class="buttons">
    <button type="button" data-part="in" aria-label="Zoom in">+</button>
    <button type="button" data-part="out" aria-label="Zoom out">−</button>
    <button type="button" data-part="whole">Whole run</button>
    <button type="button" data-part="unpin">Unpin</button>
  </span>
  <span class="readout" data-part="readout"></span>
</div>
<div class="unseen" data-part="spoken" role="status" aria-live="polite"></div>
<div class="unseen" id="keys">Arrow keys move the step that is read, with Shift ten times as
  far; Enter pins it, plus and minus zoom, 0 or Escape shows the whole run.</div>
"""

_assets = assets("curves", "blob", "plot", TEST=TEST)
_component = st.components.v2.component(
    "cnn_explorer.curves", html=_HTML, css=_assets.css, js=_assets.js
)

Range = tuple[float, float]


@dataclass(frozen=True)
class View:
    """What a person asked the chart for: a range of x, and the x of a pinned step."""

    within: Range | None = None
    pinned: float | None = None


def read(*, key: str = "curves", token: str = "") -> View:
    """What was asked of the chart with this key, before it is shown in this run.

    Args:
        key: identity of the chart.
        token: as given to :func:`show`; what was asked of another one counts no more.
    """
    state: Any = st.session_state.get(key)
    asked = state.get("view") if isinstance(state, Mapping) else None
    if not isinstance(asked, Mapping) or asked.get("token") != token:
        return View()
    low, high, pinned = (_number(asked.get(name)) for name in ("low", "high", "pinned"))
    within = (low, high) if low is not None and high is not None and low < high else None
    return View(within, pinned)


def show(
    arrays: Mapping[str, NDArray[np.float32]],
    *,
    names: Sequence[str],
    colours: Sequence[str],
    whole: Range,
    unit: str,
    log: bool,
    loss: str,
    alt: str,
    live: bool = False,
    pinned: float | None = None,
    key: str = "curves",
    token: str = "",
    on_view: Callable[[], None] | None = None,
) -> None:
    """Show the curves.

    Args:
        arrays: ``loss<i>`` and ``accuracy<i>``, ``(n, 4)``: x, lowest, highest, smooth;
            ``tests<i>``, ``(m, 4)``: x, loss, accuracy, images; for each run i.
        names, colours: one a run; a name is shown as text.
        whole: the range of x that holds everything.
        unit: what x counts: step, epoch, second.
        log: a logarithmic axis for the loss.
        loss: what the loss is called.
        alt: what the chart shows, with its newest numbers.
        live: whether more is to come.
        pinned: the x that is pinned until somebody pins another.
        key: identity of the chart.
        token: changes whenever another run is shown, so that its range and pin begin anew.
        on_view: called when a range or a pin was chosen, before the run that answers it.
    """
    meta = {
        "names": [str(name) for name in names],
        "colours": list(colours),
        "whole": [float(number) for number in whole],
        "unit": unit,
        "log": bool(log),
        "loss": loss,
        "alt": alt,
        "live": bool(live),
        "pinned": pinned,
        "token": token,
    }
    _component(
        key=key, data=blob.pack_arrays(arrays, meta), on_view_change=on_view or (lambda: None)
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 1e9 else None
