"""What the picture of a network shows: the unit that is open, and whether its edits are left out.

In the address these are ``unit=<layer>_<number>`` and ``whose=original``. The session remembers
them for whoever leaves the page and comes back. A unit that the network does not have is none, and
a network without edits is its own original.
"""

from dataclasses import dataclass

import streamlit as st

from explorer.network.architecture import Network, Row
from explorer.state import address
from explorer.view.components.network_graph import Graph

UNIT, WHOSE, ORIGINAL = "unit", "whose", "original"
_MEMORY, _VERSION = "open unit", "open unit version"


@dataclass(frozen=True)
class Place:
    """What the picture shows.

    Attributes:
        row, index: the open unit's layer and its number; None for none.
        original: whether the network is shown without its edits.
        version: changes whenever something else than the picture's own hand changed one of these.
    """

    row: Row | None = None
    index: int = 0
    original: bool = False
    version: int = 0

    def address(self) -> dict[str, str]:
        """The query parameters that say so; "" for one that must not be there."""
        return {
            UNIT: f"{self.row.name}_{self.index}" if self.row else "",
            WHOSE: ORIGINAL if self.original else "",
        }


def version() -> int:
    """The ``reset`` of the picture, for reading its report."""
    return int(st.session_state.get(_VERSION, 0))


def original() -> bool:
    """Whether an edited network is shown without its edits."""
    return bool(st.session_state.get(_MEMORY, (None, False))[1])


def current(network: Network, seen: Graph, *, edited: bool = False) -> Place:
    """What is to be shown, as the address has it where that is news.

    Args:
        network: which has the unit, or not.
        seen: what the picture reports.
        edited: whether the network has edits that can be left out.
    """
    kept: tuple[tuple[str, int] | None, bool] = st.session_state.get(_MEMORY, (None, False))
    unit, original = (seen.opened, seen.original) if seen.current else kept
    if said := address.news(UNIT, WHOSE):
        unit, original = read(said[UNIT]), said[WHOSE] == ORIGINAL
        st.session_state[_VERSION] = version() + 1
    row = _row(network, unit)
    if (unit is not None and row is None) or (original and not edited):
        unit, original = (unit if row else None), original and edited
        st.session_state[_VERSION] = version() + 1
    st.session_state[_MEMORY] = (unit, original)
    place = Place(row, unit[1] if unit else 0, original, version())
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
