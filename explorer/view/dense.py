"""From maps to a decision: who spoke for a class, flatten, softmax."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view import palette
from explorer.view.answer import percent
from explorer.view.components import map_grid, slots, softmax, tally
from explorer.view.components.map_grid import Grid
from explorer.view.components.tally import Item, signed

if TYPE_CHECKING:
    from explorer.network.architecture import Row
    from explorer.network.contributions import Contributions

Floats = npt.NDArray[np.float32]

TOP = 5
"""So many units are named on either side; the others are summed up."""

CELLS = ((64, 22), (300, 16), (1000, 9))


def number(value: float, digits: int = 2) -> str:
    """With a true minus."""
    return f"{value:.{digits}f}".replace("-", "\u2212")


def who(names: Sequence[str], about: int, than: int | None) -> str:
    """The class in question, in words."""
    return names[about] if than is None else f"{names[about]} rather than {names[than]}"


def spoke(
    found: "Contributions",
    rows: Sequence["Row"],
    units: Floats,
    names: Sequence[str],
    about: int,
    than: int | None,
) -> None:
    """Draw who spoke for a class: units, maps and pixels, each level with its sum.

    Args:
        found: the contributions.
        rows: the network's layers.
        units: ``(n,)``, the outputs of the last layer but one.
        names: what the classes are called.
        about, than: the class, and the one that it is preferred to.
    """
    what = who(names, about, than)
    kind = "logit" if than is None else "difference of the two logits"
    st.markdown(
        f"**Who spoke for {what}?** The {kind} is **{number(found.total)}**: every line below is "
        "a true part of it, and they add up to it exactly. "
        f'<span style="color:{tally.FOR}">■</span> speaks for, '
        f'<span style="color:{tally.AGAINST}">■</span> against.',
        unsafe_allow_html=True,
    )
    last = rows[-2].name if len(rows) > 1 else "image"
    tally.show(
        ledger(found, last, units, rows[-1].name, what),
        key="tally",
        alt=f"What {last} contributes to the {kind} of {what}",
    )
    grids = [_units(found, last, what)]
    maps = [row for row in rows if len(row.output_shape) == 3]
    if maps:
        grids.append(_maps(found, maps[-1].name, what))
    grids.append(_pixels(found, what))
    map_grid.show_stack(grids, key="spoke")
    if found.bent:
        st.caption(
            f"{', '.join(found.bent)} bends its sums by a softmax between layers: what lies before "
            "it is shown to first order, and its sum may differ from the logit."
        )


def ledger(found: "Contributions", last: str, units: Floats, output: str, what: str) -> list[Item]:
    """The lines of the sum: the strongest units for and against, the rest, the bias, the total."""
    parts = found.parts[last].ravel()
    order = [int(i) for i in np.argsort(-parts, kind="stable")]
    above = [i for i in order if parts[i] > 0][:TOP]
    below = [i for i in order if parts[i] < 0][-TOP:]
    named = above + below
    items = [
        Item(f"unit {i} of {last}", float(parts[i]), f"value {number(float(units.ravel()[i]))}")
        for i in named
    ]
    rest = [i for i in order if i not in named]
    silent = sum(1 for i in rest if parts[i] == 0)
    if rest:
        note = f"{silent} of them silent" if silent else ""
        value = float(parts[rest].sum(dtype=np.float64))
        items.insert(len(above), Item(f"the other {len(rest)} units", value, note))
    items += [Item(f"bias of {output}", v) for v in found.added_behind(last).values()]
    return [*items, Item(what, found.total, "", total=True)]


def _sum(found: "Contributions", name: str) -> str:
    """One level's own sum, what the biases behind it add, and the total."""
    own = float(found.parts[name].sum(dtype=np.float64))
    parts = [f"{signed(own)}"]
    parts += [f"{signed(v)} biases of {n}" for n, v in found.added_behind(name).items() if v]
    equals = "=" if found.exact(name) else "≈"
    return f"{'; '.join(parts)}; together {equals} {signed(found.sums_to(name))}"


