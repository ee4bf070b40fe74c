"""Edits of a network's weights as data: what was done, in which order, and what was taken back.

An edit names a kernel (a map of a convolution layer, a dense unit, or what a normalisation does to
one of these) and what is done to it. It holds no weights of the network, so that a list of edits is
small, can be compared, and can stand in an address. :mod:`explorer.network.surgery` applies a list
to a copy of a network.

Choices: a weight is addressed by (channel, row, column) in a dense layer too, whose weights are
laid back over the maps that were flattened; behind units each channel is one unit's single weight.
A normalisation has kernels of one weight, its scale γ, with its offset β for a bias. A kernel that
is switched off keeps its weights behind the switch, so that it can be edited and switched on again.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from explorer.network.architecture import Network, Row
from explorer.network.layers import BatchNormalization, Conv2D, Dense, Flatten
from explorer.ops.kernels import PRESETS

What = Literal["cell", "bias", "scale", "negate", "off", "on", "shuffle", "preset", "replace"]

MAX_VALUE = 1000.0
"""No weight is set to more than this, nor scaled by more."""

MAX_EDITS = 200
MAX_TEXT = 1500
"""Characters that a list of edits may take in an address."""

_CODES: dict[What, str] = dict(zip(get_args(What), "cbsnoihpr", strict=True))
_WHATS = {code: what for what, code in _CODES.items()}
_PLACES: dict[What, int] = {"cell": 3, "shuffle": 1, "preset": 1, "replace": 1}
_SEEDS = 10_000


@dataclass(frozen=True)
class Edit:
    """One thing that is done to one kernel.

    Attributes:
        layer: name of a layer with weights: a convolution, a dense layer or a normalisation.
        what: ``cell`` and ``bias`` set one number, ``replace`` sets one channel's slice and
            ``preset`` makes it a kernel with a name, ``scale`` multiplies all weights and
            ``negate`` changes their signs, ``shuffle`` lays them in another order; ``off`` makes
            weights and bias count as zero until ``on``.
        index: the map or unit, from 0.
        at: (channel, row, column) of a cell; (channel,) of a slice; (seed,) of a shuffle.
        values: the new numbers, float32; the factor of a scale.
        preset: a name of :data:`explorer.ops.kernels.PRESETS`.
    """

    layer: str
    what: What
    index: int
    at: tuple[int, ...] = ()
    values: tuple[float, ...] = ()
    preset: str = ""

    @property
    def target(self) -> tuple[str, str, int, tuple[int, ...]]:
        """What it sets: of two edits in a row with one target the second hides the first."""
        return self.layer, self.what, self.index, self.at


@dataclass(frozen=True)
class Edits:
    """The edits that are in force, oldest first, and those that were taken back, next one last."""

    done: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()

    def add(self, edit: Edit, *, merge: bool = False) -> "Edits":
        """With one more edit; what was taken back is forgotten.

        Args:
            edit: what is done.
            merge: let it take the place of the last edit where both have one target, so that a
                drag is one step.

        Raises:
            ValueError: there are too many already.
        """
        before = self.done
        if merge and before and before[-1].target == edit.target:
            before = before[:-1]
        if len(before) >= MAX_EDITS:
            raise ValueError(f"{MAX_EDITS} edits are made already: undo some, or reset")
        return Edits((*before, edit))

    def undo(self) -> "Edits":
        """Without the last edit; the same where there is none."""
        return Edits(self.done[:-1], self.undone + self.done[-1:])

    def redo(self) -> "Edits":
        """With the edit that was taken back last; the same where there is none."""
        return Edits(self.done + self.undone[-1:], self.undone[:-1])

    def reset(self) -> "Edits":
        """Without any edit; each can be redone."""
        return Edits((), self.undone + self.done[::-1])


def editable(network: Network) -> tuple[Row, ...]:
    """The layers whose kernels can be edited."""
    return tuple(
        row for row in network.rows if isinstance(row.layer, Conv2D | Dense | BatchNormalization)
    )


def scales(row: Row) -> bool:
    """Whether a layer's kernels are the scales of a normalisation."""
    return isinstance(row.layer, BatchNormalization)


def layout(network: Network, name: str) -> tuple[int, int, int, int]:
    """(kernels, channels, height, width) of a layer's weights, laid back behind a flatten.

    Raises:
        ValueError: the network has no such layer, or it has no kernels.
    """
    row = next((row for row in editable(network) if row.name == name), None)
    if row is None:
        raise ValueError(f"{network.name} has no layer {name[:40]!r} with kernels")
    if isinstance(row.layer, Conv2D):
        return row.layer.filters, row.input_shape[0], row.layer.kernel_size, row.layer.kernel_size
    if scales(row):
        return row.output_shape[0], 1, 1, 1
    shape: tuple[int, ...] = (*row.input_shape, 1, 1)
    for below in reversed(network.rows[: network.rows.index(row)]):
        if isinstance(below.layer, Flatten):
            shape = (*below.input_shape, 1, 1)[:3]
            break
        if below.output_shape != below.input_shape:
            break
    channels, height, width = shape
    return row.output_shape[0], channels, height, width


