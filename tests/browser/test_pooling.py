"""A learner at the pooling page: drags the picture with mouse and finger, and reads the numbers."""

import re
from typing import Any

import numpy as np

from explorer.data import mnist

IMAGE = 20


def share(before: np.ndarray, after: np.ndarray) -> float:
    """Of the cells above a tenth of the largest value in either map, those that stayed alike."""
    bound = np.float32(0.1) * before.max()
    changed = abs(before - after) > bound
    lit = changed | (before > bound) | (after > bound)
    return 100 * float((lit & ~changed).sum() / lit.sum())


def expected(dx: int, dy: int) -> tuple[str, str]:
    """The headline's numbers for max-pooling 2×2 of the picture itself, without any of the app."""
    image = mnist.test_set()[0][IMAGE].astype(np.float32) / np.float32(255)
    moved = np.zeros_like(image)
    moved[max(dy, 0) : 28 + min(dy, 0), max(dx, 0) : 28 + min(dx, 0)] = image[
        max(-dy, 0) : 28 + min(-dy, 0), max(-dx, 0) : 28 + min(-dx, 0)
    ]
    pools = [x.reshape(14, 2, 14, 2).max((1, 3)) for x in (image, moved)]
    return f"{share(image, moved):.1f}", f"{share(*pools):.1f}"


class Hand:
    """A mouse, or a finger where the page is a phone's, that holds the shifted picture."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.picture = page.locator(".st-key-twins .hand canvas").last
        touch = page.evaluate("navigator.maxTouchPoints > 0")
        self.finger = page.context.new_cdp_session(page) if touch else None

    def take(self) -> None:
        self.picture.scroll_into_view_if_needed()
        box = self.picture.bounding_box()
        self.x, self.y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.cell = box["width"] / 28
        if self.finger:
            self._touch("Start", self.x, self.y)
        else:
            self.page.mouse.move(self.x, self.y)
            self.page.mouse.down()

    def move(self, dx: int, dy: int) -> None:
        x, y = self.x + dx * self.cell, self.y + dy * self.cell
        if self.finger:
            self._touch("Move", x, y)
        else:
            self.page.mouse.move(x, y)

    def let_go(self) -> None:
        if self.finger:
            self._touch("End")
        else:
            self.page.mouse.up()

    def _touch(self, kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        details = {"type": f"touch{kind}", "touchPoints": points}
        self.finger.send("Input.dispatchTouchEvent", details)


def reads(page: Any, dx: int, dy: int) -> None:
    """Wait until the headline says what the arithmetic says of this shift."""
    before, after = expected(dx, dy)
    text = re.compile(f"Before pooling {before}\\s%.*after pooling {after}\\s%")
    page.locator(".st-key-unchanged").get_by_text(text).wait_for()


def test_numbers_probabilities_and_charts_follow_the_picture_while_it_is_dragged(page, app):
    page.goto(f"{app}/pooling?kernel=none&image={IMAGE}")
    reads(page, 1, 0)
    bars = page.locator(".st-key-shifted-bars .heading")
    before = bars.text_content()
    hand = Hand(page)
    hand.take()
    for dx, dy in ((1, 1), (2, -1), (-7, -2)):
        hand.move(dx, dy)
        reads(page, 1 + dx, dy)
    hand.let_go()
    page.wait_for_function("new URL(location).searchParams.get('dx') === '-6'")
    assert bars.text_content() != before
    for chart in ("share-unchanged", "accuracy"):
        page.locator(f".st-key-{chart} .main-svg").first.wait_for()
    # At rest the charts follow: this picture's line says in which direction it is moved.
    page.locator(".st-key-share-unchanged").get_by_text("moved left").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    reads(page, -6, -2)
