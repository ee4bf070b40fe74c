"""Which runs the page *Train* shows, and what a person tells them.

The run that is shown stands in the address as ``run=<id>``, those that are laid over it as
``with=<id>,<id>``. The session keeps ids and nothing of the runs themselves: every run of the page
asks the store, so that another tab and a server that starts anew show the same.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.state import DrawState, PageState, address, choice, draft, networks, watched
from explorer.training import launcher
from explorer.training.errors import StoreError
from explorer.training.records import Run, State, Verb
from explorer.training.spec import PRESETS
from explorer.training.store import shared
from explorer.view import panel

RUN, WITH = "run", "with"
OVERLAID = 7
"""Runs at most that are laid over the one that is shown."""

_ID = re.compile(r"[0-9A-Za-z]{1,32}")
_SHOWN, _OVER, _TOLD, _TROUBLE = (f"train {name}" for name in ("shown", "over", "told", "trouble"))


@dataclass(frozen=True)
class TrainState(PageState):
    """The settings of the page *Train*; what is trained is in :mod:`explorer.state.draft`."""

    axis: str = choice(
        "step",
        {"step": "Step", "epoch": "Epoch", "seconds": "Seconds"},
        "Against",
        "Steps are updates of the weights, epochs passes over the training images; seconds of "
        "training compare runs by what they cost.",
    )
    scale: str = choice(
        "linear",
        {"linear": "Linear", "log": "Logarithmic"},
        "Loss",
        "A logarithmic axis gives each halving of the loss the same height.",
    )


@dataclass(frozen=True)
class Told:
    """The last order that was given here to a run, until the run is seen to follow."""

    run: str
    verb: Verb
    step: int
    state: State


def current(runs: list[Run]) -> Run | None:
    """The run that is shown: what the address says where that is news, else what was kept.

    Without either, the run that goes on, or the newest.

    Args:
        runs: newest first, as :func:`explorer.training.launcher.runs` gives them.
    """
    known = {run.id: run for run in runs}
    if said := address.news(RUN, WITH):
        st.session_state[_SHOWN] = found = _known(said[RUN])
        others = [_known(word) for word in said[WITH].split(",")[:OVERLAID]]
        st.session_state[_OVER] = [run for run in dict.fromkeys(others) if run and run != found]
    shown: str | None = st.session_state.get(_SHOWN)
    run = (known.get(shown) or _find(shown)) if shown else None
    if run is None:
        going = [run for run in runs if not run.state.ended]
        run = next(iter(going or runs), None)
        shown = None
    address.owe(_words(run.id if run and shown else None))
    return run


def overlaid(shown: Run) -> list[Run]:
    """The runs that are laid over the one that is shown; those that are gone are left out."""
    ids = [run for run in st.session_state.get(_OVER, []) if run != shown.id]
    return [run for run in map(_find, ids[:OVERLAID]) if run]


def show(run: str) -> None:
    """Show another run, and say so in the address; nothing happens where there is none."""
    if _known(run) is None:
        return
    st.session_state[_SHOWN] = run
    st.session_state[_OVER] = [other for other in st.session_state.get(_OVER, []) if other != run]
    address.say(_words(run))


def overlay(runs: list[str]) -> None:
    """Lay these runs over the one that is shown."""
    st.session_state[_OVER] = [run for run in dict.fromkeys(runs) if _known(run)][:OVERLAID]
    address.say(_words(st.session_state.get(_SHOWN)))


def start() -> None:
    """Start the run that was drafted and show it; what is wrong is kept for :func:`trouble`."""
    values = draft.current()
    name = draft.preset(values)
    try:
        show(launcher.launch(draft.spec(values), PRESETS[name].title if name else None))
    except (StoreError, ValueError) as error:
        st.session_state[_TROUBLE] = str(error)


def tell(run: Run, verb: Verb, value: float | None = None) -> None:
    """Give a run an order; what went wrong is kept for :func:`trouble`."""
    try:
        launcher.command(run.id, verb, value)
        st.session_state[_TOLD] = Told(run.id, verb, run.step, run.state)
    except StoreError as error:
        st.session_state[_TROUBLE] = str(error)


def teller(redraw: Sequence[str]) -> Callable[..., None]:
    """:func:`tell` for the callback of a widget, after which these panels are redrawn."""

    def give(run: Run, verb: str, value: float | None = None) -> None:
        tell(run, Verb(verb), value)
        panel.redraw(*redraw)

    return give


def again() -> None:
    """Let the run that is shown go on from its last checkpoint."""
    try:
        launcher.resume(str(st.session_state.get(_SHOWN, "")))
    except StoreError as error:
        st.session_state[_TROUBLE] = str(error)


WORDS = {
    Verb.PAUSE: "Pausing …",
    Verb.RESUME: "Going on …",
    Verb.STEP: "Taking one step …",
    Verb.STOP: "Stopping: the test set is read once more …",
    Verb.SLOW: "Changing its speed …",
    Verb.RATE: "Changing its learning rate …",
}


def note(run: Run) -> str:
    """The sentence below a run: an order that it has not followed yet, or why it ended."""
    last = told(run)
    if last:
        return WORDS[last.verb]
    if run.state is State.QUEUED and launcher.status().resident is None:
        return "The trainer is starting; the first time this takes some seconds."
    return run.reason


def drafted() -> tuple[str, str]:
    """The drafted run in one line, and what is wrong with it, or nothing."""
    try:
        spec = draft.spec(draft.current())
    except (ValueError, TypeError) as error:
        return "", str(error)
    network = spec.architecture
    return f"{spec.describe()} · {spec.steps:,} steps · {network.parameters:,} parameters", ""


def told(run: Run) -> Told | None:
    """The order that a run has not followed yet, as far as it can be seen."""
    last: Told | None = st.session_state.get(_TOLD)
    if last is None or last.run != run.id or run.state.ended:
        return None
    done = {
        Verb.PAUSE: run.state is State.PAUSED,
        Verb.RESUME: run.state is State.RUNNING and last.state is not State.RUNNING,
        Verb.STEP: run.state is State.PAUSED and run.step > last.step,
        Verb.STOP: False,
    }
    return None if done.get(last.verb, run.step > last.step) else last


def trouble() -> str:
    """What went wrong since the last look: one sentence, or nothing."""
    return str(st.session_state.pop(_TROUBLE, ""))


def rename(run: str, name: str) -> None:
    """Give a run another name."""
    try:
        shared().rename(run, name)
    except StoreError as error:
        st.session_state[_TROUBLE] = str(error)


def delete(run: str) -> None:
    """Forget a run for good; whoever calls has asked."""
    try:
        shared().delete(run)
    except StoreError as error:
        st.session_state[_TROUBLE] = str(error)


def remedy(run: Run, changes: Mapping[str, Any], redraw: Sequence[str]) -> None:
    """Make a run's settings, with these changes, those of the next run."""
    draft.take({**draft.values(watched.spec(run)), **changes})
    panel.redraw(*redraw)


def use_network(run: str) -> None:
    """Make a run's network, as it was last kept, the network of every other page."""
    try:
        steps = shared().checkpoints(run)
    except StoreError as error:
        st.session_state[_TROUBLE] = str(error)
        return
    key = networks.run_key(run, steps[-1]) if steps else ""
    if DrawState.keep(network=key).network == key:
        st.toast(f"Every page now shows this network, as it was after step {steps[-1]:,}.")
    else:
        st.session_state[_TROUBLE] = "This run has kept no network yet: let it take a step first."


def _known(word: str) -> str | None:
    """The id of a run that is there, or None."""
    return word if _ID.fullmatch(word) and _find(word) else None


def _find(run: str) -> Run | None:
    try:
        return launcher.find(run)
    except StoreError:
        return None


def _words(run: str | None) -> dict[str, str]:
    return {RUN: run or "", WITH: ",".join(st.session_state.get(_OVER, []))}
