"""The output that is pinned on a lens, as ``pin=<row>_<column>`` in the address.

The lens itself keeps that word in step, without a new entry in the history; the session remembers
the pin for whoever leaves the page and comes back. One that the output does not have is none.
"""

from dataclasses import dataclass
from zlib import crc32

import streamlit as st

from explorer.state import address
from explorer.view.components import lens

Cell = tuple[int, int]

WORD = "pin"


@dataclass(frozen=True)
class Pin:
    """``cell`` is (row, column) of an output; ``version`` changes when an address chose it."""

    cell: Cell | None = None
    version: int = 0


def current(
    key: str, shape: Cell | None, *, place: str = "", token: object = None
) -> tuple[Pin, int]:
    """The pin of the lens with this key, and the ``reset`` to show the lens with.

    Args:
        key: identity of the lens.
        shape: rows and columns of its output; None where no lens is shown.
        place: what the lens shows, where it shows one thing or another: each has its own pin.
        token: changes whenever the lens is to begin anew.
    """
    memory = f"pin of {key} {place}"
    pin: Pin = st.session_state.get(memory, Pin())
    seen = lens.read(key=key, reset=_reset(pin, token))
    if seen.current:
        pin = Pin(seen.pinned, pin.version)
    if (said := address.news(WORD)) and (cell := read(said[WORD])) != pin.cell:
        pin = Pin(cell, pin.version + 1)
    if pin.cell and not (shape and pin.cell[0] < shape[0] and pin.cell[1] < shape[1]):
        pin = Pin(None, pin.version + 1)
    st.session_state[memory] = pin
    address.owe({WORD: write(pin.cell)})
    return pin, _reset(pin, token)


def _reset(pin: Pin, token: object) -> int:
    return crc32(repr((token, pin.version)).encode())


def read(text: str) -> Cell | None:
    """The row and column that a text names, or None for anything else."""
    parts = text.split("_")
    if len(parts) != 2 or not all(p.isascii() and p.isdecimal() and len(p) < 6 for p in parts):
        return None
    return int(parts[0]), int(parts[1])


def write(cell: Cell | None) -> str:
    """A row and a column as text for an address."""
    return "" if cell is None else f"{cell[0]}_{cell[1]}"
