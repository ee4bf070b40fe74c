"""The panel of what the answer hangs on: four saliency maps of the current input.

:func:`show` draws it where it is called; another network or input redraws :data:`PANELS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from explorer.data import mnist
from explorer.network import saliency, zoo
from explorer.network.answers import answers
from explorer.state import DrawState, PageState, choice, given, whole
from explorer.view import saliency as view
from explorer.view.panel import panel

PANELS = ("explain_answer",)


@dataclass(frozen=True)
class WhyState(PageState):
    """The settings of the saliency maps."""

    why: str = choice(
        "read",
        {"read": "What it predicts", **{str(n): str(n) for n in range(10)}},
        "What the answer hangs on, for the class",
    )
    sanity: str = choice(
        "trained",
        {"trained": "Trained", "random": "Random"},
        "Weights",
        "The sanity check of Adebayo et al. (2018): a map that looks much the same with random "
        "weights shows the picture, and not what the network has learnt.",
    )
    patch: int = whole(5, 3, 7, "Occlusion: side of the patch")
    hop: str = choice("1", {"1": "1", "2": "2"}, "Pixels from patch to patch")


def show() -> None:
    """Draw what the answer hangs on, by four methods."""
    WhyState.controls("why", "sanity", "patch", "hop", redraw=PANELS)
    places = st.columns(5, gap="small")

    @panel
    def explain_answer() -> None:
        """The four maps of the current input."""
        now, image, names = WhyState.now(), given.current().image, mnist.class_names()
        trained = zoo.shared(DrawState.now().network)
        read = int(answers(trained, image).probabilities.argmax())
        about = read if now.why == "read" else min(int(now.why), len(names) - 1)
        model = trained if now.sanity == "trained" else saliency.untrained(trained)
        row = saliency.cam_layer(model)
        draw: tuple[Callable[[], None], ...] = (
            lambda: view.given(image, _about(names[about], about == read, now.sanity)),
            lambda: view.gradient(saliency.gradient(model, image, about)),
            lambda: view.integrated(saliency.integrated(model, image, about), saliency.STEPS),
            lambda: view.cam(
                saliency.grad_cam(model, image, about),
                row.name if row else "",
                row.field.size if row and row.field else 0,
            ),
            lambda: view.occlusion(
                saliency.occlusion(model, image, about, now.patch, int(now.hop)), now.patch
            ),
        )
        for place, show in zip(places, draw, strict=True):
            with place:
                show()

    explain_answer()


def _about(name: str, predicted: bool, weights: str) -> str:
    what = "which the network predicts" if predicted else "which the network does not predict"
    text = f"All maps are about the logit of **{name}**, {what}. Red speaks for it, blue against."
    if weights == "random":
        text += (
            " Here its weights are **random**: whatever you still recognise comes from the picture "
            "and the layers, and not from learning."
        )
    return text
