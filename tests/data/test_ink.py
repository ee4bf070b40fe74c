"""Strokes: into a link and back, and onto a sheet."""

import base64

import numpy as np
import pytest

from explorer.data import ink
from explorer.data.ink import Stroke, decode_strokes, encode_strokes, rasterise

SEVEN = (
    Stroke(20, ((80, 70), (200, 70), (130, 230))),
    Stroke(18, ((100, 150), (190, 150))),
)


def text_of(*raw):
    return base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()


def test_a_drawing_survives_the_link():
    assert decode_strokes(encode_strokes(SEVEN)) == SEVEN


def test_corners_of_the_sheet_and_long_steps_survive_the_link():
    strokes = (Stroke(4, ((0, 0), (279, 279), (0, 279), (279, 0))), Stroke(40, ((279, 279),)))
    assert decode_strokes(encode_strokes(strokes)) == strokes


def test_the_layout_is_version_brush_count_and_zigzag_steps():
    # 100 -> zigzag 200 -> 0xC8 0x01; a step of -3 -> 5, of +2 -> 4.
    assert encode_strokes((Stroke(20, ((100, 1), (97, 3))),)) == text_of(
        1, 20, 2, 0xC8, 0x01, 2, 5, 4
    )


def test_a_written_digit_is_short():
    turns = np.linspace(0, 4 * np.pi, 80)
    eight = tuple((round(140 + 60 * np.sin(t)), round(140 - 100 * np.cos(t / 2))) for t in turns)
    text = encode_strokes((Stroke(20, eight),))
    assert len(text) < 600
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_no_strokes_are_no_text():
    assert encode_strokes(()) == ""
    assert decode_strokes("") == ()


def test_a_drawing_too_long_for_a_link_has_none():
    scribble = Stroke(20, tuple((x % 280, 7 * x % 280) for x in range(900)))
    assert encode_strokes((scribble,)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "A" * (ink.MAX_TEXT + 1),
        "not base64!",
        "été",
        "A",
        "=" * 8,
        text_of(),
        text_of(2, 20, 1, 8, 8),
        text_of(1, 20),
        text_of(1, 20, 0),
        text_of(1, 3, 1, 8, 8),
        text_of(1, 41, 1, 8, 8),
        text_of(1, 20, 2, 8, 8, 4),
        text_of(1, 20, 1, 8, 0x80),
        text_of(1, 20, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 8),
        text_of(1, 20, 0xFF, 0xFF, 0x7F, 8, 8),
        text_of(1, 20, 1, 8, 8, 20),
    ],
)
def test_anything_else_than_a_drawing_is_no_strokes(text):
    assert decode_strokes(text) == ()


def test_points_beyond_the_sheet_are_moved_onto_it():
    # First -1 and +1000, then far to the right.
    text = text_of(1, 20, 2, 1, 0xD0, 0x0F, 0xD0, 0x0F, 0)
    assert decode_strokes(text) == (Stroke(20, ((0, 279), (279, 279))),)


def test_a_dot_is_a_disc_as_wide_as_the_brush():
    disc = rasterise((Stroke(20, ((139, 139),)),))
    assert disc.shape == (140, 140)
    assert disc.dtype == np.uint8
    # Radius 10 of 280 is 5 of 140.
    assert disc.sum() / 255 == pytest.approx(np.pi * 5**2, rel=0.02)
    rows, columns = np.nonzero(disc > 127)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (65, 74, 65, 74)


def test_a_line_covers_its_length_times_its_width_and_two_round_ends():
    line = rasterise((Stroke(20, ((60, 140), (220, 140))),))
    assert line.sum() / 255 == pytest.approx(80 * 10 + np.pi * 5**2, rel=0.01)


def test_a_sharp_corner_stays_within_a_pixel_of_its_point():
    corner = rasterise((Stroke(8, ((60, 60), (200, 60), (200, 200))),), size=280)
    # Half the brush is 4: the outer side passes at 4 - SLACK at least, on the diagonal.
    assert corner[58, 202] > 127
    assert corner[55, 205] == 0


def test_a_bow_of_few_points_is_round():
    points = np.rint([(140 + 80 * np.sin(t), 140 - 80 * np.cos(t)) for t in np.arange(25) / 4])
    bow = rasterise((Stroke(8, tuple((int(x), int(y)) for x, y in points)),), size=280)
    y, x = np.nonzero(bow > 127)
    radius = np.hypot(x - 140, y - 140)
    # The chords of this polygon alone would come 0.6 pixels closer to the centre.
    assert radius.min() > 80 - 4 - 1.5
    assert radius.max() < 80 + 4 + 1.5


def test_no_strokes_leave_the_sheet_empty():
    assert not rasterise(()).any()
    assert rasterise((), size=28).shape == (28, 28)
