"""What is said of a layer's maps."""

import numpy as np
import pytest

from explorer.data import mnist
from explorer.network import exciting, zoo
from explorer.network.answers import IMAGE, Maps, answers, limits, maps, most_exciting

ROWS = {row.name: row for row in zoo.NETWORKS["default"].rows}


def made_of(after, name="conv1", before=None) -> Maps:
    after = np.asarray(after, np.float32)
    before = after if before is None else before
    return Maps(ROWS[name], before, after, after, tuple(range(len(after))), (0.0, 1.0))


def test_live_is_the_share_of_cells_above_zero():
    assert made_of([[[0, 1], [0, 2]], [[0, 0], [0, 0]]]).live.tolist() == [0.5, 0.0]
    assert made_of([3, 0], "dense1").live.tolist() == [1.0, 0.0]


def test_a_map_without_a_value_above_zero_is_dead():
    assert made_of([[[0, 1]], [[0, 0]], [[0, 0]]]).dead == (1, 2)
    assert made_of([1, 0, 2], "dense1").dead == (1,)


@pytest.mark.parametrize("name", ["flatten", "output"])
def test_a_slot_or_a_logit_is_never_dead(name):
    assert made_of([-1, 0, 2], name).dead is None


def test_responses_that_are_pointed_out_are_above_zero_and_apart():
    plane = np.zeros((24, 24))
    plane[3, 3], plane[3, 5], plane[3, 6], plane[20, 1] = 5, 4, 3, 2
    peaks = made_of([plane]).peaks(0)
    assert [(p.row, p.column, p.value) for p in peaks] == [(3, 3, 5), (3, 6, 3), (20, 1, 2)]
    assert made_of([np.zeros((24, 24))]).peaks(0) == ()
    assert made_of([1.0], "dense1").peaks(0) == ()


def test_the_strongest_come_first():
    found = answers(zoo.shared("default"), mnist.test_set()[0][0].astype(np.float32) / 255)
    layer = maps(found, ROWS["conv2"], ranked=True)
    most = found.after["conv2"].max(axis=(1, 2))
    assert np.all(np.diff(most[list(layer.order)]) <= 0)
    assert sorted(layer.order) == list(range(24))
    assert layer.order[0] == layer.strongest
    assert maps(found, ROWS["flatten"], ranked=True).order == tuple(range(600))


def test_before_the_activation_the_sums_are_shown_and_the_same_maps_are_live():
    found = answers(zoo.shared("default"), mnist.test_set()[0][0].astype(np.float32) / 255)
    before, after = (maps(found, ROWS["conv1"], before=b) for b in (True, False))
    assert before.values.min() < 0 <= after.values.min()
    np.testing.assert_array_equal(np.maximum(before.values, 0), after.values)
    np.testing.assert_array_equal(before.live, after.live)


def test_the_network_s_limits_leave_the_image_out():
    outputs = {IMAGE: np.array([9.0]), "a": np.array([-1.0, 2.0]), "b": np.array([3.0])}
    assert limits(outputs) == (-1.0, 3.0)


def test_what_excites_a_map_gives_it_the_value_that_is_said():
    model, row = zoo.shared("default"), ROWS["conv1"]
    best = most_exciting("default", row, 4)
    kernel = model.get_parameter("conv1.weight")[4, 0].numpy()
    bias = float(model.get_parameter("conv1.bias")[4])
    sums = (best.patches * kernel).sum(axis=(1, 2)) + bias
    np.testing.assert_allclose(sums, best.values, atol=1e-5)
    images = exciting.strongest("default", "conv1").images[4]
    assert best.labels == tuple(mnist.test_set()[1][images])
