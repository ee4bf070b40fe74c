"""A person draws: by mouse on a desktop, by finger on a phone."""

import pytest
import torch

from explorer.data import drawing, ink
from explorer.network import zoo
from explorer.network.trace import trace
from explorer.state import MANY
from tests.browser.drawing import PREDICTION, SEVEN_WITH_A_BAR, ZERO, Pen, maps, opened, painted


def ink_in_address(page) -> ink.Strokes:
    """The drawing that the page's address holds."""
    page.wait_for_url("**ink=*")
    return ink.decode_strokes(page.evaluate("new URL(location).searchParams.get('ink')"))


def test_a_seven_with_a_bar_is_read_as_seven(page, app):
    opened(page, app)
    pen = Pen(page)
    pen.draw(ZERO)
    page.locator(PREDICTION).get_by_text("0").wait_for()
    page.get_by_role("button", name="Clear").click()
    pen.draw(SEVEN_WITH_A_BAR)
    page.locator(PREDICTION).get_by_text("7").wait_for()
    assert page.locator(PREDICTION).inner_text().strip() == "7"


def test_the_prediction_changes_before_the_pointer_is_lifted(page, app):
    opened(page, app)
    before = maps(page, "conv1")["values"]
    pen = Pen(page)
    (stroke,) = ZERO
    pen.down(stroke[0])
    for point in stroke[1:]:
        pen.move(point)
    # The pointer is still down: only reports made during the stroke can bring this about.
    page.locator(PREDICTION).get_by_text("0").wait_for()
    assert maps(page, "conv1")["values"] != before
    pen.up()


def test_the_maps_in_the_browser_are_those_of_the_drawing(page, app):
    opened(page, app)
    Pen(page).draw(SEVEN_WITH_A_BAR)
    strokes = ink_in_address(page)
    assert len(strokes) == 2
    shown = maps(page, "conv1")

    # The address holds simplified strokes, so the reference is a pixel's rounding away at most.
    image = torch.from_numpy(drawing.to_mnist(ink.rasterise(strokes)))[None, None]
    with torch.inference_mode():
        expected = trace(zoo.load("default"), image)["conv1"][0]
    assert (shown["n"], shown["h"], shown["w"]) == tuple(expected.shape)
    difference = (torch.tensor(shown["values"]) - expected.flatten()).abs()
    assert difference.mean() < 0.05 * expected.abs().max()


def test_undo_takes_back_one_stroke_and_clear_all(page, app):
    opened(page, app)
    pen = Pen(page)
    pen.draw(SEVEN_WITH_A_BAR)
    assert len(ink_in_address(page)) == 2
    page.get_by_role("button", name="Undo").click()

    painted(page)
    assert len(ink_in_address(page)) == 1


def test_a_refresh_keeps_the_drawing(page, app):
    opened(page, app)
    Pen(page).draw(ZERO)
    page.locator(PREDICTION).get_by_text("0").wait_for()
    strokes = ink_in_address(page)
    page.reload()
    page.locator(PREDICTION).get_by_text("0").wait_for()
    painted(page)
    assert ink_in_address(page) == strokes


def test_another_network_reads_the_same_drawing(page, app):
    opened(page, app)
    Pen(page).draw(ZERO)
    page.locator(PREDICTION).get_by_text("0").wait_for()
    if len(zoo.NETWORKS) > MANY:
        folded = page.locator(".st-key-setting-network").get_by_role("combobox")
        touch = page.evaluate("navigator.maxTouchPoints > 0")
        (folded.tap if touch else folded.click)()
    page.get_by_text("Article", exact=True).click()
    page.wait_for_url("**network=article**")
    painted(page)
    page.wait_for_function(
        """() => [...document.querySelectorAll('.st-key-layers *')]
            .find((element) => element.shadowRoot)?.grids[0].n === 32"""
    )
    page.locator(PREDICTION).get_by_text("0").wait_for()
    assert maps(page, "conv1")["n"] == 32


def test_a_test_image_replaces_the_drawing_and_drawing_replaces_it(page, app):
    opened(page, app)
    pen = Pen(page)
    pen.draw(ZERO)
    page.locator(PREDICTION).get_by_text("0").wait_for()
    page.get_by_role("radio", name="1", exact=True).or_(
        page.get_by_role("button", name="1", exact=True)
    ).first.click()
    page.locator(PREDICTION).get_by_text("1").wait_for()
    page.wait_for_url("**image=*")
    pen = Pen(page)
    pen.draw(ZERO)
    page.locator(PREDICTION).get_by_text("0").wait_for()


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_the_page_does_not_scroll_under_a_drawing_finger(page, app):
    opened(page, app)
    top = "document.querySelector('[data-testid=stMain]').scrollTop"
    pen = Pen(page)
    before = page.evaluate(top)
    pen.draw((((0.5, 0.9), (0.5, 0.5), (0.5, 0.1)),))
    assert page.evaluate(top) == before


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_nothing_is_wider_than_a_phone(page, app):
    opened(page, app)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]');"
        " return m.scrollWidth <= m.clientWidth; })()"
    )


def test_a_drawing_leaves_no_test_image_chosen(page, app):
    opened(page, app)
    page.locator(".st-key-test_number input").wait_for()
    Pen(page).draw(ZERO)
    page.locator(".st-key-test_number input").wait_for(state="detached")
    assert page.locator("[class*=st-key-test_class] [aria-checked=true]").count() == 0


def test_the_same_test_image_again_takes_the_drawing_out_of_the_address(page, app):
    opened(page, f"{app}?image=8")
    page.locator(PREDICTION).get_by_text("5").wait_for()
    Pen(page).draw(ZERO)
    page.wait_for_url("**ink=*")
    page.get_by_role("radio", name="5", exact=True).or_(
        page.get_by_role("button", name="5", exact=True)
    ).first.click()
    page.wait_for_url("**image=8*")
    page.wait_for_function("!new URL(location).searchParams.has('ink')")
    page.reload()
    page.locator(PREDICTION).get_by_text("5").wait_for()


def test_a_cleared_sheet_survives_a_refresh(page, app):
    opened(page, app)
    Pen(page).draw(ZERO)
    page.get_by_role("button", name="Clear").click()
    page.wait_for_url("**ink=none*")
    page.reload()
    page.wait_for_function(
        """() => {
            const host = [...document.querySelectorAll('.st-key-input *')]
                .find((element) => element.shadowRoot?.host.maps);
            return host?.maps.values.every((value) => value === 0);
        }"""
    )
