"""The loss of one image with its numbers, and its gradient at the logits, class by class."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer.view.components import tally
from explorer.view.opened import number

if TYPE_CHECKING:
    from explorer.network.gradients import Backward

TERMS = {
    "categorical_crossentropy": "−y · log p",
    "binary_crossentropy": "−y · log p − (1 − y) · log(1 − p)",
    "root_mean_squared_error": "(y − p)²",
}


def show(found: "Backward", names: Sequence[str]) -> None:
    """Say how the loss comes about, class by class, and draw its gradient at the logits.

    Args:
        found: the backward pass.
        names: what the classes are called.
    """
    st.markdown(formula(found, names))
    with st.container(key="loss_table"):
        st.html(_table(found, names))
    st.caption(slope(found, names))


def formula(found: "Backward", names: Sequence[str]) -> str:
    """The cost function with its numbers in it, as one line of Markdown."""
    own, count = names[found.target], len(found.terms)
    p, total = float(found.probabilities[found.target]), float(found.terms.sum(dtype=np.float64))
    value = f"**{number(found.loss)}**"
    if found.cost == "categorical_crossentropy":
        return f"Loss = −log *p* of the target {own} = −log {number(p)} = {value}."
    sums = f"the {count} terms below: {number(total)} / {count}"
    if found.cost == "binary_crossentropy":
        return f"Loss = the mean of {sums} = {value}."
    return f"Loss = the root of the mean of {sums} = {number(total / count)}, its root {value}."


def slope(found: "Backward", names: Sequence[str]) -> str:
    """What the gradient at the logits says, in one or two sentences."""
    slopes = found.to_after[list(found.to_after)[-1]]
    other = int(np.argmax(np.where(np.arange(len(slopes)) == found.target, -np.inf, slopes)))
    start = (
        "∂L/∂z is how fast the loss grows with each logit; a step goes against it: it pushes "
        f"{names[found.target]} up and the others down, {names[other]} most."
    )
    if found.cost == "categorical_crossentropy":
        return (
            f"{start} With softmax and cross-entropy it is simply *p* − *y*. The other classes "
            "count only through *p*: together they have what the target lacks."
        )
    if found.cost == "binary_crossentropy":
        return (
            f"{start} Each class is a question of its own here, “is it a "
            f"{names[found.target]}?” for the target and “is it not?” for the others; through the "
            "softmax every answer moves every logit."
        )
    return f"{start} Through the softmax the error of each class moves every logit."


_CELL = "padding:0 clamp(0.15rem,0.7vw,0.45rem);text-align:right;white-space:nowrap"
_HEAD = f"{_CELL};white-space:normal;font-weight:400;opacity:0.72;vertical-align:bottom"
_TRACK = (
    "position:relative;display:inline-block;width:clamp(2rem,12vw,10rem);height:0.8rem;"
    "vertical-align:-0.1rem;margin-right:0.4rem"
)


def _table(found: "Backward", names: Sequence[str]) -> str:
    logits, slopes = list(found.after.values())[-1], list(found.to_after.values())[-1]
    most = float(np.abs(slopes).max()) or 1.0
    heads = ("class", "logit <i>z</i>", "softmax <i>p</i>", "<i>y</i>", TERMS[found.cost])
    line = "".join(f'<th style="{_HEAD}">{head}</th>' for head in (*heads, "∂<i>L</i>/∂<i>z</i>"))
    rows = [f"<tr>{line}</tr>"]
    for i, name in enumerate(names):
        target = i == found.target
        style = f"{_CELL};font-weight:{700 if target else 400}"
        cells = [
            escape(name) + (" ◂" if target else ""),
            f"{logits[i]:.2f}".replace("-", "−"),
            number(float(found.probabilities[i])),
            "1" if target else "0",
            number(float(abs(found.terms[i]))),
            _bar(float(slopes[i]) / most) + number(float(slopes[i])),
        ]
        row = "".join(f'<td style="{style}">{text}</td>' for text in cells)
        tint = "background:color-mix(in srgb,currentColor 8%,transparent)" if target else ""
        rows.append(f'<tr style="{tint}">{row}</tr>')
    return (
        '<div style="overflow-x:auto"><table aria-label="The loss, class by class" '
        'style="border-collapse:collapse;font-size:clamp(0.6875rem,2.9vw,0.8125rem);font-variant-numeric:tabular-nums">'
        f"{''.join(rows)}</table></div>"
    )


def _bar(share: float) -> str:
    """A bar from the middle: to the right above zero, to the left below."""
    colour = tally.FOR if share > 0 else tally.AGAINST
    left, width = (50 if share > 0 else 50 + 50 * share), 50 * abs(share)
    return (
        f'<span style="{_TRACK}"><span style="position:absolute;left:50%;top:0;bottom:0;'
        'border-left:1px solid currentColor;opacity:0.35"></span>'
        f'<span style="position:absolute;left:{left:.1f}%;width:{width:.1f}%;top:0.1rem;'
        f'bottom:0.1rem;background:{colour}"></span></span>'
    )
