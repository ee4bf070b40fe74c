"""Input, kernel and output under one cursor, with the arithmetic of the output it points at.

The browser gets the arrays themselves and follows the pointer without a call to Python; it
multiplies and adds in float32 in the order of :func:`explorer.ops.convolve`, so that what the card
adds up is the output's own value to the last bit. Only two things are reported, when they change:
the output that was pinned by a click, and, in box mode, the box that was drawn on the input.

    seen = lens.read(key="lens", reset=token)          # before anything is computed from a box
    out = ops.convolve(image, kernel, stride, padding, dilation, bias)
    lens.show(image, key="lens", kernel=kernel, bias=bias, output=out, stride=stride, …)

Rows, columns and channels count from 0, as in the arrays. `host.lens` of the component's element
holds what the card shows, for tests; `data-painted` counts what Python sent and is painted.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from explorer.view import palette
from explorer.view.components import assets, blob
from explorer.view.palette import Kind

Operation = Literal["convolution", "max", "average"]
ImageKind = Literal["ink", "grey", "colour", "activation", "signed"]
Box = tuple[int, int, int, int]

MIN_BOX = 5
MAX_BOX = 48
MAX_CHANNELS = 512
# What a JavaScript number counts exactly.
_MAX_SEQ = 2**53 - 1

_FIGURE = """
  <figure data-part="{name}" hidden>
    <figcaption><strong></strong> <span></span></figcaption>
    <div class="stack"><canvas></canvas><canvas {focus}></canvas></div>
    <div class="legend"><span></span><span class="bar"><span>0</span></span><span></span></div>
  </figure>"""
_FOCUS = 'tabindex="0" role="application" aria-describedby="keys"'
_FIGURES = "".join(
    _FIGURE.format(name=name, focus=_FOCUS if name in ("input", "kernel", "output") else "")
    for name in ("input", "nearInput", "kernel", "nearOutput", "output")
)

_HTML = f"""
<div class="lens" data-part="lens">
  <div class="scene" data-part="scene">{_FIGURES}</div>
  <div class="readout" data-part="readout"></div>
  <div class="play">
    <button type="button" data-part="play"></button>
    <button type="button" data-part="step" title="Compute the next output">Step</button>
    <button type="button" data-part="stop" title="Show the whole output (Escape)">Show all</button>
    <label>Speed <select data-part="speed">
      <option value="1">1 pixel/s</option>
      <option value="3">3 pixels/s</option>
      <option value="10" selected>10 pixels/s</option>
      <option value="30">30 pixels/s</option>
      <option value="120">120 pixels/s</option>
      <option value="rows">whole rows</option>
    </select></label>
    <label class="scrub"><input type="range" data-part="scrub" min="1" value="1"
      aria-label="Outputs computed so far"><span data-part="progress"></span></label>
  </div>
  <div class="card" data-part="card"></div>
  <div class="unseen" id="keys" data-part="keys"></div>
  <div class="unseen" data-part="spoken" role="status" aria-live="polite"></div>
