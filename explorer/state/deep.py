"""The section *Why depth was hard*: the gradient in deep networks, measured, and their first steps.

:func:`show_vanishing` draws it where it is called. It depends on no network and no input of the
page, so that nothing else has to redraw it.
"""

import time
from dataclasses import dataclass
from zlib import crc32

import streamlit as st

from explorer.network import vanishing
from explorer.state import PageState, address, choice, whole
from explorer.view import figures
from explorer.view import vanishing as charts
from explorer.view.components import progress
from explorer.view.panel import panel, redraw

PANELS = ("measure_vanishing", "train_vanishing")
"""What follows the networks that are measured."""

PIECE = 0.06
"""Seconds of work between two looks at what else a person wants."""

_TRAINED = "deep networks in training"


@dataclass(frozen=True)
class VanishingState(PageState):
    """The settings of *Why depth was hard*."""

    deep_layers: int = whole(20, 2, 20, "Convolution layers")
    deep_activation: str = choice(
        "sigmoid", {"sigmoid": "Sigmoid", "tanh": "tanh", "relu": "ReLU"}, "Activation"
    )
    deep_start: str = choice(
        "glorot",
        {"naive": "Naive (0.01)", "glorot": "Glorot", "he": "He"},
        "Weights drawn from",
        "A normal distribution around zero. Its standard deviation is 0.01, or √(2 / (inputs + "
        "outputs)) of a layer, or √(2 / inputs).",
    )
    deep_of: str = choice(
        "weights",
        {"weights": "The weights", "activations": "The activations"},
        "Gradient of the loss by",
        "By its weights is what a layer learns from; by its activations is what is handed back "
        "from layer to layer.",
    )
    deep_draw: int = whole(0, 0, 999, "Draw")
    deep_rate: str = choice(
        "0.02", {rate: rate for rate in ("0.1", "0.02", "0.005")}, "Learning rate"
    )

    @property
    def trial(self) -> vanishing.Trial:
        """The network that is measured."""
        return vanishing.Trial(
            self.deep_layers,
            self.deep_activation,  # type: ignore[arg-type]  # one of its choices
            self.deep_start,  # type: ignore[arg-type]
            self.deep_draw,
        )


def show_vanishing() -> None:
    """Draw *Why depth was hard*: the gradient's size at each layer of a deep network."""
    controls, said, rates, trained = (st.container() for _ in range(4))

    @panel
    def measure_vanishing() -> None:
        """Three variants of one network, measured."""
        now = VanishingState.now()
        found = vanishing.measured(now.trial)
        with said:
            st.markdown(charts.verdict(found, now.deep_of))
            figures.show(charts.curves(found, now.deep_of), "vanishing")
            st.markdown(charts.table(found, now.deep_of))
            st.caption(
                "Root mean square (RMS) over all weights, or values, of a layer; loss: "
                f"cross-entropy in nats, mean of {vanishing.IMAGES} test images."
            )

    @panel
    def train_vanishing() -> None:
        """The first steps of training of each variant, piece by piece."""
        now = VanishingState.now()
        work, what = vanishing.training(now.trial, float(now.deep_rate)), (now.trial, now.deep_rate)
        token = crc32(repr(what).encode())
        wanted = st.session_state.get(_TRAINED) == what
        if wanted and progress.asked(key="deep_training", reset=token):
            end = time.monotonic() + PIECE
            work.step()
            while work.done < 1 and time.monotonic() < end:
                work.step()
        with trained:
            if work.done == 1:
                st.markdown(charts.learnt(work.losses))
                figures.show(charts.losses(work.losses), "deep_losses")
            elif wanted:
                said = f"Taking {vanishing.STEPS} steps with each of the three networks …"
                progress.show(work.done, said, key="deep_training", reset=token)
                st.button(
                    "Stop", icon=":material/stop:", key="deep_stop", on_click=_train, args=((),)
                )
            else:
                st.button(
                    f"Take {vanishing.STEPS} steps of training with each",
                    icon=":material/play_arrow:",
                    key="deep_train",
                    on_click=_train,
                    args=(what,),
                    help="Stochastic gradient descent with momentum on test images, a few seconds.",
                )

    @panel
    def choose_vanishing() -> None:
        """What the network is made of, and another draw of its weights."""
        with controls:
            names = ("deep_layers", "deep_activation", "deep_start", "deep_of")
            now = VanishingState.controls(*names, redraw=PANELS)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    "Another draw",
                    icon=":material/casino:",
                    key="deep_another",
                    on_click=_draw_again,
                    help="New weights from the same distribution.",
                )
                st.caption(
                    f"Draw {now.deep_draw} · {vanishing.MAPS} maps a layer, 3×3 kernels, "
                    f"{vanishing.IMAGES} test images, one backward pass each"
                )

    choose_vanishing()
    measure_vanishing()
    with rates:
        VanishingState.controls("deep_rate", redraw=("train_vanishing",))
    train_vanishing()


def _draw_again() -> None:
    draw = (VanishingState.now().deep_draw + 1) % 1000
    address.say(VanishingState.take(deep_draw=draw))
    redraw("choose_vanishing", *PANELS)


def _train(what: tuple[object, ...]) -> None:
    """From here on the progress bar asks for step after step; for nothing, no more."""
    st.session_state[_TRAINED] = what
    redraw("train_vanishing")
