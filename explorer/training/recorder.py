"""The thread of a worker that talks to the store, so that training waits for no disk.

It writes what the loop reported at most every tenth of a second, beats the run's heart every second
also while it is paused, and looks fifty times a second whether the store has changed, and only then
for new orders, so that a click is answered within one batch. What cannot be written for a while
(another writer, a database that restarts) is kept and tried again; the loop is held up only by so
much that it would fill the memory.

On a full disk the steps and evaluations are tried once more without kernels and checkpoints; then
the run has to end, with a sentence, and what was written before stays.
"""

import logging
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import replace

from explorer.training.errors import StoreError, StoreFullError, SupersededError
from explorer.training.events import (
    Checkpoint,
    Evaluated,
    Event,
    Failed,
    Finished,
    Snapshot,
    Started,
    Stepped,
)
from explorer.training.records import Command, State
from explorer.training.reports import Batch
from explorer.training.store import Store

FLUSH = 0.1  # seconds from one report to the next
BEAT = 1.0  # seconds from one heartbeat to the next, at most
ASK = 0.02  # seconds from one look at the store to the next
ASK_BLINDLY = 0.1  # the same, where the store does not tell whether it has changed
WHOLE = 5.0  # seconds from one checkpoint with the optimiser's state to the next
PATIENCE = 60.0  # seconds for which the store may fail before the run does
MOST_WAITING = 64_000_000  # bytes that may wait to be written
DENSE = 16_000_000  # bytes of kernels after which every second snapshot is left out, and so on

log = logging.getLogger(__name__)


