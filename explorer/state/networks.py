"""Which networks a page can show: the shipped ones, those that were kept, and steps of runs.

A network is named by its key, the same in the address, the session and :mod:`explorer.network.zoo`:
``default``, ``kept-<id>``, or ``run-<id>-<step>`` for a checkpoint of a run. An address says the
last as ``run=<id>&step=<n>``, and may ask there for a step that was not kept.
"""

import re
from collections import Counter
from collections.abc import Mapping

import streamlit as st

from explorer.network import kept, learning, zoo
from explorer.state import address, past

TITLES = {
    "default": "Default",
    "article": "Article",
    "fast": "Fast",
    "dense": "Dense only",
    "pool-max": "Max-pooling",
    "pool-average": "Average pooling",
    "pool-strided": "Strided",
    "depth-0": "No convolution layer",
    "depth-1": "One convolution layer",
    "depth-2": "Two convolution layers",
    "depth-3": "Three convolution layers",
}
HELP = (
    "The default has two convolution blocks and was trained to read people. The article's network "
    "is the reference, with one block; fast was trained in three seconds; dense only has no "
    "convolution. Max-pooling, average pooling and strided are of one size and differ in what "
    "halves their maps. A network learning is one network at sixteen steps of its training, with a "
    "slider to travel through them. What you kept, and your latest runs, stand below."
)
_RUN = re.compile(r"run-([0-9A-Za-z]{1,32})-([0-9]{1,7})")
_ID = re.compile(r"[0-9A-Za-z]{1,32}")
_STEP = re.compile(r"-?\d{1,9}", re.ASCII)
_USED, _MOST_USED = "networks of runs", 8
_NOTE = "network note"

WORDS = ("network", "run", "step")
"""What an address may say of a network: its key, or a run and one of its steps."""


def run_key(run: str, step: int) -> str:
    """The key of a run's network as it was at a step."""
    return past.key(run, step)


def place(key: str) -> tuple[str, int] | None:
    """The run and the step that a key stands for, or None for any other network."""
    found = _RUN.fullmatch(key)
    return (found[1], int(found[2])) if found else None


def lineage(key: str) -> str:
    """The same for all steps of a run: what is open, pinned or chosen there stays so."""
    named = place(key)
    return f"run-{named[0]}" if named else key


def said(words: Mapping[str, object]) -> str:
    """The key of the network that an address names, "" where it names none that is there.

    Of a step that was not kept it is the nearest that was. What is not shown as it was asked for
    is kept for :func:`note`.
    """
    key, run, step = (word if isinstance(word := words.get(n), str) else "" for n in WORDS)
    if not run and (named := place(key)):
        run, step = named[0], str(named[1])
    _remark("")
    if not run:
        return key
    # What is there counts, also where the list of kept steps is a moment old.
    if _ID.fullmatch(run) and _STEP.fullmatch(step) and past.hold(run, int(step)):
        return run_key(run, int(step))
    found = past.find(run) if _ID.fullmatch(run) else None
    if found is None:
        _remark("The run in the address is not there: another network is shown.")
        return "" if place(key) else key
    if not found.steps:
        _remark("This run has kept no network yet: another network is shown.")
        return "" if place(key) else key
    return nearest(run, int(step) if _STEP.fullmatch(step) else found.steps[-1])


def nearest(run: str, wanted: int) -> str:
    """The key of the step nearest to ``wanted`` that was kept, with a :func:`note` if another.

    "" where nothing was kept of the run.
    """
    found = past.find(run)
    if found is None or not found.steps:
        return ""
    step = min(found.steps, key=lambda one: abs(one - wanted))
    if step != wanted:
        _remark(f"Step {wanted:,} was not kept: the nearest that was, step {step:,}, is shown.")
    return run_key(run, step)


def spelled(key: str) -> dict[str, str]:
    """What an address says of a network; :func:`said` reads it again."""
    if named := place(key):
        return {"run": named[0], "step": str(named[1])}
    return {"network": key}


def note(key: str) -> str:
    """One sentence on why this page does not show the network that its address named, or "".

    Args:
        key: the network in force; the sentence is gone when that is another one.
    """
    visit, sentence, about = st.session_state.get(_NOTE, (None, "", None))
    if visit != address.visit() or about not in (None, key):
        return ""
    st.session_state[_NOTE] = (visit, sentence, key)
    return str(sentence)


def _remark(sentence: str) -> None:
    if sentence or _NOTE in st.session_state:
        st.session_state[_NOTE] = (address.visit(), sentence, None)


def options() -> Mapping[str, str]:
    """Key to title of every network that can be chosen here; of a run, of one of its steps.

    That is the step that was shown last, or else the last one.
    """
    used: dict[str, str] = dict(st.session_state.get(_USED, {}))
    names = {run: name for run, name, _ in past.latest()}
    shown = {run: run_key(run, step) for run, _, step in past.latest()} | used
    learnt = shown.pop(learning.RUN, run_key(learning.RUN, learning.steps()[-1]))
    shipped = {name: TITLES.get(name, name) for name in zoo.NETWORKS} | {learnt: learning.TITLE}
    others = kept.titles() | {key: names.get(run) or _title(run) for run, key in shown.items()}
    return shipped | _told_apart(others, set(shipped.values()))


def _told_apart(titles: Mapping[str, str], taken: set[str]) -> dict[str, str]:
    """Titles with their keys behind them where they would otherwise be the same."""
    count = Counter(titles.values())
    return {
        key: title if count[title] == 1 and title not in taken else f"{title} ({key})"
        for key, title in titles.items()
    }


def _title(run: str) -> str:
    found = past.find(run)
    return found.title if found else f"run {run}"


def ready(key: str) -> bool:
    """Whether a network is called ``key``; :func:`explorer.network.zoo.shared` then has it."""
    if not zoo.held(key) and not _held_now(key):
        return False
    if named := place(key):
        _remember(named[0], key)
    return True


def _held_now(key: str) -> bool:
    try:
        if kept.is_key(key):
            zoo.shared(key)
            return True
    except ValueError:
        return False
    named = place(key)
    # The same step with zeros in front would be another key.
    return named is not None and key == run_key(*named) and past.hold(*named)


def _remember(run: str, key: str) -> None:
    """Keep a run among what can be chosen in this session, at this step."""
    used: dict[str, str] = st.session_state.get(_USED, {})
    if used.get(run) != key:
        used = {**used, run: key}
        st.session_state[_USED] = dict(list(used.items())[-_MOST_USED:])
