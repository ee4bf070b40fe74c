"""A kernel that people hold in their hands: sliders laid out as the kernel is, its bias, undo.

Streamlit's slider reports on release only; here every move of a hand is reported, one message in
flight, always the whole kernel. So a page reads first, computes and shows everything else, and
shows the editor *last* (in a container further up, where it belongs), as with the digit pad:

    edit = kernel_editor.read(reset=token)
    kernel = edit.kernel if edit.current else preset.kernel
    ...                                       # convolve, lens
    with place:
        kernel_editor.show(preset.kernel, bias=0.0, reset=token)

Presets, sizes, flip and normalise are the page's own widgets: they give a new kernel with a new
`reset` token. The user can take that back with Undo, and then a kernel of another size may be
reported: its shape says which.

A kernel of more than 7×7, such as what a dense unit reads of a map, is a picture of coloured
cells: one is chosen there, and changed by the wide slider and its number.

Sliders reach over `limits`, or further where a weight lies beyond them: to the next whole number,
on both sides alike, and no narrower again until the next `reset`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from explorer.view.components import assets

MAX_SIDE = 7
"""Side of the largest kernel with a number in every cell; what people edit as a kernel."""
LARGEST = 32
"""Side of the largest one that can be shown at all."""
MAX_WEIGHT = 1000
# What a JavaScript number counts exactly.
_MAX_SEQ = 2**53 - 1

_HTML = """
<div class="editor" data-part="editor">
  <div class="grid" data-part="grid" role="group" aria-label="Weights of the kernel"></div>
  <div class="chosen">
    <span class="name" data-part="name"></span>
    <input type="range" data-part="wide">
    <input type="text" class="number" data-part="exact" autocomplete="off" spellcheck="false">
  </div>
  <div class="chosen">
    <span class="name" data-part="bias-name">Bias</span>
    <input type="range" data-part="bias" aria-label="bias">
    <input type="text" class="number" data-part="bias-number" role="spinbutton" aria-label="bias"
           autocomplete="off" spellcheck="false">
  </div>
  <div class="facts">
    <span class="legend" aria-label="Colours of the weights">
      <span data-part="low"></span><span class="bar" data-part="bar"><span>0</span></span
      ><span data-part="high"></span>
    </span>
    <span class="sum">Sum of the weights <strong data-part="sum"></strong></span>
  </div>
  <div class="actions" data-part="actions">
    <button type="button" data-part="undo" title="Undo the last edit (Ctrl+Z)" disabled>
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6 3 2.5 6.5 6 10M3 6.5h6a4 4 0 0 1 0 8H6"/></svg>
      Undo
    </button>
    <button type="button" data-part="redo" title="Redo (Ctrl+Shift+Z)" disabled>
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M10 3l3.5 3.5L10 10M13 6.5H7a4 4 0 0 0 0 8h3"/></svg>
      Redo
    </button>
    <button type="button" data-part="reset" title="Back to the kernel as it was chosen" disabled>
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 8a5 5 0 1 0 1.6-3.7L3 5.8M3 2.5v3.3h3.3"/></svg>
      Reset
    </button>
  </div>
  <div class="note" data-part="note"></div>
  <div class="message" data-part="message" role="status" aria-live="polite"></div>
