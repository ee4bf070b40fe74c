"""How large the gradient is at each layer of a deep network: chart, words, table."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from explorer.view.figures import LINES
from explorer.view.palette import MUTED

Floats = npt.NDArray[np.float64]

NAMES = {
    "plain": "Plain",
    "norm": "With batch normalisation",
    "residual": "With residual connections",
}
"""The variants, in the order of their lines."""
HEADS = ("Plain", "Batch norm.", "Residual")
"""The same in few letters: a phone has room for no more."""

OF = {
    "weights": "Size of ∂loss/∂weights (RMS)",
    "activations": "Size of ∂loss/∂activations (RMS)",
}
"""What the gradient is by, as the title of an axis."""

NOTHING = 1e-9
"""A gradient below this moves no weight within any patience, whatever the learning rate."""

GUESSING = float(np.log(10))
"""The loss of ten equal probabilities, in nats."""

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Sizes(Protocol):
    """Root mean squares of the gradient at each layer, ``(depth,)``, and the loss in nats."""

    @property
    def weights(self) -> Floats:
        """By the weights."""

    @property
    def activations(self) -> Floats:
        """By what the layer gives to the next."""

    @property
    def loss(self) -> float:
        """Before training."""


def number(value: float) -> str:
    """Two significant digits, by a power of ten where it is far from one: ``3.1·10⁻⁷``."""
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.2g}" if abs(value) < 100 else f"{value:,.0f}"
    digits, _, power = f"{value:.1e}".partition("e")
    return f"{digits}·10{str(int(power)).translate(_SUPERSCRIPTS)}"


def nats(loss: float) -> str:
    """A loss as people read it: ``2.30``, or ``2,767``."""
    return f"{loss:.2f}" if loss < 100 else number(loss)


def _of(sizes: Sizes, which: str) -> Floats:
    return sizes.weights if which == "weights" else sizes.activations


def curves(found: Mapping[str, Sizes], which: str) -> go.Figure:
    """The size of the gradient over the layers, one line a variant, on a logarithmic scale.

    Args:
        found: by variant.
        which: ``weights`` or ``activations``.
    """
    figure = _lines({variant: _of(sizes, which) for variant, sizes in found.items()}, "%{y:.2e}")
    depth = len(_of(found["plain"], which))
    figure.update_xaxes(
        title="Convolution layer, from the input to the output",
        range=[0.6, depth + 0.4],
        dtick=1 if depth <= 10 else 2,
        tick0=1 if depth <= 10 else 2,
        fixedrange=True,
    )
    # Whole powers of ten, some six of them.
    powers = np.log10([size for line in figure.data for size in line.y if size > 0])
    low, high = int(np.floor(powers.min())), int(np.ceil(powers.max()))
    figure.update_yaxes(
        title=OF[which],
        type="log",
        range=[low - 0.1, max(high, low + 1) + 0.1],
        dtick=-(-(high - low) // 6) or 1,
        exponentformat="power",
        fixedrange=True,
    )
    return figure


def _lines(values: Mapping[str, Sequence[float] | Floats], hover: str) -> go.Figure:
    """One line a variant, over 1, 2, …"""
    figure = go.Figure()
    for (variant, title), (colour, dash, symbol) in zip(NAMES.items(), LINES, strict=False):
        figure.add_scatter(
            x=np.arange(1, len(values[variant]) + 1),
            y=np.asarray(values[variant]),
            name=title,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 8},
            hovertemplate=hover,
        )
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="x unified",
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "x": 0},
    )
    return figure


def losses(found: Mapping[str, Sequence[float]]) -> go.Figure:
    """The loss before each step, one line a variant; losses above :data:`HIGH` leave the chart."""
    figure = _lines(found, "%{y:.2f}")
    figure.add_hline(y=GUESSING, line={"color": MUTED, "dash": "dot", "width": 2})
    steps = len(found["plain"])
    figure.update_xaxes(title="Step", range=[0.4, steps + 0.6], fixedrange=True)
    most = max((x for line in found.values() for x in line if np.isfinite(x)), default=HIGH)
    high = max(1.1 * min(most, HIGH), 1.2 * GUESSING)
    figure.update_yaxes(title="Loss before the step", range=[0, high], fixedrange=True)
    return figure


LAST = 10
"""Steps at the end whose mean loss is said."""

HIGH = 6.0


def learnt(found: Mapping[str, Sequence[float]]) -> str:
    """What the losses say, as Markdown."""
    parts = []
    for variant, title in NAMES.items():
        last = float(np.mean(found[variant][-LAST:]))
        name = title[0].lower() + title[1:]
        parts.append(f"{name} **{nats(last)}**" if np.isfinite(last) else f"{name} it diverges")
    listed = f"{parts[0]}, {parts[1]}, {parts[2]}"
    return (
        f"Mean loss of the last {LAST} of {len(found['plain'])} steps: {listed}. Guessing costs "
        f"{GUESSING:.2f}, the dotted line."
    )


def verdict(found: Mapping[str, Sizes], which: str) -> str:
    """What the numbers say, as Markdown."""
    ratios = {variant: _ratio(_of(sizes, which)) for variant, sizes in found.items()}
    plain = _of(found["plain"], which)
    said = (
        f"Plain, the first layer's gradient is **{number(ratios['plain'])} times** the last one's; "
        f"with batch normalisation {number(ratios['norm'])} times, with residual connections "
        f"{number(ratios['residual'])} times."
    )
    if plain.max() < NOTHING:
        said += (
            f" But plain, *every* layer's gradient is tiny, {number(float(plain.max()))} at most: "
            "no layer learns anything."
        )
    elif ratios["plain"] < 1e-4:
        said += " A learning rate that suits the last layers leaves the first as they were drawn."
    elif ratios["plain"] > 1e4:
        said += " A learning rate that suits the last layers throws the first about: it explodes."
    lost = [NAMES[v].lower() for v, sizes in found.items() if sizes.loss > 2 * GUESSING]
    if lost:
        worst = max(sizes.loss for sizes in found.values())
        said += (
            f" {lost[0].capitalize()} the sums still grow from layer to layer, and the loss begins "
            f"at {nats(worst)}, where guessing costs {GUESSING:.2f}: in practice both remedies "
            "are used together."
        )
    return said


def _ratio(sizes: Floats) -> float:
    return float(sizes[0] / sizes[-1]) if sizes[-1] > 0 else 0.0


def table(found: Mapping[str, Sizes], which: str) -> str:
    """The same numbers as a table in Markdown: first, middle and last layer, and the loss."""
    depth = len(found["plain"].weights)
    every = [(_of(found[variant], which), found[variant].loss) for variant in NAMES]
    lines = [["", *HEADS]]
    lines.append(["---", *["---:"] * len(NAMES)])
    for i in sorted({0, (depth - 1) // 2, depth - 1}):
        lines.append([f"Layer {i + 1}", *(number(float(sizes[i])) for sizes, _ in every)])
    lines.append(["First ÷ last", *(number(_ratio(sizes)) for sizes, _ in every)])
    lines.append(["Loss", *(nats(loss) for _, loss in every)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
