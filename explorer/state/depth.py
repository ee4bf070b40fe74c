"""What the page *Depth* shows of a network's hierarchy: its settings, and the map that is open.

The open map stands in the address as ``prefers=<layer>_<number>``. A map that is not among those
that are shown counts as none: then the first one of the deepest convolution layer is open.

The ascents are made piece by piece, whenever the progress bar asks, and kept for everybody. A
person can stop them and go on.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
import streamlit as st

from explorer.data import mnist
from explorer.network import ascents, exciting, synthesis, zoo
from explorer.network.answers import Exciting, answers, most_exciting
from explorer.network.architecture import Network, Row
from explorer.network.layers import Conv2D, Dense
from explorer.state import DrawState, PageState, address, choice, like, travel
from explorer.state.network import read
from explorer.view import hierarchy as view
from explorer.view.components import progress
from explorer.view.panel import panel

PANELS = ("tell", "climb")
"""The panels to redraw for another network."""

PIECE = 0.15
"""Seconds of work between two pictures of it, and two looks at what else a person wants."""

STRIDE = 8
"""Steps that are taken in any case: on a busy machine pictures cost more than steps."""

FEW, MOST, COLUMNS = 8, 32, 4
"""How many maps of a layer are shown, where they are not the classes; how many in one card, as wide
as a phone."""

WIDEST = 760
"""CSS pixels of the cards of all maps: in wider ones a line would hold two of theirs."""

_OPEN, _VERSION = "preferred map", "preferred map version"
_STOPPED, _ASKED = "ascents stopped", "ascents asked for"


@dataclass(frozen=True)
class DepthState(PageState):
    """The settings of the page *Depth*."""

    network: str = like(DrawState, "network")
    maps: str = choice(
        "few",
        {"few": f"{FEW} of each", "all": "All"},
        "Maps of a layer",
        f"Of a layer with more than {MOST} of them, all means the first {MOST}.",
    )
    held: str = choice(
        "smooth",
        {"smooth": "Regularised", "free": "Not at all"},
        "The ascent is",
        "Regularised: the gradient is blurred, differences of neighbouring pixels and ink cost "
        "something, and what sees the whole image is jittered by up to two pixels at each step.",
    )
    noise: str = choice(
        "0",
        {n: n for n in "0123"},
        "Starts from noise",
        "Each number is another sheet of random grey, from which the same map is made again.",
    )


@dataclass(frozen=True)
class Place:
    """The map that is open; ``version`` changes when an address chose it."""

    row: Row
    index: int
    version: int


def layers(network: Network) -> list[Row]:
    """The layers whose maps or units have weights of their own for what they read."""
    return [row for row in network.rows if isinstance(row.layer, Conv2D | Dense)]


def first_row(network: Network) -> Row:
    """The layer that is open without a choice: the deepest convolution, or the first of all."""
    rows = layers(network)
    return next((row for row in reversed(rows) if isinstance(row.layer, Conv2D)), rows[0])


def shown(row: Row, how: str) -> tuple[int, ...]:
    """The numbers of the maps of a layer that are shown; of the classes always all."""
    most = MOST if how == "all" or row.name == "output" else FEW
    return tuple(range(min(row.output_shape[0], most)))


def chunks(maps: Sequence[int]) -> list[tuple[int, ...]]:
    """The maps in lines of at most :data:`COLUMNS`, as even as possible.

    >>> chunks(range(10))
    [(0, 1, 2, 3), (4, 5, 6), (7, 8, 9)]
    """
    lines = np.array_split(np.asarray(maps), -(-len(maps) // COLUMNS))
    return [tuple(int(index) for index in line) for line in lines]


def current(network: Network, how: str) -> Place:
    """The open map, as the address has it where that is news."""
    memory = st.session_state
    if said := address.news("prefers"):
        memory[_OPEN] = read(said["prefers"])
        memory[_VERSION] = memory.get(_VERSION, 0) + 1
    rows = layers(network)
    version, name_and_index = memory.get(_VERSION, 0), memory.get(_OPEN)
    place = Place(first_row(network), 0, version)
    if name_and_index:
        name, index = name_and_index
        row = next((row for row in rows if row.name == name), None)
        if row is not None and index in shown(row, how):
            place = Place(row, index, version)
    address.owe(_words(network, place))
    return place


def open_map(network: Network, row: Row, index: int) -> None:
    """Remember that a map was opened."""
    st.session_state[_OPEN] = row.name, index
    address.say(_words(network, Place(row, index, 0)))


def _words(network: Network, place: Place) -> dict[str, str]:
    first = place.row is first_row(network) and not place.index
    return {"prefers": "" if first else f"{place.row.name}_{place.index}"}


class Work:
    """The ascents of all maps that are shown, and the search for the patches that they prefer.

    Args:
        network: its key.
        now: the settings.
    """

    def __init__(self, network: str, now: DepthState) -> None:
        held = synthesis.SMOOTH if now.held == "smooth" else synthesis.FREE
        self.network = network
        self.rows = layers(zoo.shared(network).network)
        self.maps = {row.name: shown(row, now.maps) for row in self.rows}
        self.ascents = {
            row.name: ascents.ascents(network, row.name, held, int(now.noise)) for row in self.rows
        }
        self.search = exciting.search(network)

    @property
    def under_way(self) -> Row | None:
        """The first layer whose ascents are not at their end."""
        unfinished = (r for r in self.rows if self.ascents[r.name].done(self.maps[r.name]) < 1)
        return next(unfinished, None)

    @property
    def done(self) -> float:
        """The share that is done, in [0, 1]."""
        shares = [self.ascents[row.name].done(self.maps[row.name]) for row in self.rows]
        return (sum(shares) + self.search.done) / (len(shares) + 1)

    def step(self) -> None:
        """A few steps of one layer, or one batch of the search."""
        row = self.under_way
        if row is None:
            self.search.step()
            return
        for _ in range(STRIDE):
            self.ascents[row.name].step(self.maps[row.name])

    def said(self) -> str:
        """What is being done, in a few words."""
        row = self.under_way
        if row is None:
            return "Reading 10,000 test images …"
        share = self.ascents[row.name].done(self.maps[row.name])
        return f"{row.name}: step {share * synthesis.STEPS:.0f} of {synthesis.STEPS} …"

    def sections(self, *, patches: bool) -> list[view.Section]:
        """What is there, in the order in which it is shown, with or without the patches."""
        return [
            view.Section(
                row,
                maps,
                np.stack([self._made(row, index) for index in maps]),
                [_preferred(self.network, row, index) for index in maps] if patches else None,
            )
            for row in self.rows
            for maps in chunks(self.maps[row.name])
        ]

    def _made(self, row: Row, index: int) -> ascents.Floats:
        """What the open unit sees of its input; empty paper before the ascent has begun."""
        ascent = self.ascents[row.name].get(index)
        side = zoo.shared(self.network).network.input_shape[1:]
        image = np.zeros(side, np.float32) if ascent is None else ascent.image
        return exciting.patch(image, row.field, *synthesis.middle(row))

    def opened(self, place: "Place", *, patches: bool) -> view.Opened:
        """All that is known of one map."""
        row, index = place.row, place.index
        ascent, chance = self.ascents[row.name].get(index), None
        if ascent is not None and view.noun(row) == "class":
            found = answers(zoo.shared(self.network), ascent.image)
            chance = float(found.probabilities[index])
        return view.Opened(
            row,
            index,
            self._made(row, index),
            () if ascent is None else ascent.values,
            _preferred(self.network, row, index) if patches else None,
            chance,
        )


@lru_cache(maxsize=1024)
def _preferred(network: str, row: Row, index: int) -> Exciting:
    return most_exciting(network, row, index)


def show_hierarchy() -> None:
    """Draw the maps of all layers, what each prefers, and the open one beside them."""
    controls, bar = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    with controls:
        DepthState.controls("maps", "held", "noise", redraw=("climb",))
    left, right = st.columns([9, 5], gap="medium")
    grids = left.container(width=WIDEST)
    beside = right.container(key=view.BESIDE)

    @panel
    def climb() -> None:
        """Ascents and patches as far as they are; a piece of work redraws this and nothing else."""
        now, memory = DepthState.now(), st.session_state
        work = Work(now.network, now)
        token = crc32(repr((now.network, now.maps, now.held, int(now.noise))).encode())
        stopped = memory.get(_STOPPED) == token
        if not (stopped or travel.moving()) and progress.asked(key="climbing", reset=token):
            end = time.monotonic() + PIECE
            before = -1.0  # where a step brings nothing, somebody else is at it
            while before < work.done < 1 and time.monotonic() < end:
                before = work.done
                work.step()
            memory[_ASKED] = True
        # Not in the first picture, which does not depend on what others have asked for.
        patches = work.search.result is not None and _ASKED in memory
        with bar:
            if work.done < 1 or not patches:
                _steer(work, token, stopped=stopped)
        network = zoo.shared(now.network).network
        place = current(network, now.maps)
        with grids:
            touched = view.stack(
                work.sections(patches=patches),
                (place.row.name, place.index),
                key=f"hierarchy-{crc32(repr((token, place.version)).encode())}",
            )
        if touched and touched != (place.row.name, place.index):
            open_map(network, next(r for r in work.rows if r.name == touched[0]), touched[1])
            place = current(network, now.maps)
        with beside:
            view.opened(work.opened(place, patches=patches), mnist.class_names())

    climb()


def _steer(work: Work, token: int, *, stopped: bool) -> None:
    """How far the work is, and a button that stops it or lets it go on."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container():
            if stopped:
                st.caption(f"Stopped at {100 * work.done:.0f} %.")
            else:
                progress.show(work.done, work.said(), key="climbing", reset=token)
        st.button(
            "Go on" if stopped else "Stop",
            icon=":material/play_arrow:" if stopped else ":material/stop:",
            key="climb_go_on" if stopped else "climb_stop",
            on_click=_stop,
            args=(None if stopped else token,),
        )


def _stop(token: int | None) -> None:
    st.session_state[_STOPPED] = token
