"""The sheet on which a person draws a digit with mouse, finger, pen or arrow keys.

The browser draws, and reports while a stroke is still being drawn: one cumulative state, and never
a second one before the first is answered. The answer is the pad itself, shown again with the last
number it sent. So a page reads first, computes and shows everything else, and shows the pad *last*
(in a container further up, where it belongs): the next report then finds the script at rest and
interrupts nothing.

    drawing = digit_pad.read(reset=token)   # what the browser reported, before anything is shown
    ...                                     # network, maps, probabilities
    with place:
        digit_pad.show(strokes=kept, reset=token)

A new `reset` token replaces what is on the pad, and makes every report from before it stale. The
user can still take that back with Undo. What comes from the browser is not trusted: a report that
is not exactly of the expected form is no report.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from explorer.data.ink import (
    MAX_BRUSH,
    MAX_POINTS,
    MAX_STROKES,
    MIN_BRUSH,
    SHEET,
    SLACK,
    Stroke,
    Strokes,
)
from explorer.view.components import assets

INK_SIDE = 140
DEFAULT_BRUSH = 20
# What a JavaScript number counts exactly.
_MAX_SEQ = 2**53 - 1

_ALT = (
    "Drawing sheet. Draw a digit with mouse, finger or pen. By keyboard: arrow keys move the pen, "
    "Shift for small steps, Space puts it down and lifts it, Control Z undoes, Delete clears."
)

_HTML = f"""
<div class="pad" data-part="pad">
  <div class="frame">
    <canvas data-part="sheet" tabindex="0" role="application"></canvas>
    <div class="hint" data-part="hint" aria-hidden="true">
      <strong></strong><span>mouse, finger or pen</span>
    </div>
  </div>
  <div class="actions">
    <button type="button" data-part="undo" title="Undo the last step (Ctrl+Z)" disabled>
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6 3 2.5 6.5 6 10M3 6.5h6a4 4 0 0 1 0 8H6"/></svg>
      Undo
    </button>
    <button type="button" data-part="redo" title="Redo (Ctrl+Shift+Z)" disabled>
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M10 3l3.5 3.5L10 10M13 6.5H7a4 4 0 0 0 0 8h3"/></svg>
      Redo
    </button>
    <button type="button" data-part="clear" title="Clear the sheet (Delete)" disabled>
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>
      Clear
    </button>
  </div>
  <label class="brush">
    <span>Brush</span>
    <input type="range" data-part="brush" min="{MIN_BRUSH}" max="{MAX_BRUSH}" step="1"
           title="Width of the brush" aria-label="Brush width">
    <span class="preview" aria-hidden="true"><span class="dot" data-part="dot"></span></span>
  </label>
  <div class="unseen" data-part="status" role="status" aria-live="polite"></div>
