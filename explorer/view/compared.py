"""What more convolution layers buy: four networks of one size, side by side, as measured.

Choices: the dots of the seeds and the curves of a data set are one chart; the table has the
networks as its columns, which fits a phone. What is said of it is in :mod:`explorer.view.gained`.
"""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from explorer.view import figures
from explorer.view.gained import TITLES, found, layers, made, percent

if TYPE_CHECKING:
    from explorer.network.depths import Entry, Measured

SHOWN_FROM = 1.0
"""Epochs; the accuracies before it decide no chart's range."""


def show(measured: "Measured") -> None:
    """Draw the comparison: what was found, a chart for each data set, the table, how it was made.

    Args:
        measured: at least one network on at least one data set.
    """
    st.markdown(found(measured))
    st.caption(
        f"Share of the {measured.recipe.test_images:,} test images that are read correctly. Above, "
        "at the end of the training: a dot for each seed, a bar for their mean. Below, on the way "
        "there: the mean, and a band from the worst to the best seed."
    )
    for column, (dataset, entries) in zip(
        st.columns(len(measured.entries), gap="large"), measured.entries.items(), strict=True
    ):
        with column:
            st.markdown(f"**{TITLES[dataset]}**")
            figures.show(chart(entries), f"compared-{dataset}", PLAIN)
            st.caption(described(entries))
    st.html(table(measured))
    st.caption(made(measured))


PLAIN = {"displayModeBar": False}


def chart(entries: Sequence["Entry"]) -> go.Figure:
    """One data set: on top the accuracy that each seed ended with, below it the way there.

    Args:
        entries: at most as many as :data:`explorer.view.figures.LINES`.

    Raises:
        ValueError: more networks than can be told apart.
    """
    if len(entries) > len(figures.LINES):
        raise ValueError(
            f"at most {len(figures.LINES)} lines can be told apart, not {len(entries)}"
        )
    figure = go.Figure()
    for entry, (colour, dash, symbol) in zip(entries, figures.LINES, strict=False):
        x, name = entry.convolutions, layers(entry.convolutions)
        figure.add_scatter(
            x=x + 0.14 * (np.arange(len(entry.runs)) - (len(entry.runs) - 1) / 2),
            y=100 * entry.finals,
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 9, "opacity": 0.85},
            text=[f"{name}, seed {run.seed}" for run in entry.runs],
            hovertemplate="%{text}: %{y:.2f} %<extra></extra>",
            showlegend=False,
        )
        figure.add_scatter(
            x=[x - 0.32, x + 0.32],
            y=[100 * entry.mean] * 2,
            mode="lines",
            line={"color": colour, "width": 3},
            hovertemplate=f"{name}, mean: {100 * entry.mean:.2f} %<extra></extra>",
            showlegend=False,
        )
        low, high = entry.accuracy.min(0), entry.accuracy.max(0)
        figure.add_scatter(
            x=np.concatenate([entry.epochs, entry.epochs[::-1]]),
            y=100 * np.concatenate([high, low[::-1]]),
            fill="toself",
            fillcolor=colour,
            opacity=0.22,
            mode="none",
            hoverinfo="skip",
            showlegend=False,
            xaxis="x2",
            yaxis="y2",
        )
        figure.add_scatter(
            x=entry.epochs,
            y=100 * entry.accuracy.mean(0),
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 7, "maxdisplayed": 8},
            hovertemplate="%{y:.2f} %",
            xaxis="x2",
            yaxis="y2",
        )
    counts = [entry.convolutions for entry in entries]
    figure.update_layout(
        height=560,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "top", "y": -0.13, "x": 0},
        xaxis={
            "title": "Convolution layers",
            "tickvals": counts,
            "ticktext": [layers(count).split()[0] for count in counts],
            "range": [min(counts) - 0.5, max(counts) + 0.5],
            "anchor": "y",
            "fixedrange": True,
        },
        yaxis={
            "title": "Accuracy at the end",
            "domain": [0.63, 1],
            "ticksuffix": " %",
            "fixedrange": True,
        },
        xaxis2={
            "title": "Epochs of training",
            "range": [0, 1.02 * float(entries[0].epochs[-1])],
            "anchor": "y2",
            "fixedrange": True,
        },
        yaxis2={
            "title": "Accuracy on the way",
            "domain": [0, 0.47],
            "range": _range(entries),
            "ticksuffix": " %",
            "fixedrange": True,
        },
    )
    return figure


def _range(entries: Sequence["Entry"]) -> tuple[float, float]:
    """Of the curves' axis in per cent: all that comes after the first epoch."""
    late = [entry.accuracy[:, entry.epochs >= SHOWN_FROM] for entry in entries]
    low, high = min(float(a.min()) for a in late), max(float(a.max()) for a in late)
    return 100 * (low - 0.1 * (high - low)), 100 * (high + 0.1 * (high - low))


def described(entries: Sequence["Entry"]) -> str:
    """The chart of a data set in words, for its caption: where the networks ended."""
    ends = ", ".join(f"{layers(entry.convolutions)} {percent(entry.mean)}" for entry in entries)
    return f"Convolution layers and mean accuracy at the end: {ends}."


def table(measured: "Measured") -> str:
    """The table as HTML: a column for each network."""
    columns = next(iter(measured.entries.values()))
    head = "".join(f"<th scope=col>{layers(e.convolutions)}</th>" for e in columns)
    rows = [
        ("Maps", [", ".join(map(str, entry.maps)) or "–" for entry in columns]),
        ("Dense units", [str(entry.units) for entry in columns]),
        ("Parameters", [f"{entry.parameters:,}" for entry in columns]),
        ("Last receptive field, pixels", [_field(entry) for entry in columns]),
    ]
    for dataset, entries in measured.entries.items():
        title = TITLES[dataset]
        rows += [
            (f"{title}: mean accuracy", [f"<b>{percent(e.mean)}</b>" for e in entries]),
            (
                f"{title}: worst to best seed",
                [f"{100 * e.finals.min():.2f}–{percent(e.finals.max())}" for e in entries],
            ),
        ]
    products = [f"{entry.products / 1000:,.0f}\u00a0k" for entry in columns]
    times = zip(*measured.entries.values(), strict=True)
    seconds = [min(entry.seconds for entry in some) for some in times]
    rows += [
        ("Multiplications, one image", products),
        ("Training, processor time", [_seconds(each) for each in seconds]),
    ]
    body = "".join(
        f"<tr><th scope=row>{escape(name)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for name, cells in rows
    )
    return (
        f'{_STYLE}<div class="compared"><table><caption>Convolution layers</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


_STYLE = """<style>
.compared { overflow-x: auto; font-size: 0.875rem; line-height: 1.3 }
.compared table { border-collapse: collapse; width: 100%; max-width: 46rem }
.compared caption { text-align: left; font-weight: 600; padding: 0.2rem 0.4rem }
.compared th, .compared td { padding: 0.4rem; text-align: right; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent);
  font-variant-numeric: tabular-nums }
.compared tbody th { text-align: left; font-weight: 400 }
@media (max-width: 640px) {
  .compared { font-size: 0.75rem }
  .compared th, .compared td { padding: 0.35rem 0.2rem }
}
</style>"""


def _field(entry: "Entry") -> str:
    """Of the last convolution layer, in pixels."""
    return "all" if entry.field is None else f"{entry.field}×{entry.field}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
