"""How a vector is laid out in lines."""

import numpy as np
import pytest

from explorer.view import layers


@pytest.mark.parametrize(
    ("units", "shape"),
    [
        (64, (1, 1, 64)),
        (256, (1, 2, 128)),
        (600, (1, 6, 100)),
        (5408, (1, 16, 338)),
        (101, (1, 1, 101)),
    ],
)
def test_a_vector_is_laid_out_in_equal_lines_and_in_its_own_order(units, shape):
    vector = np.arange(units, dtype=np.float32)
    laid = layers.lines(vector)
    assert laid.shape == shape
    np.testing.assert_array_equal(laid.ravel(), vector)
