"""The panels that follow one step: a weight nudged, the step taken, what the answer hangs on.

For a page that has the current input and network, and :mod:`explorer.state.backprop`. Each of
:func:`show_nudge`, :func:`show_step` and :func:`show_saliency` draws its panels where it is called.
Another network, input, target or cost redraws :data:`PANELS`, another weight
:data:`WEIGHT_PANELS`.

The steps are taken on a copy of the network, of which the session keeps the weights
(:mod:`explorer.state.descent`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from explorer.data import mnist
from explorer.network import nudging, stepping, zoo
from explorer.network.answers import answers
from explorer.network.architecture import CNN
from explorer.network.laying import laying
from explorer.state import DrawState, PageState, backprop, choice, descent, given, saliency, whole
from explorer.state.backprop import Weight
from explorer.view import nudged, pooled
from explorer.view import stepping as view
from explorer.view.components import nudge
from explorer.view.panel import panel, redraw

PANELS = ("nudge_weight", "try_step", "take_step", *saliency.PANELS)
"""All panels, in their order on the page: for another network, input, target or cost."""

WEIGHT_PANELS = ("nudge_weight", "try_step")
"""Those that show the weight in question."""

show_saliency = saliency.show

SAMPLES = 41
MIDDLE = SAMPLES // 2
RATES = tuple(10.0 ** (i / 5 - 4) for i in range(26))
"""The learning rates that can be chosen, 0.0001 to 10."""

NUDGE, RATE = "nudge_weight_hand", "learning_rate"

REACHES = ("0.01", "0.1", "0.5", "1")


@dataclass(frozen=True)
class NudgeState(PageState):
    """The settings of the nudge."""

    reach: str = choice(
        "0.5",
        {reach: f"±{reach}" for reach in REACHES},
        "Nudge it by at most",
        "Near the weight the loss follows its tangent; the further you go, the more ReLUs and "
        "maxima change their mind, and the less the gradient here knows of it.",
    )
    nudge: int = whole(3 * SAMPLES // 4, 0, SAMPLES - 1, "Nudge")


@dataclass(frozen=True)
class StepState(PageState):
    """The settings of the step."""

    descend: str = choice(
        "image",
        {"image": "This image", "batch": "32 training images"},
        "Step down the loss of",
        "The gradient of the loss on this image alone, or the mean over the first 32 images of the "
        "training set, as training would.",
    )
    eta: int = whole(15, 0, len(RATES) - 1, "Learning rate")


def show_nudge() -> None:
    """Draw the nudge of the weight in question, and the numerical check of its gradient."""
    hand, checked = st.columns([3, 2], gap="large")
    name, chart = hand.container(), hand.container()
    with checked:
        NudgeState.controls("reach", redraw=("nudge_weight",))
    proof = checked.container()

    @panel
    def nudge_weight() -> None:
        """The loss along one weight; a hand at rest redraws this and nothing else."""
        weight, held = backprop.chosen(), backprop.held(NUDGE)
        if weight is None:
            with name:
                st.caption("This network has no weights to nudge.")
            return
        words = _moved(held, nudge.read(SAMPLES, key=NUDGE, reset=held.token), NudgeState, "nudge")
        now, network = NudgeState.now(), DrawState.now().network
        model, image = zoo.shared(network), given.current().image
        question = (model, image, backprop.target(), backprop.loss(), weight.layer, weight.index)
        reach = float(now.reach)
        found = nudging.nudge(*question, np.linspace(-reach, reach, SAMPLES))
        called = name_of(model, weight)
        with name:
            st.markdown(f"**{called}** is {nudged.digits(found.weight, 5)}.")
        with proof:
            nudged.check(nudging.check(*question))
        with chart:
            nudged.chart(
                found,
                called,
                key=NUDGE,
                at=now.nudge,
                reset=held.reset(now.nudge),
                address=words,
                on_report=_nothing,
            )

    nudge_weight()


def _nothing() -> None:
    """The panel itself answers the report."""


def _moved(
    held: backprop.Held, report: nudge.Hand, state: type[PageState], field: str
) -> Mapping[str, str]:
    """Take over what a hand reported; what the address should say of it, once it is at rest."""
    if not (held.news(report.seq) and report.current):
        return {}
    held.value = report.at
    words = state.take(**{field: report.at})
    return {} if report.moving else words


def name_of(model: CNN, weight: Weight) -> str:
    """A weight in words, such as ``conv1, kernel 3, row 1, column 2``."""
    row = next(row for row in model.network.rows if row.name == weight.layer)
    laid = laying(model.network, row)
    channel, i, j = laid.cell(weight.index)
    kernel = f"{weight.layer}, {'kernel' if len(weight.index) == 4 else 'unit'} {weight.index[0]}"
    if laid.what == "units":
        return f"{kernel}, weight of unit {weight.index[1]}"
    of = f", map {channel}" if laid.slices > 1 else ""
    return f"{kernel}{of}, row {i}, column {j}"


def show_step() -> None:
    """Draw the step: its learning rate, what it changes, and the buttons that take it."""
    StepState.controls("descend", redraw=("try_step", "take_step"))
    hand, chances = st.columns([3, 2], gap="large")
    chart, buttons = hand.container(), hand.container()
    before, after = chances.columns(2, gap="small")
    kernels = st.container()

    @panel
    def try_step() -> None:
        """One step at the rate in hand, tried on a copy; a drag redraws this and nothing else."""
        held = backprop.held(RATE)
        words = _moved(held, nudge.read(len(RATES), key=RATE, reset=held.token), StepState, "eta")
        now, tried = StepState.now(), _tried()
        model, image = zoo.shared(tried.network), given.current().image
        rate = RATES[now.eta]
        stepped = stepping.stepped(model, tried.slope, rate)
        with before:
            own = stepping.with_weights(model, tried.slope.weights)
            _chances(own, image, "Before")
        with after:
            _chances(stepping.with_weights(model, stepped), image, f"After, η = {view.rate(rate)}")
        with kernels:
            _kernels(model, tried.slope.weights, stepped)
        with chart:
            view.descent(
                tried.slope,
                RATES,
                tried.after,
                tried.before,
                now.descend,
                key=RATE,
                at=now.eta,
                reset=held.reset(now.eta),
                address=words,
                on_report=_nothing,
            )

    @panel
    def take_step() -> None:
        """The buttons, and the steps that were taken."""
        network = DrawState.now().network
        walk = descent.current(network)
        with buttons:
            with st.container(horizontal=True, gap="small"):
                for label, icon, count in (
                    ("Take the step", ":material/south_east:", 1),
                    ("Take ten", ":material/keyboard_double_arrow_down:", 10),
                ):
                    st.button(
                        label,
                        icon=icon,
                        type="primary" if count == 1 else "secondary",
                        key=f"step_{count}",
                        on_click=_take,
                        args=(count,),
                    )
                for label, icon, act in (
                    ("Undo", ":material/undo:", descent.undo),
                    ("Reset", ":material/restart_alt:", descent.reset),
                ):
                    st.button(
                        label,
                        icon=icon,
                        key=f"step_{label.lower()}",
                        disabled=not (walk.pasts if act is descent.undo else walk.count),
                        on_click=_back,
                        args=(act, network),
                    )
            if walk.refused:
                st.warning(walk.refused, icon=":material/block:")
            asked = descent.asked(given.current().image, backprop.target(), backprop.loss())
            on = StepState.now().descend
            steps = walk.steps_for((asked, on))
            view.taken(steps, on, walk.count, walk.count - max(len(steps) - 1, 0))

    try_step()
    take_step()


def _tried() -> descent.Tried:
    """What one step would do from where the copy is now."""
    asked = descent.asked(given.current().image, backprop.target(), backprop.loss())
    return descent.tried(DrawState.now().network, asked, StepState.now().descend, RATES)


def _take(count: int) -> None:
    now = StepState.now()
    asked = descent.asked(given.current().image, backprop.target(), backprop.loss())
    descent.take(DrawState.now().network, asked, now.descend, RATES[now.eta], count)
    redraw("try_step", "take_step")


def _back(act: descent.Back, network: str) -> None:
    act(network)
    redraw("try_step", "take_step")


def _chances(model: CNN, image: stepping.Floats, title: str) -> None:
    found = answers(model, image).probabilities
    names, label = mnist.class_names(), given.current().label
    if not np.isfinite(found).all():
        st.caption(f"{title}: the network's numbers overflow.")
        return
    pooled.chances(found, names, label, key=f"step-{title[:5]}", title=title)


def _kernels(model: CNN, before: stepping.Floats, after: stepping.Floats) -> None:
    """The layer of the weight in question, as many of its kernels as are easily seen."""
    weight = backprop.chosen()
    if weight is None:
        return
    row = next(row for row in model.network.rows if row.name == weight.layer)
    laid, kernel = laying(model.network, row), weight.index[0]
    parts = [stepping.layer_weights(model, every, row.name) for every in (before, after)]
    if not np.isfinite(parts[1]).all():
        st.caption("The weights overflow at this learning rate.")
        return
    noun = "kernel" if len(weight.index) == 4 else "unit"
    if laid.slices == 1 and len(parts[0]) <= view.MOST:
        sheets = [np.stack([laid.lay(one)[0] for one in part]) for part in parts]
        which = f"all {len(sheets[0])} {noun}s"
        titles = [str(i) for i in range(len(sheets[0]))]
    else:
        sheets = [laid.lay(part[kernel]) for part in parts]
        which, titles = f"{noun} {kernel}", [str(kernel)]
        if laid.slices > 1:
            which += f", one slice for each of {laid.slices} maps"
            titles = [str(i) for i in range(laid.slices)]
    view.kernels(*sheets, name=row.name, which=which, titles=titles, key=f"step-{row.name}")
