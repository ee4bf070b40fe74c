"""Depth: what each layer prefers, what more layers buy, what a unit sees, why depth was hard."""

import streamlit as st

from explorer.network import depths, zoo
from explorer.state import depth, given, seeing, travel
from explorer.view import compared, facts, text
from explorer.view.panel import panel

STATE = depth.DepthState
FOLLOW = (*depth.PANELS, *seeing.PANELS)
choices, row = st.container(), st.container()


@panel
def tell() -> None:
    """The network in a row of facts."""
    with row:
        facts.show(zoo.shared(STATE.now().network).network)


@panel
def choose_input() -> None:
    """The row in which a test image is picked."""
    given.picker(lambda: STATE.now().network, redraw=("choose_input", *seeing.PANELS))


with choices:
    STATE.controls("network", redraw=(*FOLLOW, travel.PANEL))
    travel.show(STATE, redraw=("tell",), rest=FOLLOW)
tell()
text.section("depth", "The hierarchy, seen")
with travel.at_rest("hierarchy"):
    depth.show_hierarchy()
text.section("depth", "What more layers buy")
compared.show(depths.measured())
text.section("depth", "Receptive field")
choose_input()
with travel.at_rest("field"):
    seeing.show_field()
text.section("depth", "Why depth was hard")
seeing.show_vanishing()
