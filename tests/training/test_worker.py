"""A worker: what it records, and that it obeys between two batches."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from explorer.network.architecture import Network
from explorer.network.layers import Dense, Flatten
from explorer.training import loop, process, recorder, worker
from explorer.training.errors import StoreError
from explorer.training.events import (
    Checkpoint,
    Evaluated,
    Event,
    Failed,
    Finished,
    Snapshot,
    Stepped,
)
from explorer.training.loop import Steering
from explorer.training.records import Command, Run, State, Verb
from explorer.training.spec import RunSpec
from explorer.training.store import Store
from tests.training import small
from tests.training.stores import state, wait


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def little_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "fit", partial(loop.fit, images=small.images()))


def uninterrupted(spec: RunSpec) -> list[Event]:
    return list(loop.fit(spec, images=small.images()))


def numbers(events: list[Event]) -> list[tuple[int, float, float]]:
    return [(e.step, np.float32(e.loss), e.accuracy) for e in events if isinstance(e, Stepped)]


def recorded(store: Store, run: str) -> list[tuple[int, float, float]]:
    return [
        (int(p["step"]), p["loss"], pytest.approx(float(p["accuracy"]))) for p in store.points(run)
    ]


class Working:
    """A worker in a thread of this process."""

    def __init__(self, store: Store, run: str, watch: Callable[[Event], None] | None = None):
        self.done: list[Run | None] = []
        self.thread = threading.Thread(
            target=lambda: self.done.append(worker.work(store, run, watch)), daemon=True
        )
        self.thread.start()

    def end(self) -> Run | None:
        self.thread.join(60)
        return self.done[0]


def test_everything_that_the_loop_says_is_recorded(store: Store) -> None:
    spec = small.spec()
    heard: list[Event] = []
    run = store.create(spec)
    done = worker.work(store, run, heard.append)
    said = uninterrupted(spec)
    assert done
    assert (done.state, done.reason, done.step, done.steps) == (State.FINISHED, "", 12, 12)
    assert [type(event) for event in heard] == [type(event) for event in said]
    assert recorded(store, run) == numbers(said)
    tested = [e for e in said if isinstance(e, Evaluated)]
    assert [(e.step, e.accuracy) for e in store.evaluations(run)] == [
        (e.step, e.accuracy) for e in tested
    ]
    np.testing.assert_array_equal(store.evaluations(run)[-1].answers, tested[-1].answers)
    shown = [e for e in said if isinstance(e, Snapshot)]
    assert store.snapshot_steps(run) == [e.step for e in shown]
    np.testing.assert_array_equal(
        store.snapshot(run).kernels["conv1"],  # type: ignore[union-attr]
        shown[-1].kernels["conv1"],
    )
    assert store.checkpoints(run) == [e.step for e in said if isinstance(e, Checkpoint)]
    last = said[-1]
    assert isinstance(last, Finished)
    assert done.result["test_accuracy"] == last.test_accuracy == done.test_accuracy
    assert done.start["parameters"] == spec.architecture.parameters


def test_a_run_that_somebody_else_has_is_left_alone(store: Store) -> None:
    run = store.create(small.spec())
    assert store.claim(run, "other")
    assert worker.work(store, run) is None
    assert len(store.points(run)) == 0


def test_a_wanted_accuracy_ends_the_run(store: Store) -> None:
    run = store.create(small.spec(epochs=50.0), until=0.5)
    done = worker.work(store, run)
    assert done
    assert done.state is State.FINISHED
    assert done.result["reason"] == "until"
    assert done.step < done.steps


def test_a_loss_that_is_not_finite_fails_with_a_reason(store: Store) -> None:
    # No ReLU, which would die and so keep the numbers finite.
    layers = (Flatten(), Dense(12), Dense(12), Dense(10, activation="softmax"))
    network = Network("linear", layers)
    spec = small.spec(network=network, optimiser="sgd", learning_rate=100.0, epochs=50.0)
    run = store.create(spec)
    heard: list[Event] = []
    done = worker.work(store, run, heard.append)
    assert done
    assert done.state is State.FAILED
    assert isinstance(heard[-1], Failed)
    assert done.reason == heard[-1].reason
    assert store.checkpoints(run)
    assert np.isfinite(store.points(run)["loss"]).all()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "memory was full"),
        (RuntimeError("no such kernel\nat line 7"), r"broke off at step 0 \(no such kernel\)"),
        (ValueError("This machine has no cuda device: choose auto or cpu."), "no cuda device"),
    ],
)
def test_a_run_that_breaks_off_says_why(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def broken(*_: object, **__: object) -> Iterator[Event]:
        raise error

    monkeypatch.setattr(worker, "fit", broken)
    run = store.create(small.spec())
    worker.work(store, run)
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(store.run(run).reason)  # type: ignore[union-attr]
    assert store.run(run).state is State.FAILED  # type: ignore[union-attr]


def test_a_run_that_was_stopped_goes_on_as_if_it_never_was(store: Store) -> None:
    spec = small.spec(augmentation="shift", dropout=0.2)
    run = store.create(spec)

    def stop_at_seven(event: Event) -> None:
        if isinstance(event, Stepped) and event.step == 7:
            store.command(run, "stop")
            wait(lambda: told.orders)

    told = _Told()
    with told.listening():
        done = worker.work(store, run, stop_at_seven)
    assert done
    assert (done.state, done.step) == (State.STOPPED, 7)
    assert done.reason == "It was stopped at step 7."
    store.requeue(run)
    done = worker.work(store, run)
    assert done
    assert (done.state, done.attempt) == (State.FINISHED, 2)
    assert recorded(store, run) == numbers(uninterrupted(spec))


class _Told:
    """Notes the orders that reach a recorder, so that a test can wait for one."""

    def __init__(self) -> None:
        self.orders: list[Command] = []

    def listening(self) -> "pytest.MonkeyPatch":
        asked = recorder.Recorder._ask
        told = self.orders

        def ask(this: recorder.Recorder) -> None:
            asked(this)
            told.extend(this._orders)

        patch = pytest.MonkeyPatch.context()
        entered = patch.__enter__()
        entered.setattr(recorder.Recorder, "_ask", ask)
        return _Leaving(patch)  # type: ignore[return-value]


class _Leaving:
    def __init__(self, patch: object) -> None:
        self.patch = patch

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None:
        self.patch.__exit__(*error)  # type: ignore[attr-defined]


def test_a_paused_run_stands_still_and_takes_single_steps(store: Store) -> None:
    run = store.create(small.endless())
    store.command(run, "pause")
    working = Working(store, run)
    paused = state(store, run, State.PAUSED)
    assert paused.step == 1  # told before it began, it stands still after its first batch
    assert len(store.points(run)) == 1
    for step in (2, 3):
        store.command(run, "step")
        wait(lambda step=step: len(store.points(run)) >= step)
        assert store.points(run)["step"].tolist() == list(range(1, step + 1))
        assert store.run(run).state is State.PAUSED  # type: ignore[union-attr]
    store.command(run, "resume")
    assert wait(lambda: len(store.points(run)) > 20)
    store.command(run, "stop")
    done = working.end()
    assert done
    assert done.state is State.STOPPED


def test_a_paused_run_beats_its_heart(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "BEAT", 0.01)
    run = store.create(small.endless())
    store.command(run, "pause")
    working = Working(store, run)
    first = state(store, run, State.PAUSED).heartbeat
    wait(lambda: store.run(run).heartbeat > first)  # type: ignore[union-attr, operator]
    store.command(run, "stop")
    working.end()


def test_a_run_that_is_paused_for_long_is_stopped_and_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PARKED", 0.0)
    run = store.create(small.spec())
    store.command(run, "pause")
    done = worker.work(store, run)
    assert done
    assert done.state is State.STOPPED
    assert "paused for long" in done.reason
    assert store.resumable(run)


def test_a_new_learning_rate_holds_from_the_next_steps_on(store: Store) -> None:
    run = store.create(small.endless())
    working = Working(store, run)
    store.command(run, "rate", 0.25)
    wait(lambda: 0.25 in store.points(run)["learning_rate"])
    store.command(run, "stop")
    working.end()
    rates = store.points(run)["learning_rate"].tolist()
    changed = rates.index(0.25)
    assert set(rates[changed:]) == {0.25}


def test_a_worker_whose_run_is_deleted_ends(store: Store) -> None:
    run = store.create(small.endless())
    working = Working(store, run)
    wait(lambda: len(store.points(run)))

    def taken() -> bool:
        store.mark_lost(store.run(run), "")  # type: ignore[arg-type]
        try:
            store.requeue(run)
        except StoreError:  # meanwhile its worker said that it lives
            return False
        return store.claim(run, "other") is not None

    assert wait(taken)
    assert working.end() is None
    assert store.run(run).process == "other"  # type: ignore[union-attr]


class _Orders:
    """Stands for a recorder that has these orders, and raises when it is to wait for more."""

    def __init__(self, *orders: tuple[Verb, float | None] | None) -> None:
        self.orders = [each and Command(i, *each) for i, each in enumerate(orders)]
        self.told: list[State] = []

    def order(self, timeout: float = 0.0) -> Command | None:
        if self.orders:
            return self.orders.pop(0)
        if timeout:
            raise TimeoutError
        return None

    def tell(self, told: State, reason: str = "") -> None:
        self.told.append(told)


def hand(*orders: tuple[Verb, float | None] | None) -> worker.Hand:
    return worker.Hand(_Orders(*orders), Steering())  # type: ignore[arg-type]


def test_without_an_order_the_next_step_is_taken() -> None:
    hand().hold()


def test_a_pause_holds_the_very_next_step() -> None:
    paused = hand((Verb.PAUSE, None))
    with pytest.raises(TimeoutError):
        paused.hold()
    assert paused.recorder.told == [State.PAUSED]  # type: ignore[attr-defined]


def test_as_many_steps_are_taken_as_were_ordered() -> None:
    stepping = hand((Verb.STEP, None), (Verb.STEP, None))
    stepping.hold()
    stepping.hold()
    with pytest.raises(TimeoutError):
        stepping.hold()


def test_to_resume_forgets_steps_that_were_not_taken() -> None:
    resumed = hand((Verb.STEP, None), (Verb.RESUME, None), None, (Verb.PAUSE, None))
    resumed.hold()
    with pytest.raises(TimeoutError):
        resumed.hold()


def test_a_stop_ends_a_pause() -> None:
    stopped = hand((Verb.PAUSE, None), None, (Verb.STOP, None))
    stopped.hold()
    assert stopped.steering.stop


def test_slow_motion_waits_before_the_next_step() -> None:
    slow = hand((Verb.SLOW, 9.0))
    with pytest.raises(TimeoutError):
        slow.hold()
    hurried = hand((Verb.SLOW, 9.0), None, (Verb.SLOW, 0.0))
    hurried.hold()


def test_a_full_disk_ends_the_run_with_a_sentence(store: Store, tmp_path: Path) -> None:
    full = Store(f"sqlite:///{tmp_path / 'runs.sqlite'}", most_pages=30)
    run = full.create(small.spec(epochs=200.0))
    done = worker.work(full, run)
    assert done
    assert done.state is State.FAILED
    assert "no room left" in done.reason
    points = store.points(run)["step"].tolist()
    assert points == list(range(1, len(points) + 1))
    assert len(points) > 0
    full.close()


def test_a_store_that_fails_for_a_while_loses_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, calls = store.report, []

    def flaky(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) % 2:
            raise StoreError("The database is locked.")
        report(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "report", flaky)
    spec = small.spec()
    run = store.create(spec)
    done = worker.work(store, run)
    assert done
    assert done.state is State.FINISHED
    assert recorded(store, run) == numbers(uninterrupted(spec))
    assert store.checkpoints(run)[-1] == 12


@pytest.mark.parametrize("method", ["resumable", "commands", "report"])
@pytest.mark.parametrize("error", [StoreError("no such table."), KeyError("odd")])
def test_a_store_that_breaks_under_a_worker_ends_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception
) -> None:
    monkeypatch.setattr(recorder, "PATIENCE", 0.0)
    true = getattr(store, method)

    def broken(*arguments: object) -> object:
        if method != "report" or len(store.points(run)):
            raise error
        return true(*arguments)

    run = store.create(small.spec(epochs=200.0))
    store.command(run, "rate", 0.001)
    monkeypatch.setattr(store, method, broken)
    done = worker.work(store, run)
    assert done
    # Orders that cannot be read are no reason to end; what cannot be written is.
    fine = method == "commands" and isinstance(error, StoreError)
    told = State.FINISHED if fine else State.RUNNING if method == "report" else State.FAILED
    assert done.state is told


def test_many_kernels_are_thinned_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "DENSE", 1000)
    run = store.create(small.spec(epochs=100.0))
    worker.work(store, run)
    steps = store.snapshot_steps(run)
    gaps = np.diff(steps)
    assert steps[0] == 0
    assert gaps[0] == 10
    assert (np.diff(gaps[:-1]) >= 0).all()
    assert gaps.max() >= 40


def test_a_process_is_known_by_its_name() -> None:
    assert process.alive(process.name())
    assert not process.alive(process.name().replace("/", "x/", 1))
    for damaged in ("", "a/b", "a/b/c/d", "a/b/c", process.name() + "1"):
        assert not process.alive(damaged)
