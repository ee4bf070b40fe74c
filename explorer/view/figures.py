"""Arrays -> plotly figures, for charts that stay; what follows a moving hand is a component's.

Choices: every line has a symbol and a dash of its own, so that no colour has to be told apart; the
colours are mid-tones that read on a white and on a dark page; a chart takes its font and its grid
from the page's theme; who cannot see it is told its numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import streamlit as st

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


SPOKEN = 11
"""Points of a line whose values are told."""

_UNSEEN = "position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%)"


def show(figure: go.Figure, key: str, config: Mapping[str, object] | None = None) -> None:
    """Draw a chart, and its numbers as a text for screen readers.

    Args:
        figure: the chart.
        key: of its element.
        config: Plotly's, such as ``{"displayModeBar": False}``.
    """
    with st.container(key=f"{key}-told", gap=None):
        st.plotly_chart(figure, key=key, config=dict(config or {}))
        st.html(f'<p role="note" style="{_UNSEEN}">{escape(spoken(figure))}</p>')


def spoken(figure: go.Figure) -> str:
    """The lines of a chart that are in its legend, in words: axes, names and values.

    Of a line with more than :data:`SPOKEN` points, so many are told, its ends among them.
    """
    said = ["Chart."]
    for line in figure.data:
        if not line.name or line.showlegend is False:
            continue
        x = figure.layout[f"xaxis{(line.xaxis or 'x')[1:]}"]
        y = figure.layout[f"yaxis{(line.yaxis or 'y')[1:]}"]
        if (axes := f"{y.title.text} over {x.title.text}:") not in said:
            said.append(axes)
        # Plotly takes long to say what is in a figure, so each thing is asked for once.
        places, values, suffix = line.x, np.asarray(line.y, float), y.ticksuffix or ""
        known = np.flatnonzero(np.isfinite(values))
        if len(known) > SPOKEN:
            known = known[np.linspace(0, len(known) - 1, SPOKEN).round().astype(int)]
        told = [f"{values[i]:.4g}{suffix} at {places[i]:.4g}" for i in known]
        said.append(f"{line.name}, {', '.join(told) or 'nothing'}.")
    return " ".join(said)
