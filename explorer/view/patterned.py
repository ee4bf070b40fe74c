"""Activation patterns: two side by side, how far apart they are, and the plane of ten thousand."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view.answer import percent
from explorer.view.components import map_grid, spread
from explorer.view.components.map_grid import Grid
from explorer.view.dense import number
from explorer.view.layers import lines

if TYPE_CHECKING:
    from explorer.network.patterns import Patterns

Floats = npt.NDArray[np.float32]

ACROSS = 16
"""Units in a line of a pattern, where that comes out even."""


def block(pattern: Floats) -> Floats:
    """``(units,)`` to ``(1, lines, units in a line)``."""
    if len(pattern) % ACROSS or len(pattern) > ACROSS * 64:
        return lines(pattern)
    return pattern.reshape(1, -1, ACROSS)


def compared(
    one: Floats, other: Floats, titles: tuple[str, str], name: str, words: Sequence[str]
) -> None:
    """Draw two patterns aligned, and their difference.

    Args:
        one, other: ``(units,)`` each.
        titles: what the two are.
        name: the layer.
        words: sentences about how far apart they are.
    """
    st.markdown(" ".join(words))
    both = np.concatenate([block(one), block(other)])
    map_grid.show_stack(
        [
            Grid(
                both,
                label=f"Activation patterns of {name}",
                text=f"{len(one)} units, each in the same place on both",
                titles=list(titles),
                scale="layer",
                kind="signed" if (both < 0).any() else "activation",
                noun="pattern",
                unit="activation",
                cell=288,
                selectable=False,
                alt=f"The {len(one)} units of {name} for both inputs.",
            ),
            Grid(
                block(one - other),
                label="Their difference",
                text="red where this input's is stronger, blue where the other's is",
                kind="signed",
                noun="difference",
                unit="difference",
                cell=288,
                selectable=False,
                alt="The first pattern less the second, unit by unit.",
            ),
        ],
        key="compared",
    )


def verdicts(
    gap: float, angle: float | None, found: "Patterns | None", alike: bool | None
) -> list[str]:
    """How far apart two patterns are, and how far pairs of test images are, in sentences."""
    said = [
        f"Euclidean distance **{number(gap)}**, cosine "
        f"**{'none: a pattern is all zero' if angle is None else number(angle, 3)}**."
    ]
    if found is None:
        return said
    nearer = [
        float((group >= gap).mean()) for group in (found.distances.within, found.distances.between)
    ]
    said.append(
        f"That is nearer than {percent(nearer[0])} of the pairs of one class, and than "
        f"{percent(nearer[1])} of the pairs of different classes."
    )
    if alike is not None:
        said.append(f"These two are of {'one class' if alike else 'different classes'}.")
    return said


def spreads(found: "Patterns", gap: float, angle: float | None) -> None:
    """Draw where the distance and the cosine lie among those of pairs of test images."""
    left, right = st.columns(2, gap="large")
    groups: Mapping[str, tuple[Floats, Floats]] = {
        "distances": (found.distances.within, found.distances.between),
        "cosines": (found.cosines.within, found.cosines.between),
    }
    titles = ("within a class", "between classes")
    with left:
        high = max(float(group[-1]) for group in groups["distances"] if len(group))
        spread.show(
            list(zip(titles, groups["distances"], strict=True)),
            gap,
            key="distances",
            heading="Euclidean distance",
            text=number(gap),
            limits=(0.0, high or 1.0),
        )
    with right:
        low = min(0.0, *(float(group[0]) for group in groups["cosines"] if len(group)))
        spread.show(
            list(zip(titles, groups["cosines"], strict=True)),
            angle,
            key="cosines",
            heading="Cosine",
            text="" if angle is None else number(angle, 3),
            limits=(low, 1.0),
        )


def other(image: Floats) -> None:
    """Draw the input that is compared with, small."""
    map_grid.show(
        image[None],
        key="other",
        label="The other input",
        kind="ink",
        cell=140,
        noun="input",
        unit="ink",
        selectable=False,
        alt="The 28×28 input that is compared with.",
    )


def plane_words(found: "Patterns", name: str, units: int) -> None:
    """Say what the plane is, and how much of the patterns it shows."""
    shown = percent(float(found.plane.shares.sum()))
    st.markdown(
        f"Each of the 10,000 test images is a pattern of **{units} numbers**, what {name} answers, "
        f"laid on the plane in which they spread most (PCA, {shown} of the variance). "
        "**Draw, and watch the ring.**"
    )
