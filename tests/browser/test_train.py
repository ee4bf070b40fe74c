"""A learner at the page *Train*: a run from its start to its end, live."""

from typing import Any

import pytest

from tests.browser.test_convolution import element

STEPS = 1407  # 3 epochs of 60,000 images, 128 at a time


def stands(page: Any, state: str) -> None:
    """Wait until the run that is shown is in this state."""
    page.wait_for_function(
        """(state) => [...document.querySelectorAll('.st-key-run_head *')]
            .find((element) => element.shadowRoot)?.dataset.state === state""",
        arg=state,
        timeout=90_000,
    )


def steps(page: Any) -> int:
    """The last step on the chart, once it is the one that the head of the run tells."""
    found: int = page.wait_for_function(
        """() => {
            const host = (key) => [...document.querySelectorAll(`.st-key-${key} *`)]
                .find((element) => element.shadowRoot);
            const told = host('run_head')?.shadowRoot.textContent.match(/([\\d,]+) of/);
            const last = host('curves')?.curves?.meta.whole[1];
            return told && Number(told[1].replaceAll(',', '')) === last ? last : null;
        }""",
        timeout=90_000,
    ).json_value()
    return found


def reached(page: Any, step: int) -> None:
    """Wait until the chart shows this step."""
    page.wait_for_function(
        """(step) => {
            const chart = [...document.querySelectorAll('.st-key-curves *')]
                .find((element) => element.shadowRoot)?.curves;
            return chart && chart.meta.whole[1] >= step;
        }""",
        arg=step,
        timeout=90_000,
    )


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def speed(page: Any, name: str) -> None:
    # While the page is made anew the buttons of before may stand beside those that replace them.
    page.locator(".st-key-steering").get_by_text(name, exact=True).last.click()


@pytest.fixture
def started(page, app):
    """The page, and a run of STEPS quick steps that has begun; stopped at the end."""
    page.goto(f"{app}/train?preset=fast")
    # Long enough to be seen running, also where the page is slow.
    page.get_by_text("All settings", exact=True).click()
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill("3")
    epochs.press("Enter")
    page.get_by_text(f"{STEPS:,} steps").first.wait_for()
    press(page, "Start")
    page.wait_for_url("**run=*")
    stands(page, "running")
    speed(page, "1 step/s")
    reached(page, 2)
    yield page
    if page.get_by_role("button", name="Stop", exact=True).count():
        press(page, "Stop")


def test_a_run_is_paused_stepped_reloaded_and_carried_to_its_end(started):
    page = started
    press(page, "Pause")
    stands(page, "paused")
    before = steps(page)
    press(page, "One step")
    reached(page, before + 1)
    page.reload()
    stands(page, "paused")
    assert steps(page) == before + 1
    press(page, "Resume")
    speed(page, "full")
    stands(page, "finished")
    assert steps(page) == STEPS
    page.get_by_text("Confusion matrix", exact=True).wait_for()
    cell = page.locator(".st-key-train-confusion td").nth(11)
    cell.click()
    page.get_by_text("True 1, read as 1").wait_for()


def test_the_zoom_is_kept_while_data_arrive(started):
    page = started
    speed(page, "full")
    reached(page, 20)
    page.locator(".st-key-curves canvas").first.focus()
    page.keyboard.press("+")
    page.wait_for_function(
        """() => [...document.querySelectorAll('.st-key-curves *')]
            .find((element) => element.shadowRoot)?.curves.view"""
    )
    kept = element(page, "curves", "curves")["view"]
    reached(page, 120)
    assert element(page, "curves", "curves")["view"] == kept
