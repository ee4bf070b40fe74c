"""The panels of surgery, for a page that has the current input and the current network.

:func:`show` draws them where it is called. A page whose own controls change the network redraws
:data:`PANELS` with them, and for another input :data:`INPUT_PANELS`. What would be too much to
redraw while a hand moves stands still until it rests, and is marked as standing still: a page
redraws :func:`marks` when its pad is drawn on.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from zlib import crc32

import streamlit as st

from explorer.data import mnist
from explorer.network import edits as edited
from explorer.network import outcome, retest, surgery, zoo
from explorer.network.answers import Answers, answers
from explorer.state import DrawState, PageState, choice, given, instruments, travel, weighing
from explorer.state import surgery as operation
from explorer.view import pooled
from explorer.view import surgery as view
from explorer.view.components import digit_pad, kernel_editor, map_grid, map_shelf, progress
from explorer.view.panel import panel, redraw

MARKS = ("mark_waiting",)
PANELS = (
    *MARKS,
    *("choose_kernel", "shelve", "read_unedited"),
    *("change_kernel", "reread", "keep_network", "operate"),
)
"""All of surgery's panels, the one with the editor last: for another network."""

INPUT_PANELS = (*MARKS, "shelve", "read_unedited", "operate")
"""Those that show the current input: for another one."""

EDITOR = "surgery_editor"


@dataclass(frozen=True)
class SurgeryState(PageState):
    """The settings of surgery; its edits are in :mod:`explorer.state.surgery`."""

    later: str = choice(
        "all",
        {
            "all": "Before, after, difference",
            "before": "Before",
            "after": "After",
            "difference": "Difference",
        },
        "Show every layer from the edit on",
        "Before and after share one colour scale in each layer; the difference is after minus "
        "before, blue where it became less and red where it became more.",
    )


def _now() -> operation.Operation:
    return operation.current(DrawState.now().network)


def _both(now: operation.Operation) -> tuple[Answers, Answers]:
    """What the network answers to the current input, before and after the edits."""
    image = given.current().image
    before = answers(zoo.shared(now.network), image)
    return before, answers(operation.operated(now.network, now.edits.done), image)


def marks() -> tuple[str, ...]:
    """The panel that marks what stands still, where that is not what is marked already."""
    return () if st.session_state.get(_MARKED, "") == _waits_for() else MARKS


def _waits_for() -> view.Hand:
    """Whose hand moves: what does not follow it waits for its rest."""
    now = DrawState.now().network
    if operation.operable(now) and operation.current(now).dragging:
        return "editor"
    return "pad" if digit_pad.read(reset=given.current().version).drawing else ""


