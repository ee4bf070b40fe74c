"""The charts show the numbers that they are given."""

import numpy as np
import pytest

from explorer.view import figures, palette


def test_the_bars_are_the_probabilities_with_first_and_second_marked():
    values = np.array([0.1, 0.6, 0.05, 0.25], np.float32)
    bar = figures.probabilities(values, "abcd")["data"][0]
    assert bar["x"] == [float(v) for v in values]
    assert bar["y"] == ["a", "b", "c", "d"]
    assert bar["marker"]["color"] == [
        palette.MUTED,
        palette.PREDICTED,
        palette.MUTED,
        palette.RUNNER_UP,
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (0.0004, "< 0.1 %"),
        (0.0006, "0.1 %"),
        (0.9996, "> 99.9 %"),
        (0.9994, "99.9 %"),
        (0.1234, "12.3 %"),
    ],
)
def test_a_percentage_never_claims_a_certainty_that_is_not_there(value, shown):
    assert figures.percent(value) == shown
