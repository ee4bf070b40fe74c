"""Activation maps: everything that a layer answers, and how one of its maps came about."""

from zlib import crc32

import streamlit as st

from explorer.data import mnist
from explorer.network import exciting, making, zoo
from explorer.network.answers import answers, maps, most_exciting
from explorer.state import activations, given, networks, pin, travel
from explorer.view import inside, opened
from explorer.view.components import progress
from explorer.view.panel import panel

STATE = activations.ActivationsState
picture, choices = st.columns([1, 4], gap="medium")
seen, searching = picture.container(), picture.container()


@panel
def look_inside() -> None:
    """Input, layer and open map; opening another redraws this and nothing else."""
    given.readdress()
    now, current, classes = STATE.now(), given.current(), mnist.class_names()
    model = zoo.shared(now.network)
    place, found = activations.current(model.network), answers(model, current.image)
    with seen:
        inside.given(current.image, found.probabilities, classes, current.label)

    layer = maps(found, place.row, before=now.values == "before", ranked=now.order == "strength")
    index = layer.strongest if place.index is None else place.index
    which, travels = networks.lineage(now.network), networks.place(now.network) is not None
    if travels and place.index is None:  # the strongest is another one at another step
        activations.stay(model.network, place.row, index)
    token = crc32(repr((which, place.row.name, layer.order, place.version)).encode())
    picked = inside.layer(layer, index, scale=now.scale, key=f"maps-{token}")
    if picked is not None and picked != index:
        activations.opened(model.network, place.row, picked)
        index = picked
    note = st.empty()
    weights = making.weights(model, place.row.name)
    if weights is not None and weights.ndim == 4:
        inside.kernels(layer, weights, index, every=now.slices == "all", scale=now.scale)

    patches = opened.where(layer, index, current.image)
    part = making.made(model, found.after, place.row.name, index)
    shape = part.output.shape if part.operation in opened.LENSES else None
    where = f"{which} {place.row.name}"
    pinned, reset = pin.current("inside", shape, place=where, token=(token, index))
    opened.made(part, layer, index, pinned=pinned.cell, token=reset)
    inside.dead(layer, None, note)
    if patches is not None and travels and exciting.search(now.network).result is None:
        with patches:
            st.skeleton(height=320)
    elif patches is not None:
        with patches, st.skeleton(height=320):
            best = most_exciting(now.network, place.row, index)
            opened.exciting(best, layer, index, classes)
        inside.dead(layer, best.dead, note)


@panel
def search() -> None:
    """What excites the maps of a step of a run, looked for piece by piece while nobody drags."""
    name = STATE.now().network
    work, token = exciting.search(name), crc32(name.encode())
    if networks.place(name) is None or work.result or travel.moving():
        return
    if progress.asked(key="searching", reset=token):
        work.step()
    if work.result:
        st.rerun()  # once: what waits for it stands in another panel
    with searching:
        what = "Looking for what excites each map in 10,000 test images …"
        progress.show(work.done, what, key="searching", reset=token)


@panel
def choose_image() -> None:
    """The row in which a test image is picked."""
    given.picker(lambda: STATE.now().network, redraw=("choose_image", "look_inside"))


@panel
def choose_layer() -> None:
    """The layers of the network, and what is to be seen of their kernels."""
    network, redraw = zoo.shared(STATE.now().network).network, ("choose_layer", "look_inside")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        activations.picker(network, redraw)
        if activations.has_slices(network):
            STATE.controls("slices", redraw=redraw)


with choices:
    choose_image()
    FOLLOW = ("choose_layer", "look_inside", "search")
    STATE.controls("network", "values", "scale", "order", redraw=(*FOLLOW, travel.PANEL))
    travel.show(STATE, redraw=("look_inside",), rest=("search",))
    choose_layer()
look_inside()
search()
with picture:
    st.page_link("../pages/draw.py", label="Draw another", icon=":material/draw:")
