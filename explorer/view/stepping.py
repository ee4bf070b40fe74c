"""One step of gradient descent: the loss against the learning rate, kernels before and after."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view.components import map_grid, nudge
from explorer.view.components.map_grid import Grid
from explorer.view.components.nudge import Curve
from explorer.view.nudged import digits, signed

if TYPE_CHECKING:
    from explorer.network.stepping import Slope

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

MOST = 32
"""Kernels or slices that are shown, at most."""

NAMES = {"image": "this image", "batch": "the 32 training images"}


def rate(value: float) -> str:
    """A learning rate as people write it: ``0.0001``, ``0.16``, ``10``."""
    return f"{value:.2g}"


def descent(
    here: "Slope",
    rates: Sequence[float],
    losses: Mapping[str, Doubles],
    before: Mapping[str, float],
    on: str,
    *,
    key: str,
    at: int,
    reset: int,
    address: Mapping[str, str],
    on_report: Callable[[], None],
) -> None:
    """Draw the losses after one step against its learning rate, and the hand on it.

    Args:
        here: the weights that the step starts from.
        rates: the learning rates, ascending, each the same factor above the last.
        losses: ``image`` and ``batch`` to the loss after the step at each rate.
        before: the same before it.
        on: which of the two the step is for.
        key: identity of the chart.
        at: the rate on which the hand is.
        reset, address, on_report: as of the component.
    """
    other = "batch" if on == "image" else "image"
    promised = np.array([here.promised(r) for r in rates])
    limits = _limits(losses, before)
    places = np.log10(rates)
    decades = range(round(float(places[0])), round(float(places[-1])) + 1)
    nudge.show(
        places,
        [
            Curve(f"{NAMES[on]}, which the step is for", losses[on]),
            Curve(
                "promised by the gradient: L − η · ‖g‖²",
                np.where(promised > 0, promised, np.nan),
                "tangent",
            ),
            Curve(NAMES[other], losses[other], "other"),
        ],
        key=key,
        at=at,
        title="The loss after one step, for each learning rate",
        hand="Learning rate η",
        unit="learning rate η, each dot 1.58 times the last",
        says=[rate(r) for r in rates],
        facts=[
            (f"On {NAMES[on]}", _before_after(before[on], losses[on])),
            ("Promised", [digits(float(p), 4) for p in promised]),
            ("After − promised", [signed(float(d), 3) for d in losses[on] - promised]),
            (f"On {NAMES[other]}", _before_after(before[other], losses[other])),
            ("‖g‖², all weights", digits(here.squared, 4)),
        ],
        limits=limits,
        log=True,
        ticks=[(float(d), rate(10.0**d)) for d in decades],
        stream=True,
        reset=reset,
        address=address,
        on_report=on_report,
        alt=f"Loss on {NAMES[on]} after one step: {digits(before[on], 3)} before, and "
        + ", ".join(
            f"{digits(float(losses[on][i]), 3)} at η = {rate(rates[i])}"
            for i in range(0, len(rates), 5)
        )
        + ".",
    )


def _before_after(before: float, after: Doubles) -> list[str]:
    return [f"{digits(before, 4)} → {digits(float(value), 4)}" for value in after]


def _limits(losses: Mapping[str, Doubles], before: Mapping[str, float]) -> tuple[float, float]:
    """Three decades below what there is now, and at most four above."""
    every = np.concatenate([*losses.values(), list(before.values())])
    finite = every[np.isfinite(every) & (every > 0)]
    now = max([value for value in before.values() if 0 < value < np.inf], default=1.0)
    low = max(float(finite.min(initial=now)), 1e-3 * now)
    high = min(float(finite.max(initial=now)), 1e4 * now)
    return low / 2, 2 * high


def taken(steps: Sequence[tuple[float, float, float]], on: str, count: int, earlier: int) -> None:
    """Say and draw how the losses went over the steps taken.

    Args:
        steps: rate, loss of this image, loss of the 32 images: first as it was before any step
            (with a rate of 0), then after each.
        on: which of the two the steps were for.
        count: steps that were taken since the network was as it came.
        earlier: those of them that were for something else than what is shown.
    """
    if not count:
        st.caption("No step taken yet: the network is as it came.")
        return
    text = f"**{count} step{'' if count == 1 else 's'} taken** on a copy of the network."
    if earlier:
        text += f" {earlier} of them for another input, target or cost: not in the chart."
    st.markdown(text)
    if len(steps) < 2:
        return
    losses = {
        which: np.array([step[i] for step in steps]) for i, which in ((1, "image"), (2, "batch"))
    }
    other = "batch" if on == "image" else "image"
    first = earlier
    names = ["before", *(f"step {first + i}" for i in range(1, len(steps)))]
    nudge.show(
        np.arange(first, first + len(steps)),
        [
            Curve(f"{NAMES[on]}, which the steps were for", losses[on]),
            Curve(NAMES[other], losses[other], "other"),
        ],
        key="steps_taken",
        at=len(steps) - 1,
        title="The loss, step by step",
        hand="Read",
        unit="step",
        says=names,
        facts=[
            ("Learning rate", ["", *(rate(step[0]) for step in steps[1:])]),
            *((f"On {NAMES[k]}", [digits(float(v), 4) for v in losses[k]]) for k in (on, other)),
        ],
        limits=_limits(losses, {which: float(values[0]) for which, values in losses.items()}),
        log=True,
        ticks=_whole(first, first + len(steps) - 1),
        reset=count,
        alt="; ".join(
            f"on {NAMES[k]} the loss went from {digits(float(losses[k][0]), 3)} to "
            f"{digits(float(losses[k][-1]), 3)}"
            for k in (on, other)
        ),
    )


def _whole(first: int, last: int) -> list[tuple[float, str]]:
    """Ticks at whole numbers, some ten at most."""
    every = max(1, -(-(last - first) // 10))
    return [(float(n), str(n)) for n in range(first, last + 1, every)]


def kernels(
    before: Floats, after: Floats, *, name: str, which: str, titles: Sequence[str] | None, key: str
) -> None:
    """Draw kernels, or the slices of one, before the step, its change, and after it.

    Args:
        before, after: ``(n, h, w)``.
        name: of the layer.
        which: what of the layer is shown.
        titles: one for each; None for their numbers.
        key: identity of the stack.
    """
    most = float(max(np.abs(before).max(), np.abs(after).max())) or 1.0
    change = after - before
    cell = 44 if before.shape[1] <= 7 else 72 if len(before) > 1 else 168

    def grid(values: Floats, label: str, text: str, **rest: object) -> Grid:
        return Grid(
            values,
            alt=f"{name}, {label.lower()}: {which}.",
            label=label,
            text=text,
            titles=titles,
            noun="kernel",
            unit="weight",
            cell=cell,
            across=3,
            selectable=False,
            **rest,  # type: ignore[arg-type]
        )

    shared = {"kind": "weight", "limits": (-most, most), "note": "one scale for before and after"}
    map_grid.show_stack(
        [
            grid(before, "Before", f"{name}, {which}", **shared),
            grid(
                change,
                "Change",
                "−η · gradient" if change.any() else "nothing: the gradient is 0",
                kind="signed",
                scale="layer",
                note="a scale of its own",
            ),
            grid(after, "After", "before + change", **shared),
        ],
        key=key,
    )
