"""Train: a small CNN learns to read, live."""

import streamlit as st

from explorer.data import mnist
from explorer.data.mnist import DataError
from explorer.state import draft, flips, given, recorded, reread, training, watched
from explorer.state.training import TrainState
from explorer.training import launcher
from explorer.training.errors import StoreError
from explorer.training.records import Run
from explorer.view import hints, steering, tested, text
from explorer.view import runs as all_runs
from explorer.view import training as view
from explorer.view.panel import panel

PERIOD = 0.24
"""Seconds from one look at a run that goes on to the next."""

launcher.start()
runs = launcher.runs()
shown = training.current(runs)

plan, stage = st.columns([1, 3], gap="medium")
begin, choice = plan.container(), plan.container()
orders, curves, settings = stage.container(), stage.container(), stage.container()
learnt, answers = stage.container(), st.container()


@panel
def choose() -> None:
    """Presets, and all settings of the next run."""
    with choice:
        view.drafted(*training.drafted())
        draft.presets(redraw=("choose",))
        more = st.expander("All settings", on_change="rerun", key="all-settings")
        if more.open:
            with more:
                draft.controls(redraw=("choose",))


@panel
def steer() -> None:
    """What can be told to the run that is shown."""
    run = launcher.find(shown.id) if shown else None
    with orders:
        if run:
            tell = training.teller(redraw=("steer", "watch"))
            slow, rate = watched.slowness(run), watched.highest_rate(run)
            steering.buttons(run, slow, rate, tell, training.again)


def watch() -> None:
    """The run that is shown, as it stands; several times a second while it goes on."""
    run = launcher.find(shown.id) if shown else None
    for place in (curves, learnt, answers):
        place.empty()  # a fragment may write only where it wrote when the page was made
    if shown is None or run is None:
        with curves:
            text.section("train", "Nothing has been trained yet")
        return
    if run.state is not shown.state:
        st.rerun()
    try:
        follow(run)
    except (StoreError, DataError) as error:
        st.warning(str(error), icon=":material/database:")


def follow(run: Run) -> None:
    """Curves, kernels and answers of a run as it stands."""
    now = TrainState.now()
    seen, token = watched.look(run), f"{run.id} {now.axis}"
    with curves:
        view.head(run, seen.speed, seen.epoch, seen.rate, seen.left, training.note(run))
        lines = [watched.curve(each, now.axis) for each in (run, *training.overlaid(run))]
        view.lines(lines, now.axis, log=now.scale == "log", loss=seen.loss, token=token)
        said = hints.hints(watched.signs(seen, reread.dead(run)))
        view.hinted(said, run, training.remedy, redraw=("choose",))
    look_inside(seen, watched.pinned(run, now.axis, token))


def look_inside(seen: watched.Watched, step: int | None) -> None:
    """Kernels, the user's own digit, and test images; at a step where one is pinned."""
    classes = mnist.class_names(seen.dataset)
    with learnt:
        most = 40 if seen.run.state.ended else 1
        read = reread.read(seen.run, given.current().image, most)
        if read.steps:
            tested.readings(read.steps, read.chances, classes, read.missing)
        if kept := recorded.kernels(seen.run, step):
            for name, weights in list(kept.kernels.items())[:1]:
                view.kernels(weights, name, kept.step)
    looks = flips.pair(seen.recorded.evaluations, step)
    if not looks:
        return
    images, labels = mnist.test_set(seen.dataset)
    left, right = answers.columns(2, gap="medium")
    with left:
        counts = flips.confusion(looks[-1], labels, len(classes))
        tested.confusion(counts, classes, looks[-1].step, looks[-1].images)
    with right:
        if cell := tested.chosen(classes):
            which = flips.confused(looks[-1], labels, *cell)
            tested.cell(which, images, *(classes[i] for i in cell))
        if len(looks) == 2:
            tested.strips(flips.flips(*looks, labels), images, labels, classes)


def listed() -> None:
    """All runs with their figures, also while some of them go on."""
    all_runs.table(launcher.runs())


with begin:
    st.button(
        "Start",
        type="primary",
        icon=":material/play_arrow:",
        on_click=training.start,
        key="start",
        width="stretch",
    )
    if trouble := training.trouble():
        st.warning(trouble, icon=":material/error:")
choose()
steer()
with settings:
    TrainState.controls("axis", "scale", redraw=("watch",))
    if shown:
        all_runs.pickers(
            runs,
            shown,
            training.overlaid(shown),
            training.OVERLAID,
            training.show,
            training.overlay,
        )
panel(watch, every=PERIOD if shown and not shown.state.ended else None)()
text.section("train", "Runs")
if shown:
    all_runs.actions(
        shown,
        lambda: watched.csv(shown),
        training.rename,
        training.delete,
        training.use_network if recorded.rungs(shown) else None,
    )
    panel(listed, every=2.0 if any(not run.state.ended for run in runs) else None)()
