"""Convolution: a kernel in the hand, and the arithmetic of every output pixel."""

import streamlit as st

from explorer import ops
from explorer.data import pictures
from explorer.ops import kernels, matching
from explorer.state import ConvolutionState, FindState, given, kernel, patch, picture, pin
from explorer.view import convolved, found, text
from explorer.view.components import kernel_editor, lens
from explorer.view.panel import panel, redraw

editor_side, seen = st.columns([2, 5], gap="medium")
editor, presets = editor_side.container(), editor_side.container()


@panel
def convolve() -> None:
    """Kernel and lens; moving a weight redraws this and nothing else."""
    now = ConvolutionState.now()
    words = kernel.edited(kernel_editor.read(reset=kernel.current().version))
    hand = kernel.current()
    shown = picture.chosen(now.picture, int(now.side), now.colour != "grey")
    turned = ops.flip(hand.weights) if now.flip == "on" else hand.weights
    weights = kernels.slices(turned, now.colour if len(shown.pixels) == 3 else "grey")
    how = (int(now.stride), now.padding, int(now.dilation))
    with seen_lens:
        try:
            output = ops.convolve(shown.pixels, weights, *how, bias=hand.bias)
        except ValueError as error:
            st.warning(f"Nothing to show: {error}.", icon=":material/straighten:")
        else:
            pads = [ops.pads(n, len(turned), *how) for n in shown.pixels.shape[1:]]
            pinned, reset = pin.current("lens", output.shape)
            relu = now.relu == "on"
            convolved.show(
                shown, output, weights, hand.bias, how[0], how[2], pads, relu, pinned.cell, reset
            )
    with editor:
        kernel_editor.show(
            hand.weights,
            bias=hand.bias,
            origin=hand.origin,
            reset=hand.version,
            address=words | given.readdress(),
            on_report=edited,
        )


def edited() -> None:
    """When a weight has come to rest, the choice of presets says that it is another kernel."""
    if not kernel_editor.read(reset=kernel.current().version).dragging:
        redraw("convolve", "choose_kernel")


@panel
def choose_kernel() -> None:
    """Presets, size, and what can be done to the kernel in hand."""
    kernel.picker(redraw=("choose_kernel", "convolve"))


@panel
def ask() -> None:
    """The upload or the camera, where the picture is to be the user's own."""
    picture.ask(ConvolutionState.now().picture, redraw=("convolve",))


@panel
def find() -> None:
    """A box around a detail becomes a kernel, and its map is searched on two photographs."""
    now = FindState.now()
    even, boxes = now.even == "on", ("box", "box2")
    for name in boxes:
        seen = lens.read(key=f"find-{name}", reset=patch.current(name, now.find).version)
        patch.drawn(name, now.find, seen)
    here = [patch.current(name, now.find) for name in boxes]
    chosen = here[int(now.slot) - 1]
    try:
        features = [matching.template(patch.cut(now.find, even, p.box)) for p in here]
    except ValueError as error:
        st.warning(f"No kernel: {error}.", icon=":material/crop_free:")
        features = [matching.template(patch.cut(now.find, even, patch.start(now.find)))] * 2
    feature = features[int(now.slot) - 1]
    for photo in dict.fromkeys((now.find, now.also)):
        pixels = patch.searched(photo, even)
        answers = matching.response(pixels, feature)
        peaks = matching.peaks(answers, int(now.count), min(feature.shape) // 2)
        found.show(
            pixels,
            feature,
            answers,
            [(peak.row, peak.column) for peak in peaks],
            patch.on_eyes(photo, peaks, chosen.box),
            title=pictures.PHOTOS[photo].title,
            key=f"find-{boxes[int(now.slot) - 1]}" if photo == now.find else "find-also",
            alt=pictures.PHOTOS[photo].alt,
            evened=even,
            has_eyes=bool(pictures.PHOTOS[photo].eyes),
            box=chosen.box if photo == now.find else None,
            reset=chosen.version,
        )
    if now.compare == "on":
        maps = [matching.response(patch.searched(now.find, even), f) for f in features]
        found.compare(features, maps, ("First kernel", "Second kernel"))


with seen:
    ConvolutionState.controls("picture", redraw=("ask", "convolve"))
    ask()
    seen_lens = st.container()
    rest = ("stride", "padding", "dilation", "relu", "flip", "side", "colour")
    ConvolutionState.controls(*rest, redraw=("convolve",))
with presets:
    choose_kernel()
convolve()

text.section("convolution", "Find a feature")
FindState.controls("find", "also", "slot", "count", "even", "compare", redraw=("find",))
find()
