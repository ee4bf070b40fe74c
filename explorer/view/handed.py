"""How one map, cell or unit got its gradient: where it was routed, and the sums it is made of."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view.backward import source
from explorer.view.components import lens, linked, tally
from explorer.view.components.linked import Picture
from explorer.view.components.tally import Item
from explorer.view.opened import number

if TYPE_CHECKING:
    from explorer.network.passing import Stage, Sum

Floats = npt.NDArray[np.float32]

TOP = 6
"""So many parts of a sum are named; the others are summed up."""


def routing(stage: "Stage", index: int) -> None:
    """Draw one map of a ReLU or a pooling: where each gradient of it goes.

    Args:
        stage: of an operation that keeps the maps apart.
        index: which map.
    """
    assert stage.row is not None
    pools = stage.operation in ("max", "average")
    pictures = [
        Picture(stage.arrives[index], "Arrives", "signed", "arrives"),
        Picture(
            stage.values[index],
            "Activation" if pools else "Its sums",
            "signed" if (stage.values[index] < 0).any() else "activation",
            "activation" if pools else "sum",
        ),
        Picture(stage.leaves[index], "Handed back", "signed", "handed back"),
    ]
    st.markdown(f"**Map {index}, cell by cell** · {_HINTS[stage.operation]}")
    layer = stage.row.layer
    linked.show(
        pictures,
        key="routing",
        rule="max" if stage.operation == "max" else "average" if pools else "relu",
        window=getattr(layer, "pool_size", 1),
        stride=getattr(layer, "stride", 1),
        winners=stage.winners[index] if stage.operation == "max" else None,
        alt=f"How the gradient passes back through {stage.name}, map {index}.",
    )


_HINTS = {
    "max": "point at a cell that arrives: its window is framed, and in it the winner.",
    "average": "point at a cell that arrives: its window is framed.",
    "relu": "point at a cell: where its sum was not above zero, nothing is handed back.",
}


def spread(part: "Sum", stage: "Stage", index: int, reset: int) -> None:
    """Draw how a convolution makes the gradient of one channel that it read, under the lens.

    Args:
        part: the sum written out.
        stage: of a convolution.
        index: which channel.
        reset: changes whenever it is another stage, channel or input.
    """
    assert stage.row is not None
    whose = "the input" if stage.source == "image" else f"map {index} of {stage.source}"
    st.markdown(
        f"**How {whose} got its gradient** · point at it: under the flipped kernels lie the "
        "gradients of all windows that it was in, and their products add up to its own."
    )
    lens.show(
        part.reads,
        key="spread",
        output=part.output,
        kernel=part.kernel,
        kernel_label="Kernels, flipped",
        fine=True,
        reset=reset,
        pads=part.pads,
        image_kind="signed",
        channel_names=[f"map {k}" for k in range(len(part.reads))],
        input_label=f"∂L/∂ {stage.row.name}",
        output_label=f"∂L/∂ {whose}",
        alt=f"The gradients of {stage.row.name}, under its flipped kernels.",
    )


def weighted(stage: "Stage", column: Floats, index: int) -> None:
    """Draw how a dense layer makes the gradient of one number that it read.

    Args:
        stage: of a dense layer.
        column: ``(units,)``, the weights between that number and each unit.
        index: which number.
    """
    assert stage.row is not None
    noun = "slot" if stage.source == "flatten" else "unit"
    where = f"{noun} {index} of {source(stage)}"
    parts = column.astype(np.float64) * stage.arrives
    items = ledger(
        parts,
        [f"unit {k}" for k in range(len(parts))],
        [
            f"{number(float(w))} × {number(float(g))}"
            for w, g in zip(column, stage.arrives, strict=True)
        ],
        f"∂L/∂ {where}",
        "units",
    )
    st.markdown(f"**How {where} got its gradient** · weight × gradient of each unit it speaks to")
    tally.show(items, key="weighted", alt=f"What each unit adds to the gradient of {where}")


def ledger(
    parts: npt.NDArray[np.floating[Any]],
    names: Sequence[str],
    notes: Sequence[str],
    total: str,
    noun: str,
) -> list[Item]:
    """A sum as lines: its largest parts, largest first, the others together, and the total.

    Args:
        parts: ``(n,)``, what is summed.
        names, notes: what each part is, and how it came about.
        total: what the sum is called.
        noun: what the parts are, in the plural.
    """
    order = [int(i) for i in np.argsort(-np.abs(parts), kind="stable")]
    named = order[:TOP] if len(order) > TOP + 1 else order
    lines = [(names[i], float(parts[i]), notes[i]) for i in named]
    rest = order[len(named) :]
    if rest:
        zeros = int((parts[rest] == 0).sum())
        silent = f"{zeros:,} of them 0" if zeros else ""
        lines.append((f"the other {len(rest):,} {noun}", float(parts[rest].sum()), silent))
    items = [Item(name, value, note, text=plus(value)) for name, value, note in lines]
    whole = float(parts.sum(dtype=np.float64))
    return [*items, Item(total, whole, "", total=True, text=plus(whole))]


def plus(value: float) -> str:
    """Four significant digits with their sign."""
    return f"+{number(value)}" if value > 0 else number(value)
