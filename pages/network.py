"""Network: the whole of it in one picture, from the pixels to the decision."""

import streamlit as st

from explorer.data import mnist
from explorer.network import making, zoo
from explorer.network.answers import answers, maps
from explorer.state import DrawState, given, network, operating, pin
from explorer.view import graph, opened, text
from explorer.view.components import digit_pad, network_graph
from explorer.view.panel import panel, redraw

pad, choices = st.columns([1, 5], gap="medium")
picture = st.container()
inside = st.container()
weights = st.container()


@panel
def explore() -> None:
    """The pad and the picture that follows it; a stroke redraws this and nothing else."""
    now = DrawState.now()
    report = digit_pad.read(reset=given.current().version)
    address = DrawState.take(brush=report.brush) if report.seq else {}
    address |= given.follow(report)
    current, model = given.current(), zoo.shared(now.network)
    found = answers(model, current.image)
    place = network.current(model.network, network_graph.read(reset=network.version()))
    made = making.made(model, found.after, place.row.name, place.index) if place.row else None
    with picture:
        graph.show(
            model.network,
            found,
            graph.weights(model.state_dict()),
            classes=mnist.class_names(),
            scale=now.scale,
            opened=(place.row, made, place.index) if place.row and made else None,
            reset=place.version,
            address=place.address(),
        )
    with inside:  # at each run, so that it has its place when a unit opens
        arithmetic = st.container()
    if place.row and made:
        part = f"{now.network} {place.row.name}"
        token = (part, place.index, place.version)
        shape = made.output.shape if made.operation in opened.LENSES else None
        pinned, reset = pin.current("inside", shape, place=f"{part} {place.index}", token=token)
        with arithmetic:
            opened.made(made, maps(found, place.row), place.index, pinned=pinned.cell, token=reset)
    with pad:
        digit_pad.show(
            strokes=current.strokes,
            background=None if current.index is None else current.image,
            brush=now.brush,
            reset=current.version,
            address=address,
            on_report=first_stroke,
            label="Draw",
        )


def first_stroke() -> None:
    """A drawing replaces the test image: then the choice of test images is redrawn too.

    Surgery follows when the stroke is finished.
    """
    if given.current().index is not None:
        redraw("explore", "choose")
    if not digit_pad.read(reset=given.current().version).drawing:
        redraw("explore", *operating.INPUT_PANELS)


@panel
def choose() -> None:
    """The row in which a test image is picked."""
    given.picker(
        lambda: DrawState.now().network, redraw=("choose", "explore", *operating.INPUT_PANELS)
    )


@panel
def send_weights() -> None:
    """The weights, for the edges and the formula cards: only when the network changes."""
    with weights:
        graph.send(graph.weights(zoo.shared(DrawState.now().network).state_dict()))


with choices:
    choose()
    follow = ("explore", "send_weights", *operating.PANELS)
    DrawState.controls("network", "scale", redraw=follow)
explore()
send_weights()
text.section("network", "Surgery")
operating.show()
