"""The hand that drives the app in Chromium, and the watch that times what it does there."""

from pathlib import Path
from typing import Any

WATCH = (Path(__file__).parent / "watch.js").read_text("utf-8")


class Hand:
    """A person with a mouse, or with one finger where the page belongs to a phone."""

    def __init__(self, page: Any, *, touch: bool) -> None:
        self.page = page
        self._touch = page.context.new_cdp_session(page) if touch else None
        self._is_down = False

    def press(self, target: Any) -> None:
        """Click or tap a locator."""
        if self._touch:
            target.tap()
        else:
            target.click()

    def down(self, x: float, y: float) -> None:
        """Put mouse button or finger down at a point of the viewport."""
        self._is_down = True
        if self._touch:
            self._finger("touchStart", x, y)
        else:
            self.page.mouse.move(x, y)
            self.page.mouse.down()

    def move(self, x: float, y: float) -> None:
        """Move there in one step: one event in the page."""
        if self._touch:
            self._finger("touchMove", x, y)
        else:
            self.page.mouse.move(x, y)

    def up(self) -> None:
        """Lift, where something is down."""
        if not self._is_down:
            return
        self._is_down = False
        if self._touch:
            details = {"type": "touchEnd", "touchPoints": []}
            self._touch.send("Input.dispatchTouchEvent", details)
        else:
            self.page.mouse.up()

    def _finger(self, kind: str, x: float, y: float) -> None:
        assert self._touch
        details = {"type": kind, "touchPoints": [{"x": x, "y": y}]}
        self._touch.send("Input.dispatchTouchEvent", details)


def settle(page: Any, event: str | None, needs: tuple[str, ...], patience: float = 10) -> Any:
    """Wait for what came of the last gesture (None: of opening the page); see `watch.js`.

    Raises:
        RuntimeError: something of `needs` was not painted within `patience` seconds.
    """
    question = {"event": event, "needs": needs, "patience": 1000 * patience}
    seen = page.evaluate("question => watcher.settle(question)", question)
    if not seen["complete"]:
        missing = seen.get("missing", needs) or "nothing, but the page does not come to rest"
        raise RuntimeError(f"within {patience} s after {event or 'opening'}, missing: {missing}")
    return seen
