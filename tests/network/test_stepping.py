"""A step is the optimiser's own, bit for bit, and is taken on a copy."""

import copy

import numpy as np
import pytest
import torch

from explorer.network import losses, stepping, zoo
from explorer.network.stepping import Examples
from tests.network.test_nudging import COSTS, DEEP, built
from tests.network.untouched import untouched


def examples(cost: str = COSTS[0], count: int = 3):
    images = np.random.default_rng(2).random((count, 10, 10)).astype(np.float32)
    return Examples(images, np.arange(count) % 4, cost)


def by_optimiser(model, asked: Examples, rate: float, count: int = 1):
    """A copy after steps of PyTorch's own optimiser."""
    own = copy.deepcopy(model).eval().requires_grad_(True)
    optimiser = torch.optim.SGD(own.parameters(), lr=rate)
    x, y = torch.from_numpy(asked.images)[:, None], torch.from_numpy(asked.labels)
    for _ in range(count):
        optimiser.zero_grad()
        losses.loss(asked.cost, own(x), y).backward()
        optimiser.step()
    return own


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("rate", [1e-3, 0.1, 3.0])
def test_a_step_is_that_of_torch_s_sgd_bit_for_bit(cost, rate):
    model, asked = built(DEEP), examples(cost)
    with untouched(model):
        after = stepping.take(model, stepping.flat(model), asked, rate)
    assert after.tobytes() == stepping.flat(by_optimiser(model, asked, rate)).tobytes()


def test_ten_steps_on_the_default_network_are_those_of_torch_s_sgd():
    model = zoo.shared("default")
    images = np.random.default_rng(4).random((2, 28, 28)).astype(np.float32)
    asked = Examples(images, np.array([3, 5]), COSTS[0])
    weights = stepping.flat(model)
    with untouched(model):
        for _ in range(10):
            weights = stepping.take(model, weights, asked, 0.05)
    expected = stepping.flat(by_optimiser(model, asked, 0.05, 10))
    assert weights.tobytes() == expected.tobytes()


def test_the_slope_is_the_gradient_and_promises_a_line():
    model, asked = built(DEEP), examples()
    here = stepping.slope(model, stepping.flat(model), asked)
    own = copy.deepcopy(model).requires_grad_(True)
    asked.loss(own).backward()
    expected = np.concatenate([p.grad.numpy().ravel() for p in own.parameters()])
    np.testing.assert_array_equal(here.gradient, expected)
    squared = float(np.square(expected.astype(np.float64)).sum())
    assert here.squared == pytest.approx(squared, rel=1e-12)
    assert here.promised(0.5) == pytest.approx(here.loss - 0.5 * squared)
    small = stepping.losses_at(model, here, [1e-3], [asked])[0, 0]
    assert small - here.loss == pytest.approx(-1e-3 * squared, rel=0.05)


def test_losses_at_are_those_of_the_stepped_networks_and_start_from_the_same_weights():
    model, asked = built(DEEP), [examples(), examples(count=1)]
    here = stepping.slope(model, stepping.flat(model), asked[0])
    kept = here.weights.copy()
    with untouched(model):
        found = stepping.losses_at(model, here, [0.1, 2.0], asked)
    np.testing.assert_array_equal(here.weights, kept)
    for i, rate in enumerate((0.1, 2.0)):
        after = stepping.with_weights(model, stepping.stepped(model, here, rate))
        expected = [stepping.loss_of(after, each) for each in asked]
        assert found[:, i].tolist() == pytest.approx(expected, rel=1e-5)


def test_an_overflow_is_inf_in_the_curve_and_refused_as_a_step():
    model, asked = built(DEEP), examples()
    here = stepping.slope(model, stepping.flat(model), asked)
    with untouched(model):
        assert stepping.losses_at(model, here, [1e38], [asked])[0, 0] == np.inf
        with pytest.raises(ValueError, match="smaller learning rate"):
            stepping.take(model, here.weights, asked, 1e38)


def test_weights_of_another_length_are_refused():
    model = built(DEEP)
    with untouched(model), pytest.raises(ValueError, match="parameters"):
        stepping.with_weights(model, np.zeros(3, np.float32))


def test_a_layer_s_weights_are_found_among_all():
    model = built(DEEP)
    weights = stepping.flat(model)
    for layer in ("conv1", "conv2", "dense1", "output"):
        expected = model.get_parameter(f"{layer}.weight").numpy()
        np.testing.assert_array_equal(stepping.layer_weights(model, weights, layer), expected)
    with pytest.raises(ValueError, match="no layer"):
        stepping.layer_weights(model, weights, "pool1")
