"""An operation on a network: its edits, and the kernel that lies on the table.

Each network has its own, in the session, as small data; the edited weights are made again from it.
It stands in the address as ``edits=<list>`` (see :mod:`explorer.network.edits`; a list that is too
long is left out) and ``cut=<layer>.<kernel>.<channel>``. What an address says is never trusted: a
list that does not fit the network is none.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.network import edits as edited
from explorer.network import surgery, zoo
from explorer.network.architecture import CNN
from explorer.network.edits import Edit, Edits
from explorer.state import address, networks
from explorer.view.components.kernel_editor import LARGEST, MAX_SIDE, KernelEdit

Floats = npt.NDArray[np.float32]
WORDS = ("edits", "cut")
_MEMORY = "operations"


@dataclass(frozen=True)
class Operation:
    """What is done to one network.

    Attributes:
        network: its key.
        edits: all that was done.
        layer, index, channel: the kernel on the table, and the slice of it that is edited.
        dragging: whether a slider is still being moved.
        version: changes whenever something else than the editor's hand changed the slice.
        refused: why the last edit was not made; "" where it was.
    """

    network: str
    edits: Edits
    layer: str
    index: int = 0
    channel: int = 0
    dragging: bool = False
    version: int = 0
    refused: str = ""

    @property
    def token(self) -> int:
        """The ``reset`` of the editor: another one for each slice and each version."""
        place = (self.network, self.layer, self.index, self.channel, self.version)
        return crc32(repr(place).encode())

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(kernels, channels, height, width) of the layer."""
        return edited.layout(zoo.shared(self.network).network, self.layer)

    @property
    def fits(self) -> bool:
        """Whether a slice fits the kernel editor."""
        _, _, height, width = self.shape
        return height == width <= LARGEST

    @property
    def kernel(self) -> surgery.Kernel:
        """The kernel on the table, as it lies behind its switch."""
        model = zoo.shared(self.network)
        return surgery.kernel(model, self.edits.done, self.layer, self.index)

    def address(self) -> dict[str, str]:
        """The query parameters that reopen it; "" for one that must not be there."""
        here = (self.layer, self.index, self.channel)
        first = (_first(self.network), 0, 0)
        return {
            "edits": edited.write(self.edits.done),
            "cut": "" if here == first else ".".join(str(part) for part in here),
        }

    @property
    def unsaid(self) -> bool:
        """Whether there are more edits than an address can carry."""
        return bool(self.edits.done) and not edited.write(self.edits.done)


def current(network: str) -> Operation:
    """The operation on a network, as the address has it where that is news.

    Raises:
        ValueError: no network has this key, or it has no kernels.
    """
    now = _found(network) or Operation(network, Edits(), _first(network))
    if said := address.news(*WORDS):
        described = zoo.shared(network).network
        listed = edited.read(described, said["edits"])
        if listed is not None and listed != now.edits.done:
            now = replace(now, edits=Edits(listed))
        layer, index, channel = _place(network, said["cut"])
        now = replace(
            now, layer=layer, index=index, channel=channel, dragging=False, version=now.version + 1
        )
    _keep(now)
    address.owe(now.address())
    return now


def operated(network: str, done: tuple[Edit, ...]) -> CNN:
    """A network after these edits, made once for all who show it; never change it.

    Raises:
        ValueError: no network has this key, or an edit does not fit.
    """
    return _operated(network, done) if done else zoo.shared(network)


@lru_cache(maxsize=8)
def _operated(network: str, done: tuple[Edit, ...]) -> CNN:
    return surgery.apply(zoo.shared(network), done)


def edits(network: str) -> tuple[Edit, ...]:
    """The edits of a network that are in force; none where it has no kernels."""
    return current(network).edits.done if operable(network) else ()


def operable(network: str) -> bool:
    """Whether a network has kernels that can be edited."""
    return bool(edited.editable(zoo.shared(network).network))


def lay(network: str, *, layer: str = "", index: int = 0, channel: int = 0) -> None:
    """Lay another kernel, or another slice of it, on the table; "" stays with the layer."""
    now = current(network)
    text = f"{layer or now.layer}.{index}.{channel}"
    place = dict(zip(("layer", "index", "channel"), _place(network, text), strict=True))
    _take(replace(now, **place, dragging=False, version=now.version + 1))  # type: ignore[arg-type]