def _units(found: "Contributions", name: str, what: str) -> Grid:
    values = found.parts[name].reshape(-1, 1, 1)
    cell = next((side for most, side in CELLS if len(values) <= most), 6)
    return Grid(
        values,
        label=f"Units of {name}",
        text=f"value × weight: {_sum(found, name)}",
        kind="signed",
        scale="layer",
        noun="unit",
        unit="contribution",
        cell=cell,
        selectable=False,
        alt=f"What each unit of {name} contributes to {what}; red speaks for, blue against.",
    )


def _maps(found: "Contributions", name: str, what: str) -> Grid:
    values = found.parts[name]
    sums = values.sum(axis=(1, 2), dtype=np.float64)
    return Grid(
        values,
        label=f"Carried back to {name}",
        text=_sum(found, name),
        kind="signed",
        scale="layer",
        titles=[f"{i}: {signed(float(s))}" for i, s in enumerate(sums)],
        unit="contribution",
        cell=64,
        selectable=False,
        alt=f"What each cell of {name} contributes to {what}; red speaks for, blue against.",
    )


def _pixels(found: "Contributions", what: str) -> Grid:
    return Grid(
        found.parts["image"],
        label="Carried back to the input",
        text=_sum(found, "image"),
        kind="signed",
        noun="input",
        unit="contribution",
        cell=224,
        selectable=False,
        alt=f"What each pixel contributes to {what}; red speaks for, blue against.",
    )


def flattened(reads: Floats, name: str, units: int, first: str) -> None:
    """Draw maps and the vector they become.

    Args:
        reads: ``(C, H, W)``, what the flatten reads.
        name: the layer it is of, or the input.
        units: of the dense layer behind.
        first: the name of that layer.
    """
    channels, height, width = reads.shape
    count = reads.size
    st.markdown(
        f"**Flatten** computes nothing: it reads {'the maps' if channels > 1 else 'the input'} "
        f"row by row, column by column, all {channels} channels of a pixel together (Keras' order "
        f"H, W, C), and lays {height} · {width} · {channels} = **{count:,} numbers** in a line. "
        f"Each of the {units:,} units of {first} then has a weight for every slot."
    )
    slots.show(reads, key="slots", label=name, noun="map" if channels > 1 else "input")


def power(exponent: float) -> str:
    """exp(exponent) in four significant digits, however large: ``897.8``, ``1.43·10⁵⁶``."""
    if -3 * math.log(10) <= exponent < 5 * math.log(10):
        return f"{math.exp(exponent):.4g}"
    tens = exponent / math.log(10)
    whole = math.floor(tens)
    mantissa = 10 ** (tens - whole)
    if round(mantissa, 2) == 10:
        mantissa, whole = 1.0, whole + 1
    raised = str(whole).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa:.2f}·10{raised}"


def tempered(logits: npt.NDArray[np.floating], temperature: float) -> npt.NDArray[np.float64]:
    """Softmax of logits / temperature, ``(classes,)``: the largest exponent is taken out first."""
    scaled = np.asarray(logits, np.float64) / temperature
    powers = np.exp(scaled - scaled.max())
    return np.asarray(powers / powers.sum())


def softmax_lines(
    logits: Floats, temperature: float, names: Sequence[str]
) -> tuple[list[softmax.Line], str]:
    """The lines of the table, and the sum of the powers as text."""
    chances = tempered(logits, temperature)
    order = np.argsort(-chances, kind="stable")
    colours = [palette.MUTED] * len(chances)
    colours[order[0]] = palette.PREDICTED
    if len(order) > 1:
        colours[order[1]] = palette.RUNNER_UP
    scaled = np.asarray(logits, np.float64) / temperature
    table = [
        softmax.Line(
            names[i],
            number(float(logits[i])),
            power(float(scaled[i])),
            float(chances[i]),
            percent(float(chances[i])),
            colours[i],
        )
        for i in range(len(chances))
    ]
    most = float(scaled.max())
    return table, power(most + math.log(float(np.exp(scaled - most).sum())))
