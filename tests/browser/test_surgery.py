"""A learner operates on the network: drags a weight, switches a map off by keyboard, takes back."""

import re
from typing import Any

import pytest

PICTURE = "[...document.querySelectorAll('.st-key-network *')].find((one) => one.placeOf)"


def edits(page: Any) -> str:
    return page.evaluate("new URL(location).searchParams.get('edits') ?? ''")


def values(page: Any) -> list[float]:
    """The edited network's probabilities, as they are on the screen."""
    script = "host => host.values"
    return page.locator(".st-key-surgery-edited [data-painted]").first.evaluate(script)


def picture_agrees(page: Any, shown: list[float]) -> None:
    """The picture at the top says these probabilities too."""
    page.wait_for_function(
        f"shown => shown.every((p, i) => Math.abs(p - {PICTURE}.graph.chances[i]) < 1e-6)",
        arg=shown,
    )


def differ(page: Any, before: list[float]) -> list[float]:
    page.wait_for_function(
        """before => {
          const host = document.querySelector(".st-key-surgery-edited [data-painted]");
          return host?.values && JSON.stringify(host.values) !== JSON.stringify(before);
        }""",
        arg=before,
    )
    return values(page)


def test_a_weight_is_dragged_and_a_map_switched_off_by_keyboard(page, app):
    page.goto(f"{app}/network?image=20")
    slider = page.locator(".st-key-surgery_editor .grid input[type=range]").first
    accuracy = page.locator("[data-testid=stMetricValue]")
    # On a phone cells are too small to be pulled at: the wide slider is.
    if page.evaluate("matchMedia('(pointer: coarse)').matches"):
        slider = page.locator(".st-key-surgery_editor input[data-part=wide]")
    accuracy.get_by_text(re.compile(r"^99\.31\s%$")).wait_for()
    slider.scroll_into_view_if_needed()
    before = values(page)
    slider.focus()
    page.keyboard.press("End")
    changed = differ(page, before)
    page.wait_for_function("new URL(location).searchParams.get('edits')?.startsWith('c_conv1_0_')")
    accuracy.get_by_text(re.compile(r"99\.31\s% → 9\d\.\d\d\s%")).wait_for()
    page.locator(".st-key-surgery_undo button").press("Enter")
    assert differ(page, changed) == before
    page.wait_for_function("!new URL(location).searchParams.has('edits')")

    if not page.evaluate("matchMedia('(pointer: coarse)').matches"):
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        shown = before
        for share in (0.2, 0.35, 0.45):
            page.mouse.move(x + share * box["width"], y)
            shown = differ(page, shown)
            picture_agrees(page, shown)
        assert edits(page) == ""  # the address waits for the hand
        # What does not follow the hand says so.
        tested = "getComputedStyle(document.querySelector('.st-key-surgery-tested'), '::before')"
        page.wait_for_function(f"{tested}.content.includes('Before this edit')")
        page.mouse.up()
        page.wait_for_function("new URL(location).searchParams.has('edits')")
        page.wait_for_function(f"!{tested}.content.includes('Before')")
        assert "~" not in edits(page)  # a drag is one edit
        page.locator(".st-key-surgery_reset button").click()
        assert differ(page, shown) == before

    page.get_by_role("radio", name="map 0").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("Kernel 1 of conv1").wait_for()
    page.get_by_role("button", name="Switch off").press("Enter")
    differ(page, before)
    page.wait_for_function("new URL(location).searchParams.get('edits') === 'o_conv1_1'")
    page.get_by_role("radio", name="map 1, off").wait_for()
    page.get_by_text("suffers most").wait_for()
    picture_agrees(page, values(page))
    page.locator(".st-key-network").get_by_role("button", name="Original").click()
    picture_agrees(page, before)
    page.wait_for_function("new URL(location).searchParams.get('whose') === 'original'")
    page.locator(".st-key-network").get_by_role("button", name="Edited").click()
    picture_agrees(page, values(page))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    page.get_by_text("conv1, kernel 1: switched off").wait_for()


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_a_weight_of_a_large_slice_is_chosen_by_keys_and_set(page, app):
    page.goto(f"{app}/network?image=20&network=dense&cut=dense1.3.0")
    field = page.get_by_role("application", name=re.compile("The slice, 28 by 28"))
    field.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    slider = page.locator(".st-key-surgery_editor input[data-part=wide]")
    page.get_by_role("slider", name="row 13, column 13").wait_for()
    slider.focus()
    page.keyboard.press("End")
    page.wait_for_function("new URL(location).searchParams.get('edits') === 'c_dense1_3_0_13_13_1'")
    page.get_by_text("dense1, unit 3: row 13, column 13 set to 1").wait_for()
