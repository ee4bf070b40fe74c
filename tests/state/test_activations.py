"""The open layer and map: what an address may say of them."""

import pytest

from explorer.network import zoo
from explorer.state import DrawState, activations

NETWORK = zoo.NETWORKS["default"]


@pytest.mark.parametrize("name", NETWORK.names())
def test_every_layer_opens_by_its_name(name):
    assert activations.row_of(NETWORK, name).name == name


@pytest.mark.parametrize("name", ["", "conv3", "CONV1", "<script>", "image"])
def test_an_unknown_layer_opens_the_first(name):
    assert activations.row_of(NETWORK, name).name == "conv1"


@pytest.mark.parametrize(("text", "index"), [("0", 0), ("11", 11), ("007", 7)])
def test_a_number_opens_its_map(text, index):
    assert activations.index_of(NETWORK.rows[0], text) == index


@pytest.mark.parametrize("text", ["", "12", "-1", "1.0", "1e1", "٣", "9" * 400, "x"])
def test_a_number_that_the_layer_does_not_have_opens_none(text):
    assert activations.index_of(NETWORK.rows[0], text) is None


@pytest.mark.parametrize("name", ["network", "values"])
def test_settings_that_are_those_of_the_page_draw_have_its_options(name):
    here = activations.ActivationsState.__dataclass_fields__[name]
    there = DrawState.__dataclass_fields__[name]
    assert (here.default, here.metadata) == (there.default, there.metadata)
