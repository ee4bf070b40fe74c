"""The kept steps of runs, the shipped one's and the store's, for whoever shows a network as it was.

A page asks here many times a second while somebody drags through a run, so that nothing is asked of
the store twice within :data:`FRESH` seconds, and the networks of a run that is being looked at are
taken into memory once, beside the page. A store that cannot be read is as good as an empty one.
"""

import logging
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from explorer.network import learning, zoo

FRESH = 2.0
"""Seconds for which an answer of the store holds."""

LATEST = 5
"""The newest runs with kept steps that are offered, at most."""

MOST_BYTES = 128 << 20
"""Weights of one run that are taken into memory ahead of being asked for, at most."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Past:
    """What is there of a run.

    Attributes:
        run: its id.
        title: what it is called.
        steps: those of which the network was kept, ascending.
        tested: step to the share of test images read right after it and how many were read.
    """

    run: str
    title: str
    steps: tuple[int, ...]
    tested: Mapping[int, tuple[float, int]] = field(default_factory=dict)


def key(run: str, step: int) -> str:
    """The key of a run's network as it was at a step."""
    return f"run-{run}-{step}"


def find(run: str) -> Past | None:
    """A run, or None where there is none of this id."""
    if run == learning.RUN:
        return _shipped()
    with _lock:
        known = _known.get(run)
    if known and time.monotonic() - known[0] < FRESH:
        return known[1]
    found = _read(run)
    with _lock:
        _known[run] = (time.monotonic(), found)
        while len(_known) > _MOST_KNOWN:
            _known.pop(next(iter(_known)))
    return found


def latest() -> list[tuple[str, str, int]]:
    """Id, title and last kept step of the newest runs, newest first.

    Runs are listed only once the store has been loaded, which is done behind the first page.
    """
    if "explorer.training.store" not in sys.modules:
        return []
    with _lock:
        if _listed and time.monotonic() - _listed[0][0] < FRESH:
            return list(_listed[0][1])
    found = _list()
    with _lock:
        _listed[:] = [(time.monotonic(), found)]
    return list(found)


def hold(run: str, step: int) -> bool:
    """Take a run's network at a step into memory; False where it was not kept."""
    name = key(run, step)
    if zoo.in_memory(name):
        return True
    if run == learning.RUN:
        if zoo.held(name):
            zoo.shared(name)
        return zoo.held(name)
    from explorer.training import checkpoint, store
    from explorer.training.errors import StoreError

    try:
        data = store.shared().checkpoint(run, step)
        if data is None:
            return False
        zoo.hold(name, checkpoint.load(data))
    except (StoreError, ValueError):
        return False
    return True


def prepare(seen: Past) -> None:
    """Take a run's networks into memory, in the background; returns at once."""
    wanted = [step for step in seen.steps if not zoo.in_memory(key(seen.run, step))]
    with _lock:
        if not wanted or seen.run in _preparing:
            return
        _preparing.add(seen.run)
    # The process waits for it when it ends: torch aborts when it is cut off in mid-work.
    threading.Thread(target=_prepare, args=(seen.run, wanted), name="past", daemon=False).start()


_lock = threading.Lock()
_known: dict[str, tuple[float, Past | None]] = {}
_MOST_KNOWN = 64
_listed: list[tuple[float, list[tuple[str, str, int]]]] = []
_preparing: set[str] = set()


def _prepare(run: str, steps: list[int]) -> None:
    taken = 0
    try:
        for step in steps:
            if taken > MOST_BYTES or not hold(run, step):
                break
            taken += 4 * zoo.shared(key(run, step)).network.parameters
    except Exception:
        log.exception("the steps of run %s could not be loaded ahead", run)
    finally:
        with _lock:
            _preparing.discard(run)


def _shipped() -> Past:
    images = 10_000
    tested = {step: (share, images) for step, share in learning.accuracies().items()}
    return Past(learning.RUN, learning.TITLE, learning.steps(), tested)


def _read(run: str) -> Past | None:
    from explorer.training import store
    from explorer.training.errors import StoreError

    try:
        found = store.shared().run(run)
        if found is None:
            return None
        steps = tuple(store.shared().checkpoints(run))
        evaluations = store.shared().evaluations(run)
    except StoreError:
        return None
    tested = {e.step: (e.accuracy, e.images) for e in evaluations}  # the larger of a step is last
    return Past(run, found.name, steps, tested)


def _list() -> list[tuple[str, str, int]]:
    from explorer.training import store
    from explorer.training.errors import StoreError

    found: list[tuple[str, str, int]] = []
    try:
        for run in store.shared().runs(3 * LATEST):
            if len(found) < LATEST and (steps := store.shared().checkpoints(run.id)):
                found.append((run.id, run.name, steps[-1]))
    except StoreError:
        pass
    return found