def check(network: Network, edit: Edit) -> None:
    """Raise ValueError, with the reason, unless ``edit`` can be applied to ``network``."""
    kernels, channels, height, width = layout(network, edit.layer)
    bounds: dict[What, tuple[int, ...]] = {
        "cell": (channels, height, width),
        "shuffle": (_SEEDS,),
        "preset": (channels,),
        "replace": (channels,),
    }
    places = bounds.get(edit.what, ())
    counts: dict[What, int] = {"cell": 1, "bias": 1, "scale": 1, "replace": height * width}
    if not 0 <= edit.index < kernels:
        raise ValueError(f"{edit.layer} has no kernel {edit.index}")
    if len(edit.at) != len(places) or not all(
        0 <= at < bound for at, bound in zip(edit.at, places, strict=True)
    ):
        raise ValueError(f"{edit.layer} has no place {edit.at} for {edit.what}")
    if len(edit.values) != counts.get(edit.what, 0):
        raise ValueError(f"{edit.what} takes other numbers than {edit.values[:4]}")
    if not all(abs(value) <= MAX_VALUE for value in edit.values):  # false for NaN too
        raise ValueError(f"numbers must be finite and within ±{MAX_VALUE:g}")
    fits = edit.what != "preset" or edit.preset in presets(height, width)
    if not fits or (edit.preset and edit.what != "preset"):
        raise ValueError(f"no preset {edit.preset[:40]!r} fits a slice of {height}×{width}")


def presets(height: int, width: int) -> tuple[str, ...]:
    """Names of the kernels that fit a slice of this size; smaller ones get zeros around them."""
    if height != width:
        return ()
    return tuple(
        name
        for name, preset in PRESETS.items()
        if len(preset.kernel) <= height and (height - len(preset.kernel)) % 2 == 0
    )


def new_seed(edits: Edits) -> int:
    """A seed that gives another order than the shuffles before it."""
    return sum(edit.what == "shuffle" for edit in (*edits.done, *edits.undone)) % _SEEDS


def write(edits: tuple[Edit, ...]) -> str:
    """Edits as text for an address; "" where that would be longer than 1,500 characters."""
    text = "~".join(
        "_".join(
            (
                _CODES[edit.what],
                edit.layer,
                str(edit.index),
                *(str(at) for at in edit.at),
                *(_number(value) for value in edit.values),
                *((edit.preset,) if edit.preset else ()),
            )
        )
        for edit in edits
    )
    return text if len(text) <= MAX_TEXT else ""


def read(network: Network, text: str) -> tuple[Edit, ...] | None:
    """The edits of this network that a text lists, or None for anything else.

    The text may come from anybody.
    """
    if not text.isascii() or len(text) > MAX_TEXT:
        return None
    parts = text.split("~") if text else []
    if len(parts) > MAX_EDITS:
        return None
    try:
        edits = tuple(_read(part.split("_")) for part in parts)
        for edit in edits:
            check(network, edit)
    except ValueError:
        return None
    return edits


def _read(words: list[str]) -> Edit:
    if len(words) < 3 or words[0] not in _WHATS:
        raise ValueError("no edit")
    code, layer, index, *rest = words
    what = _WHATS[code]
    places = _PLACES.get(what, 0)
    at = tuple(_whole(word) for word in rest[:places])
    if what == "preset":
        return Edit(layer, what, _whole(index), at, preset=" ".join(rest[places:]))
    return Edit(layer, what, _whole(index), at, tuple(_float(word) for word in rest[places:]))


def _whole(text: str) -> int:
    if not (text.isdecimal() and len(text) <= 6):
        raise ValueError("no whole number")
    return int(text)


def _float(text: str) -> float:
    if len(text) > 24 or not set(text) <= set("0123456789.-"):
        raise ValueError("no number")
    return float(np.float32(text))


def _number(value: float) -> str:
    return np.format_float_positional(np.float32(value), trim="-")


def describe(network: Network, edit: Edit) -> str:
    """An edit in plain words, such as ``conv1, kernel 3: row 1, column 2 set to 0.5``."""
    _, channels, height, width = layout(network, edit.layer)
    row = next(row for row in network.rows if row.name == edit.layer)
    word = "kernel" if isinstance(row.layer, Conv2D) else "unit"
    where = f"{edit.layer}, {'map' if scales(row) and len(row.output_shape) == 3 else word} "
    where += f"{edit.index}"
    piece = f"the slice that reads map {edit.at[0]}" if channels > 1 and edit.at else "the kernel"
    match edit.what:
        case "cell":
            place = f"row {edit.at[1]}, column {edit.at[2]}"
            if scales(row):
                said = f"its scale γ set to {_short(edit.values[0])}"
            elif height * width == 1:
                said = f"the weight of unit {edit.at[0]} set to {_short(edit.values[0])}"
            elif channels > 1:
                said = f"{place} of {piece} set to {_short(edit.values[0])}"
            else:
                said = f"{place} set to {_short(edit.values[0])}"
        case "bias":
            said = f"{'its offset β' if scales(row) else 'bias'} set to {_short(edit.values[0])}"
        case "scale":
            said = f"{'γ' if scales(row) else 'weights'} × {_short(edit.values[0])}"
        case "negate":
            said = f"{'γ' if scales(row) else 'weights'} × −1"
        case "off":
            said = "switched off"
        case "on":
            said = "switched on again"
        case "shuffle":
            said = "weights shuffled"
        case "preset":
            said = f"{piece} replaced by {PRESETS[edit.preset].title}"
        case "replace":
            said = f"{piece} replaced by {math.prod((height, width))} new weights"
    return f"{where}: {said}"


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
