"""What the page *Fully connected* shows: its settings, and the second input that it compares with.

The second input stands in the address as ``second=<number in the test set>`` or
``second_ink=<strokes>``. It starts with the test set's second seven.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import streamlit as st

from explorer.data import drawing, ink, mnist
from explorer.network.patterns import Patterns
from explorer.state import DrawState, PageState, address, choice, given, like, whole
from explorer.state.given import Given
from explorer.view import panel
from explorer.view.components import cloud
from explorer.view.components.softmax import MAX_HEAT

DIGITS = {str(n): str(n) for n in range(10)}
READ, SECOND, NOTHING = "read", "second", "none"
OTHER = 17
"""The second seven of the test set."""

_MEMORY = "second input"


@dataclass(frozen=True)
class DenseState(PageState):
    """The settings of the page *Fully connected*."""

    network: str = like(DrawState, "network")
    view: str = choice(
        "speak",
        {
            "speak": "Who spoke for it?",
            "flatten": "Flatten",
            "softmax": "Softmax",
            "compare": "Two inputs",
            "map": "10,000 patterns",
        },
        "See",
    )
    about: str = choice(READ, {READ: "What it reads", **DIGITS}, "Who spoke for")
    than: str = choice(
        NOTHING,
        {NOTHING: "Nothing: the logit itself", SECOND: "The runner-up", **DIGITS},
        "rather than",
        "With another class, the difference of the two logits is taken apart: what counts in the "
        "softmax is differences only.",
    )
    heat: int = whole(0, -MAX_HEAT, MAX_HEAT, "Temperature")

    @property
    def temperature(self) -> float:
        """0.1 to 10."""
        return float(10 ** (self.heat / MAX_HEAT))

    @property
    def patterned(self) -> bool:
        """Whether the patterns of the test set are needed."""
        return self.view in ("compare", "map")


def classes(now: DenseState, logits: "np.ndarray[Any, Any]") -> tuple[int, int | None]:
    """The class that is spoken for, and the one it is preferred to.

    Args:
        now: the settings.
        logits: ``(classes,)``.
    """
    order = [int(i) for i in np.argsort(-logits, kind="stable")]
    about = order[0] if now.about == READ else min(int(now.about), len(order) - 1)
    if now.than == NOTHING:
        return about, None
    if now.than == SECOND:
        return about, next((i for i in order if i != about), None)
    than = min(int(now.than), len(order) - 1)
    return about, None if than == about else than


def second() -> Given:
    """The second input, as the address has it where that is news."""
    if said := address.news("second", "second_ink"):
        strokes = ink.decode_strokes(said["second_ink"])
        number = said["second"]
        if strokes:
            _keep(Given(drawing.to_mnist(ink.rasterise(strokes)), strokes))
        elif number.isascii() and number.isdecimal() and len(number) <= 9:
            _keep(_test_image(int(number)))
    kept: Given = st.session_state.get(_MEMORY) or _test_image(OTHER)
    address.owe(_words(kept))
    return kept


def compare_with(index: int) -> None:
    """Make a test image the second input; an index out of range is moved into it."""
    _keep(_test_image(index))
    address.say(_words(second_kept()))


def second_kept() -> Given:
    """The second input, whatever the address says."""
    kept: Given = st.session_state.get(_MEMORY) or _test_image(OTHER)
    return kept


def _test_image(index: int) -> Given:
    images = mnist.test_set()[0]
    index = min(max(index, 0), len(images) - 1)
    return Given(images[index].astype(np.float32) / np.float32(255), index=index)


def _keep(value: Given) -> None:
    st.session_state[_MEMORY] = value


def _words(value: Given) -> dict[str, str]:
    if value.index is not None:
        return {"second": "" if value.index == OTHER else str(value.index), "second_ink": ""}
    text = ink.encode_strokes(value.strokes) if value.strokes else ""
    return {"second": "", "second_ink": text}


def picker(redraw: Sequence[str]) -> None:
    """The row of controls that chooses the second input.

    Args:
        redraw: the panels that follow.
    """
    kept = second_kept()
    follow = {"redraw": tuple(redraw)}
    st.session_state["second_class"] = kept.label
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Keep this input to compare",
            icon=":material/push_pin:",
            on_click=_keep_current,
            kwargs=follow,
            help="What is on the pad now becomes the other input; then draw or choose a new one.",
        )
        st.button(
            "Random", key="second_any", icon=":material/shuffle:", on_click=_pick_any, kwargs=follow
        )
        st.pills(
            "or compare with a test image",
            range(10),
            key="second_class",
            on_change=_pick_class,
            kwargs=follow,
        )
        if kept.label is not None:
            st.session_state["second_number"] = kept.position
            # Without bounds, as for the input itself: what lies beyond goes back as the nearest.
            st.number_input(
                "Number",
                -given.FAR,
                key="second_number",
                width=130,
                on_change=_pick_number,
                kwargs=follow,
            )


def _keep_current(redraw: Sequence[str]) -> None:
    _keep(given.current())
    address.say(_words(second_kept()))
    panel.redraw(*redraw)


def _pick_class(redraw: Sequence[str]) -> None:
    label = st.session_state["second_class"]
    if label is not None:
        compare_with(int(given.of_class(label)[0]))
    panel.redraw(*redraw)


def _pick_number(redraw: Sequence[str]) -> None:
    label, number = second_kept().label, st.session_state["second_number"]
    if label is not None and number is not None:
        numbers = given.of_class(label)
        compare_with(int(numbers[min(max(number, 0), len(numbers) - 1)]))
    panel.redraw(*redraw)


def _pick_any(redraw: Sequence[str]) -> None:
    compare_with(random.randrange(len(mnist.test_set()[0])))
    panel.redraw(*redraw)


@cache
def sheet() -> bytes:
    """The test images, packed for the stash; 1 MB, made once."""
    return cloud.sheet(mnist.test_set()[0])


@lru_cache(maxsize=6)
def points(name: str, found: Patterns) -> bytes:
    """The places of a network's patterns, packed for the stash.

    Args:
        name: what they are called there.
        found: the patterns.
    """
    return cloud.points(name, found.places, found.labels, 10)
