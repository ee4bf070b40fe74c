"""Synthetic pen strokes: every style can be written, a seed names a sample, the hand varies."""

import numpy as np
import pytest

from explorer.data import strokes

EVERY = [(digit, style) for digit, styles in strokes.STYLES.items() for style in styles]


def test_every_digit_has_several_styles():
    assert sorted(strokes.STYLES) == list(range(10))
    assert min(len(styles) for styles in strokes.STYLES.values()) >= 5


@pytest.mark.parametrize(
    ("digit", "style"),
    [(7, "barred"), (7, "serif and bar"), (1, "foot"), (1, "flag and foot"), (4, "open"),
     (9, "hooked")],
)  # fmt: skip
def test_the_styles_that_mnist_lacks_are_there(digit, style):
    assert style in strokes.STYLES[digit]


@pytest.mark.parametrize(("digit", "style"), EVERY)
def test_a_style_gives_one_stroke_for_each_touch_of_the_pen(digit, style):
    path = strokes.pen_path(digit, style, np.random.default_rng(0))
    assert len(path) == strokes.STYLES[digit][style].count("|") + 1
    points = np.concatenate(path)
    assert np.isfinite(points).all()
    assert points.min() == pytest.approx(0)
    assert points.max() == pytest.approx(strokes.INK)


def test_two_hands_write_the_same_style_differently():
    rng = np.random.default_rng(0)
    one, two = (strokes.pen_path(7, "barred", rng) for _ in range(2))
    assert not np.array_equal(np.concatenate(one)[:20], np.concatenate(two)[:20])


def test_ink_covers_the_path_with_the_width_of_the_brush():
    page = strokes.ink([np.array([[0.0, 0.0], [100.0, 0.0]])], 10)
    assert set(np.unique(page)) == {0, 255}
    column = (page[:, page.shape[1] // 2] == 255).sum()
    assert column == pytest.approx(10, abs=1)
    assert (page.max(0) == 255).sum() == pytest.approx(110, abs=2)


def test_nothing_of_the_ink_touches_the_edge_of_its_page():
    page = strokes.ink([np.array([[0.0, 0.0], [50.0, 100.0]])], 31)
    assert max(page[0].max(), page[-1].max(), page[:, 0].max(), page[:, -1].max()) == 0


def test_the_same_seed_gives_the_same_digits():
    (one, labels), (two, _) = strokes.sample(20, 3), strokes.sample(20, 3)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(labels, [*range(10), *range(10)])


def test_another_seed_gives_other_digits():
    assert not np.array_equal(strokes.sample(10, 3)[0], strokes.sample(10, 4)[0])


def test_a_sample_of_one_style_has_its_digit():
    images, labels = strokes.sample(5, 0, 7, "barred")
    assert images.shape == (5, 28, 28)
    assert images.dtype == np.uint8
    assert labels.tolist() == [7] * 5
    assert (images.reshape(5, -1).max(1) > 200).all()


def test_samples_have_about_as_much_ink_as_mnist():
    images, _ = strokes.sample(200, 0)
    # MNIST's training images hold the ink of 102 full pixels on average.
    assert images.sum() / 255 / 200 == pytest.approx(102, rel=0.15)
