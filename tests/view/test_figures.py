"""Charts: what they show is what they were given, and no colour has to be told apart."""

import numpy as np
import pytest

from explorer.view import figures
from explorer.view.figures import LINES, Line, over_shifts


def test_a_line_is_drawn_in_per_cent_with_bars_to_its_extremes():
    mean, low, high = np.array([1, 0.5]), np.array([1, 0.25]), np.array([1, 0.625])
    line = over_shifts([Line("after", mean, low, high)], 1, what="Unchanged").data[0]
    assert line.y.tolist() == [100, 50]
    assert line.x.tolist() == [0, 1]
    assert line.error_y.array.tolist() == [0, 12.5]
    assert line.error_y.arrayminus.tolist() == [0, 25]


def test_the_current_shift_is_marked():
    figure = over_shifts([Line("after", np.ones(9))], 5, what="Unchanged")
    assert (figure.layout.shapes[0].x0, figure.layout.annotations[0].x) == (5, 5)
    assert figure.data[0].error_y.array is None


def test_lines_differ_in_more_than_their_colour():
    assert len({dash for _, dash, _ in LINES}) == len(LINES)
    assert len({symbol for _, _, symbol in LINES}) == len(LINES)


def test_who_cannot_see_a_chart_is_told_its_numbers():
    lines = [Line("before", np.array([1, 0.5])), Line("after", np.array([1, np.nan]))]
    assert figures.spoken(over_shifts(lines, 1, what="Unchanged")) == (
        "Chart. Unchanged over Shift in pixels: before, 100 % at 0, 50 % at 1. after, 100 % at 0."
    )


def test_of_a_long_line_a_few_points_are_told_with_both_ends():
    said = figures.spoken(over_shifts([Line("x", np.arange(100) / 100)], 0, what=""))
    assert said.count(" at ") == figures.SPOKEN
    assert " x, 0 % at 0, " in said
    assert said.endswith("99 % at 99.")
    assert "nothing" in figures.spoken(over_shifts([Line("x", np.full(3, np.nan))], 0, what=""))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("page", ["#fcfcfd", "#12151c"])
@pytest.mark.parametrize("colour", [colour for colour, _, _ in LINES])
def test_every_line_stands_out_from_a_light_and_a_dark_page(page, colour):
    light, dark = sorted([luminance(page), luminance(colour)], reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_more_lines_than_can_be_told_apart_are_refused():
    lines = [Line(str(i), np.ones(9)) for i in range(len(LINES) + 1)]
    with pytest.raises(ValueError, match="told apart"):
        figures.over_shifts(lines, 0, what="")