</div>
"""

_assets = assets(
    "lens",
    "reporter",
    "blob",
    "numbers",
    "lens_sums",
    "lens_view",
    "lens_card",
    "lens_play",
    "lens_box",
    "lens_stage",
    MIN_BOX=MIN_BOX,
    MAX_BOX=MAX_BOX,
    # Of the colours that mean something, two that no map and no cursor is drawn in.
    PEAK=palette.RUNNER_UP,
    BOX=palette.PREDICTED,
    sheets=("legend", "slider"),
)
_component = st.components.v2.component(
    "cnn_explorer.lens", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True, slots=True)
class LensResult:
    """What was pointed out on the lens, as last reported.

    Attributes:
        box: (row, column, height, width) on the input, of box mode; None while none is drawn.
        pinned: (row, column) of the output that was pinned, or None.
        seq: number of the report, rising by at least one; 0 before the first.
        current: whether anything was reported since the last reset.
    """

    box: Box | None = None
    pinned: tuple[int, int] | None = None
    seq: int = 0
    current: bool = False


def read(*, key: str = "lens", reset: int = 0, shape: tuple[int, int] | None = None) -> LensResult:
    """The last report of the lens with this key, before it is shown in this run.

    A report from before the given `reset` token keeps its number and nothing else, and a box that
    does not lie on an input of this `shape`, (height, width), is none.
    """
    return _parse(st.session_state.get(key), reset, shape)


def show(
    image: ArrayLike,
    *,
    key: str = "lens",
    output: ArrayLike,
    kernel: ArrayLike | None = None,
    kernel_kind: Kind = "weight",
    kernel_label: str = "Kernel",
    kernel_noun: str = "weight",
    fine: bool = False,
    bias: float = 0.0,
    size: int | None = None,
    stride: int = 1,
    dilation: int = 1,
    pads: tuple[int, int] = (0, 0),
    relu: bool = False,
    operation: Operation = "convolution",
    image_kind: ImageKind = "grey",
    limits: tuple[float, float] | None = None,
    image_limits: tuple[float, float] | None = None,
    channel_names: Sequence[str] | None = None,
    peaks: Sequence[tuple[int, int]] = (),
    box_mode: bool = False,
    box: Box | None = None,
    pinned: tuple[int, int] | None = None,
    reset: int = 0,
    address: str = "",
    seq_echo: int | None = None,
    on_report: Callable[[], None] | None = None,
    alt: str,
    input_label: str = "Input",
    output_label: str = "Output",
) -> LensResult:
    """Show the lens, and by that answer its last report.

    Args:
        image: (H, W) or (C, H, W) float32, what the layer reads.
        key: identity of the lens; its report lies in the session state under this key.
        output: (H', W') float32 before any activation, as computed from `image`.
        kernel: (h, w) or (C, h, w) float32, needed by a convolution.
        kernel_kind: how it is coloured: `weight`, or `signed` where it is a gradient.
        kernel_label, kernel_noun: what it and a number of it are called.
        fine: whether all numbers are small: three digits of each are written instead of three
            decimals, and a lens that begins anew lays out the channel that says most.
        bias: added to every output of a convolution.
        size: side of the window of `max` and `average`.
        stride, dilation: as in :func:`explorer.ops.convolve`.
        pads: zeros above and to the left of the image.
        relu: show max(0, output), and say so on the card.
        operation: what made the output; `max` and `average` read one channel.
        image_kind: how the input is coloured; `colour` has three channels: red, green, blue.
        limits, image_limits: (lowest, highest) of the colours of output and input; None: their own.
        channel_names: what the input's channels are called.
        peaks: (row, column) of outputs to outline with their ranks, on the output and, as their
            windows, on the input; the first has rank 1.
        box_mode: dragging on the input draws a box of 5 to 48 pixels a side.
        box, pinned: what a new lens starts with, or takes over at a new `reset`; a report wins.
        reset: any whole number; when it changes, the lens forgets its box and its pin.
        address: query parameter that says what is pinned, as `<row>_<column>`; it is changed
            without a new entry in the history. "": none.
        seq_echo: the number that is answered; None: that of the last report.
        on_report: called at each report, before the run that answers it.
        alt: what the input shows, in one sentence.
        input_label, output_label: captions of the pictures, followed by their size.

    Raises:
        ValueError: shapes that do not go together, a number out of range, or a value that is not
            finite.
    """
    pixels = np.asarray(image, dtype=np.float32)
    pixels = pixels[None] if pixels.ndim == 2 else pixels
    out = np.asarray(output, dtype=np.float32)
    if pixels.ndim != 3 or out.ndim != 2 or 0 in (*pixels.shape, *out.shape):
        raise ValueError(
            f"image must be (H, W) or (C, H, W) and output (H', W'), got {np.shape(image)} "
            f"and {out.shape}"
        )
    weights = _weights(kernel, pixels, operation)
    window = (size or 0, size or 0) if weights is None else weights.shape[1:]
    _check(pixels, out, window, stride, dilation, pads)
    if image_kind == "colour" and len(pixels) != 3:
        raise ValueError(f"a colour picture has 3 channels, not {len(pixels)}")
    if channel_names is not None and len(channel_names) != len(pixels):
        raise ValueError(f"channel_names must be {len(pixels)}, got {len(channel_names)}")
    if not math.isfinite(bias):
        raise ValueError(f"bias must be finite, not {bias}")
    names = channel_names or (
        ("red", "green", "blue")
        if image_kind == "colour"
        else [f"channel {i}" for i in range(len(pixels))]
    )
    output_kind = _output_kind(operation, image_kind, relu)
    shape = (pixels.shape[1], pixels.shape[2])
    report = read(key=key, reset=reset, shape=shape)
    known = report.current
    meta = {
        "operation": operation,
        "window": list(window),
        "kernelKind": kernel_kind,
        "kernelLabel": kernel_label,
        "kernelNoun": kernel_noun,
        "fine": fine,
        "stride": stride,
        "dilation": dilation,
        "top": int(pads[0]),
        "left": int(pads[1]),
        "bias": float(np.float32(bias)),
        "relu": relu,
        "imageKind": image_kind,
        "imageRange": _range(pixels, image_kind, image_limits),
        "outputKind": output_kind,
        "outputRange": _range(np.maximum(out, 0) if relu else out, output_kind, limits),
        "names": [str(name) for name in names],
        "peaks": [[int(row), int(column)] for row, column in peaks],
        "boxMode": box_mode,
        "box": _list(report.box if known else box),
        "pinned": _list(report.pinned if known else pinned),
        "reset": int(reset),
        "address": address,
        "echo": report.seq if seq_echo is None else int(seq_echo),
        "alt": alt,
        "inputLabel": input_label,
        "outputLabel": output_label,
    }
    arrays = {"image": pixels, "output": out}
    if weights is not None:
        arrays["kernel"] = weights
    raw = _component(
        key=key,
        data=blob.pack_arrays(arrays, meta),
        on_report_change=on_report or (lambda: None),
    )
    return _parse(raw, reset, shape)


def _weights(
    kernel: ArrayLike | None, pixels: NDArray[np.float32], operation: Operation
) -> NDArray[np.float32] | None:
    """The kernel as (C, h, w), or None for an operation without one."""
    if operation != "convolution":
        if len(pixels) != 1:
            raise ValueError(f"pooling reads one channel at a time, got {len(pixels)}")
        return None
    if kernel is None:
        raise ValueError("a convolution needs its kernel")
    weights = np.asarray(kernel, dtype=np.float32)
    weights = weights[None] if weights.ndim == 2 else weights
    if weights.ndim != 3 or len(weights) != len(pixels):
        raise ValueError(
            f"kernel must have the image's {len(pixels)} channels, got shape {np.shape(kernel)}"
        )
    return weights


def _check(
    pixels: NDArray[np.float32],
    out: NDArray[np.float32],
    window: tuple[int, ...],
    stride: int,
    dilation: int,
    pads: tuple[int, int],
) -> None:
    """Whether every output has a window that lies on the image and its zeros."""
    if len(pixels) > MAX_CHANNELS:
        raise ValueError(f"at most {MAX_CHANNELS} channels, got {len(pixels)}")
    if min(*window, stride, dilation) < 1 or min(pads) < 0:
        raise ValueError(
            f"window {window}, stride {stride} and dilation {dilation} must be at least 1, "
            f"pads {pads} at least 0"
        )
    for side, count, taps, before in zip(pixels.shape[1:], out.shape, window, pads, strict=True):
        span = (taps - 1) * dilation + 1
        # Every window touches the image: the last one starts on it.
        if before >= span or (count - 1) * stride - before >= side:
            raise ValueError(
                f"{count} outputs at stride {stride} do not come from {side} pixels with "
                f"{before} zeros before them"
            )


def _output_kind(operation: Operation, image_kind: ImageKind, relu: bool) -> Kind | Literal["grey"]:
    """How the output is coloured: pooled values stay what they were."""
    if operation != "convolution" and image_kind != "colour":
        return image_kind
    return "activation" if relu else "signed"


def _range(
    values: NDArray[np.float32], kind: str, limits: tuple[float, float] | None
) -> list[float]:
    """Lowest and highest value of the colours: signed ones are symmetric, the others hold 0."""
    if limits is not None:
        if not limits[0] < limits[1]:
            raise ValueError(f"limits must be (lowest, highest), got {limits}")
        return [float(limit) for limit in limits]
    low, high = float(values.min()), float(values.max())
    if kind == "signed":
        most = max(abs(low), abs(high))
        return [-most, most]
    return [min(low, 0.0), max(high, 0.0 if kind == "activation" else 1.0)]


def _list(values: tuple[int, ...] | None) -> list[int] | None:
    return None if values is None else [int(value) for value in values]


def _parse(state: object, reset: int, shape: tuple[int, int] | None = None) -> LensResult:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return LensResult()
    seq = report.get("seq")
    if type(seq) is not int or not 0 <= seq <= _MAX_SEQ:
        return LensResult()
    box, pinned = report.get("box"), report.get("pinned")
    if report.get("reset") != reset or not (_places(box, 4) and _places(pinned, 2)):
        return LensResult(seq=seq)
    if box is not None and not all(MIN_BOX <= side <= MAX_BOX for side in box[2:]):
        return LensResult(seq=seq)
    if box and shape and (box[0] + box[2] > shape[0] or box[1] + box[3] > shape[1]):
        box = None
    return LensResult(
        None if box is None else tuple(box),
        None if pinned is None else tuple(pinned),
        seq,
        current=True,
    )


def _places(values: object, count: int) -> bool:
    """Whether it is None or a list of this many whole numbers, none of them negative or absurd."""
    return values is None or (
        isinstance(values, list)
        and len(values) == count
        and all(type(value) is int and 0 <= value < 100_000 for value in values)
    )
