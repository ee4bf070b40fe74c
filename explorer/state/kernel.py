"""The kernel in hand: a preset, or what somebody made of one.

It stands in the address as ``kernel=<preset>`` or ``kernel=<weights, row by row, between "_">``,
and its bias as ``bias=<number>``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer import ops
from explorer.ops.kernels import PRESETS, normalise
from explorer.state import address
from explorer.view import panel
from explorer.view.components.kernel_editor import MAX_WEIGHT, KernelEdit

Kernel = npt.NDArray[np.float32]

DEFAULT = "sobel-x"
SIDES = (3, 5, 7)
CUSTOM = "custom"


@dataclass(frozen=True, eq=False)
class Hand:
    """The kernel that the page convolves with.

    Attributes:
        weights: ``(k, k)`` float32.
        bias: added to every output.
        origin: ``(k, k)``, what the editor's Reset goes back to.
        version: changes whenever something else than the editor changed the kernel.
    """

    weights: Kernel
    bias: float
    origin: Kernel
    version: int = 0

    @property
    def preset(self) -> str:
        """Name of the preset that it is, or ``custom``."""
        return next(
            (n for n, p in PRESETS.items() if np.array_equal(p.kernel, self.weights)), CUSTOM
        )

    def address(self) -> dict[str, str]:
        """The query parameters that reopen it; "" for one that must not be there."""
        name = self.preset
        text = write(self.weights) if name == CUSTOM else "" if name == DEFAULT else name
        return {"kernel": text, "bias": _number(self.bias) if self.bias else ""}


def write(weights: Kernel) -> str:
    """Weights as text for an address; :func:`read` gives back the same float32 values."""
    return "_".join(_number(float(w)) for w in weights.ravel())


def read(text: str) -> Kernel | None:
    """The kernel that a text names or lists, or None for anything else."""
    if text in PRESETS:
        return PRESETS[text].kernel
    parts = text.split("_")
    numbers = [_parse(part) for part in parts[: max(SIDES) ** 2 + 1]]
    weights = [n for n in numbers if n is not None]
    if len(parts) != len(weights) or len(weights) not in {k * k for k in SIDES}:
        return None
    side = math.isqrt(len(weights))
    return np.array(weights, np.float32).reshape(side, side)


def _number(value: float) -> str:
    return np.format_float_positional(np.float32(value), trim="-")


def _parse(text: str) -> float | None:
    if len(text) > 24 or not text.isascii() or not set(text) <= set("0123456789.-"):
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= MAX_WEIGHT else None


def _session() -> Hand:
    kernel = PRESETS[DEFAULT].kernel
    hand: Hand = st.session_state.get("hand", Hand(kernel, 0.0, kernel))
    return hand


def take(weights: npt.NDArray[np.floating], *, chosen: bool) -> None:
    """Take another kernel in hand; its bias stays.

    Args:
        weights: ``(k, k)``.
        chosen: whether Reset goes back to it; what was made of another kernel goes back to that.
    """
    before = _session()
    kernel = np.asarray(weights, np.float32)
    origin = kernel if chosen else before.origin
    hand = Hand(kernel, before.bias, origin, before.version + 1)
    st.session_state["hand"] = hand
    address.say(hand.address())


def current() -> Hand:
    """The kernel in hand, as the address has it where that is news."""
    if said := address.news("kernel", "bias"):
        weights = read(said["kernel"] or DEFAULT)
        if weights is not None:
            before = _session()
            bias = _parse(said["bias"]) or 0.0
            st.session_state["hand"] = Hand(weights, bias, weights, before.version + 1)
    return _session()


def edited(report: KernelEdit) -> dict[str, str]:
    """Take over what the editor reports, and return what the address should say.

    While a slider is being dragged that is nothing: the address would change too often.
    """
    if report.current and report.kernel is not None:
        before = _session()
        hand = Hand(report.kernel, report.bias, before.origin, before.version)
        st.session_state["hand"] = hand
    if report.dragging:
        return {}
    words = _session().address()
    address.owe(words)
    return words


def resized(weights: Kernel, side: int) -> Kernel:
    """The kernel with zeros put around it, or its middle."""
    before = len(weights)
    out = np.zeros((side, side), np.float32)
    inner, at, into = min(before, side), max(0, before - side) // 2, max(0, side - before) // 2
    out[into : into + inner, into : into + inner] = weights[at : at + inner, at : at + inner]
    return out


def picker(redraw: Sequence[str]) -> None:
    """The controls that give another kernel: preset, size, normalise, turn.

    Args:
        redraw: the panels that show the kernel.
    """
    hand, follow = current(), {"redraw": tuple(redraw)}
    # A drag's next report may still carry what was chosen before it: under a key of its own, that
    # is no choice of a preset or a size.
    preset = "kernel_preset" if hand.preset != CUSTOM else "kernel_preset_custom"
    side = f"kernel_side_{len(hand.weights)}"
    st.session_state[preset], st.session_state[side] = hand.preset, len(hand.weights)
    st.selectbox(
        "Preset",
        [CUSTOM, *PRESETS],
        format_func=lambda n: "Custom" if n == CUSTOM else PRESETS[n].title,
        key=preset,
        on_change=_pick_preset,
        args=(preset,),
        kwargs=follow,
    )
    st.caption(PRESETS[hand.preset].line if hand.preset != CUSTOM else "A kernel of your own.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Size",
            SIDES,
            format_func=lambda n: f"{n}×{n}",
            key=side,
            required=True,
            on_change=_pick_side,
            args=(side,),
            kwargs=follow,
        )
        st.button("Normalise", on_click=_change, args=(normalise,), kwargs=follow, help=NORMALISE)
        st.button("Turn by 180°", on_click=_change, args=(ops.flip,), kwargs=follow, help=TURN)


NORMALISE = (
    "Divides the weights by their sum, so that an even area keeps its brightness; where they sum "
    "to zero, by the sum of their absolute values."
)
TURN = "Turns the kernel by half a turn: cross-correlation with it is then a true convolution."


def _pick_preset(key: str, redraw: Sequence[str]) -> None:
    name = st.session_state[key]
    if name in PRESETS:
        take(PRESETS[name].kernel, chosen=True)
    panel.redraw(*redraw)


def _pick_side(key: str, redraw: Sequence[str]) -> None:
    side = st.session_state[key]
    if side in SIDES:
        take(resized(_session().weights, side), chosen=False)
    panel.redraw(*redraw)


def _change(how: Callable[[Kernel], npt.NDArray[np.floating]], redraw: Sequence[str]) -> None:
    take(how(_session().weights), chosen=False)
    panel.redraw(*redraw)
