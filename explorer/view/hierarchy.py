"""The hierarchy of a network's features: what the maps of each layer prefer, one layer below the
other.

Choices: a column is a map. On top stands the input that was made for it, below that the patches of
the test set that it answers most strongly, all at its true receptive field and all enlarged to the
same size; the row of facts ahead of them (facts.py) says how small the first ones are.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view import palette
from explorer.view.answer import percent
from explorer.view.components import map_grid
from explorer.view.components.map_grid import Grid
from explorer.view.inside import noun_of
from explorer.view.opened import number

if TYPE_CHECKING:
    from explorer.network.answers import Exciting
    from explorer.network.architecture import Row

Floats = npt.NDArray[np.float32]

PATCHES = 3
"""Patches of the test set below each map."""

CELL = 56
"""Side of a patch in CSS pixels."""

BESIDE = "hierarchy_open"
"""Key of the container of the open map."""

WIDTH, HEIGHT = 280, 110
"""Of the curve of an ascent, in CSS pixels."""


@dataclass(frozen=True, eq=False)
class Section:
    """Some maps of one layer.

    Attributes:
        row: the layer.
        maps: their numbers.
        made: ``(n, h, w)`` in [0, 1], what the ascents have made so far.
        best: what excites each of them most in the test set; None while that is not known.
    """

    row: "Row"
    maps: tuple[int, ...]
    made: Floats
    best: "Sequence[Exciting] | None"


@dataclass(frozen=True, eq=False)
class Opened:
    """One map.

    Attributes:
        row, index: which.
        made: ``(h, w)`` in [0, 1].
        values: what its unit answered to the noise and after each step; none before they began.
        best: as in :class:`Section`.
        chance: of a class, the probability that the network gives it on what was made for it; None
            for any other layer.
    """

    row: "Row"
    index: int
    made: Floats
    values: tuple[float, ...]
    best: "Exciting | None"
    chance: float | None = None


def noun(row: "Row") -> str:
    """What one output of the layer is called; of the last layer it is a class."""
    return "class" if row.name == "output" else noun_of(row)


def stack(
    sections: Sequence[Section], opened: tuple[str, int], *, key: str
) -> tuple[str, int] | None:
    """Draw the sections and return the layer's name and the number of the chosen map, or None.

    Args:
        sections: in the order of the layers.
        opened: layer and number of the map that is open.
        key: identity of the stack: another one wherever a place means another map.
    """
    picked = map_grid.show_stack([_grid(section, opened) for section in sections], key=key)
    if picked is None:
        return None
    section = sections[picked[0]]
    return section.row.name, section.maps[picked[1] % len(section.maps)]


def _grid(section: Section, opened: tuple[str, int]) -> Grid:
    row, maps = section.row, section.maps
    count, what = row.output_shape[0], noun(row)
    lines, titles = [section.made], [f"{what} {index}" for index in maps]
    for rank in range(PATCHES):
        lines.append(np.zeros_like(section.made))
        titles += [""] * len(maps)
        for i, best in enumerate(section.best or ()):
            titles[i - len(maps)] = _title(best, rank)
            if best.values[rank] > 0:
                lines[-1][i] = best.patches[rank]
    here = row.name == opened[0] and opened[1] in maps
    every = f"{what}s" if what != "class" else "classes"
    return Grid(
        np.concatenate(lines),
        label=row.name,
        text=f"{every} {maps[0]} to {maps[-1]} of {count}",
        caption=f"each sees {_sees(row)}",
        titles=titles,
        kind="ink",
        scale="layer",
        note="",
        selected=maps.index(opened[1]) if here else None,
        group=len(maps),
        cell=CELL if len(maps) != 2 else 2 * CELL,  # a line holds no second pair
        noun="patch",
        unit="ink",
        across=2,
        alt=f"What the {every} {maps[0]} to {maps[-1]} of {row.name} prefer, one column each: on "
        f"top the input made by gradient ascent, below it {PATCHES} patches of test images. Enter "
        "opens one.",
    )


def _sees(row: "Row") -> str:
    return "the whole image" if row.field is None else f"{row.field.size}×{row.field.size} pixels"


def _title(best: "Exciting", rank: int) -> str:
    """Class and activation of a patch; nothing where the map does not answer it."""
    if best.values[rank] <= 0:
        return "" if rank else "dead"
    return f"{best.labels[rank]} · {best.values[rank]:.1f}"


def opened(one: Opened, classes: Sequence[str]) -> None:
    """Draw one map large: what was made for it, how its answer rose, and what it prefers."""
    row, what = one.row, noun(one.row)
    st.html(_STICKY)
    st.subheader(f"{what.capitalize()} {one.index} of {row.name}", anchor=False)
    st.markdown(verdict(one))
    if one.chance is not None:
        # A softmax never reaches 1; its float32 does.
        sure = percent(min(one.chance, 1 - 2**-24))
        st.markdown(f"The network reads it as {classes[one.index]} with {sure} probability.")
    map_grid.show(
        one.made[None],
        key="made-for",
        label="Made for it",
        kind="ink",
        cell=140,
        noun="input",
        unit="ink",
        selectable=False,
        alt=f"The input that gradient ascent made for {what} {one.index} of {row.name}.",
    )
    st.caption(_where(row))
    if len(one.values) > 1:
        strongest = None if one.best is None else max(one.best.values)
        with st.container(key="ascent-curve"):
            st.html(curve(one.values, strongest))
    if one.best is not None and max(one.best.values) > 0:
        map_grid.show(
            one.best.patches,
            key="preferred",
            label="What it prefers in the test set",
            kind="ink",
            scale="layer",
            note="",
            titles=[
                f"{classes[c]} · {number(v)}"
                for c, v in zip(one.best.labels, one.best.values, strict=True)
            ],
            cell=64,
            noun="patch",
            unit="ink",
            selectable=False,
            alt=f"The {len(one.best.values)} patches of test images that {what} {one.index} "
            "answers most strongly, with class and activation.",
        )


_STICKY = f"<style>div:has(> .st-key-{BESIDE}) {{ position: sticky; top: 3rem }}</style>"
"""The open map stays in sight while one scrolls along the layers."""


def verdict(one: Opened) -> str:
    """What the ascent has reached, against the test set, as Markdown."""
    if not one.values:
        return "Its ascent has not begun."
    said = (
        f"The noise gave **{number(one.values[0])}**, the input made from it gives "
        f"**{number(one.values[-1])}**"
    )
    if one.best is None:
        return f"{said}."
    most = max(one.best.values)
    if most <= 0:
        return f"{said}. No image of the test set gives more than zero: the map is dead."
    if one.values[-1] <= 0:
        return f"{said}; the strongest of 10,000 test images {number(most)}."
    times = one.values[-1] / most
    return f"{said}, {times:.1f} times what the strongest of 10,000 test images gives: " + (
        f"{number(most)}."
    )


def _where(row: "Row") -> str:
    if row.field is None or len(row.output_shape) == 1:
        return "It sees the whole image, and all of it may change."
    return (
        f"The unit in the middle of the map sees these {row.field.size}×{row.field.size} pixels; "
        "no other may change."
    )


def curve(values: Sequence[float], strongest: float | None) -> str:
    """The unit's answer over the steps, as a small drawing: a chart of plotly's would cost more
    than all else that a press on a map redraws.

    Args:
        values: to the noise and after each step, at least two.
        strongest: that of the strongest test image, drawn as a dashed line.
    """
    every = [*values, 0.0] if strongest is None else [*values, 0.0, strongest]
    low, high = min(every), max(every)
    last, span = len(values) - 1, (high - low) or 1.0

    def y(value: float) -> str:
        return f"{HEIGHT * (high - value) / span:.1f}"

    def x(step: int) -> str:
        return f"{WIDTH * step / last:.1f}"

    points = " ".join(f"{x(step)},{y(value)}" for step, value in enumerate(values))
    lines = _line(y(0.0), palette.MUTED)
    said, name = f"from {number(values[0])} to {number(values[-1])} in {last} steps", ""
    if strongest is not None:
        lines += _line(y(strongest), palette.RUNNER_UP, "stroke-dasharray='5 4'")
        said += f"; the strongest test image: {number(strongest)}"
        name = f'<span style="color:{palette.RUNNER_UP}">- - strongest test image</span>'
    drawn = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 -2 {WIDTH} {HEIGHT + 4}' "
        f"preserveAspectRatio='none'>{lines}<polyline points='{points}' fill='none' "
        f"stroke='{palette.PREDICTED}' stroke-width='2' vector-effect='non-scaling-stroke'/></svg>"
    )
    # As a picture: what is set as HTML may hold no drawing of its own.
    source = base64.b64encode(drawn.encode()).decode()
    return (
        f'<div style="font-size:0.8125rem;line-height:1.5;max-width:{WIDTH + 60}px">'
        '<div style="display:flex;justify-content:space-between;flex-wrap:wrap">'
        f"<span><b>Its answer</b>, before its activation</span>{name}</div>"
        f'<div style="display:flex;gap:0.4rem"><img alt="Its answer, {said}." '
        f'src="data:image/svg+xml;base64,{source}" '
        f'style="flex:1;min-width:0;height:{HEIGHT}px">'
        '<div style="display:flex;flex-direction:column;justify-content:space-between;'
        f'font-variant-numeric:tabular-nums"><span>{number(high)}</span>'
        f"<span>{number(low)}</span></div></div>"
        f'<div style="opacity:0.75">Steps 0 to {last}</div></div>'
    )


def _line(y: str, colour: str, more: str = "") -> str:
    """A horizontal line across the drawing."""
    return (
        f"<line x1='0' x2='{WIDTH}' y1='{y}' y2='{y}' stroke='{colour}' {more} "
        "vector-effect='non-scaling-stroke'/>"
    )
