"""A weight nudged: the losses are those of the changed network, the slope is that of the loss."""

import copy

import numpy as np
import pytest
import torch

from explorer.network import losses, nudging
from explorer.network.architecture import Network
from explorer.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    MaxPooling2D,
)
from tests.network.untouched import untouched

COSTS = ("categorical_crossentropy", "binary_crossentropy", "root_mean_squared_error")
DEEP = Network(
    "deep",
    (
        Conv2D(3, 3, padding="same", activation="relu"),
        MaxPooling2D(2),
        BatchNormalization(),
        Conv2D(2, 2, strides=2, activation="relu"),
        AveragePooling2D(2, 1),
        Flatten(),
        Dense(5, activation="relu"),
        Dense(4, activation="softmax"),
    ),
    (1, 10, 10),
)
PLACES = [("conv1", (2, 0, 1, 0)), ("conv2", (1, 2, 0, 1)), ("dense1", (3, 1)), ("output", (0, 4))]


def built(network: Network):
    torch.manual_seed(18)
    model = network.build().eval().requires_grad_(False)
    for name, parameter in model.named_parameters():
        # With this seed the ReLUs are on: what is off has no gradient to get wrong.
        parameter.add_(0.3 * torch.randn(parameter.shape) + 0.3 * name.endswith("bias"))
    return model


def image(side: int = 10):
    return np.random.default_rng(1).random((side, side)).astype(np.float32)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize(("layer", "index"), PLACES, ids=[place[0] for place in PLACES])
def test_the_losses_are_those_of_the_network_with_that_weight(layer, index, cost):
    model, offsets = built(DEEP), np.linspace(-1, 1, 9)
    with untouched(model):
        found = nudging.nudge(model, image(), 2, cost, layer, index, offsets)
    x = torch.from_numpy(image()).double()[None, None]
    for offset, loss in zip(offsets, found.losses, strict=True):
        changed = copy.deepcopy(model).double()
        changed.get_parameter(f"{layer}.weight")[index] += offset
        expected = losses.loss(cost, changed(x), torch.tensor([2]))
        assert loss == pytest.approx(float(expected), rel=1e-12, abs=1e-14)
    assert found.weight == pytest.approx(float(model.get_parameter(f"{layer}.weight")[index]))
    np.testing.assert_allclose(found.tangent, found.loss + found.slope * offsets)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize(("layer", "index"), PLACES, ids=[place[0] for place in PLACES])
def test_the_slope_is_the_finite_difference_of_the_loss(layer, index, cost):
    found = nudging.check(built(DEEP), image(), 1, cost, layer, index)
    assert abs(found.analytic) > 1e-4
    assert found.agrees
    assert found.relative < 1e-5
    assert not found.bends


def one_weight(*layers):
    """A network of one convolution weight, 0, and two logits: what it makes and its negative."""
    network = Network("one", (*layers, Flatten(), Dense(2, activation="softmax")), (1, 2, 2))
    model = network.build().eval().requires_grad_(False)
    model.get_parameter("conv1.weight").zero_()
    return model


def test_at_a_relu_s_kink_the_two_differ_and_the_kink_is_named():
    model = one_weight(Conv2D(1, 2, activation="relu"))
    model.get_parameter("output.weight")[:] = torch.tensor([[1.0], [0.0]])
    paper = np.array([[1, 0], [0, 0]], np.float32)
    found = nudging.check(model, paper, 0, COSTS[0], "conv1", (0, 0, 0, 0))
    # Left of 0 the ReLU is off. Right of it L = log(1 + exp(−w)), whose slope at 0 is −1/2.
    assert found.analytic == 0
    assert found.left == 0
    assert found.right == pytest.approx(-0.5, abs=1e-5)
    assert found.numeric == pytest.approx(-0.25, abs=1e-5)
    assert (found.switched, found.rerouted) == (1, 0)
    assert found.bends
    assert not found.agrees


def test_at_a_tie_of_max_pooling_the_two_differ_and_the_tie_is_named():
    model = one_weight(Conv2D(1, 1), MaxPooling2D(2))
    model.get_parameter("output.weight")[:] = torch.tensor([[1.0], [0.0]])
    paper = np.array([[1, 2], [3, 4]], np.float32)
    found = nudging.check(model, paper, 0, COSTS[0], "conv1", (0, 0, 0, 0))
    # max(w, 2w, 3w, 4w) is 4w right of 0 and w left of it; autograd takes the first of the four.
    assert found.analytic == pytest.approx(-0.5)
    assert found.left == pytest.approx(-0.5, abs=1e-4)
    assert found.right == pytest.approx(-2, abs=1e-4)
    assert found.numeric == pytest.approx(-1.25, abs=1e-4)
    assert (found.switched, found.rerouted) == (0, 1)
    assert not found.agrees


def test_every_relu_and_window_that_changes_is_counted():
    model = one_weight(Conv2D(1, 1, activation="relu"), MaxPooling2D(2))
    model.get_parameter("conv1.weight").fill_(-1)
    model.get_parameter("conv1.bias").fill_(2.5)
    paper = np.array([[1, 2], [3, 4]], np.float32)
    offsets = np.array([-1.0, 0.0, 0.5, 3.0])
    found = nudging.nudge(model, paper, 0, COSTS[0], "conv1", (0, 0, 0, 0), offsets)
    # Sums 2.5 + w·(1, 2, 3, 4): at w = −1 the first two are above 0, and the first is the winner.
    assert found.switched.tolist() == [1, 0, 2, 2]  # −2: 0.5 alone; −0.5: all; 2: all
    assert found.rerouted.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("layer", "index", "target"),
    [
        ("conv9", (0, 0, 0, 0), 0),
        ("flatten", (0, 0), 0),
        ("conv1", (0, 0), 0),
        ("conv1", (3, 0, 0, 0), 0),
        ("dense1", (-1, 0), 0),
        ("dense1", (0, 0), 4),
    ],
)
def test_what_is_not_there_is_refused_and_leaves_nothing_behind(layer, index, target):
    model = built(DEEP)
    with untouched(model), pytest.raises(ValueError, match=r"no layer|no weight|classes"):
        nudging.nudge(model, image(), target, COSTS[0], layer, index, np.zeros(1))


def test_a_network_in_training_mode_is_refused():
    model = built(DEEP).train()
    with untouched(model), pytest.raises(ValueError, match="evaluation"):
        nudging.check(model, image(), 0, COSTS[0], "dense1", (0, 0))
