"""The pin of a lens: what an address may say of it."""

import pytest

from explorer.state import pin


@pytest.mark.parametrize("cell", [(0, 0), (3, 4), (255, 511)])
def test_a_pin_survives_its_own_address(cell):
    assert pin.read(pin.write(cell)) == cell


def test_no_pin_needs_no_word():
    assert pin.write(None) == ""


@pytest.mark.parametrize(
    "text", ["", "3", "3_4_5", "-1_2", "1.5_2", "٣_4", "9" * 400 + "_1", "a_b"]
)
def test_a_text_that_is_no_pin_is_none(text):
    assert pin.read(text) is None
