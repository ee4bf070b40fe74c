"""What the page *Backprop* shows: the cost, the class that is the target, the way, the weight.

The target is the label of a test image, or the class that the network predicts for a drawing, until
a person sets another, which holds for that input. The weight in question stands in the address as
``weight=<layer>_<kernel>_<channel>_<row>_<column>`` or ``<layer>_<unit>_<input>``; until one is
chosen it is the one with the steepest gradient in the first layer that has weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import streamlit as st

from explorer.data import mnist
from explorer.network import gradients, zoo
from explorer.network.answers import answers
from explorer.network.gradients import Backward
from explorer.network.layers import Conv2D, Dense
from explorer.state import DrawState, PageState, address, choice, given, like, networks, whole

AUTO = "auto"
COSTS = {
    "categorical_crossentropy": "Cross-entropy",
    "binary_crossentropy": "Binary cross-entropy",
    "root_mean_squared_error": "Root-mean-square error",
}
_WEIGHT, _INPUT = "backprop weights", "backprop input"


def _targets() -> Mapping[str, str]:
    names, current = mnist.class_names(), given.current()
    where = "as it predicts" if current.label is None else "its label"
    own = predicted() if current.label is None else current.label
    return {AUTO: f"{names[own]}, {where}"} | {str(i): name for i, name in enumerate(names)}


def _is_target(said: str) -> bool:
    return said in (AUTO, *(str(i) for i in range(len(mnist.class_names()))))


@dataclass(frozen=True)
class BackpropState(PageState):
    """The settings of the page *Backprop*."""

    network: str = like(DrawState, "network")
    cost: str = choice(
        "categorical_crossentropy",
        COSTS,
        "Cost function",
        "What training makes small: the three that the page Train offers.",
    )
    target: str = choice(
        AUTO,
        _targets,
        "Target class",
        "What the network should have answered: a test image's label; for a drawing the class that "
        "it predicts, until you say what you drew. Another class than the right one costs much, "
        "and its gradients are large.",
        accepts=_is_target,
    )
    colours: str = choice(
        "layer",
        {"layer": "Per layer", "map": "Per map"},
        "Gradient colours",
        "Per layer, colours compare between the maps of a stage; per map, each uses the whole "
        "scale, and faint gradients become visible.",
    )
    at: int = whole(0, 0, 99, "How far the gradient has come")

    def changed(self) -> None:
        """Another network has other weights."""
        address.owe({"weight": _word(chosen())})


@dataclass(frozen=True)
class Weight:
    """One weight of a layer.

    Attributes:
        layer: the layer's name.
        index: (kernel, channel, row, column) of a convolution, (unit, input) of a dense layer.
    """

    layer: str
    index: tuple[int, ...]


def loss() -> str:
    """Name of the cost function: one of :data:`explorer.network.losses.LOSSES`."""
    return BackpropState.now().cost


def predicted() -> int:
    """The class that the current network predicts for the current input."""
    return _predicted(BackpropState.now().network, given.current().image.tobytes())


@lru_cache(maxsize=16)
def _predicted(network: str, pixels: bytes) -> int:
    image = np.frombuffer(pixels, np.float32).reshape(zoo.shared(network).network.input_shape[1:])
    return int(answers(zoo.shared(network), image.copy()).probabilities.argmax())


def target() -> int:
    """The class that the current input should be answered with."""
    now, current = BackpropState.now(), given.current()
    here = (current.index, current.version)
    before = st.session_state.get(_INPUT)
    if before is not None and before[0] != here and now.target == before[1]:
        BackpropState.take(target=AUTO)  # it was set for another input
        now = BackpropState.now()
    st.session_state[_INPUT] = (here, now.target)
    if now.target != AUTO:
        return int(now.target)
    return predicted() if current.label is None else current.label


def current() -> Backward:
    """The loss of the current input and its gradient everywhere."""
    now = BackpropState.now()
    return gradients.step(now.network, given.current().image, target(), now.cost)


def layers() -> tuple[str, ...]:
    """The layers of the current network whose weights can be chosen: convolutions and dense."""
    rows = zoo.shared(BackpropState.now().network).network.rows
    return tuple(row.name for row in rows if isinstance(row.layer, Conv2D | Dense))


def chosen() -> Weight | None:
    """The weight in question; None where the network has none."""
    names, kept = layers(), _kept()
    if not names:
        return None
    if said := address.news("weight"):
        weight = _read(said["weight"])
        kept.layer = ""
        if weight:
            choose(weight)
        else:
            kept.indices.clear()
    layer = kept.layer if kept.layer in names else names[0]
    index = kept.indices.get(layer)
    if index is None or not _fits(layer, index):
        index = steepest(layer)
    weight = Weight(layer, index)
    address.owe({"weight": _word(weight)})
    return weight


def choose(weight: Weight) -> None:
    """Make this the weight in question."""
    kept = _kept()
    kept.layer, kept.indices[weight.layer] = weight.layer, weight.index
    address.owe({"weight": _word(weight)})


def open_layer(layer: str) -> None:
    """Turn to a layer; the weight that was chosen there last is in question again."""
    _kept().layer = layer


def is_chosen() -> bool:
    """Whether a person chose the weight in question; else it is the steepest."""
    weight = chosen()
    return weight is not None and _kept().indices.get(weight.layer) == weight.index


def words() -> dict[str, str]:
    """What the address says of the weight that a person chose, if one did."""
    return {"weight": _word(chosen())} if is_chosen() else {}


@dataclass
class Held:
    """What a component holds, as far as is known here.

    Attributes:
        seq: number of its last report that was taken over.
        value: what it was shown with, or reported since.
        token: the ``reset`` to show it with.
    """

    seq: int = 0
    value: object = None
    token: int = 0

    def news(self, seq: int) -> bool:
        """Whether a report of this number has not been seen; it counts as seen from now on."""
        before, self.seq = self.seq, seq
        return seq not in (0, before)

    def reset(self, value: object) -> int:
        """The token to show the component with: another one where it must take over a value."""
        if value != self.value:
            self.value = value
            self.token += 1
        return self.token


def held(name: str) -> Held:
    """What is known of the component called ``name``, in this session."""
    every: dict[str, Held] = st.session_state.setdefault("backprop holds", {})
    return every.setdefault(name, Held())


def steepest(layer: str, kernel: int | None = None) -> tuple[int, ...]:
    """Index of the weight with the steepest gradient of a layer, or of one kernel or unit."""
    found = np.abs(current().to_weights[layer])
    if kernel is not None:
        place = np.unravel_index(found[kernel].argmax(), found.shape[1:])
        return (kernel, *(int(i) for i in place))
    return tuple(int(i) for i in np.unravel_index(found.argmax(), found.shape))


@dataclass
class _Kept:
    """The open layer of a network, and the weight that was chosen in each."""

    layer: str = ""
    indices: dict[str, tuple[int, ...]] = field(default_factory=dict)


def _kept() -> _Kept:
    every: dict[str, _Kept] = st.session_state.setdefault(_WEIGHT, {})
    return every.setdefault(networks.lineage(BackpropState.now().network), _Kept())


def _fits(layer: str, index: tuple[int, ...]) -> bool:
    shape = zoo.shared(BackpropState.now().network).get_parameter(f"{layer}.weight").shape
    return len(index) == len(shape) and all(0 <= i < n for i, n in zip(index, shape, strict=True))


def _word(weight: Weight | None) -> str:
    """A weight as text for an address; nothing for the one that is in question by itself."""
    if weight is None or weight.index != _kept().indices.get(weight.layer):
        return ""
    return "_".join((weight.layer, *(str(i) for i in weight.index)))


def _read(text: str) -> Weight | None:
    """The weight of the current network that a text names, or None."""
    layer, *parts = text.split("_")
    if layer not in layers() or not 1 < len(parts) < 5:
        return None
    if not all(p.isascii() and p.isdecimal() and len(p) < 6 for p in parts):
        return None
    index = tuple(int(part) for part in parts)
    return Weight(layer, index) if _fits(layer, index) else None
