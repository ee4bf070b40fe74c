"""Arrays -> plotly figures, for charts that stay; what follows a moving hand is a component's.

Choices: every line has a symbol and a dash of its own, so that no colour has to be told apart; the
colours are mid-tones that read on a white and on a dark page; a chart takes its font and its grid
from the page's theme.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from explorer.view import palette

Floats = npt.NDArray[np.floating]

LINES = (
    (palette.PREDICTED, "solid", "circle"),
    (palette.RUNNER_UP, "dash", "square"),
    ("#7b6fd0", "dot", "diamond"),
    ("#c2477f", "dashdot", "triangle-up"),
    ("#4a8fd4", "longdash", "triangle-down"),
)
"""Colour, dash and symbol of the lines of a chart, in their order."""


@dataclass(frozen=True, eq=False)
class Line:
    """One line over shifts of 0, 1, … pixels; all shares are in [0, 1].

    Attributes:
        name: in the legend.
        mean: ``(n,)``; NaN leaves a gap.
        low, high: ends of the error bars, ``(n,)`` each; None for none.
    """

    name: str
    mean: Floats
    low: Floats | None = None
    high: Floats | None = None


def over_shifts(lines: Sequence[Line], mark: int, *, what: str, lowest: float = 0.0) -> go.Figure:
    """Shares against the shift in pixels, the current shift marked.

    Args:
        lines: at most as many as :data:`LINES`.
        mark: the current shift, in pixels.
        what: what the shares are of, as the title of their axis.
        lowest: where that axis begins, in [0, 1).

    Raises:
        ValueError: more lines than can be told apart.
    """
    if len(lines) > len(LINES):
        raise ValueError(f"at most {len(LINES)} lines can be told apart, not {len(lines)}")
    figure = go.Figure()
    for line, (colour, dash, symbol) in zip(lines, LINES, strict=False):
        error = None
        if line.low is not None and line.high is not None:
            error = {
                "array": 100 * (line.high - line.mean),
                "arrayminus": 100 * (line.mean - line.low),
                "symmetric": False,
                "thickness": 1.2,
                "width": 4,
            }
        figure.add_scatter(
            x=np.arange(len(line.mean)),
            y=100 * line.mean,
            name=line.name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 8},
            error_y=error,
            hovertemplate="%{y:.1f} %",
        )
    figure.add_vline(x=mark, line={"color": palette.MUTED, "dash": "dot", "width": 2})
    figure.add_annotation(
        x=mark,
        y=1,
        yref="paper",
        yanchor="bottom",
        text="now",
        showarrow=False,
        font={"color": palette.MUTED},
    )
    figure.update_layout(
        height=360,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        hovermode="x unified",
        legend={"orientation": "h", "yanchor": "top", "y": -0.22, "x": 0},
        uirevision="kept",  # a zoom stays when only the mark moves
    )
    figure.update_xaxes(title="Shift in pixels", range=[-0.35, 8.35], dtick=1, fixedrange=True)
    figure.update_yaxes(title=what, range=[100 * lowest - 1, 103], ticksuffix=" %", fixedrange=True)
    return figure
