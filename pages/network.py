"""Network: the whole of it in one picture, from the pixels to the decision."""

import streamlit as st

from explorer.data import mnist
from explorer.network import making, surgery, zoo
from explorer.network.answers import answers, maps
from explorer.state import DrawState, given, network, networks, operating, pin, travel
from explorer.state import surgery as operation
from explorer.state.late import late
from explorer.view import graph, opened, text
from explorer.view.components import digit_pad, network_graph
from explorer.view.panel import panel, redraw

PICTURE = ("explore", "send_kernels", "send_dense")
MANY = 100_000
"""More weights than this do not follow a hand."""
FOLLOW = ("choose", *PICTURE, *operating.PANELS, travel.PANEL)

pad, choices, picture = graph.places()
inside = st.container()
kernels, dense = st.container(), st.container()


@panel
def explore() -> None:
    """The pad and the picture that follows it; a stroke redraws this and nothing else."""
    now = DrawState.now()
    report = digit_pad.read(reset=given.current().version)
    address = DrawState.take(brush=report.brush) if report.seq else {}
    address |= given.follow(report)
    current, done = given.current(), operation.edits(now.network)
    both = zoo.shared(now.network), operation.operated(now.network, done)
    seen = network_graph.read(reset=network.version())
    place = network.current(both[0].network, seen, edited=bool(done))
    model, other = both if place.original else both[::-1]
    found = answers(model, current.image)
    made = making.made(model, found.after, place.row.name, place.index) if place.row else None
    with picture:
        graph.show(
            model.network,
            found,
            graph.weights(model.state_dict()),
            classes=mnist.class_names(),
            scale=now.scale,
            opened=(place.row, made, place.index) if place.row and made else None,
            edited=network_graph.Edited(
                len(done), place.original, answers(other, current.image).probabilities
            )
            if done
            else None,
            touched=surgery.touched(done),
            off=surgery.switched_off(done),
            reset=place.version,
            address=place.address(),
            on_report=turned,
        )
    with inside:  # at each run, so that it has its place when a unit opens
        arithmetic = st.container()
    if place.row and made:
        part = f"{networks.lineage(now.network)} {place.row.name}"
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
            compact=True,
        )


def turned() -> None:
    """Between the edited network and the original: the weights are others too."""
    if network_graph.read(reset=network.version()).original != network.original():
        redraw(*PICTURE)


def following(layer: str) -> tuple[str, ...]:
    """What follows a hand at the weights of a layer; very many weights are sent when it rests."""
    weights = shown_weights()
    part = graph.part_of(weights[layer])
    if part == "kernels":
        return ("explore", "send_kernels")
    size = sum(a["weight"].size for a in weights.values() if graph.part_of(a) == part)
    return ("explore", "send_dense") if size < MANY else ("explore",)


def first_stroke() -> None:
    """A drawing replaces the test image: then the choice of test images is redrawn too.

    Surgery follows when the stroke is finished, and is marked until then.
    """
    also = ("choose",) if given.current().index is not None else ()
    if not digit_pad.read(reset=given.current().version).drawing:
        also += operating.INPUT_PANELS
    if before := (*operating.marks(), *also):
        redraw(*before, "explore")


@panel
def choose() -> None:
    """The row in which a test image is picked, the network, and the colours."""
    another = ("choose", "explore", *operating.INPUT_PANELS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given.numbers(redraw=another)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given.chances(lambda: DrawState.now().network, redraw=another)
        DrawState.controls("network", "scale", redraw=FOLLOW)


def shown_weights() -> graph.Weights:
    """Those of the network in the picture."""
    name = DrawState.now().network
    done = () if network.original() else operation.edits(name)
    return graph.weights(operation.operated(name, done).state_dict())


@panel
def send_kernels() -> None:
    """The convolutions' weights, for edges and formula cards: only when they change."""
    with kernels:
        graph.send(shown_weights(), "kernels")


@panel
def send_dense() -> None:
    """The dense layers' weights, which are many."""
    with dense:
        graph.send(shown_weights(), "dense")


def travelled() -> tuple[str, ...]:
    """What follows a hand on the time slider; very many weights are sent when it rests."""
    size = sum(w.size for kinds in shown_weights().values() for w in kinds.values())
    return PICTURE if size < MANY else ("explore", "send_kernels")


@late
def operate_on_it() -> None:
    """Surgery, below the picture."""
    operating.show(picture=PICTURE, following=following, networks=("choose",))


with choices:
    choose()
    travel.show(DrawState, redraw=travelled, rest=("send_dense", *operating.PANELS))
explore()
send_kernels()
send_dense()
with travel.at_rest("surgery"):
    text.section("network", "Surgery")
    operate_on_it()
