"""One map or unit, opened: where it answers, what excites it most, and how it was made."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view.components import lens, map_grid
from explorer.view.components.map_grid import Frame
from explorer.view.inside import noun_of

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.network.answers import Exciting, Maps
    from explorer.network.making import Made
    from explorer.ops import Peak, ReceptiveField

Floats = npt.NDArray[np.float32]


def where(maps: "Maps", index: int, image: Floats) -> "DeltaGenerator | None":
    """Draw the input with the fields of a map's strongest responses framed, and the map beside it.

    Args:
        maps: the layer.
        index: the map or unit that is open.
        image: ``(28, 28)`` in [0, 1].

    Returns:
        Where to put what excites it; None where nothing can.
    """
    row, field, noun = maps.row, maps.row.field, noun_of(maps.row)
    st.subheader(f"{noun.capitalize()} {index} of {row.name}", anchor=False)
    if noun == "slot":
        return None
    if noun == "unit" or field is None:
        return st.container()
    peaks = maps.peaks(index)
    left, middle, right = st.columns([2, 2, 3], gap="medium")
    with left:
        map_grid.show(
            image[None],
            key="where-input",
            label="Where it answers",
            kind="ink",
            cell=280,
            noun="input",
            unit="ink",
            selectable=False,
            frames=frames(peaks, field, len(image)),
            alt=f"The input. {found(peaks, field)}",
        )
        st.caption(found(peaks, field))
    with middle:
        values = maps.values[index]
        map_grid.show(
            values[None],
            key="where-map",
            label=f"Map {index}",
            kind="signed" if (values < 0).any() else "activation",
            cell=280,
            selectable=False,
            frames=[(0, p.row, p.column, 1, 1, str(p.rank)) for p in reversed(peaks)],
            alt=f"Map {index} of {row.name}.",
        )
    return right


def frames(peaks: Sequence["Peak"], field: "ReceptiveField", side: int) -> list[Frame]:
    """The receptive fields of responses on an input of ``side`` pixels, the strongest on top."""
    out = []
    for peak in reversed(peaks):
        (top, bottom), (west, east) = field.span(peak.row, side), field.span(peak.column, side)
        out.append((0, top, west, bottom - top, east - west, str(peak.rank)))
    return out


def found(peaks: Sequence["Peak"], field: "ReceptiveField") -> str:
    """What the frames are, in a sentence with their values."""
    if not peaks:
        return "Nothing is framed: no value of this map is above zero for this input."
    values = ", ".join(number(peak.value) for peak in peaks)
    what = "Its strongest response" if len(peaks) == 1 else f"Its {len(peaks)} strongest responses"
    return f"{what} ({values}), framed at all that each can see: {field.size}×{field.size} pixels."


def exciting(best: "Exciting", maps: "Maps", index: int, classes: Sequence[str]) -> None:
    """Draw the parts of test images that excite a map most, with what their classes are called."""
    noun = noun_of(maps.row)
    if max(best.values) <= 0:
        st.caption(
            f"Nothing in the test set excites {noun} {index}: it never gives more than zero."
        )
        return
    part = "test images" if maps.row.field is None else "parts of test images"
    map_grid.show(
        best.patches,
        key="exciting",
        label="What excites it most",
        kind="ink",
        titles=[
            f"{classes[c]} · {number(v)}" for c, v in zip(best.labels, best.values, strict=True)
        ],
        cell=96,
        noun="patch",
        unit="ink",
        selectable=False,
        alt=f"The {len(best.values)} {part} that excite {noun} {index} most.",
    )
    st.caption(f"The {len(best.values)} {part}, of all 10,000, with class and value of the {noun}.")


def made(
    part: "Made", maps: "Maps", index: int, *, pinned: tuple[int, int] | None, token: int
) -> None:
    """Show how a map or unit was computed.

    Args:
        part: all that it was made of.
        maps: its layer, as it is shown.
        index: which one it is.
        pinned: row and column of the value that a lens explains first, and goes on explaining.
        token: changes whenever another one is opened.
    """
    if part.operation in LENSES:
        _lens(part, maps, index, pinned, token)
    else:
        CARDS[part.operation](part, maps, index)


def _lens(
    part: "Made", maps: "Maps", index: int, pinned: tuple[int, int] | None, token: int
) -> None:
    assert part.operation in ("convolution", "max", "average")  # for the type checker
    pooled, first = part.operation != "convolution", part.noun == "input"
    lens.show(
        part.reads,
        key="inside",
        output=part.output,
        kernel=part.weights,
        bias=part.bias,
        size=part.window if pooled else None,
        stride=part.stride,
        pads=part.pads,
        relu=maps.values is maps.after and maps.row.layer.activation == "relu",
        operation=part.operation,
        image_kind="ink" if first else "signed" if (part.reads < 0).any() else "activation",
        channel_names=None if first or pooled else [f"map {c}" for c in range(len(part.reads))],
        pinned=pinned,
        reset=token,
        address="pin",
        input_label="Input" if first else f"Map {index} before it" if pooled else "Maps before it",
        output_label=f"Map {index} of {maps.row.name}",
        alt=f"What map {index} of {maps.row.name} was made from.",
    )


def _slot(part: "Made", maps: "Maps", index: int) -> None:
    channel, row, column = part.place
    count, _, width = part.reads.shape
    st.markdown(
        f"Slot = (row × {width} + column) × {count} + {part.noun}: "
        f"({row} × {width} + {column}) × {count} + {channel} = {index}. It carries the value at "
        f"row {row}, column {column} of {part.noun} {channel} unchanged: "
        f"**{number(float(maps.values[index]))}**."
    )
    here = (channel, row, column, 1, 1, "")
    _laid_out(part, part.reads, "read", "What is flattened", "The slot's place is framed.", [here])


def _sum(part: "Made", maps: "Maps", index: int) -> None:
    assert part.weights is not None
    value, products = float(maps.before[index]), part.products
    st.markdown(total(part, value, maps.row.layer.activation))
    things = "pixels" if part.noun == "input" else f"{part.noun}s"
    _laid_out(part, part.reads, "read", f"The {things} that it reads", "")
    over = "one for each" if part.noun == "unit" else f"laid back over these {things}"
    _laid_out(part, part.weights, "weights", "× its weights", over)
    over = "" if part.noun == "unit" else f", with the sum of each {part.noun}"
    _laid_out(part, products, "products", "= products", f"red for the unit, blue against it{over}")


def total(part: "Made", value: float, activation: str | None) -> str:
    """The sum of all products, the bias and the value, as one line of Markdown."""
    products = part.products
    said = (
        f"The sum of {products.size:,} products, weight × value, is "
        f"{products.sum(dtype=np.float64):.4f}; plus the bias {part.bias:.4f} it is **{value:.4f}**"
    )
    if activation == "relu":
        said += f", and after ReLU **{max(value, 0.0):.4f}**"
    elif activation == "softmax":
        said += ", the logit of its class"
    return f"{said}.".replace("-", "−")


def _laid_out(
    part: "Made", values: Floats, what: str, label: str, text: str, frames: Sequence[Frame] = ()
) -> None:
    titles: list[str] | None = [f"{part.noun} {i}" for i in range(len(values))]
    if values.shape[1:] == (1, 1):
        titles = None
    elif what == "products":
        titles = [f"{i}: {v.sum():+.2f}".replace("-", "−") for i, v in enumerate(values)]
    kind = {"weights": "weight", "products": "signed"}.get(what, "activation")
    if what == "read" and part.noun == "input":
        kind = "ink"
    map_grid.show(
        values,
        key=f"made-{what}",
        label=label,
        text=text,
        kind=kind,
        scale="layer",
        titles=titles,
        cell=None if titles is None else 72,
        noun=part.noun,
        unit={"weights": "weight", "products": "product"}.get(what, ""),
        selectable=False,
        frames=frames,
        alt=f"{label}: {len(values)} {part.noun}s.",
    )


LENSES = ("convolution", "max", "average")
"""What the lens shows, value by value."""

CARDS: dict[str, Callable[["Made", "Maps", int], None]] = {"flatten": _slot, "dense": _sum}
"""What shows the others; an operation in neither fails the completeness test."""


def number(value: float) -> str:
    """Four significant digits, as under the maps."""
    return f"{value:#.4g}".rstrip(".").replace("-", "−") if value else "0"
