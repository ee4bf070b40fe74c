"""Routing by cases worked out by hand, and every sum that is shown against autograd."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from explorer.network import gradients, passing, zoo
from explorer.network.answers import IMAGE
from explorer.network.architecture import Network
from explorer.network.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D
from explorer.network.making import weights

CORNER = np.array(
    [[1, 2, 0, 5], [4, 3, 6, 0], [9, 0, 7, 7], [0, 8, 7, 0]],
    np.float32,
)


def stage_of(network, model, image, operation, target=0):
    found = gradients.backward(model, image, target)
    return next(s for s in passing.stages(network, found) if s.operation == operation)


def pooled(layer):
    """A pooling straight on the input, and two units that weigh its cells by 1, 2, 3, … and 0."""
    network = Network("pooled", (layer, Flatten(), Dense(2, activation="softmax")), (1, 4, 4))
    model = network.build().eval()
    cells = network.rows[1].output_shape[0]
    with torch.no_grad():
        output = model.get_submodule("output")
        output.weight.copy_(torch.stack([torch.arange(1.0, cells + 1), torch.zeros(cells)]) / 100)
    return network, model


def test_max_pooling_hands_a_gradient_to_the_winner_of_its_window_alone():
    network, model = pooled(MaxPooling2D(2))
    stage = stage_of(network, model, CORNER, "max")
    push = -1 / (1 + np.exp((4 * 1 + 6 * 2 + 9 * 3 + 7 * 4) / 100))  # p − y of the target
    hand = np.zeros((4, 4))
    # The winners: 4 and 6, then 9, and of the three sevens the first in reading order.
    hand[1, 0], hand[1, 2], hand[2, 0], hand[2, 2] = 0.01, 0.02, 0.03, 0.04
    np.testing.assert_allclose(stage.leaves[0], push * hand, rtol=1e-5)
    assert stage.winners.tolist() == [[[4, 6], [8, 10]]]
    assert stage.reached == 4


def test_a_winner_of_windows_that_overlap_gets_the_sum():
    network, model = pooled(MaxPooling2D(3, 1))
    stage = stage_of(network, model, CORNER, "max")
    # Of the four 3×3 windows the 9 wins the two on the left, the 7 in its row the upper right one.
    assert stage.winners.tolist() == [[[8, 10], [8, 13]]]
    shares = stage.leaves[0] / stage.leaves[0][2, 0]
    assert shares[2, 0] == 1
    assert shares[2, 2] == pytest.approx(2 / 4)
    assert shares[3, 1] == pytest.approx(4 / 4)
    assert stage.reached == np.count_nonzero(stage.leaves) == 3


def test_average_pooling_shares_a_gradient_equally():
    network, model = pooled(AveragePooling2D(2))
    stage = stage_of(network, model, CORNER, "average")
    expected = np.kron(stage.arrives, np.full((1, 2, 2), 0.25))
    np.testing.assert_allclose(stage.leaves, expected, rtol=1e-6)


def test_relu_blocks_where_it_was_off_and_changes_nothing_elsewhere():
    network = Network(
        "line", (Flatten(), Dense(4, activation="relu"), Dense(2, activation="softmax")), (1, 1, 1)
    )
    model = network.build().eval()
    with torch.no_grad():
        model.get_parameter("dense1.weight").copy_(torch.tensor([[1.0], [-1.0], [0.0], [2.0]]))
        model.get_parameter("output.weight").copy_(
            torch.tensor([[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0]])
        )
    # Sums 1, −1, 0, 2: a sum of zero is off, too. z = 1·1 + 4·2 = 9 against 0.
    stage = stage_of(network, model, np.ones((1, 1), np.float32), "relu", target=1)
    p = 1 / (1 + np.exp(-9))
    np.testing.assert_allclose(stage.arrives, p * np.array([1, 2, 3, 4]), rtol=1e-5)
    np.testing.assert_allclose(stage.leaves, p * np.array([1, 0, 0, 4]), rtol=1e-5)
    assert stage.blocked == 2
    assert stage.name == "ReLU of dense1"


def test_the_way_leads_from_the_loss_to_the_input_without_a_gap():
    model = zoo.shared("default")
    image = np.random.default_rng(0).random((28, 28), np.float32)
    way = passing.stages(model.network, gradients.backward(model, image, 1))
    assert [stage.name for stage in way] == [
        *("Loss", "output", "ReLU of dense1", "dense1", "flatten", "pool2", "ReLU of conv2"),
        *("conv2", "pool1", "ReLU of conv1", "conv1"),
    ]
    assert way[-1].source == IMAGE
    for stage, following in pairwise(way):
        np.testing.assert_array_equal(stage.leaves, following.arrives)
        assert stage.values.shape == stage.leaves.shape


@pytest.mark.parametrize("name", sorted(zoo.NETWORKS))
def test_every_network_has_a_way_back(name):
    model = zoo.shared(name)
    found = gradients.backward(model, np.full((28, 28), 0.5, np.float32), 1)
    way = passing.stages(model.network, found)
    assert way[-1].source == IMAGE


def test_a_batch_normalisation_multiplies_each_map_by_its_scale():
    model = zoo.shared("fast")
    image = np.random.default_rng(0).random((28, 28), np.float32)
    way = passing.stages(model.network, gradients.backward(model, image, 1))
    for stage in way:
        if stage.operation == "scale":
            own = passing.scales(model, stage.row.name)
            own = own.reshape(-1, *[1] * (stage.arrives.ndim - 1))
            np.testing.assert_allclose(stage.leaves, stage.arrives * own, rtol=1e-5)


@pytest.mark.parametrize("side", [3, 2])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_the_sums_are_the_gradients_of_autograd(padding, stride, side):
    network = Network(
        "sums",
        (
            Conv2D(2, 3, activation="relu"),
            Conv2D(3, side, stride, padding, "relu"),
            Flatten(),
            Dense(2, activation="softmax"),
        ),
        (1, 11, 10),
    )
    torch.manual_seed(1)
    model = network.build().eval()
    image = np.random.default_rng(1).random((11, 10), np.float32)
    found = gradients.backward(model, image, 1)
    row = network.rows[1]
    reads, gradient = found.after["conv1"], found.to_before["conv2"]
    for kernel in range(3):
        for channel in range(2):
            own = passing.by_weights(row, reads, gradient, kernel, channel)
            exact = found.to_weights["conv2"][kernel, channel]
            np.testing.assert_allclose(own.output, exact, rtol=1e-4, atol=1e-7)
            assert (own.dilation, own.output.shape) == (stride, (side, side))
            for i in range(side):
                for j in range(side):
                    parts = passing.products(row, reads, gradient, (kernel, channel, i, j))
                    assert parts.shape == gradient.shape[1:]
                    assert parts.sum() == pytest.approx(exact[i, j], rel=1e-4, abs=1e-7)
    for channel in range(2):
        back = passing.by_input(row, weights(model, "conv2"), gradient, reads.shape, channel)
        np.testing.assert_allclose(
            back.output, found.to_after["conv1"][channel], rtol=1e-4, atol=1e-7
        )
