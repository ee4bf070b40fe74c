"""The page *Convolution*: what its address may say of lens and picture."""

import pytest

from tests.pages.test_activations import lens
from tests.pages.test_pages import broken, opened, settled, visit


def test_the_pin_of_a_link_is_on_the_lens_and_still_there_on_coming_back():
    at = opened("convolution", pin="9_7")
    assert lens(at)["meta"]["pinned"] == [9, 7]
    visit(at, "draw")
    assert "pin" not in settled(at)
    visit(at, "convolution")
    assert lens(at)["meta"]["pinned"] == [9, 7]
    assert settled(at)["pin"] == "9_7"


@pytest.mark.parametrize("text", ["26_0", "0_26", "-1_0", "1_2_3", "1", "💥", "1_" + "9" * 300])
def test_a_pin_that_the_output_does_not_have_is_none(text):
    at = opened("convolution", pin=text)
    assert not broken(at)
    assert lens(at)["meta"]["pinned"] is None
    assert settled(at) == {}


def test_a_photograph_of_one_s_own_is_asked_for_and_one_that_ships_is_shown():
    at = opened("convolution", picture="webcam")
    assert at.get("camera_input")
    assert lens(at)["arrays"][0][2] == [1, 28, 28]
    at = opened("convolution", picture="camera")
    assert not at.get("camera_input")
    assert lens(at)["arrays"][0][2] == [1, 256, 256]
