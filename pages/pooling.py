"""Pooling: shift a picture and see what pooling keeps, and measure it."""

import time
from zlib import crc32

import streamlit as st

from explorer import ops
from explorer.data import mnist
from explorer.network import shifts, unchanged, zoo
from explorer.network.answers import answers
from explorer.network.forgiving import reading
from explorer.ops import chain as blocks
from explorer.state import given, networks, pin, pooling, travel
from explorer.view import figures, measured, pooled, text
from explorer.view.components import progress, twins
from explorer.view.panel import panel, redraw

STATE = pooling.PoolingState
COMPARED = ("explore", "measure")
CHAIN = ("choose_kernel", "choose_window", "look_inside", *COMPARED)
NETWORK = ("read_original", "read_accuracy", *CHAIN)
HAND = ("choose_kernel", "look_inside", "read_original", "explore")
"""What follows a hand on the time slider."""

seen, choices, said = st.container(), st.container(), st.container()
with said:
    st.subheader("What the network says", anchor="what-the-network-says")
    images = st.container()
    original_bars, shifted_bars = st.columns(2, gap="large")


@panel
def explore() -> None:
    """Both chains and the shifted picture's probabilities; a drag redraws this and nothing else."""
    report = twins.read(reset=pooling.current().version)
    words = pooling.moved(report) | given.readdress()
    now, hand, current = STATE.now(), pooling.current(), given.current()
    chain = pooling.chain(now)
    found = blocks.shift(chain, current.image, hand.dx, hand.dy, now.share, back=now.back)
    network, names = zoo.shared(now.network), mnist.class_names()
    pictures = (current.image, ops.translate(current.image, hand.dx, hand.dy))
    original, shifted = (answers(network, picture).probabilities for picture in pictures)
    reads = [(names[p.argmax()], float(p.max())) for p in (original, shifted)]
    with seen:
        pooled.headline(found, now.share, back=now.back, reads=reads)
    with shifted_bars:
        pooled.chances(shifted, names, current.label, key="shifted-bars", title="Shifted")
    with seen:
        pooled.show(
            chain,
            current.image,
            found,
            dx=hand.dx,
            dy=hand.dy,
            marks=now.marks,
            reset=hand.version,
            address=words,
            on_report=at_rest,
        )


def at_rest() -> None:
    """When the hand is at rest, what does not follow it catches up."""
    if not twins.read(reset=pooling.current().version).moving:
        lens = ("look_inside",) if STATE.now().lens == "shifted" else ()
        redraw(*lens, "read_accuracy", *COMPARED)


@panel
def read_original() -> None:
    """The original's probabilities."""
    current, network = given.current(), zoo.shared(STATE.now().network)
    with original_bars:
        chances = answers(network, current.image).probabilities
        names = mnist.class_names()
        pooled.chances(chances, names, current.label, key="original-bars", title="Original")


@panel
def choose_image() -> None:
    """The row in which a test image is picked."""
    follow = ("choose_image", "read_original", "look_inside", *COMPARED)
    given.picker(lambda: STATE.now().network, redraw=follow)


@panel
def choose_kernel() -> None:
    """The kernel of the blocks, and which one of the network's where it is one of them."""
    now = STATE.now()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="content"):
            STATE.controls("kernel", redraw=CHAIN)
        own = now.kernel == pooling.NETWORK_KERNEL
        if own and pooling.filters(now.network):
            pooling.filter_picker(now.network, redraw=("look_inside", *COMPARED))
        elif own:
            st.caption(f"The network “{now.network}” has no convolution: the blocks only pool.")
    if pooling.chain(now).blocks < int(now.blocks):
        st.caption(f"{now.blocks} blocks do not fit on 28×28 pixels: as many as do are shown.")


@panel
def choose_window() -> None:
    """Whose windows the lens shows, and of which block."""
    names = ("lens", "stage") if pooling.chain(STATE.now()).blocks > 1 else ("lens",)
    STATE.controls(*names, redraw=("look_inside",))


