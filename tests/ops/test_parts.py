"""A person from parts: kernels that answer themselves with 1, pooling, the neuron, the cover."""

import numpy as np
import pytest

from explorer.ops import parts

RNG = np.random.default_rng(0)
FACE = RNG.normal(size=(20, 24)).astype(np.float32)
BOX = (5, 8, 4, 6)


def test_a_kernel_answers_its_own_patch_with_one():
    weights = parts.kernel(FACE, BOX)
    assert weights.shape == (4, 6)
    assert float((weights * FACE[5:9, 8:14]).sum()) == pytest.approx(1, abs=1e-5)
    assert float(weights.sum()) == pytest.approx(0, abs=1e-5)


def test_pooling_keeps_the_strongest_response_and_its_place():
    weights = parts.kernel(FACE, BOX)
    picture = np.zeros((20, 24), np.float32)
    picture[11:15, 2:8] = 2 * FACE[5:9, 8:14]
    found = parts.pooled(picture, weights)
    assert (found.row, found.column) == (11, 2)
    assert found.value == pytest.approx(2, abs=1e-4)
    near = parts.pooled(picture, weights, (6, 9, 1))
    assert abs(near.row - 6) <= 1
    assert abs(near.column - 9) <= 1
    assert near.value < 2


def test_a_region_beyond_the_picture_is_moved_onto_it():
    weights = parts.kernel(FACE, BOX)
    found = parts.pooled(FACE, weights, (19, 23, 0))
    assert (found.row, found.column) == (16, 18)


def test_what_answers_below_zero_counts_as_zero():
    weights = parts.kernel(FACE, (0, 0, 20, 24))
    assert parts.pooled(-FACE, weights).value == 0


def test_a_patch_of_one_shade_is_no_kernel():
    with pytest.raises(ValueError, match="one shade"):
        parts.kernel(np.ones((9, 9), np.float32), (1, 1, 3, 3))


def test_the_neuron_fires_above_its_threshold():
    assert parts.excess([1, 0.5], [2, -1], 1) == 0.5
    assert parts.excess([1, 1], [1, 1], 2) == 0


def test_a_cover_is_the_mean_of_what_lies_around_it():
    image = np.zeros((9, 9), np.float32)
    image[4, 4] = 5
    image[:, :2] = 1
    out = parts.cover(image, (4, 4, 1, 1))
    assert (out[3:6, 3:6] == out[4, 4]).all()
    # of the 7×7 around it without the inner 3×3, the first of seven columns is 1
    assert out[4, 4] == pytest.approx(7 / 40)
    assert out[0, 0] == 1
    assert image[4, 4] == 5


def test_a_cover_of_everything_is_a_picture_of_one_shade():
    assert (parts.cover(FACE, (0, 0, 20, 24)) == 0).all()
