"""Fully connected: from maps to a decision, and a person from parts."""

import time
from zlib import crc32

import streamlit as st

from explorer.data import mnist
from explorer.network import patterns, zoo
from explorer.network.answers import IMAGE, Answers, answers
from explorer.network.architecture import CNN
from explorer.network.contributions import contributions
from explorer.network.layers import Flatten
from explorer.state import address, assembly, dense, given, travel
from explorer.state.given import Given
from explorer.view import answer, patterned, text, weighed
from explorer.view import dense as view
from explorer.view.components import assembly as hand_of
from explorer.view.components import cloud, digit_pad, progress, softmax, stash, timeline
from explorer.view.panel import panel, redraw

STATE = dense.DenseState
PAD = "dense_pad"
NEAREST = 8
FOLLOW = ("choose_view", "gather", "explore")

hand, right = st.columns([2, 3], gap="medium")
pad, verdict, choices = hand.container(), hand.container(), hand.container()
options, gathered, seen = right.container(), right.container(), right.container()


@panel
def explore() -> None:
    """The pad and the view that is open; a stroke redraws this and nothing else."""
    words = given.follow(digit_pad.read(key=PAD, reset=given.current().version))
    warmth = softmax.read(reset=heat_token())
    if warmth.current:
        said = STATE.take(heat=warmth.heat)
        words |= {} if warmth.moving else said
    now, current = STATE.now(), given.current()
    model = zoo.shared(now.network)
    found = answers(model, current.image)
    with verdict:
        names, chances = mnist.class_names(), found.probabilities
        best, second = (int(i) for i in (-chances).argsort()[:2])
        texts = [answer.percent(float(c)) for c in chances]
        st.markdown(f"**{answer.verdict(names, texts, best, second, current.label)}**")
    with seen:
        VIEWS[now.view](now, model, current, found)
    with pad:
        digit_pad.show(
            key=PAD,
            strokes=current.strokes,
            background=None if current.index is None else current.image,
            reset=current.version,
            address=words,
            on_report=first_stroke,
        )


def first_stroke() -> None:
    """A drawing replaces the test image: then the choice of test images is redrawn too."""
    if given.current().index is not None:
        redraw("explore", "choose_image")


def speak(now: dense.DenseState, model: CNN, current: Given, found: Answers) -> None:
    """Who spoke for a class."""
    rows = model.network.rows
    logits = found.after[rows[-1].name]
    about, than = dense.classes(now, logits)
    parts = contributions(model, current.image, about, than)
    units = found.after[rows[-2].name if len(rows) > 1 else IMAGE]
    view.spoke(parts, rows, units, mnist.class_names(), about, than)


def flatten(now: dense.DenseState, model: CNN, current: Given, found: Answers) -> None:
    """Every slot of the vector, and its pixel."""
    rows = model.network.rows
    place = next(i for i, row in enumerate(rows) if isinstance(row.layer, Flatten))
    name = rows[place - 1].name if place else IMAGE
    first = patterns.row_of(model.network)
    title = name if place else "The input"
    view.flattened(found.after[name], title, first.output_shape[0], first.name)


def heat_token() -> int:
    """Changes when something else than the slider chose the temperature."""
    kept = st.session_state.setdefault("dense heat", [STATE.now().heat, 0])
    now, seen_last = STATE.now().heat, softmax.read(reset=kept[1])
    if now not in (kept[0], seen_last.heat if seen_last.current else None):
        kept[1] += 1
    kept[0] = now
    return int(kept[1])


def soften(now: dense.DenseState, model: CNN, current: Given, found: Answers) -> None:
    """Softmax with its numbers."""
    logits = found.after[model.network.rows[-1].name]
    lines, total = view.softmax_lines(logits, now.temperature, mnist.class_names())
    st.markdown(text.prose("dense").sections["Softmax"])
    softmax.show(
        lines,
        total=total,
        heat=now.heat,
        temperature=f"{now.temperature:.2f}",
        reset=heat_token(),
    )


def compare(now: dense.DenseState, model: CNN, current: Given, found: Answers) -> None:
    """Two inputs, their patterns, and what is typical."""
    other = dense.second()
    one, two = (patterns.pattern(model, g.image) for g in (current, other))
    gap, angle = patterns.distance(one, two), patterns.cosine(one, two)
    result = patterns.gathering(now.network).result
    alike = None
    if current.label is not None and other.label is not None:
        alike = current.label == other.label
    titles = (called("This input", current), called("The other", other))
    name = patterns.row_of(model.network).name
    words = patterned.verdicts(gap, angle, result, alike)
    patterned.compared(one, two, titles, name, words)
    if result is not None:
        patterned.spreads(result, gap, angle)
    patterned.other(other.image)


