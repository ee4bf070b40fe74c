"""What surgery did to a network: the kernel on the table, every later map, accuracy, flips."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view import layers
from explorer.view.components import map_grid, map_shelf
from explorer.view.components.map_grid import Grid

if TYPE_CHECKING:
    from explorer.network.architecture import Row
    from explorer.network.outcome import Outcome

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

SHOWN = 10
"""Images that flipped, in a strip, at most."""

LISTED = 8
"""Edits that are listed; the earlier ones fold away."""


SHELF, BOTH, TESTED, LATER, LISTED_AREA = (
    *("surgery-shelf-area", "surgery-both", "surgery-tested"),
    *("surgery-later-area", "surgery-listed"),
)
"""Keys of the containers that stand still while a hand moves, or some of them."""

Hand = Literal["", "editor", "pad"]

_WAITING: dict[Hand, tuple[tuple[str, ...], str]] = {
    "editor": (
        (SHELF, TESTED, LISTED_AREA),
        "Before this edit: follows when you let go of the slider.",
    ),
    "pad": ((SHELF, BOTH, LATER), "Before this stroke: follows when you lift the pen."),
}


def waiting(hand: Hand) -> None:
    """Mark what does not follow the hand that moves: dimmed, with a sentence above it."""
    if hand not in _WAITING:
        st.html("<style></style>")
        return
    keys, text = _WAITING[hand]
    areas = ", ".join(f".st-key-{key}" for key in keys)
    before = ", ".join(f".st-key-{key}::before" for key in keys)
    st.html(
        f"<style>{areas} {{ position: relative; }} {areas.replace(',', ' > *,')} > * "
        f"{{ opacity: 0.45; }} {before} {{ content: '{text}'; position: absolute; z-index: 1; "
        "top: -0.9rem; right: 0; padding: 0 0.5rem; border-radius: 0.5rem; font-size: 0.8125rem; "
        "color: var(--st-text-color, inherit); background: rgb(128 128 128 / 0.25); }</style>"
    )


def noun(row: "Row") -> str:
    """What one output of a layer with kernels is called."""
    return "map" if len(row.output_shape) == 3 else "unit"


def _scales(row: "Row") -> bool:
    return type(row.layer).__name__ == "BatchNormalization"


def kernel(row: "Row") -> str:
    """What one kernel of a layer is called, at the beginning of a line."""
    if _scales(row):
        return f"Scale and offset of {noun(row)}"
    return "Kernel" if noun(row) == "map" else "Unit"


def shelf(
    row: "Row",
    values: Floats,
    chosen: int,
    *,
    off: Sequence[int],
    edited: Sequence[int],
    losses: npt.NDArray[np.float64] | None,
    done: float,
    key: str,
    on_choose: Callable[[], None],
) -> None:
    """Draw a layer's maps to choose from, each with what its absence costs.

    Args:
        row: the layer.
        values: its output after the edits, ``(n, H, W)`` or ``(n,)``.
        chosen: the map whose kernel is on the table.
        off, edited: maps that are switched off or otherwise edited.
        losses: ``(n,)``, the accuracy that each map's absence costs; None while not asked for.
        done: the share of the test images that they come from.
        key: identity of the shelf.
        on_choose: called when a map was chosen.
    """
    what = noun(row)
    maps = values if values.ndim == 3 else values[:, None, None]
    marks = ["off" if i in off else "edited" if i in edited else "" for i in range(len(maps))]
    part = "scale and offset" if _scales(row) else "kernel" if what == "map" else "weights"
    text = f"· choose a {what} to operate on its {part}."
    bars, notes = None, []
    if losses is not None:
        most = max(float(np.abs(losses).max()), 1e-9)
        bars = [float(loss) / most for loss in losses]
        notes = [points(-float(loss)) for loss in losses]
        first = int(losses.argmax())
        far = "" if done == 1 else f" so far, {100 * done:.0f}\u00a0% of the images read"
        text = (
            f"· the bar is the accuracy lost when that {what} is switched off{far}; "
            f"{what} {first} matters most ({notes[first]})."
        )
        if losses.min() < 0:
            text += f" Green: without that {what} the network reads better."
    map_shelf.show(
        maps,
        key=key,
        chosen=chosen,
        noun=what,
        label=f"The {len(maps)} {what}s of {row.name}",
        text=text,
        marks=[mark if values.ndim == 3 else mark[:3] for mark in marks],
        kind="signed" if (values < 0).any() else "activation",
        bars=bars,
        notes=notes,
        on_choose=on_choose,
    )


def points(change: float) -> str:
    """A change of accuracy in percentage points, such as ``−2.13 pp``; a true zero has no sign."""
    text = f"{100 * change:+.2f}".replace("-", "−")
    return f"{'0' if change == 0 else text}\u00a0pp"


def slices(weights: Floats, chosen: int, *, reads: str, key: str) -> None:
    """Draw the slices of the kernel on the table, of which one is edited.

    Args:
        weights: ``(channels, h, w)``.
        chosen: the slice that is edited.
        reads: what a channel is: map or unit.
        key: identity of the grid.
    """
    channels, height, width = weights.shape
    units = height * width == 1
    map_grid.show(
        weights,
        key=key,
        label="Its slices" if not units else "Its weights",
        text=f"one for each {reads} that it reads: choose which to edit",
        kind="weight",
        scale="layer",
        titles=None if units else [f"reads {c}" for c in range(channels)],
        selected=chosen,
        required=True,
        cell=20 if units else 48,
        noun=f"{'weight of unit' if units else 'slice that reads'}",
        unit="weight",
        alt=f"{channels} slices of {height}×{width} weights. Enter chooses one.",
    )


def changes(
    rows: Sequence["Row"],
    before: Mapping[str, Floats],
    after: Mapping[str, Floats],
    *,
    which: str,
    key: str,
) -> None:
    """Draw every layer from the first edited one on: before, after, and the difference.

    Args:
        rows: these layers.
        before, after: layer to its output, ``(C, H, W)`` or ``(units,)``.
        which: ``before``, ``after``, ``difference``, or ``all`` of them.
        key: identity of the stack.
    """
    wanted = ("before", "after", "difference") if which == "all" else (which,)
    grids = []
    for row in rows:
        values = {"before": before[row.name], "after": after[row.name]}
        values["difference"] = values["after"] - values["before"]
        grids += [_grid(row, values, what, len(wanted)) for what in wanted]
    map_grid.show_stack(grids, key=key)


_TEXTS = {"before": "before", "after": "after", "difference": "after − before"}


def _grid(row: "Row", values: Mapping[str, Floats], what: str, across: int) -> Grid:
    """One layer before, after, or the difference; maps that are the same are left out of all."""
    array, difference = values[what], values["difference"]
    maps = array.ndim == 3
    moved = np.flatnonzero(np.abs(difference).reshape(len(difference), -1).max(axis=1) > 0)
    some = moved if maps and len(moved) else np.arange(len(array))
    if what != "difference":
        signed = bool((values["before"] < 0).any() or (values["after"] < 0).any())
        both = np.abs(np.stack([values["before"], values["after"]]))
        most = float(both.max()) or 1.0
        limits = (-most if signed else 0.0, most)
    else:
        signed, most = True, float(np.abs(difference).max()) or 1.0
        limits = (-most, most)
    same = len(array) - len(some)
    # The same in all three, so that a layer has one height in each column.
    caption = "all maps differ" if maps else "every unit differs where its colour does"
    if not len(moved):
        caption = "as it was"
    elif same:
        caption = f"{same} of {len(array)} maps are as they were"
    few = array.size <= layers.FEW
    return Grid(
        array[some] if maps else array.reshape(-1, 1, 1) if few else layers.lines(array),
        label=row.name,
        text=_TEXTS[what],
        caption=caption,
        note="",
        across=across,
        kind="signed" if signed else "activation",
        limits=limits,
        titles=[str(int(i)) for i in some] if maps or few else None,
        noun="map" if maps else "unit" if few else "vector",
        cell=36 if maps else 28 if few else 400,
        selectable=False,
        alt=f"{row.name} {what}" + (": after minus before." if what == "difference" else "."),
    )


def accuracy(outcome: "Outcome", names: Sequence[str], *, edits: int) -> None:
    """Say what the edits do to the accuracy on the test set, and which class suffers most."""
    # Two digits after the point: one map of many may cost a hundredth of a percent.
    before, after = (
        f"{100 * right / outcome.images:.2f}\u00a0%"
        for right in (outcome.right_before, outcome.right_after)
    )
    label = f"Accuracy on {outcome.images:,} test images"
    if not edits:
        st.metric(label, before)
        return
    change = points((outcome.right_after - outcome.right_before) / outcome.images)
    # Streamlit reads the sign of a change from a plain minus.
    st.metric(label, f"{before} → {after}", change.replace("−", "-"))
    worst = outcome.worst
    if worst is None:
        st.caption("No class lost an image.")
        return
    was, now = (
        f"{100 * right[worst] / max(int(outcome.class_images[worst]), 1):.1f}\u00a0%"
        for right in (outcome.class_before, outcome.class_after)
    )
    lost = int(outcome.class_before[worst] - outcome.class_after[worst])
    st.markdown(
        f"**{names[worst]}** suffers most: {was} → {now}, {lost:,} of its "
        f"{outcome.class_images[worst]:,} images lost."
    )


def flipped(
    outcome: "Outcome",
    images: Bytes,
    before: Bytes,
    after: Bytes,
    names: Sequence[str],
    *,
    key: str,
) -> None:
    """Draw test images that are read otherwise now, those that were right before first."""
    which = np.concatenate([outcome.wronged, outcome.righted])[:SHOWN]
    said = (
        f"{outcome.flipped:,} of {outcome.images:,} images are read otherwise: "
        f"{len(outcome.wronged):,} were right and are wrong, {len(outcome.righted):,} the other "
        "way round"
    )
    if not len(which):
        st.caption(f"{said}." if outcome.flipped else "No image is read otherwise.")
        return
    map_grid.show(
        images[which].astype(np.float32) / 255,
        key=key,
        label="Flipped",
        text="what was read → what is read now",
        caption=f"{said}.",
        titles=[f"{names[before[i]]} → {names[after[i]]}" for i in which],
        kind="ink",
        cell=56,
        noun="image",
        unit="ink",
        selectable=False,
        alt=f"Examples of test images that are read otherwise. {said}.",
    )


def listed(words: Sequence[str], *, long: bool) -> None:
    """List the edits in plain words, the last one first.

    Args:
        words: an edit each, oldest first.
        long: whether there are too many for a link.
    """
    if not words:
        st.caption("No edits yet: pull at a weight, or switch the map off, and watch.")
        return
    # The dot is escaped: markdown would count up from the last one.
    lines = [f"{i}\\. {word}" for i, word in enumerate(words, 1)][::-1]
    count = f"{len(words)} edit{'' if len(words) == 1 else 's'}"
    st.markdown(f"**{count}**, the last one first:\n\n" + "  \n".join(lines[:LISTED]))
    if len(lines) > LISTED:
        with st.expander(f"{len(lines) - LISTED} earlier ones"):
            st.markdown("  \n".join(lines[LISTED:]))
    if long:
        st.caption("A link cannot carry so many edits: keep the network to come back to it.")