</div>
"""  # noqa: E501 - the path of an icon is one word

_assets = assets(
    "digit_pad",
    "reporter",
    "strokes",
    sheets=("slider",),
    SHEET=SHEET,
    SLACK=SLACK,
    REPORT=INK_SIDE,
    MAX_STROKES=MAX_STROKES,
)
_component = st.components.v2.component(
    "cnn_explorer.digit_pad", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True, slots=True)
class DigitPadResult:
    """What is on the pad, as last reported.

    Attributes:
        ink: (140, 140) uint8, 255 = ink, read-only; None while nothing is drawn.
        strokes: the same as simplified strokes, which fit a link.
        seq: number of the report, rising by at least one; 0 before the first.
        brush: width of the brush, in pixels of the 280×280 sheet.
        drawing: whether a stroke is still being drawn.
        current: whether the pad has reported since it was last reset; without it, an empty `ink`
            says nothing, with it, that the user cleared the sheet.
    """

    ink: NDArray[np.uint8] | None = None
    strokes: Strokes = ()
    seq: int = 0
    brush: int = DEFAULT_BRUSH
    drawing: bool = False
    current: bool = False


def read(*, key: str = "digit_pad", reset: int = 0) -> DigitPadResult:
    """The last report of the pad with this key, before the pad is shown in this run.

    A report from before the given `reset` token keeps its number and brush but has no ink.
    """
    return _parse(st.session_state.get(key), reset)


def show(
    *,
    key: str = "digit_pad",
    strokes: Sequence[Stroke] = (),
    background: NDArray[np.float32] | None = None,
    brush: int = DEFAULT_BRUSH,
    reset: int = 0,
    seq_echo: int | None = None,
    address: Mapping[str, str] | None = None,
    on_report: Callable[[], None] | None = None,
    label: str = "Draw a digit here",
    alt: str = _ALT,
    compact: bool = False,
) -> DigitPadResult:
    """Show the pad, and by that answer its last report.

    Args:
        key: identity of the pad; its report lies in the session state under this key.
        strokes: what a new pad starts with, or takes over at a new `reset`; a report wins over it.
        background: (28, 28) float32 in [0, 1], 1 = ink; shown faintly while nothing is drawn.
        brush: initial width of the brush, 4 to 40 pixels of the 280×280 sheet.
        reset: any whole number; when it changes, the pad takes over `strokes` (none: it clears).
        seq_echo: the number that is answered; None: that of the last report.
        address: query parameters that the browser's address takes over, "" to remove one. The
            entry in the history is replaced: Streamlit's own way would add one for each stroke,
            and the back button would have to be pressed through all of them.
        on_report: called at each report, before the run that answers it.
        label: invitation on the empty sheet.
        alt: what a screen reader says of the sheet, with how to draw by keyboard.
        compact: a smaller sheet with its buttons beside it, for a page that needs the height.
    """
    report = read(key=key, reset=reset)
    given = report.strokes if report.current else strokes
    wide = report.brush if report.seq else brush
    raw = _component(
        key=key,
        on_report_change=on_report or (lambda: None),
        data={
            "strokes": [[s.brush, *(xy for point in s.points for xy in point)] for s in given],
            "known": report.current,
            "background": None if background is None else _grey(background),
            "brush": min(max(int(wide), MIN_BRUSH), MAX_BRUSH),
            "reset": int(reset),
            "address": dict(address or {}),
            "echo": report.seq if seq_echo is None else int(seq_echo),
            "label": label,
            "alt": alt,
            "compact": compact,
        },
    )
    return _parse(raw, reset)


def _grey(image: NDArray[np.float32]) -> str:
    """(28, 28) float32 in [0, 1] -> base64 of 784 bytes."""
    if image.shape != (28, 28):
        raise ValueError(f"background must be (28, 28), got {image.shape}")
    return base64.b64encode(np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8).tobytes()).decode()


def _parse(state: object, reset: int) -> DigitPadResult:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return DigitPadResult()
    seq = _whole(report.get("seq"), 0, _MAX_SEQ)
    brush = _whole(report.get("brush"), MIN_BRUSH, MAX_BRUSH)
    if seq is None or brush is None:
        return DigitPadResult()
    if report.get("reset") != reset:
        return DigitPadResult(seq=seq, brush=brush)
    if report.get("strokes") == []:
        return DigitPadResult(seq=seq, brush=brush, current=True)
    strokes = _strokes(report.get("strokes"))
    ink = _ink(report.get("ink"), report.get("box"))
    if not strokes or ink is None:
        return DigitPadResult(seq=seq, brush=brush)
    return DigitPadResult(ink, strokes, seq, brush, report.get("drawing") is True, current=True)


def _ink(text: object, box: object) -> NDArray[np.uint8] | None:
    """Base64 of the bytes of a part of the sheet, all of it without a box -> (140, 140) uint8.

    None for anything else. ``box`` is [top, left, height, width]; beside it the sheet is empty.
    """
    top, left, height, width = (0, 0, INK_SIDE, INK_SIDE) if box is None else _box(box)
    length = height * width
    if not length or not isinstance(text, str) or len(text) != 4 * -(-length // 3):
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != length:
        return None
    sheet = np.zeros((INK_SIDE, INK_SIDE), np.uint8)
    part = np.frombuffer(raw, dtype=np.uint8).reshape(height, width)
    sheet[top : top + height, left : left + width] = part
    sheet.flags.writeable = False
    return sheet


def _box(raw: object) -> tuple[int, int, int, int]:
    """A box that lies on the sheet, else an empty one."""
    if not isinstance(raw, list) or len(raw) != 4:
        return (0, 0, 0, 0)
    sides = [_whole(side, 0, INK_SIDE) for side in raw]
    if None in sides:
        return (0, 0, 0, 0)
    top, left, height, width = (side or 0 for side in sides)
    inside = top + height <= INK_SIDE and left + width <= INK_SIDE
    return (top, left, height, width) if inside else (0, 0, 0, 0)


def _strokes(raw: object) -> Strokes:
    """[[brush, x, y, x, y, …], …] -> strokes, or () where anything is out of place."""
    if not isinstance(raw, list) or len(raw) > MAX_STROKES:
        return ()
    strokes: list[Stroke] = []
    left = MAX_POINTS
    for item in raw:
        if not isinstance(item, list) or len(item) < 3 or len(item) % 2 == 0:
            return ()
        left -= len(item) // 2
        if left < 0:
            return ()
        brush = _whole(item[0], MIN_BRUSH, MAX_BRUSH)
        flat = [_whole(value, 0, SHEET - 1) for value in item[1:]]
        if brush is None or None in flat:
            return ()
        whole = [value for value in flat if value is not None]
        strokes.append(Stroke(brush, tuple(zip(whole[::2], whole[1::2], strict=True))))
    return tuple(strokes)


def _whole(value: object, low: int, high: int) -> int | None:
    """The value if it is a whole number in low..high, else None (JSON may say 12.0 for 12)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if low <= value <= high and value == int(value) else None
