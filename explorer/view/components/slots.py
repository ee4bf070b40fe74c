"""Flatten, element by element: maps above, the vector below, and the pair under the pointer.

The vector lies in lines; the slots of one pixel, one for each map, stand side by side, because
Keras flattens in the order row, column, map. Pointing on either side lights the other; arrow keys
step, in the maps by pixels, in the vector by slots. The browser only indexes the array it was sent.
"""

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from explorer.view.components import assets, blob

_HTML = """
<div class="slots">
  <div class="head" data-part="maps-head"></div>
  <canvas data-part="maps" tabindex="0" role="application" aria-describedby="keys"></canvas>
  <div class="readout" data-part="readout"></div>
  <div class="head" data-part="vector-head"></div>
  <canvas data-part="vector" tabindex="0" role="application" aria-describedby="keys"></canvas>
  <div class="unseen" id="keys">Arrow keys step from pixel to pixel in the maps, and from slot to
    slot in the vector; Page Up and Page Down go to the next map.</div>
  <div class="unseen" data-part="spoken" role="status" aria-live="polite"></div>
</div>
"""

_assets = assets("slots", "blob")
_component = st.components.v2.component(
    "cnn_explorer.slots", html=_HTML, css=_assets.css, js=_assets.js
)


def show(maps: ArrayLike, *, key: str, label: str, noun: str = "map") -> None:
    """Show maps and the vector that they are flattened into.

    Args:
        maps: ``(C, H, W)`` finite numbers.
        key: identity of the element.
        label: the layer that the maps are of.
        noun: what one of them is: map, or input.

    Raises:
        ValueError: not ``(C, H, W)``, or a value that is not finite.
    """
    array = np.asarray(maps, np.float32)
    if array.ndim != 3 or array.size == 0:
        raise ValueError(f"maps must be (C, H, W) and not empty, got shape {array.shape}")
    meta = {"label": label, "noun": noun}
    _component(key=key, data=blob.pack_arrays({"maps": array}, meta))
