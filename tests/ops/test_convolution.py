"""Convolution against PyTorch over a grid, and against sums written out by hand."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from explorer import ops

RNG = np.random.default_rng(0)


def _torch(image, kernel, stride, padding, dilation, bias):
    """``conv2d`` behind the zeros that TensorFlow's rule asks for, written from that rule."""
    x = torch.from_numpy(np.atleast_3d(image.T).T.copy())[None].double()
    w = torch.from_numpy(np.atleast_3d(kernel.T).T.copy())[None].double()
    if padding == "same":
        around = []
        for n, k in ((x.shape[3], w.shape[3]), (x.shape[2], w.shape[2])):
            span = (k - 1) * dilation + 1
            total = max(span - stride, 0) if n % stride == 0 else max(span - n % stride, 0)
            around += [total // 2, total - total // 2]
        x = F.pad(x, around)
    out = F.conv2d(x, w, torch.tensor([bias]).double(), stride=stride, dilation=dilation)
    return out[0, 0].numpy()


GRID = [
    case
    for case in itertools.product(
        [(7, 7), (9, 12), (28, 28), (13, 130)],
        [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (7, 7), (2, 5)],
        [1, 2, 3, 4],
        ["valid", "same"],
        [1, 2, 3],
        [None, 1, 3],
    )
    if case[3] == "same" or (max(case[1]) - 1) * case[4] < min(case[0])
]


def test_the_grid_is_a_grid():
    assert len(GRID) > 1500


@pytest.mark.parametrize("channels", [None, 1, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_convolve_is_what_torch_computes(stride, padding, channels):
    cases = [c for c in GRID if (c[2], c[3], c[5]) == (stride, padding, channels)]
    for shape, size, _, _, dilation, _ in cases:
        front = () if channels is None else (channels,)
        image = RNG.standard_normal((*front, *shape))
        kernel = RNG.standard_normal((*front, *size))
        ours = ops.convolve(image, kernel, stride, padding, dilation, bias=0.25)
        theirs = _torch(image, kernel, stride, padding, dilation, 0.25)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
        sides = zip(shape, size, strict=True)
        assert ours.shape == tuple(
            ops.output_size(n, k, stride, padding, dilation) for n, k in sides
        )


def test_a_large_picture_is_summed_in_blocks_without_a_seam():
    image = RNG.standard_normal((3, 200, 301))
    kernel = RNG.standard_normal((3, 5, 5))
    theirs = _torch(image, kernel, 2, "same", 3, -1.0)
    ours = ops.convolve(image, kernel, 2, "same", 3, -1.0)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_float32_is_summed_in_the_documented_order_to_the_last_bit():
    image = RNG.standard_normal((2, 6, 5)).astype(np.float32)
    kernel = RNG.standard_normal((2, 3, 3)).astype(np.float32)
    out = ops.convolve(image, kernel, bias=0.1)
    for row, column in np.ndindex(out.shape):
        total = np.float32(0)
        for n, i, j in np.ndindex(kernel.shape):
            total = np.float32(total + np.float32(image[n, row + i, column + j] * kernel[n, i, j]))
        assert out[row, column] == np.float32(total + np.float32(0.1))


def test_it_is_cross_correlation_and_the_flip_makes_it_convolution():
    image = np.zeros((5, 5))
    image[2, 2] = 1
    kernel = np.arange(9.0).reshape(3, 3)
    # Sliding the kernel over a single 1 leaves it turned round; the flipped one leaves it as it is.
    assert ops.convolve(image, kernel)[0, 0] == 8
    assert np.array_equal(ops.convolve(image, kernel), kernel[::-1, ::-1])
    assert np.array_equal(ops.convolve(image, ops.flip(kernel)), kernel)


def test_one_output_by_hand():
    image = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    # 1·1 + 2·0 + 4·0 + 5·(−1) = −4 everywhere, and the bias.
    assert ops.convolve(image, [[1, 0], [0, -1]], bias=0.5).tolist() == [[-3.5, -3.5]] * 2


def test_same_puts_the_extra_zero_at_the_end_by_hand():
    ones = [[1, 1]]
    # 1 2 3 4 and a kernel of two: one zero, behind the 4.
    assert ops.convolve([[1, 2, 3, 4]], ones, padding="same").tolist() == [[3, 5, 7, 4]]
    # Stride 2 spans all four: no zero at all.
    assert ops.convolve([[1, 2, 3, 4]], ones, 2, "same").tolist() == [[3, 7]]
    # Six cells, three weights, stride 2: three windows span seven cells, one zero at the end.
    assert ops.convolve([[1, 2, 3, 4, 5, 6]], [[1, 1, 1]], 2, "same").tolist() == [[6, 12, 11]]


@pytest.mark.parametrize(
    ("arguments", "zeros"),
    [
        ((5, 3, 2), (1, 1)),
        ((6, 3, 2), (0, 1)),
        ((28, 4, 1), (1, 2)),
        ((28, 5, 1), (2, 2)),
        ((7, 1, 2), (0, 0)),
        ((4, 2, 4), (0, 0)),
    ],
)
def test_tensorflows_zeros_by_hand(arguments, zeros):
    n, kernel, stride = arguments
    assert ops.pads(n, kernel, stride, "same") == zeros
    assert ops.pads(n, kernel, stride, "valid") == (0, 0)


def test_dilation_spreads_the_zeros_too():
    # Three weights, two apart, span five cells: two zeros on each side.
    assert ops.pads(8, 3, 1, "same", 2) == (2, 2)


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ((28, 3), 26),
        ((28, 3, 1, "same"), 28),
        ((28, 3, 2), 13),
        ((28, 3, 2, "same"), 14),
        ((28, 3, 3, "same"), 10),
        ((28, 5, 1, "valid", 3), 16),
        ((3, 3), 1),
        ((2, 7, 1, "same"), 2),
    ],
)
def test_output_sizes_by_hand(arguments, size):
    assert ops.output_size(*arguments) == size


@pytest.mark.parametrize(
    ("image", "result"),
    [
        (np.uint8, np.float32),
        (bool, np.float32),
        (np.float16, np.float32),
        (np.float64, np.float64),
    ],
)
def test_float64_stays_and_the_rest_becomes_float32(image, result):
    assert ops.convolve(np.ones((3, 3), image), np.ones((2, 2))).dtype == result


def test_inputs_are_left_alone_and_the_result_is_new():
    image, kernel = np.ones((3, 3)), np.ones((1, 1))
    image.flags.writeable = kernel.flags.writeable = False
    out = ops.convolve(image, kernel)
    out += 1
    assert image.max() == 1
    assert out.flags.c_contiguous


def test_a_zero_kernel_leaves_the_bias():
    assert ops.convolve(np.ones((3, 3)), np.zeros((2, 2)), bias=2).tolist() == [[2, 2], [2, 2]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((np.ones((3, 3)), np.ones((4, 4))), "spans 4 pixels and the image's side has 3"),
        ((np.ones((5, 5)), np.ones((3, 3)), 1, "valid", 3), "at dilation 3 spans 7"),
        ((np.ones((5, 5)), np.ones((3, 3)), 0), "stride must be at least 1, not 0"),
        ((np.ones((5, 5)), np.ones((3, 3)), 1.5), "stride must be a whole number, not 1.5"),
        ((np.ones((5, 5)), np.ones((3, 3)), True), "stride must be a whole number, not True"),
        ((np.ones((5, 5)), np.ones((3, 3)), 1, "full"), "padding must be .* not 'full'"),
        ((np.ones((5, 5)), np.ones((3, 3)), 1, "valid", 0), "dilation must be at least 1"),
        ((np.ones((5, 5)), np.ones((3, 3)), 1, "valid", 1, np.nan), "bias must be finite"),
        ((np.ones((2, 5, 5)), np.ones((3, 3, 3))), "2 channels and the kernel 3"),
        ((np.ones((5, 5)), np.ones((1, 3, 3))), r"\(5, 5\) and \(1, 3, 3\)"),
        ((np.ones(5), np.ones(3)), r"\(5,\) and \(3,\)"),
        ((np.ones((0, 5)), np.ones((3, 3))), "image is empty"),
        ((np.full((5, 5), np.nan), np.ones((3, 3))), "image .* holds NaN"),
        ((np.ones((5, 5)), np.full((3, 3), np.inf)), "kernel .* holds NaN or infinity"),
        ((np.ones((5, 5), complex), np.ones((3, 3))), "image must hold real numbers"),
        (([["a"]], [[1]]), "image must hold real numbers"),
        ((np.ones((5, 5), np.float32), np.full((3, 3), 1e300)), "too large for float32"),
        ((np.full((5, 5), 3e38, np.float32), np.ones((3, 3))), "too large for float32"),
    ],
)
def test_a_bad_argument_is_refused_with_its_values(arguments, words):
    with pytest.raises(ValueError, match=words):
        ops.convolve(*arguments)


