"""What the store holds of a run, read on from where the last look stopped.

Several people watch one run, each a few times a second: what was decoded once is kept for all of
them, for the runs that were looked at last. A run that was resumed goes on from its last
checkpoint, so that its newest steps may be told again: whatever lies beyond the step at which the
run stands is let go and read anew.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from explorer.training.records import POINT, Evaluation, Kernels, Points, Run
from explorer.training.store import shared

Floats = npt.NDArray[np.float32]

PACE = 6.0
"""Seconds that a run's pace is measured over."""

KEPT = 24
"""Runs whose curves are kept decoded: three times what one page overlays."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """What is known of a run so far.

    Attributes:
        points: ``(n,)`` of :data:`~explorer.training.records.POINT`, steps ascending.
        evaluations: in order.
    """

    points: Points
    evaluations: tuple[Evaluation, ...]


@dataclass
class _Slot:
    """The last state of one run, and the lock under which it is read on."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    held: Recorded = field(default_factory=lambda: Recorded(np.empty(0, POINT), ()))
    kernels: tuple[tuple[int, int], Kernels | None] = ((-1, -1), None)
    rungs: tuple[int, tuple[int, ...]] = (-1, ())
    stood: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=80))


@lru_cache(maxsize=KEPT)
def _slot(run: str) -> _Slot:
    return _Slot()


def read(run: Run) -> Recorded:
    """All steps and evaluations of a run; raises StoreError as the store does."""
    slot = _slot(run.id)
    with slot.lock:
        held = slot.held
        known = held.points[held.points["step"] <= run.step]
        last = int(known["step"][-1]) if len(known) else -1
        if last < run.step:
            new = shared().points(run.id, last)
            known = np.concatenate([known, new[new["step"] <= run.step]])
        seen = tuple(e for e in held.evaluations if e.step <= run.step)
        # A step may be read on 1,000 images and then on all: from its step on, once more.
        since = seen[-1].step - 1 if seen else -1
        if len(known) != len(held.points) or not seen or run.state.ended:
            fresh = [e for e in shared().evaluations(run.id, since) if e.step <= run.step]
            seen = (*(e for e in seen if e.step <= since), *fresh)
        slot.held = Recorded(known, seen)
        return slot.held


def kernels(run: Run, step: int | None = None) -> Kernels | None:
    """The convolution kernels as last kept, at or before ``step`` where one is given."""
    slot, wanted = _slot(run.id), (run.step, -1 if step is None else step)
    with slot.lock:
        if slot.kernels[0] != wanted or slot.kernels[1] is None:
            slot.kernels = (wanted, shared().snapshot(run.id, step))
        return slot.kernels[1]


def rungs(run: Run) -> tuple[int, ...]:
    """The steps of which the whole network was kept, ascending, as far as the run stands."""
    slot = _slot(run.id)
    with slot.lock:
        if slot.rungs[0] != run.step:
            steps = tuple(s for s in shared().checkpoints(run.id) if s <= run.step)
            slot.rungs = (run.step, steps)
        return slot.rungs[1]


def pace(run: Run) -> float | None:
    """Steps in a second of real time, evaluation and slow motion included; None if not known.

    It is measured by whoever looks, over the last :data:`PACE` seconds.
    """
    stood, now = _slot(run.id).stood, time.monotonic()
    if not stood or now - stood[-1][0] > PACE / 80:
        stood.append((now, run.step))
    recent = [(at, step) for at, step in tuple(stood) if now - at < PACE and step <= run.step]
    if len(recent) < 2 or now - recent[0][0] < 0.5 or run.step == recent[0][1]:
        return None
    return (run.step - recent[0][1]) / (now - recent[0][0])
