"""Networks of different depth side by side: what is drawn and said is what was measured."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from explorer.network import depths
from explorer.view import compared, gained
from explorer.view.figures import LINES
from tests.apps import PATIENCE
from tests.network.test_depths import written


def read(*, mnist: list[list[int]], fashion: list[list[int]] | None = None) -> depths.Measured:
    """Networks of no, one, … convolution layers that read so many of 100 images, seed by seed."""
    both = zip(mnist, fashion or mnist, strict=True)
    return depths.read(written(**{f"depth_{i}": list(two) for i, two in enumerate(both)}))


HELPS_ONCE = [[80, 81, 82], [90, 91, 92], [91, 93, 94], [93, 95, 96]]


@pytest.mark.parametrize(
    ("finals", "last", "said"),
    [
        (HELPS_ONCE, 1, "On MNIST more layers stop helping after the first, as far as"),
        ([[80, 81, 82], [83, 84, 85]], 1, "every layer helps, up to the first, the last that"),
        ([[80, 81, 82], [90, 91, 92], [93, 94, 95]], 2, "tried, but each helps less than the one"),
        ([[80, 81, 82], [82, 84, 85], [90, 90, 90]], 0, "no layer more can be told to help"),
    ],
    ids=["overlap", "all", "ever less", "none"],
)
def test_a_layer_helps_where_every_seed_is_better(finals, last, said):
    measured = read(mnist=finals)
    assert gained.last_help(measured.entries["mnist"]) == last
    assert said in gained.found(measured)


def test_every_step_is_said_with_its_gain_and_its_doubt():
    said = gained.found(read(mnist=[[80, 81, 82], [90, 91, 92], [91, 93, 95], [70, 71, 72]]))
    said = said.replace("\u00a0", " ")
    assert "No convolution layer: 81.00 % of the test images" in said
    assert "The first layer: +10.00 points, to 91.00 %." in said
    assert "The second layer: +2.00 points, to 93.00 %, but the seeds" in said
    assert "The third layer: −22.00 points, to 71.00 %: every seed with it is worse" in said


def test_the_data_sets_are_compared_in_points_and_in_wrong_answers():
    mnist = [[80] * 3, [96] * 3, [97] * 3, [98] * 3]
    fashion = [[70] * 3, [80] * 3, [82] * 3, [85] * 3]
    said = gained.found(read(mnist=mnist, fashion=fashion)).replace("\u00a0", " ")
    assert "+2.00 points on MNIST, 50 % fewer wrong answers" in said
    assert "+5.00 points on Fashion-MNIST, 25 % fewer wrong answers" in said
    assert "bring more points on Fashion-MNIST" in said
    assert "larger share of the wrong answers on MNIST" in said


def test_the_chart_shows_each_seed_its_mean_and_the_way_there():
    entries = read(mnist=HELPS_ONCE).entries["mnist"]
    seeds, mean, band, way = compared.chart(entries).data[4:8]
    assert list(seeds.y) == [90, 91, 92]
    assert list(mean.y) == [91, 91]
    assert (max(band.y), min(band.y)) == (92, 50)
    assert list(way.y) == [50, 91]
    assert list(way.x) == [0.5, 1]
    assert {(d.line.color, d.line.dash) for d in compared.chart(entries).data[3::4]} == {
        (colour, dash) for colour, dash, _ in LINES[:4]
    }


def test_the_table_has_what_was_measured_for_each_network():
    cells = re.findall(r"<td>(.*?)</td>", compared.table(read(mnist=HELPS_ONCE)))
    assert "39,760 39,800 39,418 39,685" in " ".join(cells)
    assert "all 3×3 8×8 18×18" in " ".join(cells)
    assert "<b>81.00\u00a0%</b>" in cells
    assert "80.00–82.00\u00a0%" in cells
    assert cells[-4:] == ["4.0 s"] * 4


def test_the_section_opens_with_what_ships():
    script = (
        "from explorer.network import depths\n"
        "from explorer.view import compared\n"
        "compared.show(depths.measured())\n"
    )
    app = AppTest.from_string(script, default_timeout=PATIENCE).run()
    assert not app.exception
    said = app.markdown[0].value.replace("\u00a0", " ")
    for entries in depths.measured().entries.values():
        assert all(f"{100 * entry.mean:.2f} %" in said for entry in entries)
    assert len(app.get("plotly_chart")) == 2
