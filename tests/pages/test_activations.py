"""The page *Activation maps*: what it shows is what the network computes."""

import json
import struct

import numpy as np
import pytest

from explorer.data import mnist
from explorer.network import zoo
from explorer.network.answers import answers
from explorer.view.components import blob
from tests.pages.test_pages import broken, opened, settled, visit


def grids(at) -> dict[str, tuple[np.ndarray, dict]]:
    """Label of each grid to its values and its description, as sent to the browser."""
    found = {}
    for element in at.get("bidi_component"):
        raw = element.proto.bytes
        if int.from_bytes(raw[:4], "little") != blob.MAGIC:
            continue
        _, _, n, h, w, length = struct.unpack_from("<6I", raw)
        meta = json.loads(raw[24 : 24 + length])
        values = np.frombuffer(raw, "<f4", n * h * w, 24 + length + 8 * n).reshape(n, h, w)
        found[meta["label"]] = (values, meta)
    return found


def lens(at) -> dict | None:
    """What the lens was sent: its arrays' names and shapes, and its description."""
    for element in at.get("bidi_component"):
        raw = element.proto.bytes
        if int.from_bytes(raw[:4], "little") == blob.ARRAYS:
            return json.loads(raw[12 : 12 + struct.unpack_from("<3I", raw)[2]])
    return None


def of(network: str, index: int = 0):
    return answers(zoo.shared(network), mnist.test_set()[0][index].astype(np.float32) / 255)


@pytest.mark.parametrize(
    ("network", "layer"),
    [("default", name) for name in zoo.NETWORKS["default"].names()] + [("article", "pool1")],
)
def test_a_layer_shows_what_the_network_computed(network, layer):
    at = opened("activations", network=network, layer=layer, image="20")
    assert not broken(at)
    shown, meta = grids(at)[layer]
    np.testing.assert_array_equal(shown.ravel(), of(network, 20).after[layer].ravel())
    assert meta["selected"] is not None
    names = ("conv", "pool")
    assert (lens(at) is not None) == layer.startswith(names)


def test_without_a_choice_the_strongest_map_is_open():
    at = opened("activations", image="3")
    strongest = of("default", 3).after["conv1"].max(axis=(1, 2)).argmax()
    assert at.subheader[0].value == f"Map {strongest} of conv1"


def test_a_link_opens_its_map():
    at = opened("activations", layer="conv2", map="5")
    assert at.subheader[0].value == "Map 5 of conv2"
    kernel = zoo.shared("default").get_parameter("conv2.weight")[5].numpy()
    np.testing.assert_array_equal(grids(at)["The kernel of map 5"][0], kernel)
    assert lens(at)["arrays"][0][2] == [12, 12, 12]


@pytest.mark.parametrize(
    "address",
    [
        {"layer": "../../etc", "map": "-1"},
        {"layer": "<script>", "map": "999"},
        {"layer": "conv1", "map": "9" * 300},
        {"order": "💥", "slices": "; DROP", "map": "1e0"},
    ],
    ids=str,
)
def test_a_hostile_choice_opens_the_strongest_map_of_the_first_layer(address):
    at = opened("activations", **address)
    assert not broken(at)
    assert at.subheader[0].value == opened("activations").subheader[0].value
    assert not {"layer", "map", "order", "slices"} & set(settled(at))


def test_a_layer_that_the_network_does_not_have_opens_its_first():
    at = opened("activations", network="article", layer="conv2")
    assert not broken(at)
    assert at.subheader[0].value.endswith("of conv1")


def test_choosing_a_layer_opens_it_and_says_so_in_the_address():
    at = opened("activations")
    at.button_group(key="activations_layer").set_value("dense1").run()
    assert not broken(at)
    assert at.query_params["layer"] == "dense1"
    assert at.subheader[0].value.endswith("of dense1")


def test_strongest_first_moves_maps_and_their_kernels_together():
    at = opened("activations", order="strength")
    shown = grids(at)
    (maps, meta), (kernels, _) = shown["conv1"], shown["Its kernels"]
    order = [int(title.split()[1]) for title in meta["titles"]]
    assert np.all(np.diff(maps.max(axis=(1, 2))) <= 0)
    weights = zoo.shared("default").get_parameter("conv1.weight")[:, 0].numpy()
    np.testing.assert_array_equal(kernels, weights[order])


def test_a_unit_s_products_are_laid_out_over_the_maps_that_it_reads():
    at = opened("activations", layer="dense1", map="31")
    shown, found = grids(at), of("default")
    reads, weights = shown["The maps that it reads"][0], shown["× its weights"][0]
    np.testing.assert_array_equal(reads, found.after["pool2"])
    np.testing.assert_array_equal(shown["= products"][0], reads * weights)
    value = f"**{found.before['dense1'][31]:.4f}**".replace("-", "−")
    assert any(value in text.value for text in at.markdown)


def test_each_layer_keeps_its_own_open_map_and_the_pin_of_a_link_is_on_its_lens():
    at = opened("activations", layer="conv2", map="5", pin="3_4")
    assert lens(at)["meta"]["pinned"] == [3, 4]
    at.button_group(key="activations_layer").set_value("conv1").run()
    assert lens(at)["meta"]["pinned"] is None
    assert "pin" not in settled(at)
    at.button_group(key="activations_layer").set_value("conv2").run()
    assert at.subheader[0].value == "Map 5 of conv2"
    assert lens(at)["meta"]["pinned"] == [3, 4]


@pytest.mark.parametrize("text", ["10_0", "0_10", "-1_0", "1_2_3", "💥", "9" * 300])
def test_a_pin_that_the_map_does_not_have_is_none(text):
    at = opened("activations", layer="conv2", pin=text)
    assert not broken(at)
    assert lens(at)["meta"]["pinned"] is None
    assert "pin" not in settled(at)


def test_what_is_open_is_still_open_on_coming_back():
    at = opened("activations", layer="conv2", map="5")
    visit(at, "draw")
    visit(at, "activations")
    assert at.subheader[0].value == "Map 5 of conv2"
    assert (settled(at)["layer"], settled(at)["map"]) == ("conv2", "5")


def test_one_scale_for_the_network_says_so():
    _, meta = grids(opened("activations"))["conv1"]
    assert meta["note"] == "each on its own scale"
    at = opened("activations")
    at.button_group(key="setting-scale").set_value("network").run()
    assert not broken(at)
    assert grids(at)["conv1"][1]["note"] == "one scale for the network"


def test_all_slices_of_all_kernels_are_there_on_demand():
    at = opened("activations", layer="conv2", slices="all")
    assert grids(at)["All 24 kernels"][0].shape == (288, 3, 3)


def test_nine_patches_have_their_class_and_value():
    patches, meta = grids(opened("activations", layer="conv2", map="3"))["What excites it most"]
    assert patches.shape == (9, 10, 10)
    values = [float(title.split(" · ")[1]) for title in meta["titles"]]
    assert values == sorted(values, reverse=True)
