"""All maps of one layer, with their kernels, and what is said of the dead ones."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view import answer, cards
from explorer.view.components import map_grid

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.network.answers import Maps
    from explorer.network.architecture import Row

Floats = npt.NDArray[np.float32]
Scale = Literal["map", "layer", "network"]

SIDE = 72
"""Side of a map or kernel in CSS pixels: the same, so that each stands below its own."""

CELLS = ((16, 44), (300, 26), (1000, 17))
"""Up to so many units, the side of one in CSS pixels; :data:`DOT` for more."""

DOT = 8

TITLED = 300
"""At most so many units have their numbers above them."""

NAMED = 12
"""So many dead maps are named; the others are counted."""


def given(image: Floats, chances: Floats, classes: Sequence[str], truth: int | None) -> None:
    """Draw the input, and say how the network reads it.

    Args:
        image: ``(28, 28)`` in [0, 1].
        chances: ``(classes,)`` probabilities.
        classes: what the classes are called.
        truth: the true class of a test image; None for a drawing.
    """
    best, second = (int(i) for i in np.argsort(chances)[::-1][:2])
    read = answer.verdict(classes, [answer.percent(float(c)) for c in chances], best, second, truth)
    map_grid.show(
        image[None],
        key="given",
        kind="ink",
        cell=168,
        noun="input",
        unit="ink",
        selectable=False,
        alt=f"The input of the network. {read}",
    )
    st.caption(read)


def layer(maps: "Maps", selected: int, *, scale: Scale, key: str) -> int | None:
    """Draw the maps or units of a layer and return the one that was chosen, or None.

    Args:
        maps: the layer.
        selected: the map that is open.
        scale: one colour scale for each map, for the layer, or for the network.
        key: identity of the grid: another one wherever a place means another map.
    """
    row, order, values = maps.row, list(maps.order), maps.values
    noun, signed, named = noun_of(row), bool((values < 0).any()), len(order) <= TITLED
    options: dict[str, Any] = {
        "scale": "map" if scale == "map" else "layer",
        "titles": titles(maps),
        "cell": SIDE,
    }
    if values.ndim == 1:
        values = values[:, None, None]
        numbers = [str(i) for i in order] if named else None
        options = {"scale": "layer", "titles": numbers, "cell": cell(len(order))}
        options["unit"] = noun if named else ""
    chosen = map_grid.show(
        values[order],
        key=key,
        label=row.name,
        text=cards.card(row),
        caption=cards.facts(row),
        kind="signed" if signed else "activation",
        limits=around(maps.limits, signed) if scale == "network" else None,
        selected=order.index(selected),
        required=True,
        noun=noun,
        alt=f"The {len(order)} {noun}s of {row.name}, a {type(row.layer).__name__} layer: "
        f"{cards.size(row.output_shape)}. Enter opens one.",
        **options,
    )
    return None if chosen is None else order[chosen]


def noun_of(row: "Row") -> str:
    """What one output of a layer is called: map, unit, or slot where nothing is computed."""
    if len(row.output_shape) == 3:
        return "map"
    return "unit" if row.parameters else "slot"


def titles(maps: "Maps") -> list[str]:
    """Name and live fraction of each map, in their order."""
    live = maps.live
    return [f"map {i} · {share(float(live[i])) if live[i] > 0 else 'dead'}" for i in maps.order]


def share(value: float) -> str:
    """A fraction in whole percent; never a 0 % that is not one."""
    return "< 1 %" if 0 < value < 0.005 else f"{100 * value:.0f} %"


def cell(units: int) -> int:
    """Side of one unit in CSS pixels."""
    return next((side for most, side in CELLS if units <= most), DOT)


def around(limits: tuple[float, float], signed: bool) -> tuple[float, float] | None:
    """The network's scale: from 0 up, or as far below zero as above where there are signs."""
    low, high = limits
    most = max(abs(low), abs(high)) if signed else max(high, 0.0)
    return (-most if signed else 0.0, most) if most else None


def dead(maps: "Maps", anywhere: Sequence[int] | None, place: "DeltaGenerator") -> None:
    """Name the dead maps of a layer.

    Args:
        maps: the layer.
        anywhere: maps that are dead for all of the test set; None while that is not known.
        place: where the sentence stands.
    """
    if maps.dead is not None:
        place.caption(dead_ones(noun_of(maps.row), maps.dead, anywhere, len(maps.values)))


def dead_ones(noun: str, here: Sequence[int], anywhere: Sequence[int] | None, count: int) -> str:
    """The maps that answer nothing, in one sentence; arguments as in :func:`dead`."""
    said = (
        f"{names(noun, here)} dead for this input" if here else f"No {noun} is dead for this input"
    )
    said += f": {count - len(here)} of {count} {noun}s have a value above zero"
    if anywhere is None:
        return f"{said}."
    others = names(noun, anywhere).lower() if anywhere else "none is"
    return f"{said}; {others} dead for all 10,000 images of the test set."


def names(noun: str, which: Sequence[int]) -> str:
    """Maps by their numbers, with the verb; where they are many, the last are counted."""
    if len(which) == 1:
        return f"{noun.capitalize()} {which[0]} is"
    shown = [str(i) for i in which[:NAMED]]
    rest = len(which) - len(shown)
    last = f"{rest} more" if rest else shown.pop()
    return f"{noun.capitalize()}s {', '.join(shown)} and {last} are"


def kernels(maps: "Maps", weights: Floats, selected: int, *, every: bool, scale: Scale) -> None:
    """Draw the kernels of a convolution layer.

    Args:
        maps: the layer.
        weights: ``(filters, C, k, k)``.
        selected: the map that is open.
        every: the slices of all kernels, not only those of the open map's.
        scale: ``map``: a scale for each kernel where it has one slice; else one for all.
    """
    (count, channels, height, width), order = weights.shape, list(maps.order)
    options: dict[str, Any]
    if channels == 1:
        shown = weights[order, 0]
        label, text = (
            "Its kernels",
            "in the order of the maps: each map is bright where the input looks like its kernel.",
        )
        options = {"titles": [f"kernel {i}" for i in order], "cell": SIDE}
        options |= {"selected": order.index(selected), "noun": "kernel"}
    elif every:
        shown = weights[order].reshape(-1, height, width)
        label = f"All {count} kernels"
        text = f"of {channels} slices each: the map that is made ← the map that the slice reads."
        options = {"titles": [f"{i} ← {c}" for i in order for c in range(channels)], "cell": 48}
        options["group"] = channels
    else:
        shown = weights[selected]
        label = f"The kernel of map {selected}"
        text = f"has {channels} slices, one for each map that it reads; what they give is summed."
        options = {"titles": [f"reads {c}" for c in range(channels)], "cell": SIDE}
    map_grid.show(
        shown,
        key=f"kernels-{maps.row.name}",
        label=label,
        text=text,
        kind="weight",
        scale="map" if scale == "map" and channels == 1 else "layer",
        unit="weight",
        selectable=False,
        alt=f"{label} of {maps.row.name}: {height}×{width} weights each.",
        **{"noun": "slice", **options},
    )
