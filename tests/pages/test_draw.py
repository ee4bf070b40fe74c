"""The page *Draw*: what it shows is what the network computes for the current input."""

import json
import struct
from itertools import pairwise

import numpy as np
import pytest
import torch

from explorer import state
from explorer.data import drawing, ink, mnist
from explorer.network import zoo
from explorer.network.trace import trace
from tests.pages.test_pages import broken, chosen, opened

SEVEN = (ink.Stroke(18, ((70, 60), (200, 60), (120, 230))),)


def blobs(raw: bytes) -> list[bytes]:
    """The blobs of a stack of grids, or the one blob that it is."""
    if raw[:4] != b"CNNS":
        return [raw]
    count, *lengths = struct.unpack_from(f"<{1 + raw[4]}I", raw, 4)
    starts = np.cumsum([8 + 4 * count, *lengths])
    return [raw[a:b] for a, b in pairwise(starts)]


def grids(at) -> dict[str, np.ndarray]:
    """Label of each grid of maps to its float32 values, as sent to the browser."""
    found = {}
    for element in at.get("bidi_component"):
        for raw in blobs(element.proto.bytes) if element.proto.bytes else []:
            _, _, n, h, w, length = struct.unpack_from("<6I", raw)
            meta = json.loads(raw[24 : 24 + length])
            start = 24 + length + 8 * n
            values = np.frombuffer(raw, "<f4", n * h * w, start).reshape(n, h, w)
            found[meta["label"]] = values
    return found


def predicted(at) -> str:
    """The digit in the prediction container, as text."""
    html = at.container(key="prediction").html[0].value
    return "".join(c for c in html.partition(">")[2] if c.isdigit())


@pytest.mark.parametrize("network", list(zoo.NETWORKS))
def test_maps_and_prediction_are_those_of_the_network(network):
    at = opened("draw", network=network, image="20")
    assert not broken(at)
    image = mnist.test_set()[0][20].astype(np.float32) / 255
    model = zoo.load(network)
    with torch.inference_mode():
        outputs = trace(model, torch.from_numpy(image)[None, None])

    shown = grids(at)
    np.testing.assert_array_equal(shown["What the network receives"][0], image)
    for name, output in outputs.items():
        np.testing.assert_array_equal(shown[name].ravel(), output[0].numpy().ravel())
    assert predicted(at) == str(int(outputs.logits.argmax()))


def test_before_relu_the_sums_have_a_sign():
    at = opened("draw", values="before", image="3")
    assert (grids(at)["conv1"] < 0).any()
    assert (grids(opened("draw", image="3"))["conv1"] >= 0).all()


def test_a_link_reopens_a_drawing():
    at = opened("draw", ink=ink.encode_strokes(SEVEN))
    expected = drawing.to_mnist(ink.rasterise(SEVEN))
    np.testing.assert_array_equal(grids(at)["What the network receives"][0], expected)


def test_another_network_reads_the_same_input():
    at = opened("draw", ink=ink.encode_strokes(SEVEN))
    before = grids(at)["What the network receives"]
    chosen(at, "network", "article")
    assert not broken(at)
    assert at.query_params["network"] == "article"
    assert len(grids(at)["conv1"]) == 32
    np.testing.assert_array_equal(grids(at)["What the network receives"], before)


def test_a_class_and_a_number_name_a_test_image():
    at = opened("draw")
    at.button_group(key="test_class").set_value(4).run()
    at.number_input(key="test_number").set_value(2).run()
    assert not broken(at)
    index = int(np.flatnonzero(mnist.test_set()[1] == 4)[2])
    assert at.query_params["image"] == str(index)
    image = mnist.test_set()[0][index].astype(np.float32) / 255
    np.testing.assert_array_equal(grids(at)["What the network receives"][0], image)


def test_one_it_gets_wrong_is_read_wrong():
    at = opened("draw")
    next(b for b in at.button if b.label == "One it gets wrong").click().run()
    assert not broken(at)
    label = mnist.test_set()[1][int(at.query_params["image"])]
    assert predicted(at) != str(label)


def test_the_state_offers_every_network():
    options = state.DrawState.__dataclass_fields__["network"].metadata["options"]()
    assert list(options)[: len(zoo.NETWORKS)] == list(zoo.NETWORKS)
    assert set(zoo.NETWORKS) == set(state.networks.TITLES)
