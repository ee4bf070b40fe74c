"""Where a feature was found: the picture, the map of its kernel, the strongest responses."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view.components import lens, map_grid
from explorer.view.components.lens import Box

Floats = npt.NDArray[np.float32]


def show(
    pixels: Floats,
    kernel: Floats,
    answers: Floats,
    peaks: Sequence[tuple[int, int]],
    eyes: Sequence[int],
    *,
    title: str,
    key: str,
    alt: str,
    evened: bool,
    has_eyes: bool,
    box: Box | None = None,
    reset: int = 0,
) -> None:
    """Draw one searched picture with its map; with ``box`` it is the one to take kernels from.

    Args:
        pixels: ``(H, W)``, the picture as it was searched.
        kernel: ``(h, w)``.
        answers: ``(H − h + 1, W − w + 1)``.
        peaks: (row, column) of the strongest answers, strongest first.
        eyes: ranks of those that lie on an eye.
        title, key, alt: name of the picture, identity of the lens, what the picture shows.
        evened: whether the picture's contrast was evened out: its values then lie around 0.
        has_eyes: whether it is known where the picture's eyes are.
        box, reset: as in :func:`explorer.view.components.lens.show`.
    """
    lens.show(
        pixels,
        key=key,
        output=answers,
        kernel=kernel,
        image_limits=(-2, 2) if evened else None,
        peaks=peaks,
        box_mode=box is not None,
        box=box,
        reset=reset,
        alt=alt,
        input_label=title,
        output_label="Where the kernel fits",
    )
    st.caption(verdict(len(peaks), eyes, has_eyes))


def verdict(count: int, eyes: Sequence[int], has_eyes: bool) -> str:
    """What the strongest responses lie on, said honestly."""
    if not has_eyes:
        return f"The {count} strongest responses are outlined with their ranks."
    others = [rank for rank in range(1, count + 1) if rank not in eyes]
    said = [f"On an eye: {_ranks(eyes)}."]
    if others:
        said.append(f"Elsewhere: {_ranks(others)}; to this kernel, what is there looks alike.")
    return " ".join(said)


def _ranks(ranks: Sequence[int]) -> str:
    return ", ".join(str(rank) for rank in sorted(ranks)) or "none"


def compare(kernels: Sequence[Floats], answers: Sequence[Floats], titles: Sequence[str]) -> None:
    """Kernels of different sizes and their maps on one picture, side by side."""
    columns = st.columns(len(kernels))
    for i, (column, kernel, map_, title) in enumerate(
        zip(columns, kernels, answers, titles, strict=True)
    ):
        with column:
            map_grid.show(
                kernel[None],
                key=f"kept-kernel-{i}",
                label=title,
                kind="weight",
                cell=140,
                noun="kernel",
                selectable=False,
                alt=f"{title}: {kernel.shape[0]}×{kernel.shape[1]} weights.",
            )
            map_grid.show(
                map_[None],
                key=f"kept-map-{i}",
                label="Its map",
                kind="signed",
                cell=300,
                selectable=False,
                alt=f"Activation map of the {title.lower()}.",
            )
