"""What excites a map most, against a plain search, and what a unit sees."""

import numpy as np
import pytest
import torch

from explorer.data import mnist
from explorer.network import exciting, zoo
from explorer.network.trace import trace
from explorer.ops.receptive import ReceptiveField


@pytest.mark.parametrize("layer", ["conv2", "pool1", "dense1"])
def test_the_strongest_responses_are_those_of_the_whole_test_set(layer):
    found = exciting.strongest("default", layer)
    images = mnist.test_set()[0]
    model = zoo.load("default")
    best = found.images[3]
    with torch.inference_mode():
        outputs = trace(model, torch.from_numpy(images[best].astype(np.float32) / 255)[:, None])
        sample = torch.from_numpy(images[::37].astype(np.float32) / 255)[:, None]
        others = trace(model, sample)[layer][:, 3].flatten(1) if layer != "dense1" else None
    mine = outputs[layer][:, 3].numpy()
    rows, columns = found.rows[3], found.columns[3]
    shown = mine if mine.ndim == 1 else mine[np.arange(len(best)), rows, columns]
    np.testing.assert_allclose(found.values[3], shown, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(shown, mine.reshape(len(best), -1).max(1), rtol=1e-6)
    assert (np.diff(found.values, axis=1) <= 0).all()
    assert len(set(best)) == exciting.COUNT
    if others is not None:
        assert others.max() <= found.values[3, 0] + 1e-5


def test_a_layer_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="default has no layer 'conv9'"):
        exciting.strongest("default", "conv9")


def test_a_unit_sees_its_receptive_field_and_zeros_beyond_the_frame():
    image = np.arange(16, dtype=np.float32).reshape(4, 4) + 1
    field = ReceptiveField(size=3, jump=2, start=-1)
    np.testing.assert_array_equal(
        exciting.patch(image, field, 0, 1), [[0, 0, 0], [2, 3, 4], [6, 7, 8]]
    )
    assert exciting.patch(image, None, 0, 0) is image
