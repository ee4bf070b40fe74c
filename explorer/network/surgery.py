"""A network with other weights: edits, applied to a copy.

Choices:

- The copy is always made from the original and all edits that are in force, never from the copy
  before: taking back an edit therefore restores every byte.
- A kernel that is off has zero weights and a zero bias. So an edited network is nothing but a
  network of the same layers with these weights, and can be kept, exported and trained on.
- A preset takes the strength (the root of the sum of squares) of the slice that it replaces: the
  presets' own numbers are several times a trained kernel's, and would drown all others. In place
  of a slice of zeros it has its own.
- The output of a map, or unit, that is off is what its layer makes of the sum 0: zero, but for a
  softmax, whose logit 0 is a number like any other.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explorer.network import edits as edited
from explorer.network.architecture import CNN
from explorer.network.edits import Edit
from explorer.network.layers import Conv2D
from explorer.ops.kernels import PRESETS

Floats = npt.NDArray[np.float32]


def apply(model: CNN, edits: Sequence[Edit]) -> CNN:
    """A copy of ``model`` with its weights edited, in evaluation mode; ``model`` stays as it is.

    Raises:
        ValueError: an edit does not fit the network.
    """
    for edit in edits:
        edited.check(model.network, edit)
    after = copy.deepcopy(model).eval().requires_grad_(False)
    for edit in edits:
        _change(*_numbers(after, edit.layer, edit.index), edit)
    for layer, index in switched_off(edits):
        module = after.get_submodule(layer)
        for parameter in module.parameters():
            parameter[index] = 0
    return after


def switched_off(edits: Sequence[Edit]) -> frozenset[tuple[str, int]]:
    """(layer, kernel) of each that is off after all edits."""
    off: set[tuple[str, int]] = set()
    for edit in edits:
        if edit.what == "off":
            off.add((edit.layer, edit.index))
        elif edit.what == "on":
            off.discard((edit.layer, edit.index))
    return frozenset(off)


def touched(edits: Sequence[Edit]) -> dict[str, tuple[int, ...]]:
    """Layer to the kernels that any edit is about, ascending."""
    layers: dict[str, set[int]] = {}
    for edit in edits:
        layers.setdefault(edit.layer, set()).add(edit.index)
    return {layer: tuple(sorted(indices)) for layer, indices in layers.items()}


@dataclass(frozen=True, eq=False)
class Kernel:
    """One kernel as it lies behind its switch.

    Attributes:
        weights: ``(channels, height, width)``; a dense unit's are laid back over the maps that
            were flattened, and ``(inputs, 1, 1)`` behind units.
        bias: what is added to every sum.
        off: whether it is switched off, and these numbers count as zero.
    """

    weights: Floats
    bias: float
    off: bool


def kernel(model: CNN, edits: Sequence[Edit], layer: str, index: int) -> Kernel:
    """A kernel after the edits.

    Raises:
        ValueError: there is no such kernel, or an edit does not fit.
    """
    if not 0 <= index < edited.layout(model.network, layer)[0]:
        raise ValueError(f"{layer} has no kernel {index}")
    # Of the whole network a copy would take longer than all else that follows a hand.
    weights, bias = (part.detach().clone() for part in _numbers(model, layer, index))
    for edit in edits:
        if (edit.layer, edit.index) == (layer, index) and edit.what not in _SWITCHES:
            edited.check(model.network, edit)
            _change(weights, bias, edit)
    off = (layer, index) in switched_off(edits)
    return Kernel(np.ascontiguousarray(weights.numpy()), float(bias), off)


_SWITCHES = ("off", "on")


def laid_out(model: CNN, layer: str) -> Tensor:
    """A layer's weights as ``(kernels, channels, height, width)``: a view, not a copy.

    The weights of a dense layer behind a flatten are laid back over the maps: what a flatten puts
    at row · width · channels + column · channels + channel.
    """
    weight = model.get_parameter(f"{layer}.weight")
    units, channels, height, width = edited.layout(model.network, layer)
    row = next(row for row in model.network.rows if row.name == layer)
    if isinstance(row.layer, Conv2D):
        return weight
    if edited.scales(row):
        return weight.view(units, 1, 1, 1)
    return weight.view(units, height, width, channels).permute(0, 3, 1, 2)


def _numbers(model: CNN, layer: str, index: int) -> tuple[Tensor, Tensor]:
    """A kernel, ``(channels, height, width)``, and its bias, ``()``: views, not copies."""
    return laid_out(model, layer)[index], model.get_parameter(f"{layer}.bias")[index]


def _change(weights: Tensor, bias: Tensor, edit: Edit) -> None:
    """Apply one edit in place to :func:`_numbers`; switches are applied at the end."""
    match edit.what:
        case "cell":
            weights[edit.at] = edit.values[0]
        case "bias":
            bias.fill_(edit.values[0])
        case "scale":
            weights.mul_(float(np.float32(edit.values[0])))
        case "negate":
            weights.neg_()
        case "shuffle":
            order = np.random.default_rng(edit.at[0]).permutation(weights.numel())
            weights.copy_(weights.flatten()[torch.from_numpy(order)].view(weights.shape))
        case "preset":
            part = weights[edit.at[0]]
            part.copy_(torch.from_numpy(_preset(edit.preset, part.numpy())))
        case "replace":
            part = weights[edit.at[0]]
            part.copy_(torch.tensor(edit.values, dtype=part.dtype).view(part.shape))


def _preset(name: str, before: Floats) -> Floats:
    """The preset in the size and with the strength of the slice ``before``, ``(k, k)``."""
    given = PRESETS[name].kernel
    shape = np.pad(given, (len(before) - len(given)) // 2)
    strength = float(np.linalg.norm(before.astype(np.float64)))
    own = float(np.linalg.norm(given.astype(np.float64)))
    return (shape * (strength / own if strength else 1.0)).astype(np.float32)
