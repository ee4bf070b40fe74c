"""Curves: thinned without losing a spike, smoothed without looking ahead."""

import numpy as np
import pytest

from explorer.view import curves
from tests.view.test_palette import contrast


def line(n: int) -> np.ndarray:
    return np.arange(1, n + 1, dtype=np.float32)


def curve(n: int, name: str = "a") -> curves.Curve:
    values = np.linspace(2, 0, n, dtype=np.float32)
    return curves.Curve(name, line(n), values, 1 - values / 2, np.zeros((0, 4), np.float32), n)


def test_the_smooth_line_is_the_mean_of_the_last_values():
    values = np.arange(100.0)
    assert curves.smooth(values, 10)[-1] == np.mean(values[-10:])


def test_the_smooth_line_begins_without_a_lag():
    assert curves.smooth(np.array([4.0, 2.0, 8.0]), 50).tolist() == [4, 2, 8]


def test_the_smooth_line_sees_nothing_that_comes_later():
    values = np.random.default_rng(0).random(80)
    changed = values.copy()
    changed[50:] = 9
    np.testing.assert_array_equal(curves.smooth(values, 20)[:50], curves.smooth(changed, 20)[:50])


def test_a_spike_is_in_its_column():
    values = np.ones(10_000, np.float32)
    values[7_777] = 50
    thinned = curves.thin(line(10_000), values, values, None, 100)
    assert len(thinned) == 100
    assert thinned[:, 2].max() == 50
    assert (thinned[:, 1] == 1).all()
    at = thinned[thinned[:, 2].argmax(), 0]
    assert 7_778 <= at <= 7_778 + 100


def test_the_last_step_is_always_there():
    values = line(12_345)
    assert curves.thin(values, values, values, None, 400)[-1, 0] == 12_345


def test_few_steps_travel_as_they_are():
    values = line(5)
    thinned = curves.thin(values, values**2, values, None, 400)
    np.testing.assert_array_equal(thinned, np.stack([values, values**2, values**2, values], 1))


def test_a_part_has_its_single_steps_and_one_on_each_side():
    values = line(10_000)
    thinned = curves.thin(values, values, values, (500, 520), 400)
    assert thinned[:, 0].tolist() == list(range(499, 522))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_begun_runs_have_curves_too(n):
    found = curves.arrays([curve(n)])
    assert found["loss0"].shape == (n, 4)
    assert found["tests0"].shape == (0, 4)
    assert curves.whole([curve(n)])[1] > 0


def test_eight_long_runs_fit_into_some_kilobytes():
    found = curves.arrays([curve(50_000) for _ in range(8)])
    assert sum(array.nbytes for array in found.values()) < 120_000


def test_a_shorter_run_smooths_over_fewer_steps():
    assert curves.span(100) == 5
    assert curves.span(100_000) == 50


def test_as_many_colours_as_curves():
    assert len(set(curves.COLOURS)) == 8


@pytest.mark.parametrize("colour", curves.COLOURS)
@pytest.mark.parametrize("page", ["#fcfcfd", "#12151c"])
def test_each_colour_reads_on_both_pages(colour, page):
    assert contrast(*(tuple(bytes.fromhex(c[1:])) for c in (colour, page))) >= 3
