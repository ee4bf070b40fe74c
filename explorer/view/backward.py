"""The way of a gradient back through the network: what arrives, what decides, what is handed on."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from explorer.view.components import map_grid
from explorer.view.components.backward_play import Step
from explorer.view.components.map_grid import Grid
from explorer.view.opened import number

if TYPE_CHECKING:
    from explorer.network.gradients import Backward
    from explorer.network.passing import Stage

Floats = npt.NDArray[np.float32]

WAY = "way_back"
"""Key of the maps of the stage that is open."""

MANY = 700
"""More units than this are drawn as the lines of one picture, not one by one."""

UNITS = ((16, 28), (100, 20), (MANY, 8))
"""Up to so many units, the side of one in CSS pixels."""

SIDES = ((12, 64), (32, 46), (10_000, 40))
"""Up to so many maps, the side of one in CSS pixels."""


def steps(way: Sequence["Stage"], found: "Backward", names: Sequence[str]) -> list[Step]:
    """The stages of the way with a sentence each, for the player."""
    return [Step(stage.name, sentence(stage, found, names)) for stage in way]


def sentence(stage: "Stage", found: "Backward", names: Sequence[str]) -> str:
    """What happens to the gradient at a stage, in one sentence with its numbers."""
    size, whose = stage.leaves.size, source(stage)
    if stage.row is None:
        return (
            f"The loss, {number(found.loss)}, asks each of the {size} logits: how much do I change "
            f"when you grow a little? {names[found.target]} is to grow, the others to shrink."
        )
    units = stage.arrives.size
    match stage.operation:
        case "dense":
            return (
                f"Weighted by W: each of the {size:,} numbers that {stage.row.name} read gets the "
                f"gradients of its {units:,} units, each times the weight between them, summed up."
            )
        case "relu":
            share = f"{100 * stage.blocked / size:.0f} %"
            came, left = (int(np.count_nonzero(g)) for g in (stage.arrives, stage.leaves))
            return (
                f"Blocked where it was off: {stage.blocked:,} of the {size:,} sums were not above "
                f"zero, {share}. Of the {came:,} gradients that arrive, {left:,} pass, unchanged."
            )
        case "flatten":
            return (
                f"Only reshaped: the {size:,} numbers go back to their places in {whose}, "
                "and none of them changes."
            )
        case "max":
            return (
                "Handed to the winner alone: the strongest cell of each window gets all of its "
                f"gradient, the others 0. {stage.reached:,} of {size:,} cells get anything."
            )
        case "average":
            assert stage.row is not None
            cells = getattr(stage.row.layer, "pool_size", 1) ** 2
            return (
                f"Shared equally: each of the {cells} cells of a window gets 1/{cells} of its "
                "gradient, whatever its value was."
            )
        case "convolution":
            side = getattr(stage.row.layer, "kernel_size", 1)
            return (
                f"Spread back through the flipped {side}×{side} kernels: each cell of {whose} "
                f"gets a sum over all {len(stage.arrives)} maps and all windows that it was in."
            )
        case "scale":
            noun = "map" if stage.values.ndim == 3 else "unit"
            return (
                f"Scaled: each {noun}'s gradient is multiplied by one number, the one that "
                f"{stage.row.name} multiplied the {noun} by on the way forwards."
            )
        case "softmax":
            return "Through a softmax: each sum is answered for by all of its probabilities."
        case _:
            return "Passed on unchanged: outside of training this layer does nothing."


def source(stage: "Stage") -> str:
    """Whose numbers a stage hands its gradient to."""
    return "the input" if stage.source == "image" else stage.source


def chosen_map(stage: "Stage") -> int:
    """The map or unit that is looked at: the one that was clicked, or the steepest."""
    count = len(stage.leaves)
    click = map_grid.clicked(key=WAY)
    if click is not None and click[1] < count:
        return click[1]
    return int(np.abs(stage.leaves.reshape(count, -1)).max(axis=1).argmax())


def passed(stage: "Stage", selected: int, *, scale: str) -> None:
    """Draw what arrives, what decides and what is handed on.

    Args:
        stage: the stage that is open.
        selected: the map or unit that is looked at.
        scale: one colour scale for each map (``map``) or for the layer (``layer``).
    """
    grids = [_values(stage, selected), _leaving(stage, selected, scale)]
    if stage.row is not None:
        grids.insert(0, _arriving(stage, selected, scale))
    map_grid.show_stack(grids, key=WAY, linked=True)


def keeps_places(stage: "Stage") -> bool:
    """Whether the maps that arrive are those that are handed on, one by one."""
    return stage.operation in ("relu", "max", "average", "scale", "pass")


def _arriving(stage: "Stage", selected: int, scale: str) -> Grid:
    assert stage.row is not None
    own, what = keeps_places(stage), f"what {stage.row.name} gave"
    if stage.operation in ("dense", "convolution"):
        what = f"the sums of {stage.row.name}"
    return _grid(
        stage.arrives,
        label="Arrives",
        text=f"∂L/∂ of {what}",
        kind="signed",
        scale=scale,
        limits=_shared(stage, scale),
        selected=selected if own else None,
        selectable=own,
        unit="gradient",
        alt=f"The gradient that arrives at {stage.name}.",
    )


def _values(stage: "Stage", selected: int) -> Grid:
    sums = stage.operation in ("relu", "softmax") or stage.row is None
    if stage.row is None:
        label, text = "The logits", "what the output layer answered"
    elif sums:
        label, text = "The sums", f"of {stage.row.name}, before its activation"
    else:
        label, text = "Activation", f"what {stage.row.name} read: {source(stage)}"
    ink = stage.source == "image" and stage.values.ndim == 3
    return _grid(
        stage.values,
        label=label,
        text=text,
        kind="ink" if ink else "signed" if (stage.values < 0).any() else "activation",
        scale="map",
        selected=selected,
        unit="ink" if ink else "sum" if sums else "activation",
        alt=f"{label}: {text}.",
    )


def _leaving(stage: "Stage", selected: int, scale: str) -> Grid:
    if stage.row is None:
        whose = "the logits"
    elif stage.operation in ("relu", "softmax"):
        whose = f"the sums of {stage.row.name}"
    else:
        whose = f"what it read: {source(stage)}"
    return _grid(
        stage.leaves,
        label="Handed back",
        text=f"∂L/∂ of {whose}",
        kind="signed",
        scale=scale,
        limits=_shared(stage, scale),
        selected=selected,
        unit="gradient",
        alt=f"The gradient that {stage.name} hands back.",
    )


def _shared(stage: "Stage", scale: str) -> tuple[float, float] | None:
    """One scale for what arrives and what is handed on, where they can be compared."""
    if scale != "layer" or stage.operation not in ("relu", "max", "pass"):
        return None
    most = float(max(np.abs(stage.arrives).max(), np.abs(stage.leaves).max()))
    return (-most, most) if most else None


def _grid(values: Floats, *, limits: tuple[float, float] | None = None, **options: Any) -> Grid:
    """Maps, or the units of a vector as squares."""
    count = len(values)
    noun = "map" if values.ndim == 3 else "unit"
    if options["kind"] == "ink":
        noun = "input"
    if values.ndim == 1 and count > MANY:
        high = next(n for n in range(math.isqrt(count), 0, -1) if count % n == 0)
        values = values.reshape(1, high, count // high)
        options |= {"selected": None, "selectable": False}
        options["text"] += ", line by line"
        size: dict[str, Any] = {"cell": 280, "titles": None}
    elif values.ndim == 1:
        size = {"cell": next(side for most, side in UNITS if count <= most), "titles": None}
        values, options["scale"] = values[:, None, None], "layer"
    else:
        side = next(side for most, side in SIDES if count <= most)
        size = {"cell": 168 if count == 1 else side, "titles": None}
        if 1 < count <= 64:
            size["titles"] = [f"{i}" for i in range(count)]
    if count == 1:
        options |= {"selected": None, "selectable": False}
        noun = "input"
    if len(values) == 1 < count:
        noun = "vector"
    note = "one scale for both gradients" if limits else None
    options |= {"noun": noun, "required": True, "across": 3, **size}
    return Grid(values, limits=limits, note=note, **options)
