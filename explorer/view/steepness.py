"""The gradient of every weight beside the weight, and the sum that makes one of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view.components import lens, linked, map_grid, tally
from explorer.view.components.linked import Picture
from explorer.view.components.map_grid import Grid
from explorer.view.handed import ledger, plus
from explorer.view.inside import cell
from explorer.view.opened import number

if TYPE_CHECKING:
    from explorer.network.architecture import Row
    from explorer.network.laying import Laying
    from explorer.network.passing import Sum

Floats = npt.NDArray[np.float32]
Cell = tuple[int, int, int]

MOST = 20_000
"""So many weights of a layer are drawn at most; beyond that one square a unit stands for them."""

SIDES = ((12, 72), (32, 64), (10_000, 44))


@dataclass(frozen=True, eq=False)
class Chosen:
    """The weight in question, and all that is said of it.

    Attributes:
        row: its layer.
        kernel: the kernel or unit that it belongs to.
        cell: (slice, row, column) of it.
        weights, gradient: ``(slices, rows, columns)`` of its kernel or unit.
        laying: what the slices are.
        reads: what its layer is fed by: a layer's name or the input.
    """

    row: "Row"
    kernel: int
    cell: Cell
    weights: Floats
    gradient: Floats
    laying: "Laying"
    reads: str

    @property
    def noun(self) -> str:
        """What the layer has many of."""
        return "kernel" if len(self.row.output_shape) == 3 else "unit"

    @property
    def place(self) -> str:
        """Where the weight stands, in words."""
        at = f"row {self.cell[1]}, column {self.cell[2]}"
        if self.laying.what == "units":
            return f"input {self.cell[1] * self.laying.columns + self.cell[2]}"
        return f"slice {self.cell[0]}, {at}" if self.laying.slices > 1 else at


def key_of(layer: str, network: str) -> str:
    """Key of the kernels of a layer."""
    return f"steep-{network}-{layer}"


def every(
    row: "Row",
    weights: Sequence[Floats],
    gradient: Sequence[Floats],
    at_units: Floats,
    selected: int,
    *,
    key: str,
    on_choose: Callable[[], None],
) -> None:
    """Draw all kernels or units of a layer, each beside its gradient.

    Args:
        row: the layer.
        weights, gradient: ``(slices, rows, columns)`` each; none where there are too many numbers.
        at_units: the loss's derivative by each unit's sum, ``(units,)``, which stands for them.
        selected: the kernel or unit that is open.
        key: identity of the element.
        on_choose: called when one was opened.
    """
    noun = "kernel" if len(row.output_shape) == 3 else "unit"
    common: dict[str, Any] = {"noun": noun, "selected": selected, "required": True}
    if not len(weights):
        grids = [
            Grid(
                at_units[:, None, None],
                label=f"Gradient at the {len(at_units):,} units",
                text="∂L/∂ of each unit's sum: its weights' gradients are this × what it reads",
                kind="signed",
                cell=cell(len(at_units)),
                unit="gradient",
                alt=f"The gradient at each unit of {row.name}. Enter opens one.",
                **common,
            )
        ]
    else:
        side = next(side for most, side in SIDES if len(weights) <= most)
        common |= {"cell": side, "titles": [str(i) for i in range(len(weights))], "across": 2}
        slices = len(weights[0])
        text = f"{slices} slices each, side by side" if slices > 1 else ""
        grids = [
            Grid(
                np.stack([mosaic(sheet) for sheet in weights]),
                label=f"The {len(weights)} {noun}s",
                text=text,
                kind="weight",
                scale="layer",
                unit="weight",
                alt=f"The weights of {row.name}. Enter opens a {noun}.",
                **common,
            ),
            Grid(
                np.stack([mosaic(sheet) for sheet in gradient]),
                label="Their gradients",
                text="∂L/∂w: red, the loss grows with the weight; blue, it falls",
                kind="signed",
                scale="layer",
                unit="gradient",
                alt=f"The gradient of every weight of {row.name}. Enter opens a {noun}.",
                **common,
            ),
        ]
    map_grid.show_stack(grids, key=key, linked=True, on_choose=on_choose)


def mosaic(sheet: Floats) -> Floats:
    """Slices ``(n, h, w)`` side by side as one picture, as nearly square as they go."""
    n, height, width = sheet.shape
    if n == 1:
        return sheet.reshape(height, width)
    columns = next(c for c in range(int(np.ceil(np.sqrt(n))), n + 1) if n % c == 0)
    laid = sheet.reshape(n // columns, columns, height, width).transpose(0, 2, 1, 3)
    whole: Floats = laid.reshape(n // columns * height, columns * width)
    return whole


def one(
    chosen: Chosen,
    *,
    key: str,
    reset: int,
    address: Mapping[str, str],
    on_choose: Callable[[], None],
) -> None:
    """Draw the open kernel or unit beside its gradient; a weight of it can be chosen.

    Args:
        chosen: the weight in question.
        key: identity of the element.
        reset: changes whenever the weight was chosen elsewhere.
        address: query parameters that the browser should set.
        on_choose: called when one was chosen here.
    """
    laying, noun = chosen.laying, chosen.noun
    st.markdown(
        f"**{noun.capitalize()} {chosen.kernel} of {chosen.row.name}, and its gradient** · "
        "click a weight, or move with the arrow keys and press Enter"
    )
    tiles = None
    if laying.slices > 1:
        tiles = [f"slice {c}" for c in range(laying.slices)]
    linked.show(
        [
            Picture(chosen.weights, "Weights", "weight", "weight"),
            Picture(chosen.gradient, "∂L/∂w", "signed", "gradient"),
        ],
        key=key,
        tiles=tiles,
        choosable=True,
        chosen=chosen.cell,
        reset=reset,
        address=address,
        on_report=on_choose,
        alt=f"{noun.capitalize()} {chosen.kernel} of {chosen.row.name}, weight by weight.",
    )


def said(chosen: Chosen) -> None:
    """The weight in question and its gradient, in one line."""
    weight, gradient = float(chosen.weights[chosen.cell]), float(chosen.gradient[chosen.cell])
    if gradient:
        way = "grows" if gradient > 0 else "falls"
        means = f"as this weight grows, the loss {way}; a step makes it "
        means += "smaller." if gradient > 0 else "larger."
    else:
        means = "a small change of this weight changes nothing, and a step leaves it as it is."
    st.markdown(
        f"Weight at {chosen.place} of {chosen.noun} {chosen.kernel}: *w* = **{number(weight)}**, "
        f"∂L/∂w = **{plus(gradient)}**: {means}"
    )


def under_lens(
    part: "Sum",
    chosen: Chosen,
    *,
    key: str,
    pinned: tuple[int, int] | None,
    reset: int,
    on_choose: Callable[[], None],
) -> None:
    """Draw how a slice of a kernel got its gradient, under the lens.

    Args:
        part: the sum written out.
        chosen: the weight in question.
        key: identity of the lens.
        pinned: row and column of a weight that the lens goes on explaining.
        reset: changes whenever another is to be pinned.
        on_choose: called when one was pinned or let go.
    """
    side = part.output.shape[0]
    whose = f"map {chosen.cell[0]} of {chosen.reads}"
    if chosen.laying.what == "input":
        whose = "the input"
    st.markdown(
        f"**Where the {side}×{side} gradients came from** · point at one of them: the map's whole "
        f"gradient is laid on {whose}, shifted as the weight is, and the products add up to it."
    )
    lens.show(
        part.reads,
        key=key,
        output=part.output,
        kernel=part.kernel,
        kernel_kind="signed",
        kernel_label=f"∂L/∂ map {chosen.kernel}",
        kernel_noun="gradient",
        fine=True,
        dilation=part.dilation,
        pads=part.pads,
        image_kind="ink" if chosen.laying.what == "input" else "activation",
        pinned=pinned,
        reset=reset,
        on_report=on_choose,
        input_label=whose[:1].upper() + whose[1:],
        output_label="∂L/∂w",
        alt=f"What kernel {chosen.kernel} of {chosen.row.name} read.",
    )


def parts(products: Floats, reads: Floats, gradient: Floats, chosen: Chosen, *, key: str) -> None:
    """Draw what each position of the map adds to the gradient of the weight in question.

    Args:
        products: ``(H', W')``.
        reads, gradient: ``(H', W')``, what each position read through this weight, and the loss's
            derivative by it: the products' factors.
        chosen: the weight in question.
        key: identity of the elements.
    """
    columns = products.shape[1]
    flat, x, g = products.ravel(), reads.ravel(), gradient.ravel()
    items = ledger(
        flat.astype(np.float64),
        [f"row {i // columns}, column {i % columns}" for i in range(len(flat))],
        [f"{number(float(a))} × {number(float(b))}" for a, b in zip(x, g, strict=True)],
        "∂L/∂w",
        "positions",
    )
    left, right = st.columns([2, 3], gap="medium")
    with left:
        map_grid.show(
            products[None],
            key=f"{key}-products",
            label="Its products",
            text="value × gradient, at each position of the map",
            kind="signed",
            cell=240,
            noun="map",
            unit="product",
            selectable=False,
            alt=f"What each position adds to the gradient of the weight at {chosen.place}.",
        )
    with right:
        st.markdown("**The sum** · value × gradient at the positions that say most")
        tally.show(items, key=f"{key}-sum", alt="What each position adds to the gradient")


def product(chosen: Chosen, value: float, gradient: float) -> None:
    """How a weight of a dense layer got its gradient: one product.

    Args:
        chosen: the weight in question.
        value: what it is multiplied with on the way forwards.
        gradient: the loss's derivative by its unit's sum.
    """
    total = float(chosen.gradient[chosen.cell])
    st.markdown(
        f"In a dense layer each weight is used once, so its gradient is one product: what it reads "
        f"× the gradient of its unit's sum = {number(value)} × {number(gradient)} = "
        f"**{plus(total)}**."
    )
