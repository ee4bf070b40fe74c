"""What the page *Pooling* shows: its settings, the shift in hand, and the kernel of its blocks.

The shift stands in the address as ``dx=<pixels to the right>`` and ``dy=<pixels down>``, the number
of a kernel of the network as ``filter=<number from 0>``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.network import making, zoo
from explorer.network.layers import Conv2D
from explorer.ops.chain import Chain
from explorer.ops.kernels import PRESETS
from explorer.state import DrawState, PageState, address, choice, like
from explorer.view import panel
from explorer.view.components.twins import MAX_SHIFT, Twins

NETWORK_KERNEL = "network"
FILTER = "pooling_filter"
DEFAULT_SHIFT = (1, 0)
SIDE = 28


@dataclass(frozen=True)
class PoolingState(PageState):
    """The settings of the page *Pooling*."""

    network: str = like(DrawState, "network")
    kernel: str = choice(
        NETWORK_KERNEL,
        {
            "none": "None: pool the picture itself",
            NETWORK_KERNEL: "One of the trained network",
            **{name: preset.title for name, preset in PRESETS.items()},
        },
        "Kernel",
        "Every block convolves with this kernel (padding same), sets what is negative to zero "
        "(ReLU), and pools.",
    )
    pool: str = choice(
        "max",
        {"max": "Max", "average": "Average", "strided": "Stride only", "blur": "Blurred max"},
        "Pooling",
        "Max keeps the strongest value of each window, average its mean. Stride only keeps every "
        "s-th cell and pools nothing. Blurred max takes the maximum at stride 1, blurs it, and "
        "then keeps every s-th cell (Zhang, 2019).",
    )
    pool_size: str = choice("2", {n: f"{n}×{n}" for n in "234"}, "Window")
    pool_stride: str = choice("2", {n: n for n in "1234"}, "Stride", "Cells from window to window.")
    blocks: str = choice(
        "1",
        {n: n for n in "123"},
        "Blocks",
        "Convolution, ReLU and pooling, one to three times after each other, each time with the "
        "same kernel.",
    )
    tolerance: str = choice(
        "10",
        {"1": "1 %", "5": "5 %", "10": "10 %", "20": "20 %"},
        "Unchanged means: differs by at most",
        "In per cent of the largest value of the original map.",
    )
    compare: str = choice(
        "place",
        {"place": "At the same place", "back": "After moving back"},
        "Compare",
        "At the same place: which cells do not notice the shift (invariance). After moving back: "
        "the shifted map is first moved back by as many whole cells as the shift holds, to see "
        "whether the map has merely moved along (equivariance).",
    )
    marks: str = choice(
        "cells",
        {"cells": "Same and changed", "winners": "Winning pixels", "none": "Nothing"},
        "Mark",
        "Which cells stayed the same, or which pixel of each window made the pooled value.",
    )
    lens: str = choice(
        "original", {"original": "Original", "shifted": "Shifted"}, "Look into the windows of the"
    )
    stage: str = choice("1", {n: n for n in "123"}, "Block")

    @property
    def back(self) -> bool:
        """Whether shifted maps are moved back before they are compared."""
        return self.compare == "back"

    @property
    def share(self) -> float:
        """The tolerance as a share."""
        return int(self.tolerance) / 100


def chain(now: PoolingState) -> Chain:
    """The blocks that the settings describe, as many as fit on a digit; at least one does."""
    kernel, bias = None, 0.0
    if now.kernel == NETWORK_KERNEL and filters(now.network):
        kernel, bias = _of_network(now.network, current_filter(now.network))
    elif now.kernel in PRESETS:
        kernel = PRESETS[now.kernel].kernel
    wished = Chain(
        kernel, bias, now.pool, int(now.pool_size), int(now.pool_stride), int(now.blocks)
    )
    fitting = wished.fitting(SIDE)
    return Chain(kernel, bias, now.pool, wished.size, wished.stride, fitting)


def _of_network(name: str, index: int) -> tuple[npt.NDArray[np.float32], float]:
    model = zoo.shared(name)
    row = _first(name)
    weights = making.weights(model, row)
    assert weights is not None
    bias = float(model.get_parameter(f"{row}.bias").detach()[index])
    return np.ascontiguousarray(weights[index, 0]), bias


def _first(name: str) -> str:
    """The first convolution layer of a network."""
    return next(r.name for r in zoo.shared(name).network.rows if isinstance(r.layer, Conv2D))


def filters(name: str) -> int:
    """How many kernels the first convolution layer of a network has; 0 where it has no such layer.

    Then its blocks have no kernel either: they pool the picture itself.
    """
    layers = (row.layer for row in zoo.shared(name).network.rows)
    return next((layer.filters for layer in layers if isinstance(layer, Conv2D)), 0)


DEFAULT_FILTER = 8


def current_filter(network: str) -> int:
    """The number of the network's kernel, as the address has it where that is news."""
    if said := address.news("filter"):
        st.session_state["pooling filter"] = _whole(said["filter"], DEFAULT_FILTER, 0, 999)
    index: int = min(st.session_state.get("pooling filter", DEFAULT_FILTER), filters(network) - 1)
    address.owe(_words(index))
    return index


