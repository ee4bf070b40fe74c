"""Steps are taken on a copy, and taking them back restores every byte."""

import numpy as np
import pytest
import streamlit as st

from explorer.network import stepping, zoo
from explorer.state import descent
from tests.network.untouched import untouched

COST = "categorical_crossentropy"


@pytest.fixture(autouse=True)
def session(monkeypatch):
    """A session of its own."""
    monkeypatch.setattr(st, "session_state", {})


def bar(target: int = 1, cost: str = COST):
    image = np.zeros((28, 28), np.float32)
    image[5:23, 13:15] = 1
    return descent.asked(image, target, cost)


def take(count: int = 1, *, on: str = "image", rate: float = 0.1, network="default", asked=None):
    descent.take(network, asked or bar(), on, rate, count)
    return descent.current(network)


def test_undo_takes_back_a_press_and_restores_every_byte():
    first = take().weights
    kept = first.tobytes()
    assert kept != stepping.flat(zoo.shared("default")).tobytes()
    walk = take(10)
    assert (walk.count, len(walk.steps)) == (11, 11)
    assert walk.weights.tobytes() != kept
    descent.undo("default")
    walk = descent.current("default")
    assert walk.weights.tobytes() == kept
    assert (walk.count, len(walk.steps)) == (1, 1)
    descent.undo("default")
    assert descent.current("default").weights is None
    descent.undo("default")
    assert descent.current("default").count == 0


def test_reset_is_the_network_as_it_came():
    take(2)
    descent.reset("default")
    assert descent.current("default") == descent.Walk()
    here = descent.tried("default", bar(), "image", (0.1,)).slope.weights
    assert here.tobytes() == stepping.flat(zoo.shared("default")).tobytes()


@pytest.mark.parametrize("on", ["image", "batch"])
def test_a_step_is_what_was_tried_and_the_network_of_all_stays_as_it_is(on):
    model = zoo.shared("default")
    with untouched(model):
        tried = descent.tried("default", bar(), on, (0.01, 0.1))
        walk = take(on=on)
    assert walk.weights.tobytes() == stepping.stepped(model, tried.slope, 0.1).tobytes()
    step = walk.steps[0]
    for which, (before, after) in (("image", step.image), ("batch", step.batch)):
        assert before == pytest.approx(tried.before[which], rel=1e-5)
        assert after == pytest.approx(tried.after[which][1], rel=1e-5)
    assert tried.slope.loss == pytest.approx(tried.before[on], rel=1e-5)


def test_what_was_tried_is_remembered_until_anything_of_it_changes():
    first = descent.tried("default", bar(), "image", (0.1,))
    assert descent.tried("default", bar(), "image", (0.1,)) is first
    for asked in (bar(target=2), bar(cost="root_mean_squared_error")):
        assert descent.tried("default", asked, "image", (0.1,)) is not first
    before = descent.tried("default", bar(), "image", (0.1,))
    take()
    assert descent.tried("default", bar(), "image", (0.1,)).before != before.before


def test_the_chart_of_steps_is_of_the_last_ones_for_the_same_question():
    take(2)
    walk = take(3, asked=bar(target=7), rate=0.01)
    assert walk.steps_for((bar(), "image")) == []
    found = walk.steps_for((bar(target=7), "image"))
    assert [step[0] for step in found] == [0, 0.01, 0.01, 0.01]
    assert [step[1] for step in found[1:]] == [step.image[1] for step in walk.steps[2:]]
    assert found[0][1:] == (walk.steps[2].image[0], walk.steps[2].batch[0])


def test_a_step_that_overflows_is_refused_and_those_before_it_are_kept():
    kept = take().weights
    walk = take(10, rate=1e38)
    assert "smaller learning rate" in walk.refused
    assert walk.weights is kept
    assert walk.count == 1
    assert take().refused == ""


def test_what_a_session_keeps_is_bounded(monkeypatch):
    monkeypatch.setattr(descent, "MAX_BYTES", 2 * stepping.flat(zoo.shared("default")).nbytes)
    monkeypatch.setattr(descent, "MAX_STEPS", 3)
    for _ in range(5):
        walk = take()
    assert (len(walk.pasts), len(walk.steps), walk.count) == (2, 3, 5)
    for network in ("dense", "pool-max", "pool-average"):
        take(network=network)
    assert descent.current("default").count == 0
    assert descent.current("dense").count == 1
