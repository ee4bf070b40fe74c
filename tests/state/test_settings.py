"""A page's state: allow-listed, clamped, and the same after a round trip through an address."""

from dataclasses import dataclass

import pytest

from explorer.data import pictures
from explorer.state import ConvolutionState, DrawState, PageState, choice, whole


@dataclass(frozen=True)
class Example(PageState):
    colour: str = choice("red", {"red": "Red", "blue": "Blue"}, "Colour")
    size: int = whole(5, -2, 9, "Size")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, Example()),
        ({"colour": "blue", "size": "7"}, Example("blue", 7)),
        ({"size": "10"}, Example(size=9)),
        ({"size": "-3"}, Example(size=-2)),
        ({"size": "4.5"}, Example()),
        ({"size": "1" * 400}, Example()),
        ({"size": "٣"}, Example()),
        ({"size": "--1"}, Example()),
        ({"size": ""}, Example()),
        ({"size": None}, Example()),
        ({"colour": "Blue"}, Example()),
        ({"colour": ["blue"]}, Example()),
        ({"colour": "<script>", "unknown": "1"}, Example()),
    ],
    ids=str,
)
def test_an_address_is_allow_listed_and_clamped(said, state):
    assert Example.read(said) == state


@pytest.mark.parametrize(
    "state", [Example(), Example("blue"), Example(size=-2), Example("blue", 9)]
)
def test_a_state_survives_its_own_address(state):
    assert Example.read(state.write()) == state


def test_an_address_says_only_what_differs_from_the_defaults():
    assert Example().write() == {}
    assert Example(size=6).write() == {"size": "6"}


def test_no_picture_of_the_user_s_own_is_called_as_one_that_ships():
    options = ConvolutionState.__dataclass_fields__["picture"].metadata["options"]()
    assert {"input", "upload", "webcam"} <= set(options)
    assert all(options[name] == photo.title for name, photo in pictures.PHOTOS.items())


def test_the_defaults_of_a_page_are_valid():
    assert DrawState.read({f: getattr(DrawState(), f) for f in ("network", "scale")}) == DrawState()
