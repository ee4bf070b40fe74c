"""Blocks on a picture and its shifted twin, against cases worked out by hand."""

import numpy as np
import pytest

from explorer import ops
from explorer.ops.chain import CHANGED, EMPTY, POOLS, SAME, Chain, compare, shift, unchanged
from explorer.ops.kernels import PRESETS


def lone(row: int, column: int, side: int = 8) -> np.ndarray:
    """A picture with one lit pixel."""
    image = np.zeros((side, side), np.float32)
    image[row, column] = 1
    return image


def test_a_lone_pixel_that_moves_inside_its_window_changes_two_cells_before_and_none_after():
    found = shift(Chain(), lone(2, 2), 1, 0, 0.01)
    before, after = found.before[0], found.after[0]
    assert (before.lit, before.unchanged) == (2, 0)
    assert np.argwhere(before.states == CHANGED).tolist() == [[2, 2], [2, 3]]
    assert (after.lit, after.unchanged) == (1, 1)
    assert np.argwhere(after.states == SAME).tolist() == [[1, 1]]
    assert (before.unchanged_of_all, after.unchanged_of_all) == (62 / 64, 1)
    assert (before.change, after.change) == (1, 0)


def test_a_lone_pixel_that_crosses_the_border_of_its_window_changes_both_cells():
    found = shift(Chain(), lone(2, 3), 1, 0, 0.01)
    after = found.after[0]
    assert (after.lit, after.unchanged) == (2, 0)
    assert np.argwhere(after.states == CHANGED).tolist() == [[1, 1], [1, 2]]
    assert (after.states == EMPTY).sum() == 14


def test_an_average_and_a_stride_are_no_max():
    moved = {pool: shift(Chain(pool=pool), lone(2, 2), 1, 0, 0.01).after[0] for pool in POOLS}
    assert moved["average"].unchanged == 1
    assert (moved["strided"].lit, moved["strided"].unchanged) == (1, 0)
    assert (moved["blur"].lit, moved["blur"].unchanged) == (6, 1 / 3)


def test_moved_back_by_its_stride_a_pooled_map_is_the_same_and_after_an_odd_shift_it_is_not():
    image = lone(2, 3) + lone(4, 2) * np.float32(0.5)
    even = shift(Chain(), image, 2, 0, 0.01, back=True)
    assert even.moves == [((2, 0), (1, 0))]
    assert even.after[0].unchanged == 1
    assert np.argwhere(even.after[0].states == SAME).tolist() == [[1, 2], [2, 2]]
    odd = shift(Chain(), image, 3, 0, 0.01, back=True)
    assert odd.moves == [((3, 0), (1, 0))]
    assert odd.before[0].unchanged == 1
    assert odd.after[0].unchanged == 1 / 3


def test_what_has_left_the_frame_is_not_compared_after_moving_back():
    found = shift(Chain(), lone(2, 6), 4, 0, 0.01, back=True)
    assert (found.after[0].lit, found.after[0].unchanged) == (0, None)


def test_a_tolerance_is_a_share_of_the_originals_largest_value():
    original = np.array([[1.0, 0.5]], np.float32)
    near = np.array([[0.9, 0.5]], np.float32)
    empty = np.zeros_like(original)
    assert compare(original, near, empty, 0.05).unchanged == 0.5
    assert compare(original, near, empty, 0.2).unchanged == 1
    assert compare(original, near, empty, 0.05).change == pytest.approx(0.05)


def test_cells_that_an_empty_sheet_lights_as_well_are_not_lit():
    chain = Chain(PRESETS["identity"].kernel, bias=0.5)
    found = shift(chain, lone(2, 2), 1, 0, 0.01)
    assert found.before[0].lit == 2
    assert found.original[0].before[7, 7] == 0.5


def test_every_block_convolves_cuts_and_pools():
    image = np.random.default_rng(3).random((12, 12), np.float32)
    kernel = PRESETS["sobel-x"].kernel
    found = Chain(kernel, bias=0.1, blocks=2).run(image)
    x = image
    for block in found:
        x = np.maximum(ops.convolve(x, kernel, padding="same", bias=0.1), 0)
        assert np.array_equal(block.before, x)
        x = ops.max_pool(x)
        assert np.array_equal(block.after, x)


@pytest.mark.parametrize(
    ("size", "stride", "blocks", "fit"), [(2, 2, 3, 3), (4, 4, 3, 2), (4, 3, 3, 2), (2, 4, 3, 3)]
)
def test_as_many_blocks_as_fit_are_said_to_fit(size, stride, blocks, fit):
    chain = Chain(size=size, stride=stride, blocks=blocks)
    assert chain.fitting(28) == fit
    found = Chain(size=size, stride=stride, blocks=fit).run(np.ones((28, 28), np.float32))
    assert len(found) == fit


def test_chains_that_compute_the_same_have_the_same_key():
    assert Chain(pool="strided", size=2).key == Chain(pool="strided", size=4).key
    assert Chain(np.ones((3, 3), np.float32)).key != Chain(np.zeros((3, 3), np.float32)).key


def test_the_shares_of_one_picture_begin_with_no_shift_and_follow_the_direction():
    image = lone(2, 2) + lone(5, 5)
    chain = Chain()
    shares = unchanged(chain, image, (0, 1), 0.01)
    assert shares[0] == 1
    assert shares[1] == shift(chain, image, 0, 1, 0.01).after[0].unchanged == 1 / 3
    assert np.isnan(unchanged(chain, np.zeros((8, 8), np.float32), (1, 0), 0.01)).all()
