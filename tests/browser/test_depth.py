"""A learner at the page Depth: ascents while they climb, and a map opened by keys."""

import re
from typing import Any

import pytest

from explorer.network import zoo
from explorer.state import depth

PATIENCE = 120_000  # ms: some seconds of work, on a machine that may be busy
desktop = pytest.mark.parametrize("page", ["desktop"], indirect=True)
phone = pytest.mark.parametrize("page", ["phone"], indirect=True)


def grids(page: Any) -> list[dict[str, Any]]:
    """What is on the canvases of the hierarchy: label, shape, values, titles, selection."""
    found: list[dict[str, Any]] = page.wait_for_function(
        """() => [...document.querySelectorAll('[class*=st-key-hierarchy-] *')]
            .find((element) => element.shadowRoot && element.grids)?.grids
            .map(({label, n, h, w, titles, values, selected}) =>
                ({label, n, h, w, titles, selected, values: [...values]}))"""
    ).json_value()
    return found


def opened(page: Any, app: str, **words: object) -> None:
    address = "&".join(f"{name}={word}" for name, word in words.items())
    page.goto(f"{app}/depth?{address}")
    page.locator("[class*=st-key-hierarchy-] canvas").first.wait_for(timeout=PATIENCE)


def climbed(page: Any) -> None:
    """Nothing is left to be done, nor stopped."""
    page.wait_for_function(
        """() => !document.querySelector(
            '.st-key-climbing, .st-key-climb_stop, .st-key-climb_go_on')""",
        timeout=PATIENCE,
    )


@desktop
def test_the_ascents_stop_and_go_on(page, app):
    opened(page, app, maps="all", noise=3)
    bar = page.get_by_role("progressbar")
    bar.wait_for()
    page.locator(".st-key-climb_stop button").click()
    page.locator(".st-key-climb_go_on button").wait_for()
    assert bar.count() == 0
    page.locator(".st-key-climb_go_on button").click()
    bar.wait_for()


@desktop
def test_the_ascents_climb_and_a_map_is_opened_by_keys(page, app):
    opened(page, app, network="depth-1")
    climbed(page)

    made = grids(page)
    rows = depth.layers(zoo.NETWORKS["depth-1"])
    cards = [row.name for row in rows for _ in depth.chunks(depth.shown(row, "few"))]
    assert [grid["label"] for grid in made] == cards
    assert all(max(grid["values"]) > 0.9 for grid in made)
    assert all(re.fullmatch(r"\d · \d+\.\d", title) for title in made[-1]["titles"][3:])
    assert sum(grid["selected"] is not None for grid in made) == 1

    last = page.locator("[class*=st-key-hierarchy-] canvas").last
    last.focus()
    for key in ("Home", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.get_by_role("heading", name="Class 8 of output").wait_for()
    page.wait_for_url("**prefers=output_8*")
    page.get_by_text("The network reads it as 8", exact=False).wait_for()
    page.get_by_role("img", name="in 128 steps").wait_for()

    # Another session finds them made.
    page.reload()
    page.get_by_role("heading", name="Class 8 of output").wait_for()
    climbed(page)
    page.wait_for_function(  # the patches come after the first picture, and the canvas after both
        """(values) => {
            const [grid] = [...document.querySelectorAll('[class*=st-key-hierarchy-] *')]
                .find((element) => element.shadowRoot && element.grids).grids;
            return grid.values.length === values.length
                && values.every((value, i) => value === grid.values[i]);
        }""",
        arg=made[0]["values"],
    )


@phone
def test_a_phone_shows_a_column_for_each_map_without_scrolling_sideways(page, app):
    opened(page, app, network="depth-1")
    climbed(page)
    # Each card of the hierarchy, and the facts ahead of them, fit the width.
    assert page.evaluate(
        """() => [...document.querySelectorAll(
            '[class*=st-key-hierarchy], .st-key-depth_facts, .st-key-setting-noise')]
            .every((e) => e.getBoundingClientRect().right <= innerWidth)"""
    )
    grid = page.locator("[class*=st-key-hierarchy-] canvas").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    grid.tap(position={"x": 0.9 * box["width"], "y": 0.9 * box["height"]})  # the last patch
    page.get_by_role("heading", name="Map 3 of conv1").wait_for()
