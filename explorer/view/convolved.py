"""A convolution before one's eyes: the lens, and how the output got its size."""

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view.components import lens

Floats = npt.NDArray[np.float32]


class Shown(Protocol):
    """A picture: ``pixels`` is ``(C, H, W)`` in [0, 1]."""

    pixels: Floats
    kind: Literal["ink", "grey", "colour"]
    alt: str
    credit: str


def show(
    picture: Shown,
    output: Floats,
    kernel: Floats,
    bias: float,
    stride: int,
    dilation: int,
    pads: Sequence[tuple[int, int]],
    relu: bool,
    pinned: tuple[int, int] | None = None,
    reset: int = 0,
) -> None:
    """Draw input, kernel and output under one cursor.

    Args:
        picture: what was convolved.
        output: ``(H', W')`` before the activation.
        kernel: ``(C, k, k)``, as it was laid on the picture.
        bias, stride, dilation: as in :func:`explorer.ops.convolve`.
        pads: zeros before and after, of the rows and of the columns.
        relu: whether negative outputs become zero.
        pinned, reset: as in :func:`explorer.view.components.lens.show`.
    """
    st.markdown(size(picture.pixels, kernel, output, stride, dilation, pads))
    lens.show(
        picture.pixels,
        key="lens",
        output=output,
        kernel=kernel,
        bias=bias,
        stride=stride,
        dilation=dilation,
        pads=(pads[0][0], pads[1][0]),
        relu=relu,
        image_kind=picture.kind,
        alt=picture.alt,
        pinned=pinned,
        reset=reset,
        address="pin",
    )
    if picture.credit:
        st.caption(f"Picture: {picture.credit}")


def size(
    image: Floats,
    kernel: Floats,
    output: Floats,
    stride: int,
    dilation: int,
    pads: Sequence[tuple[int, int]],
) -> str:
    """How the output's height and width come about, as one line of Markdown with its numbers."""
    names = ("rows", "columns") if len(set(image.shape[1:])) > 1 else ("rows and columns",)
    parts = []
    for axis, name in enumerate(names):
        taps = kernel.shape[axis + 1]
        span = f"{taps}" if dilation == 1 else f"(({taps} − 1) · {dilation} + 1)"
        before, after = pads[axis]
        zeros = f" + {before} + {after}" if before or after else ""
        side, out = image.shape[axis + 1], output.shape[axis]
        parts.append(f"{name}: ⌊({side}{zeros} − {span}) / {stride}⌋ + 1 = **{out}**")
    return "Output size · " + " · ".join(parts)
