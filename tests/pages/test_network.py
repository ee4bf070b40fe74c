"""The page *Network*: what the picture is sent is what the network computes."""

import json
import struct

import numpy as np
import pytest

from explorer.data import mnist
from explorer.network import edits as edited
from explorer.network import surgery, zoo
from explorer.network.answers import answers
from explorer.view.components import blob
from tests.pages.test_pages import broken, chosen, opened, settled, visit


def messages(at) -> list[tuple[dict, dict[str, np.ndarray]]]:
    """Description and arrays of each message of named arrays."""
    found = []
    for element in at.get("bidi_component"):
        raw = element.proto.bytes
        if int.from_bytes(raw[:4], "little") != blob.ARRAYS:
            continue
        length = struct.unpack_from("<3I", raw)[2]
        said, arrays, start = json.loads(raw[12 : 12 + length]), {}, 12 + length
        for name, kind, shape in said["arrays"]:
            count = int(np.prod(shape))
            values = np.frombuffer(raw, "<f4" if kind == "f4" else np.uint8, count, start)
            scaled = values if kind == "f4" else values / np.float32(255)
            arrays[name] = scaled.reshape(shape)
            start += 4 * -(-values.nbytes // 4)
        found.append((said["meta"], arrays))
    return found


def picture(at) -> tuple[dict, dict[str, np.ndarray]]:
    """What the picture was sent."""
    return next((meta, arrays) for meta, arrays in messages(at) if "stages" in meta)


def weights(at) -> dict[str, np.ndarray]:
    """What the stash was sent for the picture."""
    named = (arrays for meta, arrays in messages(at) if "network" in str(meta.get("name")))
    return {name: array for arrays in named for name, array in arrays.items()}


@pytest.mark.parametrize("network", list(zoo.NETWORKS))
def test_the_picture_of_every_network_has_what_it_computes_and_its_weights(network):
    at = opened("network", network=network, image="20")
    assert not broken(at)
    meta, arrays = picture(at)
    model = zoo.shared(network)
    found = answers(model, mnist.test_set()[0][20].astype(np.float32) / 255)
    assert [stage["name"] for stage in meta["stages"]] == ["input", *model.network.names()]
    sent = weights(at)
    for number, row in enumerate(model.network.rows, start=1):
        if f"values{number}" in arrays:
            np.testing.assert_array_equal(arrays[f"values{number}"], found.before[row.name])
        digest = meta["stages"][number]["digest"]
        assert bool(digest) == bool(row.parameters)
        if digest:
            own = model.get_parameter(f"{row.name}.weight").detach().numpy()
            np.testing.assert_array_equal(sent[f"{digest} weight"], own)


def test_an_address_opens_a_unit_and_its_arithmetic():
    at = opened("network", unit="conv2_6", image="3")
    assert not broken(at)
    meta, arrays = picture(at)
    assert meta["opened"] == [3, 6]
    assert arrays["parts"].shape == (12, 10, 10)
    assert settled(at)["unit"] == "conv2_6"
    assert any("outputLabel" in said for said, _ in messages(at))


@pytest.mark.parametrize("unit", ["conv9_1", "conv2_24", "conv2_-1", "conv2", "_", "output_1e3"])
def test_a_unit_that_the_network_lacks_is_none(unit):
    at = opened("network", unit=unit)
    assert not broken(at)
    assert picture(at)[0]["opened"] is None
    assert "unit" not in settled(at)


def test_an_open_unit_is_open_on_coming_back_and_closes_with_a_network_that_lacks_it():
    at = opened("network", unit="conv2_20")
    visit(at, "draw")
    visit(at, "network")
    assert picture(at)[0]["opened"] == [3, 20]
    chosen(at, "network", "article")
    assert not broken(at)
    assert picture(at)[0]["opened"] is None
    assert picture(at)[0]["address"] == {"unit": "", "whose": ""}


EDITS = "o_conv1_1~s_dense1_3_2~c_conv2_5_3_1_1_0.5"


def both(image: int):
    """What the network answers without and with the edits, and the edited network."""
    after = surgery.apply(zoo.shared("default"), edited.read(zoo.NETWORKS["default"], EDITS))
    pixels = mnist.test_set()[0][image].astype(np.float32) / 255
    return answers(zoo.shared("default"), pixels), answers(after, pixels), after


def test_the_picture_shows_the_edited_network_and_marks_what_was_edited():
    before, after, model = both(20)
    at = opened("network", edits=EDITS, image="20")
    assert not broken(at)
    meta, arrays = picture(at)
    sent = weights(at)
    assert (meta["edits"], meta["original"]) == (3, False)
    np.testing.assert_array_equal(arrays["other"], before.probabilities)
    for number, row in enumerate(model.network.rows, start=1):
        stage = meta["stages"][number]
        if f"values{number}" in arrays:
            np.testing.assert_array_equal(arrays[f"values{number}"], after.before[row.name])
        if digest := stage["digest"]:
            own = model.get_parameter(f"{row.name}.weight").numpy()
            np.testing.assert_array_equal(sent[f"{digest} weight"], own)
    marked = {s["name"]: (s["edited"], s["off"]) for s in meta["stages"] if s["edited"]}
    assert marked == {"conv1": ([1], [1]), "conv2": ([5], []), "dense1": ([3], [])}
    assert "with 3 edits" in meta["alt"]


def test_the_original_of_an_edited_network_is_shown_for_comparison():
    before, after, _ = both(20)
    at = opened("network", edits=EDITS, image="20", whose="original")
    assert not broken(at)
    meta, arrays = picture(at)
    assert (meta["edits"], meta["original"]) == (3, True)
    np.testing.assert_array_equal(arrays["values7"], before.before["output"])
    np.testing.assert_array_equal(arrays["other"], after.probabilities)
    stored = zoo.shared("default").get_parameter("conv1.weight").numpy()
    sent = weights(at)[f"{meta['stages'][1]['digest']} weight"]
    np.testing.assert_array_equal(sent, stored)
    assert settled(at)["whose"] == "original"
    at.button(key="surgery_reset").click().run()
    meta, arrays = picture(at)
    assert (meta["edits"], meta["original"], "other" in arrays) == (0, False, False)
    assert meta["address"]["whose"] == ""


@pytest.mark.parametrize("whose", ["original", "edited", "<script>", "x" * 5000])
def test_a_network_without_edits_is_its_own_original(whose):
    at = opened("network", whose=whose)
    assert not broken(at)
    assert not picture(at)[0]["original"]
    assert "whose" not in settled(at)