def called(start: str, which: Given) -> str:
    """An input in a few words."""
    what = "a drawing" if which.index is None else f"test image {which.index}, a {which.label}"
    return f"{start}: {what}"


def plane(now: dense.DenseState, model: CNN, current: Given, found: Answers) -> None:
    """The patterns of the test set in two dimensions."""
    result = patterns.gathering(now.network).result
    if result is None:
        if travel.moving():
            st.caption(timeline.WAITS)
        return
    own = patterns.pattern(model, current.image)
    near = [
        cloud.Near(i, int(result.labels[i]), gap)
        for i, gap in result.nearest(own, NEAREST, current.index)
    ]
    x, y = result.plane.project(own)
    patterned.plane_words(result, patterns.row_of(model.network).name, own.size)
    cloud.show(
        f"cloud {now.network}",
        own=(float(x), float(y)),
        near=near,
        names=mnist.class_names(),
        alt="The test images by their activation patterns, in two dimensions.",
        on_picked=picked,
    )


def picked() -> None:
    """A point of the cloud was chosen: it is compared with the input."""
    choice = cloud.read(len(mnist.test_set()[0]))
    if choice.index is not None:
        dense.compare_with(choice.index)
        address.say(STATE.take(view="compare"))
        redraw(*FOLLOW)


VIEWS = {
    "speak": speak,
    "flatten": flatten,
    "softmax": soften,
    "compare": compare,
    "map": plane,
}


@panel
def gather() -> None:
    """The patterns of the test set: first their progress, then what the browser keeps of them."""
    now = STATE.now()
    with gathered:  # at each run, so that it has its place when a view asks for them
        place = st.container()
    if not now.patterned or travel.moving():
        return
    work = patterns.gathering(now.network)
    token = crc32(now.network.encode())
    began = work.result is None
    if began and progress.asked(key="gathering", reset=token):
        end = time.monotonic() + 0.06
        while work.result is None and time.monotonic() < end:
            work.step()
    with place:
        if work.result is None:
            what = "Reading the 10,000 test images …"
            progress.show(work.done, what, key="gathering", reset=token)
        elif now.view == "map":
            stash.show(dense.sheet(), key="sheet")
            stash.show(dense.points(f"cloud {now.network}", work.result), key="points")
    if began and work.result is not None:
        st.rerun()  # once: what waits for the patterns stands in another panel


@panel
def choose_image() -> None:
    """The row in which a test image is picked."""
    given.picker(lambda: STATE.now().network, redraw=("choose_image", "explore"))


@panel
def choose_view() -> None:
    """What is seen, and the view's own choices."""
    now = STATE.controls("view", redraw=FOLLOW)
    if now.view == "speak":
        STATE.controls("about", "than", redraw=("explore",))
    elif now.view == "compare":
        dense.picker(redraw=("choose_view", "explore"))


@panel
def assemble() -> None:
    """A person from parts; a frame or a slider redraws this and nothing else."""
    report = hand_of.read(len(assembly.NAMES), reset=assembly.current().version)
    words = assembly.moved(report)
    held, now = assembly.current(), assembly.PartsState.now()
    try:
        found, cover = assembly.judged(held, now)
    except ValueError as error:
        st.warning(f"No kernel: {error}.", icon=":material/crop_free:")
        found, cover = assembly.judged(assembly.Hand(), now)
    hand_of.show(
        assembly.NAMES,
        held.boxes,
        held.weights,
        held.threshold,
        found,
        cover=None if cover is None else (*cover[0], cover[1]),
        reset=held.version,
        address=words,
    )


@panel
def weigh() -> None:
    """The parameters, to scale."""
    name = STATE.now().network
    title = STATE.__dataclass_fields__["network"].metadata["options"]().get(name, name)
    networks = [(title, zoo.shared(name).network)]
    if name != "article":
        networks.append(("For comparison, article", zoo.shared("article").network))
    weighed.show(networks)


with options:
    choose_view()
with choices:
    STATE.controls("network", redraw=(*FOLLOW, "weigh", travel.PANEL))
    travel.show(STATE, redraw=("explore",), rest=("gather",))
    choose_image()
explore()
gather()
text.section("dense", "A person from parts")
with st.container(horizontal=True, vertical_alignment="bottom"):
    assembly.PartsState.controls("pooling", "hide", redraw=("assemble",))
    st.button(
        "As it was", icon=":material/restart_alt:", on_click=assembly.reset, key="parts_reset"
    )
stash.show(assembly.photographs(), key="photographs")
assemble()
text.section("dense", "The parameters, to scale")
weigh()
