"""*A person from parts* on the page *Fully connected*: the frames, the neuron, what they answer.

Frames stand in the address as ``parts=<row>_<column>_<height>_<width>.…``, weights and threshold,
in tenths, as ``neuron=<weight>_…_<threshold>``.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.data import pictures
from explorer.ops import matching, parts
from explorer.state import PageState, address, choice
from explorer.view.components import stash
from explorer.view.components.assembly import (
    MAX_THRESHOLD,
    MAX_WEIGHT,
    PHOTOGRAPHS,
    SIDE,
    Answered,
    Assembly,
    Box,
    fits,
)

Floats = npt.NDArray[np.floating]

NAMES = ("an eye", "the other eye", "a nose", "a mouth")
BOXES: tuple[Box, ...] = ((57, 37, 14, 18), (59, 66, 14, 18), (68, 52, 16, 16), (86, 44, 14, 32))
WEIGHTS = (10, 10, 10, 10)
THRESHOLD = 36
FACE = "face"
WINDOW = 13
"""Side of the neighbourhood whose contrast is evened: half of what it is at 256×256."""
REACH = 10
"""Pixels around the part's own place that pooling *near its place* looks at."""

ROUNDING = 1e-5
"""A sum that is above the threshold by less is at it: the kernels are float32."""

_MEMORY = "assembly in hand"


@dataclass(frozen=True)
class PartsState(PageState):
    """The settings of *A person from parts*."""

    pooling: str = choice(
        "anywhere",
        {"anywhere": "Anywhere", "near": "Near its place"},
        "Keep each kernel's strongest response",
        "Anywhere on the picture, or within 10 pixels of where the part lies in the face.",
    )
    hide: str = choice(
        "none",
        {"none": "Nothing", **{str(i + 1): name for i, name in enumerate(NAMES)}},
        "Cover in the face",
        "A grey patch over the frame, in the picture that is judged. The kernels stay as they are.",
    )


@dataclass(frozen=True)
class Hand:
    """Frames, weights and threshold (in tenths); ``version`` changes when an address chose them."""

    boxes: tuple[Box, ...] = BOXES
    weights: tuple[int, ...] = WEIGHTS
    threshold: int = THRESHOLD
    version: int = 0

    def address(self) -> dict[str, str]:
        """The query parameters that reopen it; "" for one that must not be there."""
        boxes = ".".join("_".join(str(n) for n in box) for box in self.boxes)
        numbers = "_".join(str(n) for n in (*self.weights, self.threshold))
        usual = (*self.weights, self.threshold) == (*WEIGHTS, THRESHOLD)
        return {
            "parts": "" if self.boxes == BOXES else boxes,
            "neuron": "" if usual else numbers,
        }


def current() -> Hand:
    """What is in hand, as the address has it where that is news."""
    before: Hand = st.session_state.get(_MEMORY, Hand())
    if said := address.news("parts", "neuron"):
        boxes = read_boxes(said.get("parts", "")) or BOXES
        numbers = read_neuron(said.get("neuron", "")) or (*WEIGHTS, THRESHOLD)
        before = Hand(boxes, numbers[:-1], numbers[-1], before.version + 1)
        st.session_state[_MEMORY] = before
    address.owe(before.address())
    return before


def reset() -> None:
    """Back to the frames, weights and threshold that the page opens with."""
    before: Hand = st.session_state.get(_MEMORY, Hand())
    after = Hand(version=before.version + 1)
    st.session_state[_MEMORY] = after
    address.say(after.address())


def moved(report: Assembly) -> dict[str, str]:
    """Take over what the hand reports, and return what the address should say; while it moves,
    nothing."""
    if report.current:
        before: Hand = st.session_state.get(_MEMORY, Hand())
        st.session_state[_MEMORY] = Hand(
            report.boxes, report.weights, report.threshold, before.version
        )
    if report.moving:
        return {}
    words = current().address()
    address.owe(words)
    return words


def read_boxes(text: str) -> tuple[Box, ...] | None:
    """The four frames that a text describes, or None."""
    found: list[Box] = []
    for word in text.split("."):
        numbers = _numbers(word)
        if numbers is None or not fits(numbers):
            return None
        row, column, height, width = numbers
        found.append((row, column, height, width))
    return tuple(found) if len(found) == len(BOXES) else None


def read_neuron(text: str) -> tuple[int, ...] | None:
    """The four weights and the threshold that a text describes, in tenths, or None."""
    numbers = _numbers(text)
    if numbers is None or len(numbers) != len(WEIGHTS) + 1:
        return None
    *weights, threshold = numbers
    fine = all(abs(w) <= MAX_WEIGHT for w in weights) and 0 <= threshold <= MAX_THRESHOLD
    return tuple(numbers) if fine else None


def _numbers(text: str) -> list[int] | None:
    words = text.split("_")
    if not all(w.isascii() and w.removeprefix("-").isdecimal() and len(w) < 5 for w in words):
        return None
    return [int(w) for w in words]


def judged(hand: Hand, now: PartsState) -> tuple[list[Answered], tuple[Box, float] | None]:
    """What every photograph answers, the face first, and the patch over the face with its shade.

    Raises:
        ValueError: there is nothing in a frame that could be matched; one sentence says so.
    """
    hidden = None if now.hide == "none" else hand.boxes[int(now.hide) - 1]
    weights = [w / 10 for w in hand.weights]
    answers = []
    for name in (FACE, *(n for n in pictures.PHOTOS if n != FACE)):
        cover = hidden if name == FACE else None
        found = [_pooled(name, cover, box, now.pooling == "near") for box in hand.boxes]
        values = [p.value for p in found]
        above = parts.excess(values, weights, hand.threshold / 10)
        answers.append(
            Answered(
                name,
                pictures.PHOTOS[name].title,
                values,
                [(p.row, p.column) for p in found],
                above + hand.threshold / 10,
                above > ROUNDING,
            )
        )
    if hidden is None:
        return answers, None
    row, column, height, width = hidden
    shade = float(_covered(hidden)[row, column])
    top, left = max(row - 1, 0), max(column - 1, 0)
    low, right = min(row + height + 1, SIDE), min(column + width + 1, SIDE)
    return answers, ((top, left, low - top, right - left), shade)


@lru_cache(maxsize=2048)
def _pooled(photo: str, cover: Box | None, box: Box, near: bool) -> parts.Pooled:
    region = (box[0], box[1], REACH) if near else None
    return parts.pooled(_prepared(photo, cover), _kernel(box), region)


@lru_cache(maxsize=256)
def _kernel(box: Box) -> Floats:
    return parts.kernel(_prepared(FACE, None), box)


@lru_cache(maxsize=32)
def _prepared(photo: str, cover: Box | None) -> Floats:
    pixels = pictures.load(photo, SIDE) if cover is None else _covered(cover)
    return matching.even_contrast(pixels, WINDOW)


@lru_cache(maxsize=8)
def _covered(box: Box) -> Floats:
    return parts.cover(pictures.load(FACE, SIDE), box)


@cache
def photographs() -> bytes:
    """All photographs, packed for the stash; 150 kB."""
    return stash.pack(PHOTOGRAPHS, {name: pictures.load(name, SIDE) for name in pictures.PHOTOS})
