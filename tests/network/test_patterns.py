"""Activation patterns: distances worked out by hand, and neighbours in the full space."""

import numpy as np
import pytest
import torch

from explorer.data import mnist
from explorer.network import patterns, zoo
from explorer.network.layers import Dense, Flatten


def test_distance_and_cosine_by_hand():
    one, other = np.float32([3, 0, 4]), np.float32([0, 0, 4])
    assert patterns.distance(one, other) == 3
    assert patterns.cosine(one, other) == pytest.approx(0.8)
    assert patterns.cosine(one, np.float32([0, 5, 0])) == 0
    assert patterns.cosine(one, np.zeros(3, np.float32)) is None


def test_pairs_within_and_between_classes_are_told_apart():
    values = np.float32([[0, 1], [0, 3], [4, 0], [9, 9]])
    labels = np.uint8([0, 0, 1, 1])
    found = patterns.gather(values, labels, per_class=2)
    np.testing.assert_allclose(found.distances.within, np.sqrt([4, 25 + 81]), rtol=1e-6)
    expected = np.sort(np.sqrt([16 + 1, 81 + 64, 16 + 9, 81 + 36]))
    np.testing.assert_allclose(found.distances.between, expected, rtol=1e-6)
    np.testing.assert_allclose(found.cosines.within, [np.sqrt(0.5), 1], rtol=1e-6)
    np.testing.assert_allclose(found.cosines.between, [0, 0, *[np.sqrt(0.5)] * 2], atol=1e-6)


def test_of_each_class_only_the_first_images_count():
    values = np.float32([[0], [1], [100], [10], [11]])
    found = patterns.gather(values, np.uint8([0, 0, 0, 1, 1]), per_class=2)
    assert found.distances.within.tolist() == [1, 1]
    assert found.distances.between.max() == 11


def test_a_silent_pattern_has_a_distance_and_no_direction():
    values = np.float32([[0, 0], [3, 4]])
    found = patterns.gather(values, np.uint8([0, 1]))
    assert found.distances.between.tolist() == [5]
    assert len(found.cosines.between) == 0


def test_neighbours_are_the_nearest_of_all_and_not_the_image_itself():
    values = np.float32([[0, 0, 0], [0, 0, 9], [1, 0, 0], [5, 5, 0]])
    found = patterns.gather(values, np.uint8([0, 1, 0, 1]))
    assert found.nearest(values[0], 2) == [(0, 0.0), (2, 1.0)]
    assert found.nearest(values[0], 2, but=0) == [(2, 1.0), (3, pytest.approx(np.sqrt(50)))]


def test_the_pattern_of_a_test_image_is_what_was_gathered_of_it():
    work = patterns.Gathering("dense")
    shares = []
    while work.result is None:
        work.step()
        shares.append(work.done)
    assert shares == sorted(shares)
    assert work.done == 1
    images = mnist.test_set()[0]
    for index in (0, 9_999):
        x = images[index].astype(np.float32) / np.float32(255)
        own = patterns.pattern(zoo.shared("dense"), x)
        np.testing.assert_allclose(work.result.values[index], own, atol=1e-4)
        assert work.result.nearest(own, 1)[0][0] == index
    assert work.result.places.shape == (10_000, 2)


@pytest.mark.parametrize("name", zoo.NETWORKS)
def test_the_pattern_is_that_of_the_first_dense_layer(name):
    row = patterns.row_of(zoo.NETWORKS[name])
    assert isinstance(row.layer, Dense)
    assert row.name == "dense1"
    with torch.inference_mode():
        own = patterns.pattern(zoo.shared(name), np.zeros((28, 28), np.float32))
    assert own.shape == row.output_shape


def test_without_a_dense_layer_it_is_that_of_the_last():
    from explorer.network.architecture import Network

    assert patterns.row_of(Network("flat", (Flatten(),))).name == "flatten"
