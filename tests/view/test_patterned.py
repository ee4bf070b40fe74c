"""What is said of two patterns, and how one is laid out."""

import numpy as np

from explorer.network.patterns import gather
from explorer.view import patterned


def test_a_pattern_is_laid_out_in_even_lines_in_its_own_order():
    assert patterned.block(np.arange(64, dtype=np.float32)).shape == (1, 4, 16)
    assert patterned.block(np.arange(10, dtype=np.float32)).shape == (1, 1, 10)
    assert patterned.block(np.arange(64, dtype=np.float32))[0, 1, 0] == 16


def test_a_distance_is_placed_among_those_of_pairs():
    typical = gather(np.float32([[0, 1], [0, 3], [9, 0], [9, 9]]), np.uint8([0, 0, 1, 1]))
    said = " ".join(patterned.verdicts(5, 0.5, typical, alike=False))
    assert "distance **5.00**, cosine **0.500**" in said
    assert "nearer than 50.0\u00a0% of the pairs of one class" in said
    assert "100.0\u00a0% of the pairs of different classes" in said
    assert "different classes." in said
    assert "all zero" in patterned.verdicts(5, None, None, None)[0]
