"""Every preset does what its line says, by hand on tiny pictures."""

import numpy as np
import pytest

from explorer import ops
from explorer.ops.kernels import PRESETS, normalise

STEP_RIGHT = np.tile([0, 0, 1, 1], (3, 1))  # dark, then bright to the right
STEP_DOWN = np.tile([0, 0, 1, 1], (3, 1)).T
DOT = np.zeros((5, 5))
DOT[2, 2] = 1


def _answer(name, picture):
    return ops.convolve(picture, PRESETS[name].kernel).tolist()


def test_the_table_is_complete_and_readable():
    assert set(PRESETS) == {
        "identity", "box-3", "box-5", "gaussian-3", "gaussian-5", "sharpen", "emboss",
        "outline-4", "outline-8", "sobel-x", "sobel-y", "prewitt-x", "prewitt-y", "scharr-x",
        "scharr-y", "edge-rising", "edge-falling", "line-horizontal", "line-vertical", "line-45",
        "line-135",
    }  # fmt: skip
    titles = [preset.title for preset in PRESETS.values()]
    assert len(set(titles)) == len(titles)
    for preset in PRESETS.values():
        assert preset.line.endswith(".")
        assert preset.group


@pytest.mark.parametrize("name", PRESETS)
def test_a_kernel_is_square_odd_float32_and_read_only(name):
    kernel = PRESETS[name].kernel
    assert kernel.shape in {(3, 3), (5, 5)}
    assert kernel.dtype == np.float32
    assert kernel.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        kernel[0, 0] = 1


def test_a_y_kernel_is_the_x_kernel_turned():
    for family in ("sobel", "prewitt", "scharr"):
        x, y = PRESETS[f"{family}-x"].kernel, PRESETS[f"{family}-y"].kernel
        assert np.array_equal(x.T, y)


@pytest.mark.parametrize(
    ("name", "picture", "answer"),
    [
        ("identity", [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[5]]),
        # 1·1 + 2·1 + 1·1 right of the step and nothing left of it.
        ("sobel-x", STEP_RIGHT, [[4, 4]]),
        ("sobel-y", STEP_RIGHT, [[0, 0]]),
        ("sobel-y", STEP_DOWN, [[4], [4]]),
        ("prewitt-x", STEP_RIGHT, [[3, 3]]),
        ("prewitt-y", STEP_DOWN, [[3], [3]]),
        ("scharr-x", STEP_RIGHT, [[16, 16]]),
        ("scharr-y", STEP_DOWN, [[16], [16]]),
        ("sobel-x", 1 - STEP_RIGHT, [[-4, -4]]),
        # 5·1 on the dot, −1 on its four neighbours.
        ("sharpen", DOT, [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        ("outline-4", DOT, [[0, -1, 0], [-1, 4, -1], [0, -1, 0]]),
        ("outline-8", DOT, [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
        # A single 1 leaves the kernel turned round.
        ("emboss", DOT, [[2, 1, 0], [1, 1, -1], [0, -1, -2]]),
        # On its own line: 3 · 2. Beside it: 3 · (−1).
        ("line-horizontal", np.outer([0, 0, 1, 0, 0], np.ones(3)), [[-3], [6], [-3]]),
        ("line-vertical", np.outer(np.ones(3), [0, 0, 1, 0, 0]), [[-3, 6, -3]]),
        ("line-45", [[0, 0, 1], [0, 1, 0], [1, 0, 0]], [[6]]),
        ("line-135", [[0, 0, 1], [0, 1, 0], [1, 0, 0]], [[0]]),
        ("line-135", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[6]]),
        # Bright at the upper right of the falling diagonal: 1 + 2 + 1.
        ("edge-falling", [[0, 1, 1], [0, 0, 1], [0, 0, 0]], [[4]]),
        ("edge-falling", [[0, 0, 0], [1, 0, 0], [1, 1, 0]], [[-4]]),
        ("edge-falling", [[1, 1, 0], [1, 0, 0], [0, 0, 0]], [[0]]),
        ("edge-rising", [[1, 1, 0], [1, 0, 0], [0, 0, 0]], [[4]]),
        ("edge-rising", [[0, 1, 1], [0, 0, 1], [0, 0, 0]], [[0]]),
    ],
)
def test_an_answer_by_hand(name, picture, answer):
    assert _answer(name, picture) == answer


def test_a_blur_spreads_a_dot_and_keeps_its_mass():
    dot = DOT[1:4, 1:4] * 16
    assert ops.convolve(dot, PRESETS["gaussian-3"].kernel, padding="same").tolist() == [
        [1, 2, 1],
        [2, 4, 2],
        [1, 2, 1],
    ]
    np.testing.assert_allclose(_answer("box-3", DOT * 9), np.ones((3, 3)), rtol=1e-6)
    np.testing.assert_allclose(_answer("box-5", DOT * 25), [[1]], rtol=1e-6)
    # 6 · 6 of the 256.
    assert _answer("gaussian-5", DOT * 256) == [[36]]


@pytest.mark.parametrize("name", PRESETS)
def test_an_even_area_keeps_its_shade_or_vanishes(name):
    preset = PRESETS[name]
    even = np.full((5, 5), 0.5)
    keeps = preset.group in {"Basics", "Blur", "Effects"}
    np.testing.assert_allclose(_answer(name, even), 0.5 if keeps else 0, atol=1e-6)


def test_normalise_by_hand():
    assert normalise([[1, 3]]).tolist() == [[0.25, 0.75]]
    assert normalise([[-1, 5]]).tolist() == [[-0.25, 1.25]]
    assert normalise([[-2, 2]]).tolist() == [[-0.5, 0.5]]
    assert normalise([[-3, 1]]).tolist() == [[1.5, -0.5]]
    assert normalise([[0, 0]]).tolist() == [[0, 0]]


def test_a_sum_that_is_zero_but_for_rounding_counts_as_zero():
    tenths = np.array([[0.1, 0.2, -0.3]])
    assert tenths.sum() != 0
    np.testing.assert_allclose(normalise(tenths), tenths / 0.6)


@pytest.mark.parametrize("name", PRESETS)
def test_normalise_twice_is_normalise_once(name):
    once = normalise(PRESETS[name].kernel)
    assert once.dtype == np.float32
    np.testing.assert_allclose(normalise(once), once, rtol=1e-6, atol=1e-7)


def test_normalise_refuses_what_is_no_number():
    with pytest.raises(ValueError, match=r"kernel .* holds NaN"):
        normalise([[np.nan]])
