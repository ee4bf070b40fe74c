"""A network and what it answered, as the stages of one picture.

Choices: the picture gets every layer's sums before its activation, of which a ReLU leaves what is
positive; what a flatten or a dropout passes on is not sent twice. The probabilities come for every
temperature that the slider offers, because the browser computes no layer.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer import ops
from explorer.view import cards
from explorer.view.components import network_graph
from explorer.view.components.network_graph import (
    Edited,
    Graph,
    Opened,
    Operation,
    Part,
    Stage,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from streamlit.delta_generator import DeltaGenerator

    from explorer.network.answers import Answers
    from explorer.network.architecture import Network, Row
    from explorer.network.making import Made

Floats = npt.NDArray[np.float32]

OPERATIONS: dict[str, Operation] = {
    "Conv2D": "convolution",
    "MaxPooling2D": "max",
    "AveragePooling2D": "average",
    "BatchNormalization": "normalise",
    "Dropout": "pass",
    "Flatten": "flatten",
    "Dense": "dense",
}
"""Layer type to what the picture shows of it; one that is missing fails the completeness test."""

TEMPERATURES: tuple[float, ...] = (
    *(round(0.25 + 0.05 * i, 2) for i in range(36)),
    *(round(2 + 0.2 * i, 1) for i in range(1, 41)),
)
"""From 0.25 to 10, finer where the probabilities change faster."""

NAMES = {"running_mean": "mean", "running_var": "variance"}
"""What PyTorch calls a layer's numbers, to what the picture calls them."""

Weights = dict[str, dict[str, Floats]]

_PLACES = "network-places"
_ORDER = f"""<style>@media (max-width: 640px) {{
  .st-key-{_PLACES} > [data-testid=stLayoutWrapper]:has(> [data-testid=stHorizontalBlock]),
  .st-key-{_PLACES} > [data-testid=stLayoutWrapper] > [data-testid=stHorizontalBlock] {{
    display: contents;
  }}
  .st-key-{_PLACES} [data-testid=stColumn]:has(.st-key-{_PLACES}-choices) {{ order: 1; }}
}}</style>"""
"""Where the layers stand one below the other, what can be chosen comes after them."""


def places() -> tuple["DeltaGenerator", "DeltaGenerator", "DeltaGenerator"]:
    """Places for the pad, for what can be chosen, and for the picture, which is to be in sight."""
    st.html(_ORDER)
    with st.container(key=_PLACES):
        left, right = st.columns([5, 17], gap="medium")
        picture = st.container()
    return left.container(), right.container(key=f"{_PLACES}-choices"), picture


def weights(state: Mapping[str, Any]) -> Weights:
    """Layer to its arrays, of a module's ``state_dict()``."""
    found: Weights = {}
    for place, tensor in state.items():
        layer, _, name = place.rpartition(".")
        if name != "num_batches_tracked":
            found.setdefault(layer, {})[NAMES.get(name, name)] = np.asarray(tensor, np.float32)
    return found


def part_of(arrays: Mapping[str, Floats]) -> Part:
    """Which part of a network's weights a layer's belong to."""
    return "dense" if arrays["weight"].ndim == 2 else "kernels"


def send(layers: Weights, part: Part) -> None:
    """Send one part of the weights to the browser, unless it has them."""
    own = [arrays for arrays in layers.values() if part_of(arrays) == part]
    network_graph.weights({network_graph.digest(arrays): arrays for arrays in own}, part=part)


