"""Where one number lies among those of two groups: two histograms and a mark, for a moving hand."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from explorer.view import palette
from explorer.view.components import assets

BINS = 48

_HTML = """
<div class="spread">
  <div class="head" data-part="head"></div>
  <canvas data-part="chart" role="img"></canvas>
  <div class="ends"><span data-part="low"></span><span data-part="high"></span></div>
  <div class="legend"><span><i class="one"></i><span data-part="one"></span></span><span><i
    class="two"></i><span data-part="two"></span></span></div>
</div>
"""

_assets = assets("spread", ONE=palette.PREDICTED, TWO=palette.RUNNER_UP)
_component = st.components.v2.component(
    "cnn_explorer.spread", html=_HTML, css=_assets.css, js=_assets.js
)


def show(
    groups: Sequence[tuple[str, ArrayLike]],
    value: float | None,
    *,
    key: str,
    heading: str,
    text: str,
    limits: tuple[float, float],
) -> None:
    """Show the two groups, each as shares of its own, and the number among them.

    Args:
        groups: name and sorted numbers of the first and the second.
        value: the number; None for none.
        key: identity of the chart.
        heading: what the numbers are.
        text: the number as text, said at its mark.
        limits: where the axis begins and ends; what lies beyond is counted in the outermost bins.

    Raises:
        ValueError: not two groups, or limits in the wrong order.
    """
    if len(groups) != 2 or not limits[0] < limits[1]:
        raise ValueError(f"two groups and ascending limits, not {len(groups)} and {limits}")
    shares = []
    for _, numbers in groups:
        array = np.clip(np.asarray(numbers, np.float64), *limits)
        counts, _ = np.histogram(array, BINS, limits)
        shares.append((counts / max(1, len(array))).tolist())
    span = limits[1] - limits[0]
    _component(
        key=key,
        data={
            "heading": heading,
            "names": [name for name, _ in groups],
            "shares": shares,
            "at": None if value is None else float(min(max((value - limits[0]) / span, 0), 1)),
            "text": text,
            "ends": [f"{limit:.3g}".replace("-", "\u2212") for limit in limits],
        },
    )
