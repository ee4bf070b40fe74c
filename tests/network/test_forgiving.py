"""A network's accuracy under shifts, kept for whoever asks next."""

import numpy as np
import pytest

from explorer.data import mnist
from explorer.network import forgiving, shifts


@pytest.fixture
def few(monkeypatch):
    images, labels = mnist.test_set()
    monkeypatch.setattr(forgiving.mnist, "test_set", lambda: (images[:150], labels[:150]))
    monkeypatch.setattr(forgiving.shifts, "shipped", dict)


def test_a_measurement_goes_batch_by_batch_to_its_curve(few):
    work = forgiving.Reading("default")
    assert (work.done, work.curve) == (0, None)
    steps = 0
    while work.curve is None:
        work.step()
        steps += 1
    assert steps == 3
    assert work.done == 1
    assert work.curve.images == 150
    assert work.curve.mean[0] > 0.95
    work.step()


def test_a_shipped_curve_is_there_at_once():
    work = forgiving.Reading("default")
    assert work.curve is not None
    assert np.array_equal(work.curve.mean, shifts.shipped()["default"].mean)


def test_everybody_shares_one_measurement():
    assert forgiving.reading("article") is forgiving.reading("article")