PICTURE = [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("shift", "moved"),
    [
        ((0, 0), [[1, 2, 3], [4, 5, 6]]),
        ((1, 0), [[0, 1, 2], [0, 4, 5]]),
        ((-1, 0), [[2, 3, 0], [5, 6, 0]]),
        ((0, 1), [[0, 0, 0], [1, 2, 3]]),
        ((0, -1), [[4, 5, 6], [0, 0, 0]]),
        ((2, 1), [[0, 0, 0], [0, 0, 1]]),
        ((-2, -1), [[6, 0, 0], [0, 0, 0]]),
        ((3, 0), [[0, 0, 0], [0, 0, 0]]),
        ((0, -2), [[0, 0, 0], [0, 0, 0]]),
        ((-99, 99), [[0, 0, 0], [0, 0, 0]]),
    ],
)
def test_translate_lets_zeros_in_and_content_out(shift, moved):
    assert ops.translate(PICTURE, *shift).tolist() == moved


def test_translate_moves_every_channel_and_copies():
    x = np.arange(8.0).reshape(2, 2, 2)
    assert ops.translate(x, dx=1).tolist() == [[[0, 0], [0, 2]], [[0, 4], [0, 6]]]
    assert not np.shares_memory(ops.translate(x), x)


def test_convolution_commutes_with_translation_away_from_the_border():
    image = np.zeros((12, 12))
    image[4:7, 4:7] = RNG.standard_normal((3, 3))
    kernel = RNG.standard_normal((3, 3))
    first = ops.convolve(ops.translate(image, 2, 1), kernel)
    assert np.array_equal(first, ops.translate(ops.convolve(image, kernel), 2, 1))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((PICTURE, 0.5), "dx must be a whole number, not 0.5"),
        (([1, 2], 1), r"x must be .* not \(2,\)"),
        (([[np.inf]], 1), "x .* holds NaN or infinity"),
    ],
)
def test_translate_refuses(arguments, words):
    with pytest.raises(ValueError, match=words):
        ops.translate(*arguments)