@panel
def look_inside() -> None:
    """One pooling under the lens."""
    now, hand, image = STATE.now(), pooling.current(), given.current().image
    chain = pooling.chain(now)
    index = min(int(now.stage), chain.blocks) - 1
    shifted = now.lens == "shifted"
    block = chain.run(ops.translate(image, hand.dx, hand.dy) if shifted else image)[index]
    same: tuple[object, ...] = chain.key
    if now.kernel == pooling.NETWORK_KERNEL and pooling.filters(now.network):
        # Its weights are others at another step of a run, and the lens stays where it is.
        which = pooling.current_filter(now.network)
        same = (networks.lineage(now.network), which, chain.pool, chain.window, chain.stride)
    token = (same, chain.blocks, index, now.lens)
    pinned, reset = pin.current("pool-lens", block.after.shape, token=token)
    pooled.window(chain, block, index, whose=now.lens, reset=reset, pinned=pinned.cell)


@panel
def measure() -> None:
    """The share of unchanged cells of 1,000 test images, and what the blocks can absorb."""
    if travel.moving():
        return
    now, hand = STATE.now(), pooling.current()
    chain, (name, way) = pooling.chain(now), pooling.direction(hand)
    work = unchanged.measurement(chain, now.share, back=now.back)
    token = crc32(repr((chain.key, now.tolerance, now.compare)).encode())
    if progress.asked(key="measuring", reset=token):
        end = time.monotonic() + 0.06
        while work.done < 1 and time.monotonic() < end:
            work.step()
    image = given.current().image
    here = blocks.unchanged(chain, image, way, now.share, back=now.back)
    with absorbing:
        held = blocks.unchanged(chain, image, way, now.share) if now.back else here
        st.markdown(measured.absorbs(chain, held, name, now.share))
    if work.done < 1:
        with shares:
            progress.show(work.done, "Shifting 1,000 test images …", key="measuring", reset=token)
        return
    with shares:
        figure = measured.shares(work.before, work.after, here, name, reach(hand))
        figures.show(figure, "share-unchanged")


@panel
def read_accuracy() -> None:
    """The accuracy of networks on shifted test images."""
    if travel.moving():
        return
    name, hand = STATE.now().network, pooling.current()
    work = reading(name)
    token = crc32(name.encode())
    if progress.asked(key="reading", reset=token):
        work.step()
    curves = {n: c for n, c in shifts.shipped().items() if n in measured.TRIALS}
    if work.curve:
        curves[name] = work.curve
    with accuracies:
        if work.curve is None and (work.done or st.session_state.get("read network") == name):
            what = f"Shifting all test images for the network “{name}” …"
            progress.show(work.done, what, key="reading", reset=token)
        elif work.curve is None:
            st.button(
                f"Measure the network “{name}” too",
                icon=":material/speed:",
                on_click=begin_reading,
                args=(name,),
                help="Reads test images at 33 shifts each, for at most five seconds.",
            )
        if curves:
            figures.show(measured.accuracies(curves, reach(hand)), "accuracy")


def begin_reading(name: str) -> None:
    """From here on the progress bar asks for piece after piece."""
    st.session_state["read network"] = name


def reach(hand: pooling.Shift) -> int:
    """The shift that the charts mark: along the axis in which it goes furthest."""
    return max(abs(hand.dx), abs(hand.dy))


with choices:
    STATE.controls("pool", "pool_size", "pool_stride", "blocks", redraw=CHAIN)
    choose_kernel()
    STATE.controls("compare", "tolerance", "marks", redraw=COMPARED)
with images:
    choose_image()
    STATE.controls("network", redraw=(*NETWORK, travel.PANEL))
    travel.show(STATE, redraw=HAND, rest=("measure", "read_accuracy"))
explore()
read_original()
st.subheader("Inside a window", anchor="inside-a-window")
choose_window()
look_inside()
text.section("pooling", "Measured")
with travel.at_rest("measured"):
    absorbing, (shares, accuracies) = st.container(), st.columns(2, gap="large")
measure()
read_accuracy()
