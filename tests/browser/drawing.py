"""Strokes on the digit pad by mouse and by finger, and what the page made of them."""

from collections.abc import Sequence
from typing import Any

PAD = ".st-key-digit_pad canvas"
PREDICTION = ".st-key-prediction"

Path = Sequence[tuple[float, float]]
SEVEN_WITH_A_BAR: tuple[Path, ...] = (
    ((0.25, 0.2), (0.5, 0.2), (0.74, 0.19), (0.62, 0.45), (0.5, 0.7), (0.42, 0.86)),
    ((0.4, 0.52), (0.55, 0.51), (0.72, 0.5)),
)
ZERO: tuple[Path, ...] = (
    (
        (0.5, 0.15), (0.36, 0.25), (0.3, 0.5), (0.36, 0.76), (0.5, 0.85),
        (0.64, 0.76), (0.7, 0.5), (0.64, 0.25), (0.5, 0.15),
    ),
)  # fmt: skip


def opened(page: Any, address: str) -> None:
    """Open the page and wait until it is useful, and nothing on it moves any more."""
    page.goto(address)
    page.locator(PREDICTION).wait_for()
    painted(page)
    at_rest(page)


def at_rest(page: Any) -> None:
    """Wait until the page's script has ended: until then what is below may still push and shift."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def painted(page: Any) -> None:
    """Wait until the browser has nothing left to report, to receive or to paint."""
    page.wait_for_function(
        """() => {
            const host = (key) => [...document.querySelectorAll(`.st-key-${key} *`)]
                .find((element) => element.shadowRoot);
            const [pad, layers] = [host('digit_pad'), host('layers')];
            return pad && layers?.grids && (pad.dataset.seq ?? '0') === (pad.dataset.echo ?? '0');
        }"""
    )


def maps(page: Any, layer: str) -> dict[str, Any]:
    """What a layer's grid of maps shows: n, h, w and the values, as decoded in the browser."""
    found: dict[str, Any] = page.evaluate(
        """(layer) => {
            const host = [...document.querySelectorAll('.st-key-layers *')]
                .find((element) => element.shadowRoot);
            const { n, h, w, values } = host.grids.find((grid) => grid.label === layer);
            return { n, h, w, values: [...values] };
        }""",
        layer,
    )
    return found


class Pen:
    """Draws on the pad by mouse, or by finger where the device has a touch screen."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.touch = page.evaluate("navigator.maxTouchPoints > 0")
        self.session = page.context.new_cdp_session(page) if self.touch else None
        page.locator(PAD).first.scroll_into_view_if_needed()
        self.box = page.locator(PAD).first.bounding_box()

    def _at(self, point: tuple[float, float]) -> tuple[float, float]:
        x, y = point
        return (
            self.box["x"] + x * self.box["width"],
            self.box["y"] + y * self.box["height"],
        )

    def _finger(self, kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def down(self, point: tuple[float, float]) -> None:
        """Put the pen down; coordinates are shares of the pad's side."""
        x, y = self.at = self._at(point)
        if self.touch:
            self._finger("touchStart", x, y)
        else:
            self.page.mouse.move(x, y)
            self.page.mouse.down()

    def move(self, point: tuple[float, float], steps: int = 6) -> None:
        """Draw a straight line."""
        (x0, y0), (x1, y1) = self.at, self._at(point)
        for i in range(1, steps + 1):
            x, y = x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps
            if self.touch:
                self._finger("touchMove", x, y)
            else:
                self.page.mouse.move(x, y)
        self.at = (x1, y1)

    def up(self) -> None:
        """Lift the pen."""
        if self.touch:
            self._finger("touchEnd", *self.at)
        else:
            self.page.mouse.up()

    def draw(self, strokes: Sequence[Path]) -> None:
        """Draw whole strokes, and wait until the page has answered the last."""
        for stroke in strokes:
            self.down(stroke[0])
            for point in stroke[1:]:
                self.move(point)
            self.up()
        painted(self.page)
