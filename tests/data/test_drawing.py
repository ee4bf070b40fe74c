"""Ink on a canvas becomes what MNIST's authors would have made of it, however thick the pen."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from explorer.data.drawing import BOX, CENTRE, RADIUS, thicken, to_mnist

SHAPES = {
    "seven with a bar": [[(60, 60), (200, 60), (120, 220)], [(90, 140), (180, 140)]],
    "two": [[(70, 100), (100, 60), (160, 60), (190, 100), (150, 160), (70, 220), (210, 220)]],
    "open four": [[(90, 50), (70, 150), (200, 150)], [(160, 90), (150, 230)]],
    "nine": [[(190, 80), (130, 55), (90, 90), (130, 135), (185, 100), (190, 60), (180, 230)]],
    "zero": [[(140 + 60 * np.cos(t), 140 + 90 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 40)]],
}


def draw(strokes, brush, scale=1.0, offset=(0, 0), canvas=(280, 280)):
    page = Image.new("L", canvas)
    pen = ImageDraw.Draw(page)
    for stroke in strokes:
        path = [(x * scale + offset[0], y * scale + offset[1]) for x, y in stroke]
        pen.line(path, fill=255, width=brush, joint="curve")
        for x, y in path:
            reach = brush / 2
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return np.asarray(page)


def differing_ink(one, other):
    """Share of the ink that is not in both: 0 for the same picture, 2 for nothing in common."""
    return float(np.abs(one - other).sum() / (0.5 * (one.sum() + other.sum())))


def centre_of_mass(image):
    middle = np.arange(28) + 0.5
    return float(image.sum(1) @ middle / image.sum()), float(image.sum(0) @ middle / image.sum())


def extent(image, level=0.3):
    rows, columns = np.nonzero(image.max(1) > level)[0], np.nonzero(image.max(0) > level)[0]
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("brush", [2, 6, 18, 26])
def test_the_pen_hardly_changes_the_result(name, brush):
    reference = to_mnist(draw(SHAPES[name], 10))
    assert differing_ink(to_mnist(draw(SHAPES[name], brush)), reference) < 0.16


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("brush", [6, 10, 18, 26])
def test_the_stroke_has_its_width_whatever_the_pen(name, brush):
    path = sum(np.hypot(*np.subtract(a, b)) for s in SHAPES[name] for a, b in pairwise(s))
    points = np.concatenate([np.asarray(stroke, float) for stroke in SHAPES[name]])
    length = path * (BOX - 2 * RADIUS) / np.ptp(points, axis=0).max()
    width = to_mnist(draw(SHAPES[name], brush)).sum() / length
    assert width == pytest.approx(2 * RADIUS, rel=0.25)


@pytest.mark.parametrize("name", ["two", "nine", "zero", "open four"])
def test_a_marker_keeps_the_loops_of_a_small_digit_open(name):
    small = to_mnist(draw(SHAPES[name], 26, 0.5))
    assert differing_ink(small, to_mnist(draw(SHAPES[name], 10))) < 0.3


@pytest.mark.parametrize("name", SHAPES)
def test_place_does_not_matter(name):
    middle = to_mnist(draw(SHAPES[name], 10))
    corner = to_mnist(draw(SHAPES[name], 10, offset=(-40, -30)))
    np.testing.assert_array_equal(middle, corner)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("scale", [0.3, 0.5, 1.2])
def test_size_hardly_matters(name, scale):
    small = to_mnist(draw(SHAPES[name], round(10 * scale), scale))
    assert differing_ink(small, to_mnist(draw(SHAPES[name], 10))) < 0.22


@pytest.mark.parametrize("name", SHAPES)
def test_a_larger_canvas_does_not_matter(name):
    wide = draw(SHAPES[name], 10, canvas=(700, 300), offset=(300, 0))
    assert differing_ink(to_mnist(wide), to_mnist(draw(SHAPES[name], 10))) < 0.05


@pytest.mark.parametrize("name", SHAPES)
def test_centre_of_mass_and_longer_side_are_those_of_mnist(name):
    image = to_mnist(draw(SHAPES[name], 14))
    assert centre_of_mass(image) == pytest.approx((CENTRE, CENTRE), abs=0.1)
    # Twenty pixels may touch twenty-one where they do not start at the edge of one.
    assert max(extent(image)) in (20, 21)


@pytest.mark.parametrize("name", SHAPES)
def test_values_are_float32_from_0_to_1(name):
    image = to_mnist(draw(SHAPES[name], 14))
    assert image.dtype == np.float32
    assert image.shape == (28, 28)
    assert image.min() == 0.0
    assert image.max() == pytest.approx(1.0)


def test_two_pens_in_one_drawing_are_both_evened():
    strokes = SHAPES["open four"]
    both = np.maximum(draw(strokes[:1], 26), draw(strokes[1:], 8))
    assert differing_ink(to_mnist(both), to_mnist(draw(strokes, 14))) < 0.45


def test_a_picture_changes_little_from_point_to_point_of_a_growing_stroke():
    corners = np.array(SHAPES["two"][0], float)
    points = [tuple(a + (b - a) * t) for a, b in pairwise(corners) for t in np.linspace(0, 1, 12)]
    frames = [to_mnist(draw([points[:count]], 12)) for count in range(10, len(points))]
    assert max(differing_ink(a, b) for a, b in pairwise(frames)) < 0.6


def test_pale_ink_is_ink():
    drawn = draw(SHAPES["two"], 12)
    np.testing.assert_array_equal(to_mnist(drawn // 3), to_mnist(drawn))


def test_no_ink_is_pushed_over_the_edge():
    # The mass of this shape lies so far to one side that centring it would cut its other end off.
    ink = np.zeros((280, 280), np.uint8)
    ink[20:260, 20:34] = 255
    ink[20:260:30, 20:60] = 255
    ink[130:142, 20:260] = 255
    image = to_mnist(ink)
    assert extent(image)[1] >= 20


def test_empty_canvas_is_empty():
    np.testing.assert_array_equal(to_mnist(np.zeros((280, 280), np.uint8)), np.zeros((28, 28)))


@pytest.mark.parametrize("size", [1, 6, 26])
def test_a_dot_is_a_dot_at_the_centre(size):
    ink = np.zeros((280, 280), np.uint8)
    ink[40 : 40 + size, 200 : 200 + size] = 255
    image = to_mnist(ink)
    assert centre_of_mass(image) == pytest.approx((CENTRE, CENTRE), abs=0.1)
    assert max(extent(image)) <= 4
    assert image.max() > 0.9


@pytest.mark.parametrize(
    ("canvas", "expected"), [((280, 280), (20, 20)), ((100, 200), (10, 20)), ((90, 30), (20, 7))]
)
def test_a_full_canvas_is_a_solid_rectangle(canvas, expected):
    image = to_mnist(np.full(canvas, 255, np.uint8))
    assert image.sum() == pytest.approx(np.prod(expected), rel=0.05)
    assert np.all(np.abs(np.subtract(extent(image), expected)) <= 1)


@pytest.mark.parametrize("side", [100, 280, 1500])
@pytest.mark.parametrize("upright", [True, False])
def test_a_line_of_one_pixel_is_a_line_of_twenty(side, upright):
    ink = np.zeros((side, side), np.uint8)
    ink[side // 10 : -side // 10, side // 3] = 255
    image = to_mnist(ink if upright else ink.T)
    assert centre_of_mass(image) == pytest.approx((CENTRE, CENTRE), abs=0.1)
    long, short = extent(image) if upright else extent(image)[::-1]
    assert 19 <= long <= 21
    assert short <= 3
    assert image.sum() == pytest.approx(20 * 2 * RADIUS, rel=0.15)


def test_two_specks_far_apart_are_kept():
    ink = np.zeros((280, 280), np.uint8)
    ink[10, 10] = ink[270, 270] = 255
    image = to_mnist(ink)
    assert set(extent(image, 0.1)) <= {20, 21}


@pytest.mark.parametrize("canvas", [(1, 1), (1, 300), (300, 2), (28, 28)])
def test_any_canvas_with_any_ink_has_an_answer(canvas):
    ink = np.random.default_rng(0).integers(0, 256, canvas, dtype=np.uint8)
    image = to_mnist(ink)
    assert np.isfinite(image).all()
    assert 0 <= image.min() <= image.max() <= 1


def test_the_drawing_itself_is_left_alone():
    ink = draw(SHAPES["two"], 10).copy()
    before = ink.copy()
    to_mnist(ink)
    np.testing.assert_array_equal(ink, before)


@pytest.mark.parametrize(
    ("ink", "named"),
    [
        (np.zeros((4, 4), np.float32), "float32"),
        (np.zeros((4, 4, 3), np.uint8), r"\(4, 4, 3\)"),
        (np.zeros(9, np.uint8), r"\(9,\)"),
        (np.zeros((0, 4), np.uint8), r"\(0, 4\)"),
        ([[0, 255]], "list"),
    ],
)
def test_what_is_no_drawing_is_refused_with_what_it_is(ink, named):
    with pytest.raises(ValueError, match=named):
        to_mnist(ink)


def test_thicken_moves_the_edge_outwards_by_so_many_pixels():
    ink = np.zeros((9, 9), np.uint8)
    ink[4, 4] = 255
    # Pixels whose centre is at most 2.5 from the dot's: 21 of them.
    assert (thicken(ink, 2) == 255).sum() == 21
