"""What is read on from the store is what the store holds, whatever happened in between."""

from types import SimpleNamespace

import numpy as np
import pytest

from explorer.state import recorded
from explorer.training.records import POINT, Evaluation


class Store:
    """A store in memory, in which a resumed run tells its steps again."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, float]] = []
        self.tests: list[Evaluation] = []
        self.asked: list[int] = []

    def points(self, run: str, since: int) -> np.ndarray:
        self.asked.append(since)
        rows = {step: loss for step, loss in self.rows if step > since}
        return np.array([(s, 0, loss, 0, 0, 0, 0) for s, loss in sorted(rows.items())], POINT)

    def evaluations(self, run: str, since: int) -> list[Evaluation]:
        return [e for e in self.tests if e.step > since]

    def take(self, steps: range, loss: float) -> None:
        self.rows = [row for row in self.rows if row[0] < steps.start]
        self.rows += [(step, loss) for step in steps]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    held = Store()
    monkeypatch.setattr(recorded, "shared", lambda: held)
    recorded._slot.cache_clear()
    return held


def at(step: int, ended: bool = False) -> SimpleNamespace:
    return SimpleNamespace(id="run", step=step, state=SimpleNamespace(ended=ended))


def evaluated(step: int, images: int) -> Evaluation:
    return Evaluation(step, images, 0.1, 0.9, np.zeros(images, np.uint8))


def test_only_what_is_new_is_asked_for(store):
    store.take(range(1, 11), 1.0)
    assert len(recorded.read(at(10)).points) == 10
    store.take(range(11, 16), 1.0)
    assert recorded.read(at(15)).points["step"].tolist() == list(range(1, 16))
    assert store.asked == [-1, 10]
    recorded.read(at(15))
    assert store.asked == [-1, 10]


def test_a_resumed_run_tells_its_last_steps_anew(store):
    store.take(range(1, 11), 1.0)
    recorded.read(at(10))
    assert recorded.read(at(4)).points["step"].tolist() == [1, 2, 3, 4]
    store.take(range(5, 9), 2.0)
    assert recorded.read(at(8)).points["loss"].tolist() == [1, 1, 1, 1, 2, 2, 2, 2]


def test_a_step_that_is_read_twice_keeps_both_readings(store):
    store.take(range(1, 11), 1.0)
    store.tests = [evaluated(10, 3)]
    assert len(recorded.read(at(10)).evaluations) == 1
    store.tests.append(evaluated(10, 7))
    assert [e.images for e in recorded.read(at(10, ended=True)).evaluations] == [3, 7]