def show(
    *,
    picture: Sequence[str] = (),
    following: Callable[[str], Sequence[str]] = lambda layer: (),
    networks: Sequence[str] = (),
) -> None:
    """Draw surgery: what can be done, what it does to the current input, and to the test set.

    Args:
        picture: panels of the page that show the edited network, redrawn at each edit.
        following: those of them that follow a hand at the weights of a layer.
        networks: panels of the page in which a network is chosen, redrawn when one was kept.
    """
    if not operation.operable(DrawState.now().network):
        st.caption("This network has no kernels to operate on.")
        return
    choosing, shelves = st.container(), st.container(key=view.SHELF)
    hand, seen = st.columns([2, 3], gap="large")
    title, editor, tools = hand.container(), hand.container(), hand.container()
    both = seen.container(key=view.BOTH)
    original, operated = both.columns(2, gap="medium")
    tested = seen.container(key=view.TESTED)
    choices, later = st.container(), st.container(key=view.LATER)
    keeping, waiting = st.container(), st.container()
    all_panels = (*picture, *PANELS)

    @panel
    def mark_waiting() -> None:
        """Mark what stands still while a hand moves."""
        st.session_state[_MARKED] = _waits_for()
        with waiting:
            view.waiting(st.session_state[_MARKED])

    @panel
    def choose_kernel() -> None:
        """Which layer the kernel on the table belongs to."""
        now = _now()
        rows = edited.editable(zoo.shared(now.network).network)
        with choosing, st.container(horizontal=True, vertical_alignment="bottom"):
            key = f"surgery_layer_{now.network}_{now.layer}"
            st.session_state[key] = now.layer
            st.segmented_control(
                "Operate on a layer",
                [row.name for row in rows],
                key=key,
                required=True,
                on_change=_pick_layer,
                args=(now.network, key),
            )

    @panel
    def shelve() -> None:
        """The maps of the layer on the table, and what each is worth as far as it was measured."""
        now = _now()
        network = zoo.shared(now.network).network
        row = next(row for row in network.rows if row.name == now.layer)
        work = weighing.measurement(now)
        token = crc32(repr((now.network, now.edits.done, now.layer)).encode())
        if weighing.under_way(now) and progress.asked(key="weighing", reset=token):
            weighing.piece(now)
        off = [i for name, i in surgery.switched_off(now.edits.done) if name == now.layer]
        with shelves:
            view.shelf(
                row,
                _both(now)[1].after[row.name],
                now.index,
                off=off,
                edited=surgery.touched(now.edits.done).get(row.name, ()),
                losses=work.losses if work.done else None,
                done=work.done,
                key=_shelf_key(now),
                on_choose=_pick_map,
            )
            if weighing.under_way(now):
                text = f"Reading 10,000 test images {now.shape[0]:,} times, each time without one …"
                progress.show(work.done, text, key="weighing", reset=token)
                st.button("Stop", icon=":material/stop:", key="weigh_stop", on_click=weighing.stop)
            elif work.done < 1:
                st.button(
                    f"Which {view.noun(row)} matters?",
                    icon=":material/balance:",
                    key="weigh",
                    on_click=_weigh,
                    args=(now,),
                    help="Switches each of them off in turn, and reads all 10,000 test images "
                    "without it.",
                )

    @panel
    def read_unedited() -> None:
        """What the network reads without the edits."""
        with original:
            before = answers(zoo.shared(_now().network), given.current().image).probabilities
            names, label = mnist.class_names(), given.current().label
            pooled.chances(before, names, label, key="surgery-original", title="Original")

    @panel
    def operate() -> None:
        """The kernel on the table and all that follows from it."""
        now = _now()
        words = operation.reported(now.network, _hand(now))
        now = _now()
        channels = now.shape[1]
        slices = f"slices-{now.network}-{now.layer}-{now.index}"
        touched = map_grid.read(key=slices, n=channels)
        news = touched is not None and st.session_state.get(_TOUCHED) != (slices, touched)
        st.session_state[_TOUCHED] = (slices, touched)
        if news and touched is not None and touched != now.channel:
            operation.lay(now.network, index=now.index, channel=touched)
            now = _now()
            words = now.address()
        before, after = _both(now)
        names, current = mnist.class_names(), given.current()
        with operated:
            key, chances = "surgery-edited", after.probabilities
            pooled.chances(chances, names, current.label, key=key, title="Edited")
        rows = zoo.shared(now.network).network.rows
        with later:
            view.changes(
                rows[_first_edited(now) :],
                before.after,
                after.after,
                which=SurgeryState.now().later,
                key="surgery-later",
            )
        with editor:
            instruments.table(now, words, slices, EDITOR, partial(_moved, following, all_panels))

    @panel
    def change_kernel() -> None:
        """What can be done to the whole kernel, and to the edits."""
        now = _now()
        with title:
            rows = edited.editable(zoo.shared(now.network).network)
            row = next(row for row in rows if row.name == now.layer)
            off = (now.layer, now.index) in surgery.switched_off(now.edits.done)
            said = " · **switched off**: these weights count as zero" if off else ""
            st.markdown(f"**{view.kernel(row)} {now.index} of {now.layer}**{said}")
        with tools:
            instruments.tools(now, redraw=all_panels)

    @panel
    def reread() -> None:
        """The accuracy on all test images, piece by piece while nobody drags."""
        if travel.moving():
            return
        now = _now()
        work = retest.retest(now.network, now.edits.done)
        token = crc32(repr((now.network, now.edits.done)).encode())
        if not now.dragging and progress.asked(key="rereading", reset=token):
            end = time.monotonic() + weighing.PIECE
            while work.done < 1 and time.monotonic() < end:
                work.step()
        with tested:
            if work.done < 1 and not now.dragging:
                text = "Reading 10,000 test images …"
                progress.show(work.done, text, key="rereading", reset=token)
                return
            if work.done < 1:
                return
            images, labels = mnist.test_set()
            before, names = work.original.answers, mnist.class_names()
            found = outcome.compare(before, work.answers, labels, len(names))
            count = len(now.edits.done)
            view.accuracy(found, names, edits=count)
            if count:
                key = "surgery-flipped"
                view.flipped(found, images, before, work.answers, names, key=key)

    @panel
    def keep_network() -> None:
        """Keep the edited network under a name."""
        with keeping:
            instruments.keep(_now(), redraw=("keep_network", *networks))

    choose_kernel()
    shelve()
    read_unedited()
    with choices:
        SurgeryState.controls("later", redraw=("operate",))
    operate()
    change_kernel()
    reread()
    keep_network()
    mark_waiting()


_TOUCHED, _MARKED = "surgery slice", "surgery marked"


def _hand(now: operation.Operation) -> kernel_editor.KernelEdit:
    return kernel_editor.read(key=EDITOR, reset=now.token, most=kernel_editor.LARGEST)


def _shelf_key(now: operation.Operation) -> str:
    return f"shelf-{now.network}-{now.layer}"


def _first_edited(now: operation.Operation) -> int:
    """Number of the first layer that an edit is about, or of the one on the table."""
    layers = set(surgery.touched(now.edits.done)) or {now.layer}
    rows = zoo.shared(now.network).network.rows
    return next(i for i, row in enumerate(rows) if row.name in layers)


def _moved(following: Callable[[str], Sequence[str]], panels: Sequence[str]) -> None:
    """The editor's hand: the picture follows it, and at its rest all that stood still.

    The panel with the editor comes last: its echo lets the next report come.
    """
    now = _now()
    report = _hand(now)
    operation.reported(now.network, report)
    redraw(*(*following(now.layer), *marks(), "operate") if report.dragging else panels)


def _pick_layer(network: str, key: str) -> None:
    weighing.stop()
    operation.lay(network, layer=st.session_state[key])
    redraw("choose_kernel", "shelve", "operate", "change_kernel")


def _pick_map() -> None:
    now = _now()
    index = map_shelf.read(key=_shelf_key(now), n=now.shape[0])
    if index is not None:
        operation.lay(now.network, index=index, channel=now.channel)
    redraw("shelve", "operate", "change_kernel")


def _weigh(now: operation.Operation) -> None:
    weighing.begin(now)
    redraw("shelve")
