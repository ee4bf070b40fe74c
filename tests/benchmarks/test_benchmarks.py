"""The parts of the benchmarks that need no running app."""

import json
import math
import os
import random

import pytest

from tests.benchmarks import interaction, load, measure, startup, visitor


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 3), (0.2, 1), (0.21, 2), (0.95, 5), (1.0, 5)]
)
def test_a_percentile_is_the_value_of_its_nearest_rank(share: float, expected: float) -> None:
    assert measure.percentile([5, 3, 1, 4, 2], share) == expected


def test_the_95th_percentile_of_40_values_leaves_two_above() -> None:
    assert measure.percentile([float(i) for i in range(1, 41)], 0.95) == 38


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.1)])
def test_a_percentile_of_nothing_is_an_error(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        measure.percentile(values, share)


def test_a_summary_counts_and_rounds() -> None:
    assert measure.summary([1.04, 2.0, 9.0]) == {"n": 3, "median": 2.0, "p95": 9.0, "max": 9.0}
    assert measure.summary([]) == {"n": 0}


def test_the_slope_of_a_line_is_its_growth_per_step() -> None:
    assert measure.slope([10.0, 12.5, 15.0, 17.5]) == pytest.approx(2.5)
    assert measure.slope([7.0]) == 0


def test_memory_and_processor_of_this_process_are_measured() -> None:
    assert measure.memory(os.getpid())["rss"] > 1
    assert measure.processor_seconds(os.getpid()) > 0


def test_figures_become_one_line_of_strict_json() -> None:
    text = measure.line({"machine": measure.machine(), "median": 1.5})
    assert "\n" not in text
    assert json.loads(text)["median"] == 1.5
    with pytest.raises(ValueError, match="JSON"):
        measure.line({"median": math.nan})


def test_the_drawn_three_goes_from_top_to_bottom_on_the_sheet() -> None:
    points = list(interaction.three())
    assert len(points) == interaction.STROKE_POINTS
    assert points[0] == pytest.approx((0.4, 0.14))
    assert points[-1] == pytest.approx((0.4, 0.86))
    assert all(0 < x < 1 and 0 < y < 1 for x, y in points)


@pytest.mark.parametrize("page", interaction.PAGES.values())
def test_every_interaction_needs_something_painted(page: interaction.Page) -> None:
    assert all(row.needs for row in page.interactions)
    assert len({row.name for row in page.interactions}) == len(page.interactions)


def test_figures_of_an_interaction_are_those_of_its_events() -> None:
    times = {"sent": 4.0, "answered": 40.0, "changed": 50.0, "painted": 60.0}
    event = {**times, "bytes": 1000, "trials": 1}
    found = interaction.figures([event, {**event, "painted": 80.0, "trials": 2}], first=300.0)
    assert (found["n"], found["median"], found["p95"]) == (2, 70.0, 80.0)
    assert found["parts"]["answered"] == 40.0
    assert found["first"] == 300.0
    assert found["repeated"] == 1


def test_a_client_is_due_as_often_as_its_rate_says() -> None:
    assert load.due_times(0.1, rate=2, seconds=2) == pytest.approx([0.1, 0.6, 1.1, 1.6])


@pytest.mark.parametrize("rate", [0.5, 2.0, 3.0])
def test_no_client_is_due_after_the_end(rate: float) -> None:
    chance = random.Random(1)
    for _ in range(50):
        dues = load.due_times(chance.random() / rate, rate, seconds=7)
        assert dues[-1] < 7 <= dues[-1] + 1 / rate + 1e-6


def test_medians_are_taken_of_each_figure() -> None:
    runs = [{"a": 1.0, "b": 9.0}, {"a": 2.0, "b": 7.0}, {"a": 5.0, "b": 8.0}]
    assert startup.medians(runs) == {"a": 2.0, "b": 8.0}


def test_reports_are_what_the_pad_sends() -> None:
    from explorer.view.components import digit_pad

    said = [report for report, _ in zip(visitor.reports(), range(12), strict=False)]
    for seq, report in enumerate(said, start=1):
        state = {"report": {"seq": seq, "reset": 3, **report}}
        result = digit_pad._parse(state, reset=3)
        assert result.ink is not None
        assert result.ink.max() == 255
        assert result.drawing == report["drawing"]
    assert [report["drawing"] for report in said[:6]] == [True] * 5 + [False]
