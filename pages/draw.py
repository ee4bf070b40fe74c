"""Draw: a digit on the pad, and every layer's answer while it is drawn."""

import streamlit as st
import torch

from explorer.data import mnist
from explorer.network import zoo
from explorer.network.trace import trace
from explorer.state import DrawState, given, travel
from explorer.view import answer, layers
from explorer.view.components import digit_pad
from explorer.view.panel import panel, redraw

pad, reading = st.columns([1, 2], gap="medium")
verdict, tests = reading.container(), reading.container()
settings, maps = st.container(), st.container()


@panel
def explore() -> None:
    """The pad and everything that follows it; a stroke redraws this and nothing else."""
    now = DrawState.now()
    report = digit_pad.read(reset=given.current().version)
    address = DrawState.take(brush=report.brush) if report.seq else {}
    address |= given.follow(report)
    current = given.current()

    model = zoo.shared(now.network)
    with torch.inference_mode():
        outputs = trace(model, torch.from_numpy(current.image)[None, None])
    shown = outputs if now.values == "after" else outputs.before

    with verdict:
        chances = outputs.probabilities[0].numpy()
        answer.show(current.image, chances, mnist.class_names(), current.label)
    with maps:
        values = {name: output[0].numpy() for name, output in shown.items()}
        layers.show(model.network.rows, values, now.scale)
    with pad:
        digit_pad.show(
            strokes=current.strokes,
            background=None if current.index is None else current.image,
            brush=now.brush,
            reset=current.version,
            address=address,
            on_report=first_stroke,
        )


def first_stroke() -> None:
    """A drawing replaces the test image: then the choice of test images is redrawn too."""
    if given.current().index is not None:
        redraw("explore", "choose")


@panel
def choose() -> None:
    """The row in which a test image is picked."""
    given.picker(lambda: DrawState.now().network, redraw=("choose", "explore"))


with settings:
    DrawState.controls("network", "values", "scale", redraw=("explore", travel.PANEL))
    travel.show(DrawState, redraw=("explore",))
with tests:
    choose()
explore()
