"""The box around a feature: where it starts, and what an address may say of it."""

import pytest

from explorer.data.pictures import PHOTOS
from explorer.ops import matching
from explorer.state import patch


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("second", [False, True])
def test_the_first_box_lies_on_the_photograph(photo, second):
    row, column, height, width = patch.start(photo, second)
    assert 0 <= row <= patch.SIDE - height
    assert 0 <= column <= patch.SIDE - width
    box = row, column, height, width
    assert patch.read(patch.write(photo, box), photo) == box
    assert patch.read(patch.write(photo, box), "another") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1_2_3",
        "1_2_3_4_5",
        "0_0_4_20",
        "0_0_20_49",
        "240_0_20_20",
        "-1_0_9_9",
        "a_b_c_d",
        "٣_0_9_9",
    ],
)
def test_a_text_that_is_no_box_is_none(text):
    assert patch.read(f"face_{text}", "face") is None
    assert patch.read(text, "face") is None


def test_the_box_that_opens_finds_both_eyes_of_the_face_first():
    box = patch.start("face")
    kernel = matching.template(patch.cut("face", True, box))
    answers = matching.response(patch.searched("face", True), kernel)
    peaks = matching.peaks(answers, 4, min(kernel.shape) // 2)
    assert patch.on_eyes("face", peaks, box)[:2] == (1, 2)
