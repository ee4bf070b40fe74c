"""One weight nudged: the loss along it, the promise of its gradient, and the numerical check."""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view.components import nudge
from explorer.view.components.nudge import Curve

if TYPE_CHECKING:
    from explorer.network.nudging import Check, Nudged

MOST = 9
"""Digits that are shown of a derivative, at most: float64 has no more to say of a difference."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def digits(value: float, count: int) -> str:
    """A number in so many significant digits: ``0.0195660``, ``−2.34·10⁻⁶``, ``∞``."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "not a number" if math.isnan(value) else "−∞"
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{value:.{count - 1}e}".partition("e")
    power = int(exponent)
    if -4 < power < max(count, 5):
        text = f"{value:.{max(count - 1 - power, 0)}f}"
    else:
        text = f"{mantissa}·10{str(power).translate(_RAISED)}"
    return text.replace("-", "−")


def signed(value: float, count: int) -> str:
    """The same with a plus in front of what is above zero."""
    return f"+{digits(value, count)}" if value > 0 else digits(value, count)


def decade(values: npt.NDArray[np.float64]) -> int:
    """The power of ten to show numbers in: 0 where they are not small."""
    most = float(np.abs(values).max(initial=0.0))
    return 0 if most == 0 or most >= 0.1 else math.floor(math.log10(most))


def chart(
    found: "Nudged",
    name: str,
    *,
    key: str,
    at: int,
    reset: int,
    address: Mapping[str, str],
    on_report: Callable[[], None],
) -> None:
    """Draw how the loss changes along one weight, with its tangent, and the hand on it.

    Args:
        found: the losses.
        name: what the weight is called.
        key: identity of the chart.
        at: the sample on which the hand is.
        reset, address, on_report: as of the component.
    """
    true, promised = found.losses - found.loss, found.tangent - found.loss
    power = decade(np.concatenate([true, promised]))
    scale = 10.0**-power
    span = max(float(np.abs(true).max()), float(np.abs(promised).max()))
    low, high = (
        float(v) for v in (min(true.min(), promised.min()), max(true.max(), promised.max()))
    )
    margin = 0.08 * (high - low) if high > low else 1.0
    home = int(np.abs(found.offsets).argmin())
    unit = f", in 10{str(power).translate(_RAISED)}" if power else ""
    nudge.show(
        found.offsets,
        [
            Curve("the true loss, computed anew at each dot", scale * true),
            Curve(f"the tangent: {signed(found.slope, 4)} · δ", scale * promised, "tangent"),
        ],
        key=key,
        at=at,
        title=f"How the loss changes with this weight{unit}",
        hand="Nudge δ",
        unit="δ, added to the weight",
        says=[signed(float(offset), 3) for offset in found.offsets],
        facts=[
            ("Weight", [digits(found.weight + float(d), 5) for d in found.offsets]),
            ("Loss before", digits(found.loss, 6)),
            ("Loss after", [digits(float(loss), 6) for loss in found.losses]),
            ("Promised by the gradient", [digits(float(t), 6) for t in found.tangent]),
            (
                "After − promised",
                [signed(float(d), 3) for d in found.losses - found.tangent],
            ),
            (
                "Switched on the way",
                [
                    _minds(int(a), int(b))
                    for a, b in zip(found.switched, found.rerouted, strict=True)
                ],
            ),
        ],
        limits=(scale * low - margin * scale, scale * high + margin * scale)
        if span
        else (-1.0, 1.0),
        ticks=[
            (float(x), f"{x:+g}".replace("-", "−") if x else "0")
            for x in found.offsets[[0, home // 2, home, -1 - home // 2, -1]]
        ],
        home=home,
        home_says="δ = 0",
        reset=reset,
        address=address,
        on_report=on_report,
        alt=f"The loss against {name}: it is {digits(found.loss, 4)} now, and its slope is "
        f"{digits(found.slope, 4)}. From {digits(float(found.offsets[0]), 2)} to "
        f"{digits(float(found.offsets[-1]), 2)} it goes from {digits(float(found.losses[0]), 4)} "
        f"to {digits(float(found.losses[-1]), 4)}.",
    )


def _minds(switched: int, rerouted: int) -> str:
    """How many ReLUs and windows are not as they were, in a few words."""
    if not switched + rerouted:
        return "no ReLU, no maximum"
    parts = [f"{switched:,} ReLU{'' if switched == 1 else 's'}"] if switched else []
    parts += [f"{rerouted:,} {'maximum' if rerouted == 1 else 'maxima'}"] if rerouted else []
    return ", ".join(parts)


def agreeing(one: float, other: float) -> int:
    """The most digits, up to :data:`MOST`, to which two numbers are written alike."""
    alike = (n for n in range(MOST, 0, -1) if digits(one, n) == digits(other, n))
    return next(alike, 0)


def check(found: "Check") -> None:
    """Say what back-propagation and a finite difference find, and whether they agree."""
    count = agreeing(found.analytic, found.numeric)
    shown = count if found.agrees and count > 1 else 6
    step = f"10{str(round(math.log10(found.h))).translate(_RAISED)}"
    rows = [
        ("Back-propagation", digits(found.analytic, shown)),
        (f"(L(*w* + *h*) − L(*w* − *h*)) / 2*h*, *h* = {step}", digits(found.numeric, shown)),
        ("Relative difference", digits(found.relative, 2)),
    ]
    lines = ["| ∂L/∂*w* | |", "| :-- | --: |", *(f"| {what} | **{n}** |" for what, n in rows)]
    st.markdown("\n".join(lines))
    st.caption(verdict(found, count))


def verdict(found: "Check", count: int) -> str:
    """Whether the two agree, and why where they do not.

    Args:
        found: both.
        count: the digits to which they agree.
    """
    if found.analytic == found.numeric == 0:
        return (
            "Both are exactly 0: what this weight reads is 0, every ReLU behind it is off, or the "
            "cost is at its bound. A step leaves it where it is."
        )
    if found.agrees and count > 1:
        return (
            f"They agree in {count} digits, all that are shown. Both in float64: in float32 the "
            "difference of two losses would have two or three."
        )
    if found.bends:
        return (
            f"They do not agree, and both are right: between *w* − *h* and *w* + *h* the loss has "
            f"a kink ({_minds(found.switched, found.rerouted)} there). Its slope is "
            f"{digits(found.left, 4)} on the left and {digits(found.right, 4)} on the right; "
            "back-propagation takes a ReLU at 0 as off and the first of equal maxima as the winner."
        )
    return (
        f"They agree in {count} digit{'' if count == 1 else 's'} only: the gradient is so small "
        "that the last digit of the loss itself, rounded, is what the finite difference sees."
    )
