"""How a map or unit was made: parts that give what the network itself computed."""

import numpy as np
import pytest
import torch

from explorer.data import mnist
from explorer.network import layers, zoo
from explorer.network.answers import answers
from explorer.network.architecture import Network
from explorer.network.making import laid_back, made, slot, weights

NETWORKS = {
    **{name: zoo.shared(name) for name in zoo.NETWORKS},
    "odd": Network(
        "odd",
        (
            layers.Conv2D(3, 4, strides=2, padding="same", activation="relu"),
            layers.AveragePooling2D(3, strides=2),
            layers.Conv2D(2, 2),
            layers.Flatten(),
            layers.Dense(4, activation="relu"),
            layers.Dense(3),
            layers.Dense(10, activation="softmax"),
        ),
    ).build(),
    "dense": Network("dense", (layers.Flatten(), layers.Dense(10, "softmax"))).build(),
}


def image(index: int = 3) -> np.ndarray:
    return mnist.test_set()[0][index].astype(np.float32) / 255


@pytest.mark.parametrize(
    ("network", "name"), [(n, row.name) for n, m in NETWORKS.items() for row in m.network.rows]
)
def test_the_output_is_what_the_network_computed(network, name):
    model = NETWORKS[network]
    found = answers(model, image())
    for index in range(min(len(found.before[name]), 12)):
        output = made(model, found.after, name, index).output
        np.testing.assert_allclose(
            output.ravel(), found.before[name][index].ravel(), atol=1e-5, rtol=1e-5
        )


@pytest.mark.parametrize(("network", "name"), [("default", "dense1"), ("article", "output")])
def test_the_products_of_a_unit_and_its_bias_are_its_value(network, name):
    model = NETWORKS[network]
    found = answers(model, image())
    part = made(model, found.after, name, 2)
    total = part.products.sum(dtype=np.float64) + part.bias
    assert total == pytest.approx(float(found.before[name][2]), abs=1e-5)


def test_a_dense_unit_s_weights_lie_over_the_maps_that_they_weigh():
    model = NETWORKS["default"]
    found = answers(model, image())
    part = made(model, found.after, "dense1", 5)
    np.testing.assert_array_equal(part.reads, found.after["pool2"])
    line = weights(model, "dense1")[5]
    assert part.weights[7, 1, 4] == line[(1 * 5 + 4) * 24 + 7]


def test_laying_back_undoes_a_flatten():
    maps = torch.arange(24.0).reshape(1, 2, 3, 4)
    flat = layers.Flatten().module((2, 3, 4))(maps)[0].numpy()
    np.testing.assert_array_equal(laid_back(flat, (2, 3, 4)), maps[0].numpy())
    for index, value in enumerate(flat):
        assert maps[0][slot(index, (2, 3, 4))] == value


def test_an_average_is_made_from_the_same_channel():
    model = NETWORKS["odd"]
    found = answers(model, image())
    part = made(model, found.after, "pool1", 2)
    assert (part.operation, part.window, part.stride) == ("average", 3, 2)
    np.testing.assert_array_equal(part.reads[0], found.after["conv1"][2])
