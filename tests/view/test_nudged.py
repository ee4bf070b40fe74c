"""What is written beside a nudge: numbers in as many digits as count, and why two differ."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from explorer.view import nudged


@pytest.mark.parametrize(
    ("value", "count", "text"),
    [
        (0, 3, "0"),
        (0.0195660123, 6, "0.0195660"),
        (-1.5, 3, "−1.50"),
        (2e-6, 2, "2.0·10⁻⁶"),
        (-1.2345e-12, 3, "−1.23·10⁻¹²"),
        (38.001, 4, "38.00"),
        (8501.4, 4, "8501"),
        (1.97e6, 3, "1.97·10⁶"),
        (math.inf, 3, "∞"),
        (math.nan, 3, "not a number"),
    ],
)
def test_a_number_is_written_in_its_significant_digits(value, count, text):
    assert nudged.digits(value, count) == text


def test_what_is_above_zero_gets_its_sign():
    assert [nudged.signed(v, 2) for v in (0.5, -0.5, 0)] == ["+0.50", "−0.50", "0"]


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        (1.2345, 1.2345, 9),
        (0.123456789, 0.123456111, 5),
        (1.0, -1.0, 0),
        (0.5004, 0.5001, 3),
        (0, 0, 9),
    ],
)
def test_two_numbers_agree_in_the_digits_in_which_they_are_written_alike(one, other, count):
    assert nudged.agreeing(one, other) == count


def test_small_numbers_are_shown_in_a_power_of_ten():
    assert nudged.decade(np.array([-0.02, 0.003])) == -2
    assert nudged.decade(np.array([0.5, 0])) == nudged.decade(np.zeros(2)) == 0


def check(analytic, numeric, *, bends=False, agrees=False):
    return SimpleNamespace(
        analytic=analytic,
        numeric=numeric,
        left=0.0,
        right=-0.5,
        switched=1 if bends else 0,
        rerouted=2 if bends else 0,
        bends=bends,
        agrees=agrees,
    )


@pytest.mark.parametrize(
    ("found", "count", "words"),
    [
        (check(0.5, 0.5, agrees=True), 9, ["agree in 9 digits"]),
        (check(0, 0, agrees=True), 9, ["exactly 0"]),
        (check(0, -0.25, bends=True), 0, ["kink", "1 ReLU, 2 maxima", "0 on the left", "−0.5000"]),
        (check(1e-11, 1.2e-11), 1, ["1 digit only", "rounded"]),
    ],
    ids=lambda value: str(value)[:12],
)
def test_whether_the_two_derivatives_agree_is_said_and_why_not(found, count, words):
    said = nudged.verdict(found, count)
    assert all(word in said for word in words)
