"""Arrays to plotly figures.

Figures are built as plain dictionaries: plotly's figure classes check every property when they
are made, which costs more than drawing ten bars, and Streamlit checks once more anyway.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.view import palette

QUIET = {"displayModeBar": False, "staticPlot": True, "responsive": True}
"""A chart that is looked at: no toolbar, and it neither zooms nor holds a scrolling finger."""

Figure = dict[str, Any]


def probabilities(values: npt.NDArray[np.float32], names: Sequence[str]) -> Figure:
    """Ten horizontal bars, the predicted class and the runner-up in colours of their own.

    Args:
        values: ``(classes,)`` in [0, 1].
        names: what the classes are called, ``classes`` of them.
    """
    first, second = np.argsort(values)[::-1][:2]
    colours = [palette.MUTED] * len(values)
    colours[first], colours[second] = palette.PREDICTED, palette.RUNNER_UP
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [float(v) for v in values],
                "y": list(names),
                "text": [percent(float(v)) for v in values],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {"color": colours},
            }
        ],
        "layout": {
            "height": 290,
            "margin": {"l": 18, "r": 56, "t": 0, "b": 0},
            "xaxis": {"range": [0, 1], "visible": False, "fixedrange": True},
            "yaxis": {"type": "category", "autorange": "reversed", "fixedrange": True},
            "bargap": 0.25,
            "showlegend": False,
        },
    }


def percent(value: float) -> str:
    """A probability as a reader wants it: ``98.3 %``; never a 100 % or a 0 % that is not one."""
    if 0 < value < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= value < 1:
        return "> 99.9 %"
    return f"{100 * value:.1f} %"
