"""The kernel in hand: as text for an address, and resized."""

import numpy as np
import pytest

from explorer.ops.kernels import PRESETS
from explorer.state import kernel


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_goes_into_an_address_by_its_name_and_by_its_weights(name):
    weights = PRESETS[name].kernel
    assert kernel.read(name) is weights
    np.testing.assert_array_equal(kernel.read(kernel.write(weights)), weights)


def test_weights_survive_an_address_to_the_last_bit():
    weights = np.random.default_rng(0).normal(size=(7, 7)).astype(np.float32)
    np.testing.assert_array_equal(kernel.read(kernel.write(weights)), weights)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no-such-preset",
        "1_2_3",
        "_".join("1" * 16),
        "_".join(["nan"] * 9),
        "_".join(["1e3"] * 9),
        "_".join(["1001"] * 9),
        "_".join(["1"] * 10_000),
        "_".join(["--1"] * 9),
        "_".join(["٣"] * 9),
        "<script>",
    ],
)
def test_a_text_that_is_no_kernel_is_none(text):
    assert kernel.read(text) is None


def test_a_larger_kernel_keeps_the_weights_in_its_middle():
    small = np.arange(9, dtype=np.float32).reshape(3, 3)
    large = kernel.resized(small, 5)
    np.testing.assert_array_equal(large[1:4, 1:4], small)
    assert large.sum() == small.sum()
    np.testing.assert_array_equal(kernel.resized(large, 3), small)


def test_a_kernel_that_equals_a_preset_is_that_preset():
    weights = PRESETS["sharpen"].kernel.copy()
    hand = kernel.Hand(weights, 0.0, weights)
    assert hand.preset == "sharpen"
    assert hand.address() == {"kernel": "sharpen", "bias": ""}
    weights[0, 0] = 0.5
    assert hand.preset == kernel.CUSTOM
    assert kernel.read(hand.address()["kernel"])[0, 0] == 0.5


def test_the_default_needs_no_address():
    weights = PRESETS[kernel.DEFAULT].kernel
    assert kernel.Hand(weights, 0.0, weights).address() == {"kernel": "", "bias": ""}
