"""The run that ships: each of its steps is a network of its own, and reads as well as is said."""

import pytest
import torch
from safetensors import safe_open

from explorer.data import mnist
from explorer.network import evaluate, learning, zoo


def test_it_begins_before_learning_and_ends_well():
    steps, shares = learning.steps(), learning.accuracies()
    assert steps[0] == 0
    assert list(steps) == sorted(steps)
    assert shares[0] < 0.2
    assert shares[steps[-1]] > 0.98


def test_a_step_s_key_gives_exactly_the_weights_that_were_stored():
    with safe_open(learning.WEIGHTS, framework="pt") as file:
        for step in (0, 50, learning.steps()[-1]):
            model = zoo.shared(f"run-shipped-{step}")
            assert model.network.name == f"run-shipped-{step}"
            assert not model.training
            for name, value in model.state_dict().items():
                assert torch.equal(value, file.get_tensor(f"{step}/{name}"))


def test_what_is_said_of_a_step_was_measured_on_all_test_images():
    images, labels = mnist.test_set()
    guesses = evaluate.predict(learning.load(50), images).argmax(1)
    assert abs((guesses == labels).mean() - learning.accuracies()[50]) <= 1e-3


@pytest.mark.parametrize(
    "key", ["run-shipped-3", "run-shipped-01", "run-shipped-", "run-shipped--1", "run-other-0", ""]
)
def test_other_keys_are_none_of_its_steps(key):
    assert learning.step_of(key) is None
    assert not zoo.held(key)


def test_a_step_that_was_not_kept_is_refused():
    with pytest.raises(ValueError, match="step 3 was not kept"):
        learning.load(3)
