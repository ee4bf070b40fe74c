"""Arrays that a page's components share, sent once and kept in the browser under a name.

What follows a hand is sent often and must be small; what it is drawn over, such as ten thousand
points or the pictures of a sheet, is sent here, in a panel of its own that is seldom redrawn. A
component asks `stashed(name)` of stash_of.js, which calls back when it has come.
"""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from explorer.view.components import assets, blob

_assets = assets("stash", "blob")
_component = st.components.v2.component(
    "cnn_explorer.stash", html="", css=_assets.css, js=_assets.js
)


def pack(name: str, arrays: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Arrays under a name, as :func:`show` takes them; keep what is shown again.

    Raises:
        ValueError: a value that is not finite.
    """
    return blob.pack_arrays(arrays, {"name": name})


def show(packed: bytes, *, key: str) -> None:
    """Send what :func:`pack` made; nothing is to be seen."""
    _component(key=key, data=packed)
