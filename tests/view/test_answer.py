"""The verdict and its percentages."""

import pytest

from explorer.view import answer


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
    assert answer.percent(value) == shown.replace(" %", "\u00a0%")


@pytest.mark.parametrize(
    ("truth", "sentence"),
    [
        (None, "It reads b (60.0 %), then a (40.0 %)."),
        (1, "It reads b (60.0 %), then a (40.0 %). Right: the label says b."),
        (0, "It reads b (60.0 %), then a (40.0 %). Wrong: the label says a."),
    ],
)
def test_the_verdict_names_the_runner_up_and_the_truth(truth, sentence):
    assert answer.verdict("ab", ["40.0 %", "60.0 %"], 1, 0, truth) == sentence