def do(network: str, edit: Edit) -> None:
    """Make one edit, by a button."""
    now = current(network)
    try:
        edited.check(zoo.shared(network).network, edit)
        done, refused = now.edits.add(edit), ""
    except ValueError as error:
        done, refused = now.edits, f"{error}."
    _take(replace(now, edits=done, refused=refused, dragging=False, version=now.version + 1))


def undo(network: str) -> None:
    """Take the last edit back."""
    _rewrite(network, current(network).edits.undo())


def redo(network: str) -> None:
    """Make again what was taken back last."""
    _rewrite(network, current(network).edits.redo())


def reset(network: str) -> None:
    """Take all edits back."""
    _rewrite(network, current(network).edits.reset())


def reported(network: str, report: KernelEdit) -> dict[str, str]:
    """Take over what the editor reports, and return what the address should say.

    While a slider is being dragged that is nothing, and all of the drag is one edit.
    """
    now = current(network)
    if report.current and report.kernel is not None:
        # A report may bring a weight and the bias at once.
        while edit := changed(now, report.kernel, report.bias):
            try:
                done = now.edits.add(edit, merge=now.dragging)
            except ValueError as error:
                now = replace(now, refused=f"{error}.", version=now.version + 1)
                break
            now = replace(now, edits=done, refused="")
        now = replace(now, dragging=report.dragging)
        _keep(now)
    if now.dragging:
        return {}
    words = now.address()
    address.owe(words)
    return words


def changed(now: Operation, weights: Floats, bias: float) -> Edit | None:
    """The edit that makes the slice on the table ``weights`` and its bias ``bias``, or None."""
    hand, place = now.kernel, now.channel
    before = hand.weights[place]
    if before.shape != weights.shape:
        return None
    cells = np.argwhere(before != weights)
    # A large slice as a whole would not fit an address: its cells are set one by one.
    if len(cells) and (len(cells) == 1 or weights.size > MAX_SIDE**2):
        row, column = (int(n) for n in cells[0])
        value = float(weights[row, column])
        return Edit(now.layer, "cell", now.index, (place, row, column), (value,))
    if len(cells):
        values = tuple(float(w) for w in weights.ravel())
        return Edit(now.layer, "replace", now.index, (place,), values)
    if np.float32(bias) != np.float32(hand.bias):
        return Edit(now.layer, "bias", now.index, values=(float(np.float32(bias)),))
    return None


def _rewrite(network: str, edits: Edits) -> None:
    now = current(network)
    _take(replace(now, edits=edits, dragging=False, version=now.version + 1, refused=""))


def _take(now: Operation) -> None:
    _keep(now)
    address.say(now.address())


def _found(network: str) -> Operation | None:
    """What is done to a network; the steps of a run share it, so that edits travel along."""
    now = _kept().get(networks.lineage(network))
    if now is None or now.network == network:
        return now
    return replace(now, network=network, dragging=False)


def _keep(now: Operation) -> None:
    _kept()[networks.lineage(now.network)] = now


def _kept() -> dict[str, Operation]:
    kept: dict[str, Operation] = st.session_state.setdefault(_MEMORY, {})
    return kept


def _first(network: str) -> str:
    rows = edited.editable(zoo.shared(network).network)
    if not rows:
        raise ValueError(f"the network {network!r} has no kernels to edit")
    return rows[0].name


def _place(network: str, text: str) -> tuple[str, int, int]:
    """The (layer, kernel, channel) that a text names; the first of what it does not name right."""
    described, parts = zoo.shared(network).network, text.split(".")
    names = [row.name for row in edited.editable(described)]
    layer = parts[0] if parts[0] in names else names[0]
    kernels, channels, _, _ = edited.layout(described, layer)
    index, channel = (
        _below(part, bound)
        for part, bound in zip((*parts[1:3], "", "")[:2], (kernels, channels), strict=True)
    )
    return layer, index, channel


def _below(text: str, bound: int) -> int:
    known = text.isascii() and text.isdecimal() and len(text) <= 9
    return int(text) if known and int(text) < bound else 0
