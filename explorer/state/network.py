"""The unit that is open in the picture of a network, as ``unit=<layer>_<number>`` in the address.

The session remembers it for whoever leaves the page and comes back. A unit that the network does
not have is none.
"""

from dataclasses import dataclass

import streamlit as st

from explorer.network.architecture import Network, Row
from explorer.state import address
from explorer.view.components.network_graph import Graph

WORD = "unit"
_MEMORY, _VERSION = "open unit", "open unit version"


@dataclass(frozen=True)
class Place:
    """The open unit: its layer and its number; None for none.

    ``version`` changes whenever something else than the picture's own hand opened or closed it.
    """

    row: Row | None = None
    index: int = 0
    version: int = 0

    def address(self) -> dict[str, str]:
        """The query parameter that opens it; "" for none."""
        return {WORD: f"{self.row.name}_{self.index}" if self.row else ""}


def version() -> int:
    """The ``reset`` of the picture, for reading its report."""
    return int(st.session_state.get(_VERSION, 0))


def current(network: Network, seen: Graph) -> Place:
    """The unit that is open, as the address has it where that is news.

    Args:
        network: which has it, or not.
        seen: what the picture reports.
    """
    unit: tuple[str, int] | None = st.session_state.get(_MEMORY)
    if seen.current:
        unit = seen.opened
    if said := address.news(WORD):
        unit = read(said[WORD])
        st.session_state[_VERSION] = version() + 1
    row = _row(network, unit)
    if unit is not None and row is None:
        unit = None
        st.session_state[_VERSION] = version() + 1
    st.session_state[_MEMORY] = unit
    place = Place(row, unit[1] if unit else 0, version())
    address.owe(place.address())
    return place


def read(text: str) -> tuple[str, int] | None:
    """The layer and the number that a text names, or None for anything else."""
    name, _, number = text.rpartition("_")
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        return None
    return name, int(number)


def _row(network: Network, unit: tuple[str, int] | None) -> Row | None:
    if unit is None:
        return None
    rows = (row for row in network.rows if row.name == unit[0])
    return next((row for row in rows if unit[1] < row.output_shape[0]), None)
