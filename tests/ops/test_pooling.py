"""Pooling against PyTorch, and TensorFlow's ``same`` by hand."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from explorer import ops

RNG = np.random.default_rng(0)
GRID = list(itertools.product([(4, 4), (9, 12), (28, 28)], [1, 2, 3, 4], [1, 2, 3]))


@pytest.mark.parametrize(("shape", "size", "stride"), GRID)
def test_valid_pools_are_what_torch_computes(shape, size, stride):
    # Few different values, so that windows hold ties.
    x = RNG.integers(-2, 3, (2, *shape)).astype(np.float32)
    strongest, where = F.max_pool2d(torch.from_numpy(x), size, stride, return_indices=True)
    assert np.array_equal(ops.max_pool(x, size, stride), strongest.numpy())
    assert np.array_equal(ops.winners(x, size, stride), where.numpy())
    x = RNG.standard_normal((2, *shape))
    mean = F.avg_pool2d(torch.from_numpy(x), size, stride).numpy()
    np.testing.assert_allclose(ops.average_pool(x, size, stride), mean, rtol=0, atol=1e-15)


@pytest.mark.parametrize("size", [3, 5])
def test_same_is_torchs_padding_where_both_sides_are_alike(size):
    x = -1 - RNG.random((7, 7))  # all negative: a padding of zeros would win
    planes, around = torch.from_numpy(x)[None], size // 2
    strongest, where = F.max_pool2d(planes, size, 1, around, return_indices=True)
    mean = F.avg_pool2d(planes, size, 1, around, count_include_pad=False)
    assert np.array_equal(ops.max_pool(x, size, 1, "same"), strongest[0].numpy())
    assert np.array_equal(ops.winners(x, size, 1, "same"), where[0].numpy())
    np.testing.assert_allclose(ops.average_pool(x, size, 1, "same"), mean[0], rtol=0, atol=1e-15)


def test_same_pads_at_the_end_and_averages_real_cells_only():
    x = [[-1, -2, -3], [-4, -5, -6], [-7, -8, -9]]
    assert ops.max_pool(x, 2, padding="same").tolist() == [[-1, -3], [-7, -9]]
    assert ops.average_pool(x, 2, padding="same").tolist() == [[-3, -4.5], [-7.5, -9]]
    assert ops.winners(x, 2, padding="same").tolist() == [[0, 2], [6, 8]]


def test_valid_leaves_out_what_does_not_fill_a_window():
    assert ops.max_pool([[1, 2, 9], [3, 4, 9], [9, 9, 9]]).tolist() == [[4]]
    assert ops.average_pool([[1, 2, 9], [3, 4, 9], [9, 9, 9]]).tolist() == [[2.5]]


def test_the_stride_is_the_windows_side_unless_given():
    x = np.arange(36.0).reshape(6, 6)
    assert ops.max_pool(x, 3).tolist() == [[14, 17], [32, 35]]
    assert ops.max_pool(x, 3, 1).shape == (4, 4)


def test_of_equal_cells_the_first_in_reading_order_wins():
    assert ops.winners(np.zeros((4, 4))).tolist() == [[0, 2], [8, 10]]
    assert ops.winners([[0, 7], [7, 0]]).tolist() == [[1]]


def test_the_winner_is_where_the_maximum_is_taken():
    x = RNG.standard_normal((3, 9, 8)).astype(np.float32)
    won = ops.winners(x, 3, 2, "same")
    values = np.take_along_axis(x.reshape(3, -1), won.reshape(3, -1), axis=1)
    assert np.array_equal(values.reshape(won.shape), ops.max_pool(x, 3, 2, "same"))


def test_an_average_is_added_in_reading_order_to_the_last_bit():
    x = RNG.standard_normal((2, 2)).astype(np.float32)
    total = np.float32(0)
    for value in x.ravel():
        total = np.float32(total + value)
    assert ops.average_pool(x)[0, 0] == np.float32(total / np.float32(4))


def test_pooling_leaves_its_input_alone():
    x = np.ones((2, 2), np.float32)
    x.flags.writeable = False
    ops.max_pool(x, 1)[:] = 5
    ops.average_pool(x, 1)[:] = 5
    assert x.max() == 1


@pytest.mark.parametrize("pool", [ops.max_pool, ops.average_pool, ops.winners])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((np.ones((4, 4)), 0), "size must be at least 1, not 0"),
        ((np.ones((4, 4)), 2, 0), "stride must be at least 1, not 0"),
        ((np.ones((4, 4)), 2.0), "size must be a whole number, not 2.0"),
        ((np.ones((4, 4)), 5), "side of 5 spans 5 pixels and the image's side has 4"),
        ((np.ones((4, 4)), 2, 2, "full"), "padding must be .* not 'full'"),
        ((np.ones(4),), r"x must be .* not \(4,\)"),
        ((np.full((4, 4), np.nan),), "x .* holds NaN"),
    ],
)
def test_a_bad_argument_is_refused_with_its_values(pool, arguments, words):
    with pytest.raises(ValueError, match=words):
        pool(*arguments)


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_a_stride_without_pooling_keeps_every_so_manieth_cell(stride):
    x = RNG.standard_normal((2, 9, 10)).astype(np.float32)
    assert np.array_equal(ops.strided(x, stride), x[:, ::stride, ::stride])


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_blurred_max_pooling_is_what_torch_makes_of_its_three_steps(size, stride):
    x = RNG.standard_normal((3, 13, 12)).astype(np.float32)
    line = np.ones(1)
    for _ in range(2 * stride - 2):
        line = np.convolve(line, [1, 1])
    kernel = torch.from_numpy(np.outer(line, line) / line.sum() ** 2).float()[None, None]
    strongest = F.max_pool2d(torch.from_numpy(x)[:, None], size, 1)
    expected = F.conv2d(strongest, kernel, stride=stride, padding=stride - 1)[:, 0]
    found = ops.blur_pool(x, size, stride)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5, atol=1e-6)
    assert found.shape == ops.max_pool(x, size, stride).shape


def test_the_blur_of_a_lone_pixel_is_worked_out_by_hand():
    x = np.zeros((5, 5), np.float32)
    x[1, 3] = 16
    # Its maxima fill rows 0 and 1 of columns 2 and 3, and [1, 2, 1] / 4 blurs them.
    assert ops.blur_pool(x).tolist() == [[0, 9], [0, 3]]
    assert ops.blur_kernel(2).tolist() == (np.outer([1, 2, 1], [1, 2, 1]) / 16).tolist()
    assert ops.blur_kernel(1).tolist() == [[1]]


@pytest.mark.parametrize(("size", "stride"), [(2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (4, 2)])
@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_max_pooling_absorbs_what_the_formula_says(size, stride, blocks):
    room = (size - 1) * sum(stride**block for block in range(blocks))
    assert ops.absorbed("max", size, stride, blocks) == room


@pytest.mark.parametrize("pool", ["max", "average", "strided", "blur"])
@pytest.mark.parametrize(
    ("size", "stride", "blocks"), [(2, 2, 1), (3, 2, 1), (2, 2, 2), (3, 1, 2), (2, 3, 1)]
)
def test_what_is_absorbed_is_what_a_lone_pixel_shows(pool, size, stride, blocks):
    side = 40
    steps = {"max": ops.max_pool, "average": ops.average_pool, "blur": ops.blur_pool}
    answers = []
    for column in range(side):
        x = np.zeros((side, side))
        x[18, column] = 1
        for _ in range(blocks):
            x = ops.strided(x, stride) if pool == "strided" else steps[pool](x, size, stride)
        answers.append(x)
    seen = np.stack(answers)
    middle = seen.shape[2] // 2
    row = seen[:, :, middle].max(axis=0).argmax()
    lit = seen[:, row, middle]
    best = 0
    for start in range(side):
        if lit[start] > 0:
            run = next((n for n in range(1, side - start) if lit[start + n] != lit[start]), 1)
            best = max(best, run - 1)
    assert ops.absorbed(pool, size, stride, blocks) == best


@pytest.mark.parametrize("arguments", [("mean", 2, 2, 1), ("max", 0, 2, 1), ("max", 2, 2, 0)])
def test_an_unknown_pooling_absorbs_nothing_but_an_error(arguments):
    with pytest.raises(ValueError, match=r"pool|size|blocks"):
        ops.absorbed(*arguments)
