"""Which networks a page can show: the shipped ones, those that were kept, and steps of runs.

A network is named by its key, the same in the address, the session and :mod:`explorer.network.zoo`:
``default``, ``kept-<id>``, or ``run-<id>-<step>`` for a checkpoint of a run.
"""

import re
from collections.abc import Mapping

import streamlit as st

from explorer.network import kept, zoo

TITLES = {
    "default": "Default",
    "article": "Article",
    "fast": "Fast",
    "dense": "Dense only",
    "pool-max": "Max-pooling",
    "pool-average": "Average pooling",
    "pool-strided": "Strided",
}
HELP = (
    "The default has two convolution blocks and was trained to read people. The article's network "
    "is the reference, with one block; fast was trained in three seconds; dense only has no "
    "convolution. Max-pooling, average pooling and strided are of one size and differ in what "
    "halves their maps. What you kept, or trained and put to use, stands below them."
)
_RUN = re.compile(r"run-([0-9A-Za-z]{1,32})-(\d{1,7})")
_USED, _MOST_USED = "networks of runs", 8


def run_key(run: str, step: int) -> str:
    """The key of a run's network as it was at a step."""
    return f"run-{run}-{step}"


def options() -> Mapping[str, str]:
    """Key to title of every network that can be chosen here."""
    runs: dict[str, str] = st.session_state.get(_USED, {})
    return {name: TITLES.get(name, name) for name in zoo.NETWORKS} | kept.titles() | runs


def ready(key: str) -> bool:
    """Whether a network is called ``key``; :func:`explorer.network.zoo.shared` then has it."""
    if not zoo.held(key) and not _held_now(key):
        return False
    if (found := _RUN.fullmatch(key)) and key not in st.session_state.get(_USED, {}):
        _remember(key, *found.groups())
    return True


def _held_now(key: str) -> bool:
    try:
        if kept.is_key(key):
            zoo.shared(key)
        elif found := _RUN.fullmatch(key):
            return _hold(key, found[1], int(found[2]))
        else:
            return False
    except ValueError:
        return False
    return True


def _hold(key: str, run: str, step: int) -> bool:
    from explorer.training import checkpoint, store
    from explorer.training.errors import StoreError

    if key != run_key(run, step):  # the same step with zeros in front would be another key
        return False
    try:
        data = store.shared().checkpoint(run, step)
    except StoreError:
        return False
    if data is None:
        return False
    zoo.hold(key, checkpoint.load(data))
    return True


def _remember(key: str, run: str, step: str) -> None:
    """Keep a step of a run among what can be chosen in this session."""
    from explorer.training import launcher
    from explorer.training.errors import StoreError

    try:
        found = launcher.find(run)
    except StoreError:
        found = None
    name = found.name if found else f"run {run}"
    used = {**st.session_state.get(_USED, {}), key: f"{name}, step {int(step):,}"}
    st.session_state[_USED] = dict(list(used.items())[-_MOST_USED:])
