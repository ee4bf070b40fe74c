"""A run as a generator of events, with no file, process or page in it.

Whoever asks for the next event makes the run go on: to pause is not to ask, and to close the
generator is to end it. What a page may want to change on the way stands in a :class:`Steering`.

Choices: 1,000 test images are read every 100 steps, or twenty times in a run of less than 2,000
steps; all of them at the end of an epoch (not more often than every 100 steps) and of the run.
Kernels are shown every ten steps. Checkpoints stand at the steps 0, 1, 2, 5, 10, 20, 50, 100, …, at
up to 25 ends of epochs, and at the end. A loss that is not finite ends the run before its update;
the weights whose loss was the last finite one are then computed again from a copy that is taken
every 50 steps, since every step repeats itself exactly.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from explorer.training import checkpoint, data
from explorer.training.engine import Engine
from explorer.training.events import (
    Checkpoint,
    Evaluated,
    Event,
    Failed,
    Finished,
    Reason,
    Snapshot,
    Started,
    Stepped,
)
from explorer.training.spec import BOUNDS, RunSpec

GLANCE = 1000  # test images read on the way
GLANCE_EVERY = 100  # steps
GLANCES = 20  # at least, in a run
GLANCE_EVERY_UNTIL = 20  # steps, where a test accuracy is waited for
SNAPSHOT_EVERY = 10  # steps
SNAPSHOT_WEIGHTS = 20_000  # of a layer; the first is always shown
COPY_EVERY = 50  # steps
FIRST_CHECKPOINTS = (0, 1, 2, 5, 10, 20, 50)
CHECKPOINT_EVERY = 100  # steps


@dataclass
class Steering:
    """What may be changed while a run goes on; read before every step.

    Attributes:
        learning_rate: takes the place of the spec's, the highest of the schedule, from the next
            step on: at a constant schedule it is the rate itself. Kept within the spec's bounds;
            None leaves the rate as it is. A checkpoint remembers it.
        stop: end the run well, after a last evaluation and checkpoint.
    """

    learning_rate: float | None = None
    stop: bool = False


def keeps_checkpoint(step: int) -> bool:
    """Whether there is a checkpoint at ``step``, the end of the run apart."""
    return step % CHECKPOINT_EVERY == 0 or step in FIRST_CHECKPOINTS


def evaluates(step: int, spec: RunSpec, until: bool = False) -> int | None:
    """How many test images are read at ``step``, the end of the run apart: 0 for none, None for
    all.
    """
    per_epoch = spec.steps_per_epoch
    if step and step % (per_epoch * math.ceil(GLANCE_EVERY / per_epoch)) == 0:
        return None
    every = max(10, min(GLANCE_EVERY, spec.steps // GLANCES))
    if until:
        every = min(every, GLANCE_EVERY_UNTIL)
    return GLANCE if step and step % every == 0 else 0


def fit(
    spec: RunSpec,
    *,
    resume: bytes | None = None,
    steering: Steering | None = None,
    images: data.Images | None = None,
    until: float | None = None,
) -> Iterator[Event]:
    """Train, and say what happens.

    Two runs of one spec on one machine with as many threads give the same numbers, and a run that
    is resumed gives those of one that was never interrupted.

    Args:
        spec: what to train. Where a run is resumed it may ask for more epochs than before.
        resume: a checkpoint of the run, to go on from.
        steering: read before every step.
        images: the data, in the place of the spec's data set.
        until: end the run as soon as the whole test set is read with this accuracy; it is then
            glanced at more often.

    Yields:
        ``Started`` first; ``Finished`` or ``Failed`` last.

    Raises:
        ValueError: the checkpoint is none or does not fit the spec, or the device is not there.
        DataError: the data set cannot be had.
    """
    begun = time.perf_counter()
    state = None if resume is None else checkpoint.unpack(resume)
    run = _Run(spec, steering or Steering(), images or data.load(spec.dataset), state, until)
    run.seconds_loading = time.perf_counter() - begun
    return run.events()


class _Run:
    """Where a run stands; its methods yield the events."""

    def __init__(
        self,
        spec: RunSpec,
        steering: Steering,
        images: data.Images,
        state: checkpoint.State | None,
        until: float | None,
    ) -> None:
        self.engine = Engine(spec, images, state.matmul if state else None)
        self.spec, self.steering, self.until = spec, steering, until
        self.step, self.seconds, self.rate = 0, 0.0, spec.learning_rate
        if state:
            self._resume(state)
        self.first = self.step
        self.seconds_before = self.seconds
        self.seconds_evaluating = self.seconds_loading = 0.0
        self.copy = self.step, self.engine.state()
        self.rates: list[float] = []  # of the steps since the copy
        self.kernels = _kernels(self.engine)

    def _resume(self, state: checkpoint.State) -> None:
        if state.spec.architecture.layers != self.spec.architecture.layers:
            raise ValueError("The checkpoint is of another network than the one to train.")
        remembers = any(name.startswith(checkpoint.OPTIMISER) for name in state.tensors)
        if state.step and not remembers and self.spec.optimiser != "sgd":
            raise ValueError("The checkpoint holds weights alone: it cannot be resumed.")
        self.engine.restore(state.tensors)
        self.step, self.seconds = state.step, state.seconds
        self.rate = self.rate if state.rate is None else state.rate

    def events(self) -> Iterator[Event]:
        """All events of this start."""
        spec = self.spec
        yield Started(
            steps=spec.steps,
            steps_per_epoch=self.engine.batches.per_epoch,
            parameters=spec.architecture.parameters,
            images=self.engine.batches.count,
            device=self.engine.device.type,
            precision=spec.precision,
            matmul=self.engine.matmul,
            seconds_loading=self.seconds_loading,
            first_step=self.first,
        )
        if self.step == 0:
            yield self._snapshot()
            yield self._checkpoint()
        accuracy: float | None = None
        while self.step < spec.steps and not self.steering.stop:
            accuracy = None
            if (stepped := self._train()) is None:
                yield from self._fail(self.step + 1)
                return
            yield stepped
            last = self.step == spec.steps
            count = None if last else evaluates(self.step, spec, self.until is not None)
            saves = last or keeps_checkpoint(self.step)
            shows = last or self.step % SNAPSHOT_EVERY == 0
            if (saves or shows or count != 0) and not self.engine.finite():
                yield from self._fail(self.step)
                return
            if shows:
                yield self._snapshot()
            if count != 0:
                found = self._evaluate(count)
                yield found
                if count is not None and self.until and found.accuracy >= self.until:
                    count, found = None, self._evaluate(None)
                    yield found
                accuracy = found.accuracy if count is None else None
            if self.until and accuracy is not None and accuracy >= self.until:
                break
            if saves and not last:
                yield self._checkpoint()
        yield from self._finish(accuracy)

    def _finish(self, accuracy: float | None) -> Iterator[Event]:
        if accuracy is None:
            found = self._evaluate(None)
            accuracy = found.accuracy
            yield found
        yield self._checkpoint()
        reason: Reason = "stopped" if self.step < self.spec.steps else "done"
        if self.until and accuracy >= self.until:
            reason = "until"
        seconds = self.seconds - self.seconds_before
        images = self._images(self.step) - self._images(self.first)
        yield Finished(
            step=self.step,
            reason=reason,
            test_accuracy=accuracy,
            seconds=self.seconds,
            images_per_second=images / seconds if seconds else 0.0,
            seconds_evaluating=self.seconds_evaluating,
            seconds_loading=self.seconds_loading,
        )

    def _train(self) -> Stepped | None:
        """The next step; None where its loss is not finite."""
        begun = time.perf_counter()
        if self.steering.learning_rate is not None:
            low, high = BOUNDS["learning_rate"]
            self.rate = min(max(self.steering.learning_rate, low), high)
        copies = self.step % COPY_EVERY == 0 and self.step > self.copy[0]
        copy = (self.step, self.engine.state()) if copies else None
        rate = self.spec.rate(self.step + 1, self.rate)
        done = self.engine.step(self.step + 1, rate)
        self.seconds += time.perf_counter() - begun
        if done is None:
            return None
        if copy:  # whose loss is known to be finite only now
            self.copy, self.rates = copy, []
        self.step += 1
        self.rates.append(rate)
        value, right, count = done
        return Stepped(
            step=self.step,
            epoch=self.step / self.engine.batches.per_epoch,
            loss=value,
            accuracy=right / count,
            learning_rate=rate,
            seconds=self.seconds,
            images=self._images(self.step),
        )

    def _images(self, step: int) -> int:
        epochs, batches = divmod(step, self.engine.batches.per_epoch)
        return epochs * self.engine.batches.count + batches * self.spec.batch_size

    def _evaluate(self, count: int | None) -> Evaluated:
        begun = time.perf_counter()
        cost, answers, right = self.engine.evaluate(count)
        self.seconds_evaluating += time.perf_counter() - begun
        return Evaluated(self.step, len(answers), cost, right / len(answers), answers)

    def _snapshot(self) -> Snapshot:
        kernels = {
            name: weights.detach().cpu().contiguous().numpy().copy()
            for name, weights in self.kernels.items()
        }
        return Snapshot(self.step, kernels)

    def _checkpoint(self) -> Checkpoint:
        changed = None if self.rate == self.spec.learning_rate else self.rate
        state = checkpoint.State(
            self.spec, self.step, self.engine.state(), changed, self.seconds, self.engine.matmul
        )
        return Checkpoint(self.step, checkpoint.pack(state))

    def _fail(self, step: int) -> Iterator[Event]:
        """The checkpoint of the last good weights, and the end.

        Args:
            step: whose loss, or whose weights, are not finite.
        """
        good = max(self.copy[0], self.step - 1)
        self.step = self.copy[0]
        self.engine.restore(self.copy[1])
        while self.step < good:
            self.engine.step(self.step + 1, self.rates[self.step - self.copy[0]])
            self.step += 1
        yield self._checkpoint()
        yield Failed(
            step,
            f"The loss became infinite or undefined at step {step}: start again from step {good} "
            "with a lower learning rate.",
        )


def _kernels(engine: Engine) -> dict[str, Tensor]:
    """The weights that a snapshot shows, by layer."""
    found: dict[str, Tensor] = {}
    for name, module in engine.model.named_children():
        if isinstance(module, nn.Conv2d) and (
            not found or module.weight.numel() < SNAPSHOT_WEIGHTS
        ):
            found[name] = module.weight
    return found
