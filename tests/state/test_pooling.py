"""The shift, the kernel and the blocks that the page's address and settings describe."""

import numpy as np
import pytest

from explorer.network import zoo
from explorer.ops.kernels import PRESETS
from explorer.state import DrawState, pooling
from explorer.state.pooling import PoolingState, Shift
from explorer.view.components.twins import Twins
from tests.apps import scripted


def test_the_network_is_the_setting_of_the_page_draw():
    here = PoolingState.__dataclass_fields__["network"]
    there = DrawState.__dataclass_fields__["network"]
    assert (here.default, here.metadata) == (there.default, there.metadata)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_the_kernel_of_the_blocks(preset):
    chain = pooling.chain(PoolingState(kernel=preset, blocks="2"))
    assert chain.kernel is not None
    assert np.array_equal(chain.kernel, PRESETS[preset].kernel)
    assert (chain.bias, chain.blocks) == (0, 2)


def test_without_a_kernel_the_picture_itself_is_pooled():
    chain = pooling.chain(PoolingState(kernel="none", pool="average", pool_size="3"))
    assert (chain.kernel, chain.pool, chain.size, chain.stride) == (None, "average", 3, 2)


def test_only_blocks_that_fit_are_made():
    chain = pooling.chain(PoolingState(kernel="none", pool_size="4", pool_stride="4", blocks="3"))
    assert chain.blocks == 2


@pytest.mark.parametrize("network", [n for n in zoo.NETWORKS if pooling.filters(n)])
def test_a_networks_kernel_comes_with_its_bias(network):
    def script(name):
        from explorer.state import pooling

        chain = pooling.chain(pooling.PoolingState(network=name))
        import streamlit as st

        st.session_state["made"] = (chain.kernel, chain.bias)

    at = scripted(script, network)
    at.query_params["filter"] = "3"
    at.run()
    assert not at.exception
    kernel, bias = at.session_state["made"]
    model = zoo.shared(network)
    assert np.array_equal(kernel, model.get_parameter("conv1.weight")[3, 0].numpy())
    assert bias == float(model.get_parameter("conv1.bias")[3])


def test_a_network_without_a_convolution_has_no_kernel():
    assert pooling.filters("dense") == 0
    assert pooling.chain(PoolingState(network="dense")).kernel is None


def shifted(**address):
    def script():
        import streamlit as st

        from explorer.state import pooling

        st.session_state["seen"] = pooling.current()

    at = scripted(script)
    for name, value in address.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at.session_state["seen"]


@pytest.mark.parametrize(
    ("address", "dx", "dy"),
    [
        ({}, 1, 0),
        ({"dx": "3", "dy": "-2"}, 3, -2),
        ({"dx": "0"}, 0, 0),
        ({"dy": "5"}, 1, 5),
        ({"dx": "99", "dy": "-99"}, 8, -8),
        ({"dx": "1e1", "dy": "٣"}, 1, 0),
        ({"dx": "--3", "dy": "9" * 400}, 1, 0),
        ({"dx": "<script>", "dy": ""}, 1, 0),
    ],
    ids=str,
)
def test_an_address_says_the_shift_within_its_bounds(address, dx, dy):
    seen = shifted(**address)
    assert (seen.dx, seen.dy) == (dx, dy)


def test_a_shift_that_is_the_default_needs_no_word():
    assert Shift(1, 0).address() == {"dx": "", "dy": ""}
    assert Shift(0, -3).address() == {"dx": "0", "dy": "-3"}


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        ((1, 0), ("right", (1, 0))),
        ((-3, 2), ("left", (-1, 0))),
        ((2, -3), ("up", (0, -1))),
        ((0, 3), ("down", (0, 1))),
        ((0, 0), ("right", (1, 0))),
    ],
)
def test_the_direction_is_that_in_which_the_shift_goes_furthest(shift, expected):
    assert pooling.direction(Shift(*shift)) == expected


@pytest.mark.parametrize("moving", [True, False])
def test_what_the_hand_reports_is_the_shift_and_at_rest_it_is_owed_to_the_address(moving):
    def script(moving):
        import streamlit as st

        from explorer.state import pooling
        from explorer.view.components.twins import Twins

        report = Twins(4, -1, seq=2, current=True, moving=moving)
        st.session_state["words"] = pooling.moved(report)
        st.session_state["seen"] = pooling.current()

    at = scripted(script, moving).run()
    assert not at.exception
    seen = at.session_state["seen"]
    assert (seen.dx, seen.dy) == (4, -1)
    assert at.session_state["words"] == ({} if moving else {"dx": "4", "dy": "-1"})


def test_a_hand_that_has_not_reported_moves_nothing():
    assert Twins().current is False