</div>
"""  # noqa: E501 - the path of an icon is one word

_assets = assets(
    "kernel_editor",
    *("reporter", "blob", "numbers", "kernel_field"),
    MAX_WEIGHT=MAX_WEIGHT,
    MAX_SIDE=MAX_SIDE,
    sheets=("slider",),
)
_component = st.components.v2.component(
    "cnn_explorer.kernel_editor", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True, slots=True, eq=False)
class KernelEdit:
    """The kernel in the editor, as last reported.

    Attributes:
        kernel: (k, k) float32, read-only; None while nothing was edited since the last reset.
        bias: 0 while nothing was edited.
        seq: number of the report, rising by at least one; 0 before the first.
        current: whether the editor has reported since it was last reset; only then `kernel` and
            `bias` say something.
        dragging: whether a slider is still being moved.
    """

    kernel: NDArray[np.float32] | None = None
    bias: float = 0.0
    seq: int = 0
    current: bool = False
    dragging: bool = False


def read(*, key: str = "kernel_editor", reset: int = 0, most: int = MAX_SIDE) -> KernelEdit:
    """The last report of the editor with this key, before the editor is shown in this run.

    A report from before the given `reset` token, or of a kernel whose side is more than `most`,
    keeps its number and nothing else.
    """
    return _parse(st.session_state.get(key), reset, most)


def show(
    kernel: ArrayLike,
    *,
    key: str = "kernel_editor",
    bias: float = 0.0,
    origin: ArrayLike | None = None,
    reset: int = 0,
    limits: tuple[float, float] = (-4, 4),
    bias_limits: tuple[float, float] = (-2, 2),
    seq_echo: int | None = None,
    address: Mapping[str, str] | None = None,
    on_report: Callable[[], None] | None = None,
    history: bool = True,
    names: tuple[str, str] = ("", ""),
) -> KernelEdit:
    """Show the editor, and by that answer its last report.

    Args:
        kernel: (k, k) of side 1 to 32, what a new editor starts with and takes over at a new
            `reset`; a report wins over it.
        origin: (k, k), what the Reset button goes back to; None: `kernel`.
        key: identity of the editor; its report lies in the session state under this key.
        bias: as `kernel`.
        reset: any whole number; when it changes, the editor takes over `kernel` and `bias`.
        limits, bias_limits: where the sliders end while no number lies beyond.
        seq_echo: the number that is answered; None: that of the last report.
        address: query parameters that the browser's address takes over, as in the digit pad.
        on_report: called at each report, before the run that answers it.
        history: whether it offers Undo, Redo and Reset; without, the page does.
        names: what a single weight and the bias are called, if not that.

    Raises:
        ValueError: a kernel that is not square or too large, a number that is not finite or beyond
            ±1000, or limits that do not hold zero.
    """
    weights = _weights(kernel)
    start = weights if origin is None else _weights(origin)
    if not abs(bias) <= MAX_WEIGHT:
        raise ValueError(f"bias must be finite and within ±{MAX_WEIGHT}, got {bias}")
    for name, (low, high) in {"limits": limits, "bias_limits": bias_limits}.items():
        if not (low < 0 < high and max(-low, high) <= MAX_WEIGHT):
            raise ValueError(f"{name} must be (below 0, above 0), got {(low, high)}")
    most = max(MAX_SIDE, len(weights))
    report = read(key=key, reset=reset, most=most)
    known = report.kernel if report.current and report.kernel is not None else weights
    raw = _component(
        key=key,
        on_report_change=on_report or (lambda: None),
        data={
            "kernel": known.ravel().tolist(),
            "bias": report.bias if report.current else float(np.float32(bias)),
            "origin": {"kernel": start.ravel().tolist(), "bias": float(np.float32(bias))},
            "limit": float(max(-limits[0], limits[1])),
            "biasLimit": float(max(-bias_limits[0], bias_limits[1])),
            "reset": int(reset),
            "address": dict(address or {}),
            "history": history,
            "names": list(names),
            "echo": report.seq if seq_echo is None else int(seq_echo),
        },
    )
    return _parse(raw, reset, most)


def _weights(kernel: ArrayLike) -> NDArray[np.float32]:
    """The kernel as (k, k) float32; ValueError where it is none that the editor can hold."""
    weights = np.asarray(kernel, dtype=np.float32)
    if weights.ndim != 2 or len(set(weights.shape)) != 1 or not 1 <= len(weights) <= LARGEST:
        raise ValueError(f"kernel must be (k, k), k = 1 to {LARGEST}, got shape {weights.shape}")
    if not (np.abs(weights) <= MAX_WEIGHT).all():
        raise ValueError(f"the kernel's weights must be finite and within ±{MAX_WEIGHT}")
    return weights


def _parse(state: object, reset: int, most: int = MAX_SIDE) -> KernelEdit:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return KernelEdit()
    seq = report.get("seq")
    if type(seq) is not int or not 0 <= seq <= _MAX_SEQ:
        return KernelEdit()
    if report.get("reset") != reset:
        return KernelEdit(seq=seq)
    flat = report.get("kernel")
    if not isinstance(flat, list) or len(flat) not in {k * k for k in range(1, most + 1)}:
        return KernelEdit(seq=seq)
    numbers = [_number(value) for value in (*flat, report.get("bias"))]
    weights = [value for value in numbers if value is not None]
    if len(weights) != len(numbers):
        return KernelEdit(seq=seq)
    *weights, bias = weights
    side = math.isqrt(len(weights))
    kernel = np.array(weights, np.float32).reshape(side, side)
    kernel.flags.writeable = False
    return KernelEdit(kernel, bias, seq, current=True, dragging=report.get("dragging") is True)


def _number(value: object) -> float | None:
    """The value as a float32 if it is a number within ±1000, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(np.float32(value)) if abs(value) <= MAX_WEIGHT else None