def filter_picker(network: str, redraw: Sequence[str]) -> None:
    """The number of the network's kernel.

    Args:
        network: whose first layer it belongs to.
        redraw: the panels that follow.
    """
    st.session_state[FILTER] = current_filter(network)
    st.number_input(
        f"Its kernel in {_first(network)}",
        0,
        filters(network) - 1,
        key=FILTER,
        width=150,
        on_change=_pick_filter,
        args=(network, redraw),
    )


def _pick_filter(network: str, redraw: Sequence[str]) -> None:
    picked = st.session_state[FILTER]
    if picked is not None:
        index = min(max(int(picked), 0), filters(network) - 1)
        st.session_state["pooling filter"] = index
        address.say(_words(index))
    panel.redraw(*redraw)


def _words(index: int) -> dict[str, str]:
    return {"filter": "" if index == DEFAULT_FILTER else str(index)}


@dataclass(frozen=True)
class Shift:
    """By how many pixels the picture is shifted, each within ±8.

    Attributes:
        dx, dy: to the right and down.
        version: changes whenever something else than the hand changed it.
    """

    dx: int = DEFAULT_SHIFT[0]
    dy: int = DEFAULT_SHIFT[1]
    version: int = 0

    def address(self) -> dict[str, str]:
        """The query parameters that reopen it; "" for one that must not be there."""
        return {
            "dx": "" if self.dx == DEFAULT_SHIFT[0] else str(self.dx),
            "dy": "" if self.dy == DEFAULT_SHIFT[1] else str(self.dy),
        }


def current() -> Shift:
    """The shift in hand, as the address has it where that is news."""
    before: Shift = st.session_state.get("shift", Shift())
    if said := address.news("dx", "dy"):
        dx, dy = (
            _whole(said[name], default, -MAX_SHIFT, MAX_SHIFT) if name in said else kept
            for name, default, kept in zip(
                ("dx", "dy"), DEFAULT_SHIFT, (before.dx, before.dy), strict=True
            )
        )
        before = Shift(dx, dy, before.version + 1)
        st.session_state["shift"] = before
    return before


def direction(shift: Shift) -> tuple[str, tuple[int, int]]:
    """The direction in which a shift goes furthest: its name and one pixel (right, down)."""
    if abs(shift.dy) > abs(shift.dx):
        return ("down", (0, 1)) if shift.dy > 0 else ("up", (0, -1))
    return ("left", (-1, 0)) if shift.dx < 0 else ("right", (1, 0))


def moved(report: Twins) -> dict[str, str]:
    """Take over what the hand reports, and return what the address should say.

    While the picture is being moved that is nothing: the address would change too often.
    """
    if report.current:
        before: Shift = st.session_state.get("shift", Shift())
        st.session_state["shift"] = Shift(report.dx, report.dy, before.version)
    if report.moving:
        return {}
    words = current().address()
    address.owe(words)
    return words


def _whole(text: str, default: int, low: int, high: int) -> int:
    """The number that a text of an address says, moved into its bounds, or the default."""
    if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= 9):
        return default
    return min(max(int(text), low), high)
