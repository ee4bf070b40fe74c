"""What the page *Activation maps* shows: its settings, the layer and the map that are open.

Layer and map stand in the address as ``layer=<name>`` and ``map=<number from 0>``. Which layers
there are depends on the network: a name that it does not have counts as its first layer, and a
number that the layer does not have as none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from explorer.network import zoo
from explorer.network.architecture import Network, Row
from explorer.network.layers import Conv2D
from explorer.state import DrawState, PageState, address, choice, like, networks
from explorer.view import panel

PICKER = "activations_layer"


@dataclass(frozen=True)
class ActivationsState(PageState):
    """The settings of the page *Activation maps*."""

    network: str = like(DrawState, "network")
    values: str = like(DrawState, "values")
    scale: str = choice(
        "map",
        {"map": "Per map", "layer": "Per layer", "network": "Per network"},
        "Colour scale",
        "Per map, every map uses the whole scale, and weak maps become visible; per layer or per "
        "network, colours compare between maps or between layers.",
        shared=True,
    )
    order: str = choice(
        "index",
        {"index": "By number", "strength": "Strongest first"},
        "Order",
        "By each map's strongest response to this input.",
    )
    slices: str = choice(
        "one",
        {"one": "Of the open map", "all": "Of all maps"},
        "Kernel slices",
        "A kernel of a deeper layer has one slice for each map that it reads.",
    )

    def changed(self) -> None:
        """Another network may lack the open layer, and has its own open maps."""
        network = zoo.shared(self.network).network
        row = row_of(network, st.session_state.get("open layer", ""))
        kept = st.session_state.get("open maps", {})
        address.owe(_words(network, row, kept.get(_place(network, row))))
        if st.session_state.get("open network") != networks.lineage(network.name):
            address.owe({"pin": ""})  # each layer has its own


@dataclass(frozen=True)
class Place:
    """The open layer and map; ``version`` changes when an address chose them."""

    row: Row
    index: int | None
    version: int


def current(network: Network) -> Place:
    """The layer and map that are open, as the address has them where that is news."""
    kept: dict[tuple[str, str], int] = st.session_state.setdefault("open maps", {})
    if said := address.news("layer", "map"):
        st.session_state["open layer"] = said["layer"]
        version = st.session_state.get("open version", 0)
        st.session_state["open version"] = version + 1
        row = row_of(network, said["layer"])
        index = index_of(row, said["map"])
        if index is None:
            kept.pop(_place(network, row), None)
        else:
            kept[_place(network, row)] = index
    row = row_of(network, st.session_state.get("open layer", ""))
    index = kept.get(_place(network, row))
    address.owe(_words(network, row, index))
    st.session_state["open network"] = networks.lineage(network.name)
    return Place(row, index, st.session_state.get("open version", 0))


def opened(network: Network, row: Row, index: int) -> None:
    """Remember that a map was opened."""
    stay(network, row, index)
    address.say(_words(network, row, index))


def stay(network: Network, row: Row, index: int) -> None:
    """Keep a map open that nobody chose, and have the address say so."""
    st.session_state["open maps"][_place(network, row)] = index
    address.owe(_words(network, row, index))


def _place(network: Network, row: Row) -> tuple[str, str]:
    """What a map is open of; the steps of a run share theirs."""
    return networks.lineage(network.name), row.name


def row_of(network: Network, name: str) -> Row:
    """The layer of this name, or the first."""
    return next((row for row in network.rows if row.name == name), network.rows[0])


def index_of(row: Row, text: str) -> int | None:
    """The map or unit of a layer that a text numbers, or None."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        return None
    return int(text) if int(text) < row.output_shape[0] else None


def _words(network: Network, row: Row, index: int | None) -> dict[str, str]:
    return {
        "layer": "" if row is network.rows[0] else row.name,
        "map": "" if index is None else str(index),
    }


def picker(network: Network, redraw: Sequence[str]) -> None:
    """The row of layers to choose from.

    Args:
        network: whose layers.
        redraw: the panels that follow.
    """
    st.session_state[PICKER] = current(network).row.name
    st.segmented_control(
        "Layer",
        network.names(),
        key=PICKER,
        required=True,
        on_change=_pick,
        args=(network, redraw),
    )


def has_slices(network: Network) -> bool:
    """Whether a kernel of the open layer has more than one slice."""
    row = current(network).row
    return isinstance(row.layer, Conv2D) and row.input_shape[0] > 1


def _pick(network: Network, redraw: Sequence[str]) -> None:
    row = row_of(network, st.session_state[PICKER])
    st.session_state["open layer"] = row.name
    address.owe({"pin": ""})  # each layer has its own
    index = st.session_state["open maps"].get(_place(network, row))
    address.say(_words(network, row, index))
    panel.redraw(*redraw)