class Recorder:
    """Takes the events of one run in and gives the orders to it out.

    Args:
        store: where to; from now on its user is this thread.
        run: the run.
        attempt: what the store called this attempt.
    """

    def __init__(self, store: Store, run: str, attempt: int) -> None:
        self._store, self._run, self._attempt = store, run, attempt
        self._batch = Batch()
        self._waiting = 0  # bytes
        self._kernels = 0  # bytes so far
        self._steps = self._snapshots = 0  # so far
        self._newest: Checkpoint | None = None  # not kept whole yet
        self._whole = float("-inf")  # when one was
        self._urgent = True
        self._ending = False
        self._orders: deque[Command] = deque()
        self._last_order = 0
        self._stamp: int | None = None
        self._asked = float("-inf")
        self._failure: StoreError | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._serve, name="recorder", daemon=True)
        self._thread.start()

    def put(self, event: Event) -> None:
        """Take an event; raises StoreError where the run can no longer be recorded."""
        with self._changed:
            while self._waiting > MOST_WAITING and not self._failure:
                self._changed.wait()
            self._check()
            match event:
                case Stepped():
                    # The first, and each that somebody asked for by hand.
                    self._urgent |= self._steps == 0 or self._batch.state is State.PAUSED
                    self._steps += 1
                    self._batch.steps.append(event)
                    return
                case Snapshot():
                    self._snapshot(event)
                    return
                case Evaluated():
                    self._batch.evaluations.append(event)
                case Checkpoint():
                    self._waiting += len(event.data)
                    self._batch.checkpoints.append(event)
                case Started():
                    self._batch.started = event
                case Finished():
                    self._batch.result = event.to_json()
                case Failed():
                    self._batch.result = event.to_json()
            self._urgent = True
            self._changed.notify_all()

    def tell(self, state: State, reason: str = "") -> None:
        """Say at once how the run stands."""
        with self._changed:
            self._check()
            self._batch.state, self._batch.reason = state, reason
            self._urgent = True
            self._changed.notify_all()

    def order(self, timeout: float = 0.0) -> Command | None:
        """The next order, waited for up to ``timeout`` seconds; raises as :meth:`put` does.

        What the run was told before it began is here from the first question on.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._asked > float("-inf") or self._failure)
            if not self._orders and timeout > 0:
                self._changed.wait_for(lambda: self._orders or self._failure, timeout)
            self._check()
            return self._orders.popleft() if self._orders else None

    def close(self, state: State, reason: str) -> None:
        """Write everything that waits and how the run ended; raises StoreError where it cannot."""
        with self._changed:
            self._batch.state, self._batch.reason = state, reason
            self._ending = True
            self._changed.notify_all()
        self._thread.join()
        self._check()

    def end_badly(self, reason: str) -> None:
        """End after a failure, whoever's it was: say why, as far as the store still takes it."""
        with suppress(StoreError):
            self.close(State.FAILED, reason)
            return
        # The failure was the recorder's own. Where this fails too, the process ends without a word,
        # and whoever looks next says that the run is lost.
        with suppress(Exception):
            self._store.report(self._run, self._attempt, Batch(State.FAILED, reason))

    def _check(self) -> None:
        if self._failure:
            raise self._failure

    def _snapshot(self, event: Snapshot) -> None:
        """Keep it, or, where there are many bytes of them, one of two, of four, of eight."""
        self._snapshots += 1
        if self._snapshots % 2 ** (self._kernels // DENSE):
            return
        size = sum(each.nbytes for each in event.kernels.values())
        self._kernels += size
        self._waiting += size
        self._batch.snapshots.append(event)

    def _serve(self) -> None:
        reported, trouble = 0.0, 0.0
        try:
            while True:
                self._ask()
                with self._changed:
                    if not (self._urgent or self._ending):
                        self._changed.wait(ASK)
                    batch, ending = self._due(time.monotonic() - reported)
                if batch:
                    try:
                        self._report(batch)
                        reported, trouble = time.monotonic(), 0.0
                    except (StoreFullError, SupersededError):
                        raise
                    except StoreError:
                        trouble = trouble or time.monotonic()
                        if time.monotonic() - trouble > PATIENCE:
                            raise
                        log.exception("the store does not answer")
                        self._take_back(batch)
                        ending = False
                        time.sleep(FLUSH)
                if ending:
                    return
        except StoreError as error:
            self._fail(error)
        except Exception as error:
            log.exception("run %s can no longer be recorded", self._run)
            self._fail(StoreError(f"The run can no longer be recorded ({error}): start it again."))

    def _fail(self, error: StoreError) -> None:
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    def _due(self, silent: float) -> tuple[Batch | None, bool]:
        """What is to be reported after ``silent`` seconds, and whether it is the last."""
        batch, ending = self._batch, self._ending
        some = batch.steps or batch.snapshots
        if not (ending or self._urgent or silent > BEAT or (some and silent > FLUSH)):
            return None, False
        self._batch = Batch(batch.state, batch.reason)
        self._waiting, self._urgent = 0, False
        return batch, ending

    def _report(self, batch: Batch) -> None:
        """Write a batch and empty it; steps before checkpoints, so that no point waits for them.

        At the end of a run it is the other way round: whoever reads that it ended finds it whole.
        """
        try:
            if not batch.state.ended:
                self._write_steps(batch)
            while batch.snapshots or batch.checkpoints:
                state = State.RUNNING if batch.state.ended else batch.state
                part = Batch(state, batch.reason, snapshots=batch.snapshots)
                part.checkpoints = [] if batch.snapshots else batch.checkpoints[:1]
                self._store.report(self._run, self._attempt, part)
                batch.snapshots = []
                batch.checkpoints = batch.checkpoints[len(part.checkpoints) :]
                self._newest = part.checkpoints[0] if part.checkpoints else self._newest
            self._write_whole(batch)
            if batch.state.ended:
                self._write_steps(batch)
        except StoreFullError:
            self._write_steps(batch)
            raise
        with self._changed:
            self._changed.notify_all()  # whoever waited for room

    def _write_whole(self, batch: Batch) -> None:
        """Keep the newest checkpoint to go on from, where it is time to or the run ends."""
        now = time.monotonic()
        if self._newest and (batch.state.ended or now - self._whole > WHOLE):
            state = State.RUNNING if batch.state.ended else batch.state
            part = Batch(state, batch.reason, whole=self._newest)
            self._store.report(self._run, self._attempt, part)
            self._newest, self._whole = None, now

    def _write_steps(self, batch: Batch) -> None:
        part = replace(batch, snapshots=[], checkpoints=[])
        self._store.report(self._run, self._attempt, part)
        batch.steps, batch.evaluations, batch.started, batch.result = [], [], None, None

    def _take_back(self, batch: Batch) -> None:
        """Put what could not be written before what came since."""
        with self._changed:
            new = self._batch
            batch.steps += new.steps
            batch.evaluations += new.evaluations
            batch.snapshots += new.snapshots
            batch.checkpoints += new.checkpoints
            batch.started = batch.started or new.started
            batch.result = new.result or batch.result
            batch.state, batch.reason = new.state, new.reason
            self._batch = batch
            self._waiting += sum(len(each.data) for each in batch.checkpoints)

    def _ask(self) -> None:
        """Look for new orders, where the store may have some."""
        stamp = self._store.stamp()
        now = time.monotonic()
        if stamp is None and now - self._asked < ASK_BLINDLY:
            return
        if stamp is not None and stamp == self._stamp:
            return
        try:
            orders = self._store.commands(self._run, self._last_order)
        except StoreError:
            orders = []  # the next report finds out whether it lasts
        with self._changed:
            self._stamp, self._asked = stamp, now
            if orders:
                self._last_order = orders[-1].number
                self._orders.extend(orders)
            self._changed.notify_all()
