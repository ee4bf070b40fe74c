"""What a network answers on test images: what it learnt last, what it confuses, what it makes of
the user's own drawing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view.components import map_grid, matrix

if TYPE_CHECKING:
    from explorer.state.flips import Flips

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

STRIP = 12
"""Images of a strip at most."""

CELL = 24
"""Images that a cell of the confusion matrix opens at most."""


def strips(flips: "Flips", images: Bytes, labels: Bytes, classes: Sequence[str]) -> None:
    """Draw the test images that changed their side between two evaluations.

    Args:
        flips: which.
        images: the test set, ``(N, 28, 28)``.
        labels: its true classes.
        classes: what they are called.
    """
    since = f"between step {flips.before:,} and step {flips.after:,}"
    for key, which, title in (
        ("righted", flips.righted, "From wrong to right"),
        ("wronged", flips.wronged, "From right to wrong"),
    ):
        text = f"{len(which)} of {flips.images:,} test images, {since}"
        if not len(which):
            st.markdown(f"**{title}**: none of {flips.images:,} test images, {since}.")
            continue
        some = which[:STRIP]
        map_grid.show(
            images[some].astype(np.float32) / 255,
            key=f"train-{key}",
            label=title,
            text=text,
            caption="what was read → what is read",
            titles=[f"{classes[flips.was[i]]} → {classes[flips.now[i]]}" for i in some],
            kind="ink",
            cell=56,
            noun="image",
            unit="ink",
            selectable=False,
            alt=f"{title}: {text}. " + ", ".join(f"a {classes[labels[i]]}" for i in some[:STRIP]),
        )


def confusion(counts: Indices, classes: Sequence[str], step: int, images: int) -> None:
    """Draw the confusion matrix; :func:`chosen` says which cell is open.

    Args:
        counts: ``(classes, classes)``: true class by read class.
        classes: what they are called.
        step: after which the images were read.
        images: how many.
    """
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    most = max(int(wrong.max()), 1)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    # The diagonal has a scale of its own: beside it every mistake would be invisible.
    colour = np.where(np.eye(len(counts), dtype=bool), share * 0.8, wrong / most)
    right = int(np.trace(counts))
    truth, read = divmod(int(wrong.argmax()), len(counts))
    alt = f"{right:,} of {images:,} test images are read right after step {step:,}."
    if wrong.any():
        alt += f" Most often {classes[truth]} is read as {classes[read]}: {wrong.max()} times."
    matrix.show(
        colour,
        key="train-confusion",
        rows=classes,
        columns=classes,
        texts=[[str(n) if n else "" for n in row] for row in counts.tolist()],
        row_name="true",
        column_name="read as",
        label="Confusion matrix",
        text=f"{images:,} test images after step {step:,}; choose a cell to see its images",
        selectable=True,
        alt=alt,
    )


def chosen(classes: Sequence[str]) -> tuple[int, int] | None:
    """The cell (true class, read class) of the confusion matrix that is open."""
    return matrix.read(key="train-confusion", shape=(len(classes), len(classes)))


def cell(which: Indices, images: Bytes, truth: str, read: str) -> None:
    """Draw the images of a cell of the confusion matrix."""
    if not len(which):
        st.markdown(f"No {truth} is read as {read}.")
        return
    more = f", the first {CELL}" if len(which) > CELL else ""
    text = f"{len(which)} images{more}" if len(which) != 1 else "one image"
    map_grid.show(
        images[which[:CELL]].astype(np.float32) / 255,
        key="train-cell",
        label=f"True {truth}, read as {read}",
        text=text,
        titles=[f"no. {i}" for i in which[:CELL]],
        kind="ink",
        cell=56,
        noun="image",
        unit="ink",
        selectable=False,
        alt=f"Test images of {truth} that are read as {read}: {text}.",
    )


def readings(steps: Sequence[int], chances: Floats, classes: Sequence[str], missing: int) -> None:
    """Draw the ten probabilities of the user's own input, checkpoint by checkpoint.

    Args:
        steps: after which the network was kept.
        chances: ``(steps, classes)`` probabilities.
        classes: what they are called.
        missing: checkpoints that are still to be read.
    """
    best = chances.argmax(axis=1)
    last = classes[best[-1]]
    matrix.show(
        chances.T,
        key="train-readings",
        rows=classes,
        columns=[f"{step:,}" for step in steps],
        texts=[[_percent(float(p)) for p in row] for row in chances.T],
        row_name="class",
        column_name="step",
        newest=True,
        label="Your digit, read again",
        text="probabilities in percent after each step that was kept"
        + (" · more are being read …" if missing else ""),
        strong=[(int(row), column) for column, row in enumerate(best)],
        alt=f"At step {steps[0]:,} the network reads your digit as {classes[best[0]]} with "
        f"{100 * chances[0].max():.0f} %, at step {steps[-1]:,} as {last} with "
        f"{100 * chances[-1].max():.0f} %.",
    )


def _percent(share: float) -> str:
    """Whole percent, nothing for less than one; never a 100 that is not one."""
    if share < 0.005:
        return ""
    return ">99" if 0.995 <= share < 1 else f"{100 * share:.0f}"
