"""Contributions: parts of a logit that sum to it, for every network and every layer type."""

import numpy as np
import pytest
import torch

from explorer.data import mnist
from explorer.network import zoo
from explorer.network.answers import IMAGE
from explorer.network.architecture import Network
from explorer.network.contributions import contributions
from explorer.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)


def image(index: int) -> np.ndarray:
    return mnist.test_set()[0][index].astype(np.float32) / np.float32(255)


@pytest.mark.parametrize("name", zoo.NETWORKS)
@pytest.mark.parametrize("classes", [(7, None), (0, None), (7, 1), (3, 8)], ids=str)
def test_at_every_layer_contributions_and_biases_sum_to_the_logit(name, classes):
    model = zoo.shared(name)
    for index in (0, 8, 115):
        x = image(index)
        with torch.inference_mode():
            logits = model(torch.from_numpy(x)[None, None])[0].double()
        about, than = classes
        expected = float(logits[about] - (0 if than is None else logits[than]))
        found = contributions(model, x, *classes)
        assert found.total == pytest.approx(expected, abs=1e-4)
        assert list(found.parts) == [IMAGE, *model.network.names()]
        for layer in found.parts:
            assert found.exact(layer)
            assert found.sums_to(layer) == pytest.approx(found.total, abs=1e-4)


def test_all_layer_types_together_sum_to_the_logit():
    layers = (
        Conv2D(3, 3, padding="same", strides=2, activation="relu"),
        BatchNormalization(),
        MaxPooling2D(3, 2),
        Conv2D(4, 2),
        AveragePooling2D(2),
        Dropout(0.4),
        Flatten(),
        Dense(6, activation="relu"),
        BatchNormalization(),
        Dense(3, activation="relu"),
        Dense(2),
    )
    torch.manual_seed(3)
    model = Network("all", layers, (1, 17, 17)).build()
    for value in (*model.parameters(), *model.buffers()):
        if value.is_floating_point():
            value.data = torch.rand_like(value) - 0.3 * (value.ndim > 1)
    model.eval()
    x = np.random.default_rng(0).random((17, 17), np.float32)
    found = contributions(model, x, 1, 0)
    assert found.total != 0
    for layer in found.parts:
        assert found.sums_to(layer) == pytest.approx(found.total, rel=1e-4, abs=1e-4)


def small() -> torch.nn.Module:
    """Two pixels, two units behind a ReLU of which the second is silent, one class more."""
    model = Network("small", (Flatten(), Dense(2, activation="relu"), Dense(2)), (1, 1, 2)).build()
    model.load_state_dict(
        {
            "dense1.weight": torch.tensor([[2.0, -1.0], [-3.0, -1.0]]),
            "dense1.bias": torch.tensor([0.5, 0.25]),
            "output.weight": torch.tensor([[4.0, 7.0], [-1.0, 1.0]]),
            "output.bias": torch.tensor([0.125, 2.0]),
        }
    )
    return model.eval()


def test_a_logit_worked_out_by_hand():
    # unit 0: 2 · 1 − 1 · 0.5 + 0.5 = 2; unit 1: −3 − 0.5 + 0.25 < 0, silent; 4 · 2 + 0.125 = 8.125
    found = contributions(small(), np.array([[1, 0.5]], np.float32), 0)
    assert found.total == 8.125
    assert found.parts["dense1"].tolist() == [8, 0]
    assert found.parts[IMAGE].tolist() == [[[8, -2]]]
    assert found.biases == {"flatten": 0, "dense1": 2, "output": 0.125}
    assert found.added_behind(IMAGE) == {"flatten": 0, "dense1": 2, "output": 0.125}
    assert found.added_behind("dense1") == {"output": 0.125}
    assert found.added_behind("output") == {}


def test_a_difference_is_the_contributions_of_one_less_those_of_the_other():
    x = np.array([[1, 0.5]], np.float32)
    one, other, both = (contributions(small(), x, *c) for c in ((0,), (1,), (0, 1)))
    assert both.total == one.total - other.total == 8.125
    np.testing.assert_array_equal(both.parts[IMAGE], one.parts[IMAGE] - other.parts[IMAGE])


def test_a_softmax_between_layers_is_said_to_bend():
    layers = (Flatten(), Dense(3, activation="softmax"), Dense(2))
    model = Network("bent", layers, (1, 1, 2)).build().eval()
    found = contributions(model, np.array([[1, 0.5]], np.float32), 0)
    assert found.bent == ("dense1",)
    assert found.exact("dense1")
    assert not found.exact(IMAGE)
    assert found.sums_to("dense1") == pytest.approx(found.total, abs=1e-6)


def test_a_network_loaded_in_inference_mode_is_taken_apart_all_the_same():
    with torch.inference_mode():
        model = zoo.load("fast")
    found = contributions(model, image(0), 7)
    assert found.sums_to(IMAGE) == pytest.approx(found.total, abs=1e-4)


def test_training_mode_and_classes_that_do_not_exist_are_refused():
    x = np.zeros((1, 2), np.float32)
    with pytest.raises(ValueError, match="evaluation mode"):
        contributions(small().train(), x, 0)
    for classes in ((2,), (-1,), (0, 9)):
        with pytest.raises(ValueError, match="classes 0 to 1"):
            contributions(small(), x, *classes)