def show(
    network: "Network",
    found: "Answers",
    layers: Weights,
    *,
    classes: "Sequence[str]",
    scale: Literal["map", "layer"],
    opened: "tuple[Row, Made, int] | None" = None,
    edited: Edited | None = None,
    touched: Mapping[str, "Sequence[int]"] | None = None,
    off: "Collection[tuple[str, int]]" = (),
    reset: int = 0,
    address: Mapping[str, str] | None = None,
    on_report: "Callable[[], None] | None" = None,
) -> Graph:
    """Show the picture of a network, and by that answer its last report.

    Args:
        network: any network.
        found: what it answered.
        layers: its weights, of which :func:`send` has sent the numbers.
        classes: what the classes are called.
        scale: one colour scale for each map, or for each layer.
        opened: the layer of the open unit, how the unit was made, and its number.
        edited: that the network has edits; None where it has none.
        touched: layer to its maps or units that an edit is about.
        off: (layer, number) of each map or unit that is switched off.
        reset: changes when the page opens or closes a unit.
        address: what the browser's address is to say.
        on_report: called at each report, before the run that answers it.
    """
    rows, image = network.rows, next(iter(found.before.values()))
    called, best = names(classes, len(found.probabilities)), int(found.probabilities.argmax())
    switched = {row.name: tuple(i for name, i in sorted(off) if name == row.name) for row in rows}
    stages = [
        replace(
            stage(row, found, layers.get(row.name, {})),
            edited=tuple((touched or {}).get(row.name, ())),
            off=switched[row.name],
        )
        for row in rows
    ]
    done = ""
    if edited is not None:
        many = f"{edited.count} edit{'' if edited.count == 1 else 's'}"
        done = f", {'without its' if edited.original else 'with'} {many}"
    return network_graph.show(
        [given(image), *stages],
        classes=called,
        temperatures=TEMPERATURES,
        chances=chances(found.before[rows[-1].name]),
        scale=scale,
        opened=None
        if opened is None
        else Opened(1 + rows.index(opened[0]), opened[2], parts(*opened[:2])),
        edited=edited,
        alt=f"The network from its input to its {len(found.probabilities)} outputs, in "
        f"{len(rows)} layers{done}. It reads {called[best]}.",
        reset=reset,
        address=address,
        on_report=on_report,
    )


def names(classes: "Sequence[str]", count: int) -> "Sequence[str]":
    """The classes' names; numbers for a network that has another number of outputs."""
    return classes if len(classes) == count else [str(i) for i in range(count)]


def given(image: Floats) -> Stage:
    """The first stage: ``(C, H, W)`` in [0, 1]."""
    return Stage(
        "input",
        "input",
        image.shape,
        image,
        size=cards.size(image.shape),
        sentence=cards.INPUT,
        formula="",
    )


def stage(row: "Row", found: "Answers", arrays: Mapping[str, Floats]) -> Stage:
    """One layer as it answered.

    Args:
        row: the layer in its place.
        found: what the network answered.
        arrays: the layer's weights; none where it has none.
    """
    layer, kind = row.layer, type(row.layer).__name__
    operation = OPERATIONS[kind]
    window: int = getattr(layer, "kernel_size", 0) or getattr(layer, "pool_size", 1)
    stride: int = getattr(layer, "stride", 0) or getattr(layer, "strides", 1)
    padding = getattr(layer, "padding", "valid")
    over = row.input_shape[1:] if len(row.input_shape) == 3 else ()
    pads = [ops.pads(side, window, stride, padding)[0] for side in over] or [0, 0]
    details = {
        name: float(getattr(layer, name)) for name in ("rate", "epsilon") if hasattr(layer, name)
    }
    return Stage(
        row.name,
        operation,
        row.output_shape,
        None if operation in ("flatten", "pass") else found.before[row.name],
        activation=layer.activation,
        kind=f"{kind} {window}×{window}" if window > 1 else kind,
        size=cards.size(row.output_shape),
        learnt=f"{row.parameters:,} parameters" if row.parameters else "no parameters",
        sentence=cards.card(row),
        formula=cards.formula(row),
        window=window,
        stride=stride,
        pads=(pads[0], pads[1]),
        details=details,
        digest=network_graph.digest(arrays) if arrays else "",
    )


def chances(logits: Floats) -> Floats:
    """The softmax of ``(classes,)`` logits at each of :data:`TEMPERATURES`."""
    scaled = logits.astype(np.float64) / np.asarray(TEMPERATURES)[:, None]
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def parts(row: "Row", made: "Made") -> Floats | None:
    """What each channel that a unit reads gives of its sum, ``(C, H', W')``.

    They add up to the unit's sum, but for the bias. None where it reads one channel, or none of its
    own.
    """
    if made.operation == "dense":
        return made.products
    if (
        made.operation != "convolution"
        or made.weights is None
        or OPERATIONS[_kind(row)] != ("convolution")
    ):
        return None
    padding, stride = getattr(row.layer, "padding", "valid"), made.stride
    slices = zip(made.reads, made.weights, strict=True)
    each = [ops.convolve(channel, kernel, stride, padding) for channel, kernel in slices]
    return np.asarray(each, np.float32)


def _kind(row: "Row") -> str:
    return type(row.layer).__name__
