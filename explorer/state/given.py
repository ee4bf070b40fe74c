"""The current input: a drawing or a test image, shared by all pages.

It lives in the session, travels from page to page, and stands in the address as
``image=<number in the test set>`` or ``ink=<strokes>``, so that a link reopens it and a refresh
keeps it. An address is never trusted: what does not name an input leaves things as they were.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.data import drawing, ink, mnist
from explorer.network import evaluate
from explorer.state import address
from explorer.view import panel
from explorer.view.components.digit_pad import DigitPadResult

Image = npt.NDArray[np.float32]

EMPTY = "none"
"""What an address says of a sheet that was cleared."""

FAR = 10**9
"""Less than minus this, nobody types."""

_MEMORY = "current input"
"""No widget's key: what a widget keeps is forgotten with its page."""


@dataclass(frozen=True, eq=False)
class Given:
    """What the networks are given: a drawing, or an image of the test set.

    Attributes:
        image: ``(28, 28)`` float32 in [0, 1], as the network receives it.
        strokes: the drawing that it was made of; none for a test image.
        index: number in the test set, 0 to 9,999; None for a drawing.
        version: changes whenever something else than the pad's own strokes changed the input.
    """

    image: Image
    strokes: ink.Strokes = ()
    index: int | None = None
    version: int = 0

    @property
    def label(self) -> int | None:
        """The true class of a test image, 0 to 9; None for a drawing."""
        return None if self.index is None else int(mnist.test_set()[1][self.index])

    def address(self) -> dict[str, str]:
        """The query parameters that reopen this input; "" for one that must not be there."""
        if self.index is not None:
            return {"image": str(self.index), "ink": ""}
        return {"image": "", "ink": ink.encode_strokes(self.strokes) if self.strokes else EMPTY}

    @property
    def position(self) -> int | None:
        """How many test images of its class come before a test image; None for a drawing."""
        if self.index is None or self.label is None:
            return None
        return int(np.searchsorted(of_class(self.label), self.index))


@cache
def of_class(label: int) -> npt.NDArray[np.int64]:
    """Numbers of the test images of one class, in order."""
    return np.flatnonzero(mnist.test_set()[1] == label)


def give_test_image(index: int) -> None:
    """Make a test image the current input; an index out of range is moved into it."""
    address.say(_take(index).address())


def _take(index: int) -> Given:
    index = min(max(index, 0), len(mnist.test_set()[0]) - 1)
    given = Given(_pixels(index), index=index, version=_version() + 1)
    st.session_state[_MEMORY] = given
    return given


def give_drawing(
    sheet: npt.NDArray[np.uint8] | None, strokes: ink.Strokes, *, finished: bool
) -> dict[str, str]:
    """Make what is on the pad the current input, and return what the address should say of it.

    Args:
        sheet: ``(H, W)`` uint8, 255 = ink; None for an empty sheet.
        strokes: the same as strokes.
        finished: False while a stroke is being drawn: the address then stays as it is.
    """
    image = drawing.to_mnist(np.zeros((1, 1), np.uint8) if sheet is None else sheet)
    given = Given(image, strokes, version=_version())
    st.session_state[_MEMORY] = given
    words = given.address() if finished else {}
    if words:
        address.owe(words)
    return words


def follow(report: DigitPadResult) -> dict[str, str]:
    """Make what the pad reported the current input; what the address should say of it."""
    if report.current:
        return give_drawing(report.ink, report.strokes, finished=not report.drawing)
    return readdress()


def readdress() -> dict[str, str]:
    """Owe the address what it should say of the input, so that the page's link is whole.

    The very first input needs no word.

    Returns:
        What is owed, for a component that tells the browser sooner.
    """
    given = current()
    first = given.index is not None and not given.version
    words = {"image": "", "ink": ""} if first else given.address()
    address.owe(words)
    return words


def _pixels(index: int) -> Image:
    """A test image, ``(28, 28)`` float32 in [0, 1]."""
    pixels: Image = mnist.test_set()[0][index].astype(np.float32)
    return pixels / np.float32(255)


def _version() -> int:
    before: Given | None = st.session_state.get(_MEMORY)
    return 0 if before is None else before.version


def current() -> Given:
    """The current input; it starts with the first test image."""
    if said := address.news("image", "ink"):
        _adopt(said["image"], said["ink"])
    if _MEMORY not in st.session_state:
        st.session_state[_MEMORY] = Given(_pixels(0), index=0)
    now: Given = st.session_state[_MEMORY]
    return now


def _adopt(number: str, text: str) -> None:
    """Take the input from an address; one that names none leaves things as they are."""
    strokes = ink.decode_strokes(text)
    if strokes or text == EMPTY:
        image = drawing.to_mnist(ink.rasterise(strokes))
        st.session_state[_MEMORY] = Given(image, strokes, version=_version() + 1)
    elif number.isascii() and number.isdecimal() and len(number) <= 9:
        _take(int(number))


def picker(network: Callable[[], str], redraw: Sequence[str]) -> None:
    """The row of controls that picks a test image.

    Args:
        network: names the network whose mistakes are picked from.
        redraw: the panels that show the input.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        numbers(redraw)
        chances(network, redraw)


def numbers(redraw: Sequence[str]) -> None:
    """The controls that pick a test image by its class and its number, as in :func:`picker`."""
    given = current()
    follow = {"redraw": tuple(redraw)}
    # A stroke's next report may still carry the class that was chosen before the first one: under
    # a key of its own, that is no choice of a class.
    key = "test_class" if given.index is not None else "test_class_unchosen"
    st.session_state[key] = given.label
    st.pills(
        "Let it read a test image",
        range(10),
        key=key,
        on_change=_pick_class,
        args=(key,),
        kwargs=follow,
        help="The 10,000 images of the MNIST test set, which no network here was trained on.",
    )
    if given.label is not None:
        st.session_state["test_number"] = given.position
        last = len(of_class(given.label)) - 1
        # Without bounds: the browser would leave a number beyond them in the field, and say
        # nothing; so it comes here, and goes back as the last or the first there is.
        st.number_input(
            "Number",
            -FAR,
            key="test_number",
            width=130,
            on_change=_pick_number,
            kwargs=follow,
            help=f"Which of the test set's {given.label}s: 0 to {last:,}, in its own order.",
        )


def chances(network: Callable[[], str], redraw: Sequence[str]) -> None:
    """The buttons that pick a test image by chance, as in :func:`picker`."""
    follow = {"redraw": tuple(redraw)}
    st.button("Random", icon=":material/shuffle:", on_click=_pick_any, kwargs=follow)
    st.button(
        "One it gets wrong",
        icon=":material/sentiment_dissatisfied:",
        on_click=_pick_any,
        args=(network,),
        kwargs=follow,
    )


def _pick_class(key: str, redraw: Sequence[str]) -> None:
    label = st.session_state[key]
    if label is not None:
        give_test_image(int(of_class(label)[0]))
    panel.redraw(*redraw)


def _pick_number(redraw: Sequence[str]) -> None:
    label, number = current().label, st.session_state["test_number"]
    if label is not None and number is not None:
        numbers = of_class(label)
        give_test_image(int(numbers[min(max(number, 0), len(numbers) - 1)]))
    panel.redraw(*redraw)


def _pick_any(network: Callable[[], str] | None = None, redraw: Sequence[str] = ()) -> None:
    pool = evaluate.mistakes(network()) if network else range(len(mnist.test_set()[0]))
    if pool:
        give_test_image(random.choice(pool))
    panel.redraw(*redraw)
