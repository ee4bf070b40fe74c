"""Backprop: one image's loss, and its gradient on the way back to every weight and pixel."""

import streamlit as st

from explorer.data import mnist
from explorer.state import backprop, given, steepness, stepping, travel, walking
from explorer.view import costs, inside, text
from explorer.view.panel import panel

STATE = backprop.BackpropState
FOLLOW = ("choose_target", "see_loss", *walking.PANELS, *steepness.PANELS, *stepping.PANELS)
HAND = ("choose_target", "see_loss", *walking.PANELS)
"""What follows a hand on the time slider."""

images, settings, time = st.container(), st.container(), st.container()
picture, lost = st.columns([1, 4], gap="medium")


@panel
def choose_image() -> None:
    """The row in which a test image is picked."""
    with images:
        given.picker(lambda: STATE.now().network, redraw=("choose_image", *FOLLOW))


@panel
def choose_target() -> None:
    """Network, target and cost; what the target is called follows the input."""
    given.readdress()
    backprop.target()
    with settings:
        STATE.controls("network", "target", "cost", redraw=(*FOLLOW, travel.PANEL))


@panel
def see_loss() -> None:
    """The input, and what it costs."""
    found, current, names = backprop.current(), given.current(), mnist.class_names()
    with picture:
        inside.given(current.image, found.probabilities, names, current.label)
    with lost:
        costs.show(found, names)


choose_image()
choose_target()
with time:
    travel.show(STATE, redraw=HAND, rest=FOLLOW)
see_loss()
with picture:
    st.page_link("../pages/draw.py", label="Draw another", icon=":material/draw:")
text.section("backprop", "Backward, layer by layer")
walking.show()
with travel.at_rest("weights"):
    text.section("backprop", "The gradient of every weight")
    steepness.show(follow=stepping.WEIGHT_PANELS)
    text.section("backprop", "Nudge it")
    stepping.show_nudge()
    text.section("backprop", "Take the step")
    stepping.show_step()
    text.section("backprop", "What the answer hangs on")
    stepping.show_saliency()
