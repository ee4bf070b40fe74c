"""Hints: each trouble is seen on its own curve, and none on a healthy one."""

import numpy as np
import pytest

from explorer.view import hints
from explorer.view.hints import Signs

SPEC = {
    "learning_rate": 0.001,
    "optimiser": "adam",
    "images": None,
    "augmentation": "none",
    "dropout": 0.0,
}
N = 400


def floats(values) -> np.ndarray:
    return np.asarray(values, np.float32)


def signs(loss, accuracy, tests=(), **changes) -> Signs:
    facts = {name: changes.pop(name) for name in ("failed", "dead", "layer") if name in changes}
    rows = floats([[i, cost, 0.9, 1000] for i, cost in enumerate(tests)]).reshape(-1, 4)
    return Signs(floats(loss), floats(accuracy), rows, {**SPEC, **changes}, **facts)


def kinds(found: Signs) -> list[str]:
    return [hint.kind for hint in hints.hints(found)]


def falling(to: float = 0.1) -> np.ndarray:
    return to + (2.3 - to) * np.exp(-np.arange(N) / 30)


def rising(to: float = 0.97) -> np.ndarray:
    return 0.1 + (to - 0.1) * (1 - np.exp(-np.arange(N) / 30))


def test_a_run_that_learns_is_left_alone():
    assert kinds(signs(falling(), rising(), [0.5, 0.3, 0.2, 0.15, 0.14])) == []


@pytest.mark.parametrize("n", [0, 1, 50])
def test_nothing_is_said_of_the_first_steps(n):
    assert kinds(signs(np.full(n, 2.3), np.full(n, 0.1))) == []


def test_a_loss_that_grows_diverges_and_the_remedy_is_a_tenth_of_the_rate():
    loss = np.concatenate([np.linspace(2.3, 1.0, 100), np.linspace(1.0, 30, 300)])
    (hint,) = hints.hints(signs(loss, np.full(N, 0.3), learning_rate=3.0, optimiser="sgd"))
    assert hint.kind == "diverging"
    assert hint.remedy == {"learning_rate": 0.3}


def test_a_loss_that_is_no_number_any_more_diverges_however_short_the_run():
    assert kinds(signs([2.3, 90.0], [0.1, 0.1], failed=True)) == ["diverging"]


def test_noise_is_no_divergence():
    noise = np.random.default_rng(0).normal(0, 0.05, N)
    assert kinds(signs(falling() + noise, rising())) == []


def test_a_run_that_jumped_and_guesses_is_stuck_for_too_high_a_rate():
    loss = np.full(N, 2.3)
    loss[5:15] = 40
    (hint,) = hints.hints(signs(loss, np.full(N, 0.1), learning_rate=3.0, optimiser="sgd"))
    assert hint.kind == "stuck"
    assert hint.remedy == {"learning_rate": 0.3}


def test_a_run_that_hardly_moves_is_stuck_for_too_low_a_rate():
    loss = np.linspace(2.31, 2.29, N)
    (hint,) = hints.hints(signs(loss, np.full(N, 0.12), learning_rate=1e-5, optimiser="adam"))
    assert hint.kind == "stuck"
    assert hint.remedy == {"learning_rate": 1e-4}


def test_dead_units_are_told_with_their_layer():
    (hint,) = hints.hints(signs(falling(), rising(), dead=0.5, layer="conv1"))
    assert hint.kind == "dead"
    assert "50 %" in hint.seen
    assert "conv1" in hint.seen


def test_a_test_loss_that_turns_is_overfitting_and_few_images_are_the_first_suspect():
    tests = [1.0, 0.5, 0.4, 0.45, 0.5, 0.6]
    (hint,) = hints.hints(signs(falling(0.001), rising(1.0), tests, images=500))
    assert hint.kind == "overfitting"
    assert hint.remedy["images"] is None
    (hint,) = hints.hints(signs(falling(0.001), rising(1.0), tests))
    assert hint.remedy == {"augmentation": "shift", "dropout": 0.5}


def test_one_worse_evaluation_is_no_overfitting():
    assert kinds(signs(falling(0.001), rising(1.0), [1.0, 0.5, 0.4, 0.3, 0.4])) == []


def test_a_slow_run_is_told_to_take_longer_steps():
    (hint,) = hints.hints(
        signs(np.linspace(2.3, 1.5, N), np.linspace(0.1, 0.5, N), learning_rate=0.01)
    )
    assert hint.kind == "slow"
    assert hint.remedy == {"learning_rate": 0.03}


def test_a_remedy_stays_within_the_bounds_of_a_rate():
    (hint,) = hints.hints(signs([2.3], [0.1], failed=True, learning_rate=1e-6))
    assert hint.remedy == {"learning_rate": 1e-6}
