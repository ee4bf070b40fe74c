"""One run in one process: the loop, the recorder, and the orders between two batches.

The resident forks a worker for a run that was started on a page; the command line calls
:func:`work` in its own process; ``python -m explorer.training.worker RUN`` does it in a new one.

Choices: to pause is not to ask the loop for its next step, so that a run stands still within one
batch, and slow motion is to wait between two steps. A run that was paused for an hour is stopped
and kept, so that nobody's forgotten run holds memory for ever. SIGTERM and SIGINT stop a run as a
click does: with a last evaluation and a checkpoint to resume from.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

from explorer.data.mnist import DataError
from explorer.training import process
from explorer.training.errors import StoreError, SupersededError
from explorer.training.events import Event, Failed, Finished, Stepped
from explorer.training.loop import Steering, fit
from explorer.training.recorder import Recorder
from explorer.training.records import Run, State, Verb
from explorer.training.store import Store

PARKED = 3600.0  # seconds of pause after which a run is stopped and kept
GLANCE = 0.1  # seconds after which a waiting worker looks whether it was told to end
SLOWEST = 10.0  # seconds from step to step

Watch = Callable[[Event], None]


class Hand:
    """What a run was told, and what follows for the next step.

    Args:
        recorder: where orders come from.
        steering: what the loop reads.
    """

    def __init__(self, recorder: Recorder, steering: Steering) -> None:
        self.recorder, self.steering = recorder, steering
        self.paused = False
        self.steps = 0  # that may be taken although it is paused
        self.slow = 0.0  # seconds from step to step
        self.reason = ""
        self.interrupted = False

    def interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        """For a signal: stop; at the second, end at once."""
        if self.interrupted:
            os._exit(1)
        self.interrupted = True

    def hold(self) -> None:
        """Return when the next step may be taken, or the run is to stop."""
        begun = time.monotonic()
        while not self.steering.stop:
            self._obey()
            if self.interrupted:
                self._stop("It was told to end")
            elif self.paused and self.steps:
                self.steps -= 1
                return
            elif self.paused:
                if time.monotonic() - begun > PARKED:
                    self._stop("It was paused for long")
            elif time.monotonic() - begun >= self.slow:
                return
            else:
                self._obey(min(GLANCE, max(0.0, self.slow - (time.monotonic() - begun))))
                continue
            self._obey(GLANCE)

    def _obey(self, wait: float = 0.0) -> None:
        """Carry out every order that is there; wait for one up to ``wait`` seconds."""
        while order := self.recorder.order(wait):
            wait, value = 0.0, order.value or 0.0
            match order.verb:
                case Verb.PAUSE:
                    self._pause(True)
                case Verb.RESUME:
                    self._pause(False)
                case Verb.STEP:
                    self._pause(True)
                    self.steps += 1
                case Verb.SLOW:
                    self.slow = min(value, SLOWEST)
                case Verb.RATE:
                    self.steering.learning_rate = value
                case Verb.STOP:
                    self._stop("It was stopped")

    def _pause(self, paused: bool) -> None:
        self.paused, self.steps = paused, 0 if not paused else self.steps
        self.recorder.tell(State.PAUSED if paused else State.RUNNING)

    def _stop(self, reason: str) -> None:
        self.steering.stop, self.paused, self.reason = True, False, reason
        self.recorder.tell(State.RUNNING, "Stopping: the test set is read a last time.")


def work(
    store: Store, run: str, watch: Watch | None = None, attempt: int | None = None
) -> Run | None:
    """Carry a run to its end.

    Args:
        store: where the run is.
        run: its id.
        watch: called with every event, after it was handed to the recorder.
        attempt: the attempt that this process has begun already; None takes the run out of the
            queue first.

    Returns:
        The run as it ended; None where another process was faster, or has it now.
    """
    attempt = attempt or store.claim(run, process.name())
    if attempt is None:
        return None
    recorder = Recorder(store, run, attempt)
    try:
        state, reason = _train(store, run, recorder, watch)
        recorder.close(state, reason)
    except SupersededError:
        return None
    except StoreError as error:
        recorder.end_badly(f"It broke off: {_uncapital(str(error))}")
    return store.run(run)


def _train(store: Store, run: str, recorder: Recorder, watch: Watch | None) -> tuple[State, str]:
    """Train; how the run ended, and why."""
    steering = Steering()
    hand = Hand(recorder, steering)
    before = [(each, signal.signal(each, hand.interrupt)) for each in _signals()]
    step = 0
    try:
        known = store.run(run)
        if known is None:
            raise SupersededError("The run was deleted.")
        events = fit(known.spec, resume=store.resumable(run), steering=steering, until=known.until)
        for event in events:
            recorder.put(event)
            if watch:
                watch(event)
            match event:
                case Stepped():
                    step = event.step
                case Finished(reason="stopped"):
                    return State.STOPPED, f"{hand.reason} at step {event.step:,}."
                case Finished():
                    return State.FINISHED, ""
                case Failed():
                    return State.FAILED, event.reason
                case _:
                    continue
            hand.hold()
    except StoreError:
        raise
    except (ValueError, DataError) as error:
        return State.FAILED, str(error)
    except MemoryError:
        return State.FAILED, f"The memory was full at step {step:,}: take a smaller batch."
    except Exception as error:
        logging.getLogger(__name__).exception("run %s broke off", run)
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return State.FAILED, f"It broke off at step {step:,} ({said}): resume it, or start again."
    finally:
        for each, handler in before:
            signal.signal(each, handler)
    raise AssertionError("the loop ended without saying so")


def main(run: str) -> int:
    """A worker process of its own, forked or new; returns its exit status."""
    import torch

    torch.set_num_threads(1)
    with suppress(OSError):  # where memory runs out, this process is to go, and not the page server
        Path("/proc/self/oom_score_adj").write_text("500")
    done = work(Store(), run)
    return 0 if done is None or done.state.ended else 1


def _signals() -> list[signal.Signals]:
    import threading

    if threading.current_thread() is not threading.main_thread():
        return []  # in a test or a notebook: signals belong to the main thread
    return [signal.SIGTERM, signal.SIGINT]


def _uncapital(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    sys.exit(main(sys.argv[1]))
