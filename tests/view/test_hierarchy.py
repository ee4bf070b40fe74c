"""What is said of a map on the page *Depth*, and the chart of its ascent."""

import base64
import re

import numpy as np
import pytest

from explorer.network import zoo
from explorer.network.answers import Exciting
from explorer.view import hierarchy
from explorer.view.hierarchy import Opened, Section

CONV, OUTPUT = zoo.NETWORKS["default"].rows[0], zoo.NETWORKS["default"].rows[-1]


def best(*values: float) -> Exciting:
    patches = np.ones((len(values), 5, 5), np.float32)
    return Exciting(patches, values, tuple(range(len(values))), ())


def one(*values: float, found: Exciting | None = None) -> Opened:
    return Opened(CONV, 0, np.zeros((5, 5), np.float32), values, found)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (one(), "Its ascent has not begun."),
        (one(-0.5, 3.0), "The noise gave **−0.5000**, the input made from it gives **3.000**."),
        (
            one(0.5, 3.0, found=best(2.0, 1.0, 0.5)),
            "gives **3.000**, 1.5 times what the strongest of 10,000 test images gives: 2.000.",
        ),
        (one(0.5, 3.0, found=best(0.0)), "the map is dead."),
        (
            one(-2.0, -1.0, found=best(2.0)),
            "**−1.000**; the strongest of 10,000 test images 2.000.",
        ),
    ],
)
def test_what_was_reached_is_said_against_the_test_set(what, said):
    assert hierarchy.verdict(what).endswith(said)


def test_a_column_holds_what_was_made_then_the_patches_strongest_first():
    found = [best(2.5, 2.0, 1.0), best(0.0, 0.0, 0.0)]
    section = Section(CONV, (4, 5), np.full((2, 5, 5), 0.5, np.float32), found)
    grid = hierarchy._grid(section, ("conv1", 5))
    assert grid.titles == ["map 4", "map 5", "0 · 2.5", "dead", "1 · 2.0", "", "2 · 1.0", ""]
    means = [float(cell.mean()) for cell in grid.maps]
    assert means == [0.5, 0.5, 1, 0, 1, 0, 1, 0]
    assert (grid.selected, grid.group) == (1, 2)


def test_before_the_search_the_patches_are_empty():
    section = Section(OUTPUT, (0,), np.ones((1, 28, 28), np.float32), None)
    grid = hierarchy._grid(section, ("conv1", 0))
    assert grid.titles == ["class 0", "", "", ""]
    assert not np.asarray(grid.maps)[1:].any()
    assert grid.selected is None


def test_the_curve_has_every_step_between_its_lowest_and_highest_value():
    html = hierarchy.curve([-1.0, 1.0, 2.0], 3.0)
    points = re.search(r"points='([^']*)'", drawing(html))[1].split()
    assert points == ["0.0,110.0", "140.0,55.0", "280.0,27.5"]
    assert "from −1.000 to 2.000 in 2 steps; the strongest test image: 3.000." in html
    assert "stroke-dasharray" in drawing(html)
    assert "stroke-dasharray" not in drawing(hierarchy.curve([0.0, 0.0], None))


def drawing(html: str) -> str:
    return base64.b64decode(re.search(r'base64,([^"]*)"', html)[1]).decode()
