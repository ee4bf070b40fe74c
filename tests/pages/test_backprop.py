"""The page *Backprop*: its numbers against autograd, its experiments, its addresses."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from explorer.data import mnist
from explorer.network import zoo
from explorer.state import backprop
from explorer.state.backprop import Weight
from tests.pages.test_pages import broken, chosen, opened, setting, settled, shown

STAGES = (
    *("Loss", "output", "ReLU of dense1", "dense1", "flatten", "pool2", "ReLU of conv2"),
    *("conv2", "pool1", "ReLU of conv1", "conv1"),
)


def blobs(at, name: str) -> tuple[dict, dict]:
    """What the component of this name was sent as named arrays: meta, and the arrays."""
    raw = next(
        e.proto.bytes for e in at.get("bidi_component") if e.proto.component_name.endswith(name)
    )
    return arrays_of(raw)


def arrays_of(raw: bytes) -> tuple[dict, dict]:
    length = int(np.frombuffer(raw, "<u4", 3)[2])
    head, offset, arrays = json.loads(raw[12 : 12 + length]), 12 + length, {}
    for name, kind, shape in head["arrays"]:
        count = int(np.prod(shape))
        if kind == "f4":
            arrays[name] = np.frombuffer(raw, "<f4", count, offset).reshape(shape)
            offset += 4 * count
        else:
            shades = np.frombuffer(raw, "u1", count, offset).astype(np.float32)
            arrays[name] = (shades / np.float32(255)).reshape(shape)
            offset += -(-count // 4) * 4
    return head["meta"], arrays


def lenses(at) -> list[tuple[dict, dict]]:
    """What every lens of the page was sent."""
    raws = [
        e.proto.bytes for e in at.get("bidi_component") if e.proto.component_name.endswith(".lens")
    ]
    return [arrays_of(raw) for raw in raws]


def stack(at, first: str) -> list[np.ndarray]:
    """The maps of the stack of grids whose first grid has this label."""
    for element in at.get("bidi_component"):
        raw = element.proto.bytes
        if raw[:4] != b"CNNS":
            continue
        count = int(np.frombuffer(raw, "<u4", 2)[1])
        sizes, at_byte, grids = np.frombuffer(raw, "<u4", count, 8), 8 + 4 * count, []
        for size in sizes:
            part = raw[at_byte : at_byte + int(size)]
            _, _, n, h, w, m = (int(i) for i in np.frombuffer(part, "<u4", 6))
            meta = json.loads(part[24 : 24 + m])
            values = np.frombuffer(part, "<f4", n * h * w, 24 + m + 8 * n).reshape(n, h, w)
            grids.append((meta["label"], values))
            at_byte += int(size)
        if grids[0][0] == first:
            return [values for _, values in grids]
    raise AssertionError(f"no stack begins with {first!r}")


def player(at) -> dict:
    texts = [e.proto.json for e in at.get("bidi_component")]
    return next(json.loads(text) for text in texts if '"stages"' in text and '"at"' in text)


def autograd(network: str, target: int, loss=F.cross_entropy) -> dict[str, torch.Tensor]:
    """Gradients of the first test image on a network that the page knows nothing of."""
    model = zoo.load(network)
    pixels = mnist.test_set()[0][0].astype(np.float32) / np.float32(255)
    found, kept = {}, {}
    x = torch.from_numpy(pixels)[None, None].requires_grad_()
    for name, before, after in model.steps(x):
        kept[name] = (before, after)
        before.retain_grad()
        after.retain_grad()
    loss(kept["output"][1], torch.tensor([target])).backward()
    for name, (before, after) in kept.items():
        found[f"{name} before"], found[name] = before.grad[0], after.grad[0]
    found |= {name: p.grad for name, p in model.named_parameters()}
    found["image"] = x.grad[0]
    return {name: gradient.numpy() for name, gradient in found.items()}


@pytest.fixture(scope="module")
def exact() -> dict[str, np.ndarray]:
    return autograd("default", 7)


@pytest.fixture(scope="module")
def page():
    """The page under an address without a word; a test must leave it as it is."""
    return opened("backprop")


def said(at, start: str) -> str:
    return next(m.value for m in at.markdown if m.value.startswith(start))


def assert_stage(at, arrives: np.ndarray, leaves: np.ndarray) -> None:
    came, _, left = stack(at, "Arrives")
    np.testing.assert_allclose(came.squeeze(), arrives.squeeze(), rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(left.squeeze(), leaves.squeeze(), rtol=1e-5, atol=1e-8)


def assert_sum(at, gradient: np.ndarray, cell: tuple[int, int]) -> None:
    """The lens ends at the gradient, and so do the lines of the sum, to the digits shown."""
    meta, arrays = lenses(at)[-1]
    assert meta["pinned"] == list(cell)
    np.testing.assert_allclose(arrays["output"], gradient, rtol=1e-4, atol=1e-8)
    texts = [e.proto.json for e in at.get("bidi_component")]
    sums = [json.loads(text)["items"] for text in texts if '"items"' in text]
    items = next(items for items in sums if items[-1][0] == "∂L/∂w")
    assert sum(item[2] for item in items[:-1]) == pytest.approx(items[-1][2], rel=1e-6)
    assert items[-1][2] == pytest.approx(gradient[cell], rel=1e-4)
    assert f"**{items[-1][3]}**" in said(at, "Weight at")


def test_a_pooling_shows_what_arrives_its_winners_and_what_they_get(exact):
    at = opened("backprop", at="5", weight="conv1_3_0_3_2")
    assert not broken(at)
    assert player(at)["at"] == 5
    assert_stage(at, exact["pool2"], exact["conv2"])
    meta, arrays = blobs(at, "linked")
    assert meta["rule"] == "max"
    rows, columns = np.divmod(arrays["winners"].astype(int), 10)
    np.testing.assert_array_equal(arrays["values2"][0][rows, columns], arrays["values0"][0])
    assert np.count_nonzero(arrays["values2"]) == np.count_nonzero(arrays["values0"])
    assert settled(at)["weight"] == "conv1_3_0_3_2"
    assert_sum(at, exact["conv1.weight"][3, 0], (3, 2))


def test_a_convolution_shows_its_way_back_under_the_lens(exact):
    at = opened("backprop", at="7", weight="conv2_5_7_0_2")
    assert not broken(at)
    assert_stage(at, exact["conv2 before"], exact["pool1"])
    meta, arrays = lenses(at)[0]
    channel = int(meta["outputLabel"].split()[2])
    np.testing.assert_allclose(arrays["output"], exact["pool1"][channel], rtol=1e-4, atol=1e-8)
    assert_sum(at, exact["conv2.weight"][5, 7], (0, 2))


def test_the_way_ends_at_the_pixels_and_a_dense_weight_is_one_product(exact):
    at = opened("backprop", at="10", weight="output_7_8")
    assert not broken(at)
    assert_stage(at, exact["conv1 before"], exact["image"])
    words = f"{float(exact['output.weight'][7, 8]):.4g}".replace("-", "−")
    assert f"**{words}**" in said(at, "In a dense layer")


def test_a_strided_network_s_sum_is_its_gradient():
    at = opened("backprop", network="pool-strided", weight="conv2_2_3_1_1", at="5")
    assert not broken(at)
    exact = autograd("pool-strided", 7)
    assert_stage(at, exact["conv2"], exact["conv2 before"])
    assert lenses(at)[-1][0]["dilation"] == 2
    assert_sum(at, exact["conv2.weight"][2, 3], (1, 1))


def assert_loss(at, loss: str, slope: str, formula: str) -> None:
    line = said(at, "Loss =")
    assert f"**{loss}**" in line
    assert formula in line
    table = next(e.proto.body for e in at.get("html") if "softmax" in e.proto.body)
    assert f"</span>{slope}</td>" in table
    assert table.count("<tr") == 11


def test_the_page_opens_with_the_loss_and_the_whole_way_as_the_experiments_say(page):
    assert not broken(page)
    assert_loss(page, "0.01957", "−0.01938", "−log 0.9806")
    assert "**−0.05528**" in said(page, "Weight at")
    stages = player(page)["stages"]
    assert [name for name, _ in stages] == list(STAGES)
    sentences = dict(stages)
    assert "600 of 2,400 cells" in sentences["pool2"]
    assert "87 %. Of the 600 gradients that arrive, 162 pass" in sentences["ReLU of conv2"]
    assert "73 %. Of the 1,704 gradients that arrive, 645 pass" in sentences["ReLU of conv1"]


def test_the_experiments_on_the_target_and_the_cost_come_out_as_the_text_says():
    at = opened("backprop", target="1")
    assert_loss(at, "6.818", "−0.9989", "−log 0.001094")
    assert_loss(at, "6.818", "0.9806", "−log 0.001094")
    assert "3.229" in said(at, "Weight at")
    chosen(at, "cost", "root_mean_squared_error")
    at.run()
    assert_loss(at, "0.4427", "−0.0004843", "/ 10 = ")
    chosen(at, "cost", "binary_crossentropy")
    at.run()
    assert_loss(at, "1.078", "−0.1054", " / 10 = ")
    assert settled(at) == {"target": "1", "cost": "binary_crossentropy"}


def test_the_target_is_the_label_or_the_prediction_until_it_is_set():
    at = opened("backprop", ink="none")
    assert not broken(at)
    # An empty sheet has no label: the target is what is predicted, and says so.
    assert "as it predicts" in setting(at, "target").options[0]
    at.button_group(key="test_class_unchosen").set_value(7).run()
    assert setting(at, "target").options[0] == "7, its label"
    chosen(at, "target", "3")
    assert settled(at)["target"] == "3"
    at.run()
    at.button_group(key="test_class").set_value(5).run()
    assert setting(at, "target").value == "auto"
    assert player(at)["address"]["target"] == ""


def test_a_stage_that_a_network_does_not_have_is_its_last():
    at = opened("backprop", network="dense", at="50")
    assert not broken(at)
    assert settled(at) == {"network": "dense", "at": "4"}
    assert player(at)["at"] == 4


def test_the_weight_in_question_is_kept_for_each_network():
    at = opened("backprop", weight="conv2_5_7_0_2", at="4")
    for network in ("fast", "article", "pool-average"):
        chosen(at, "network", network)
        assert not broken(at)
        at.run()
        assert settled(at) == {"network": network, "at": "4"}
    chosen(at, "network", "default")
    assert settled(at)["weight"] == "conv2_5_7_0_2"


@pytest.mark.parametrize(
    "address",
    [
        {"target": "10", "cost": "hinge", "at": "-1", "colours": "x", "weight": "conv1_12_0_0_0"},
        {"target": "-1", "cost": "<script>", "at": "1e3", "weight": "conv1_٣_0_0_0_0" * 500},
    ],
    ids=lambda address: address["target"],
)
def test_a_hostile_address_is_the_default(address, page):
    at = opened("backprop", **address)
    assert not broken(at)
    assert settled(at) == {}
    assert shown(at) == shown(page)


@pytest.mark.parametrize("word", ["", "__", "pool1_0_0_0_0", "conv1_0_0", "conv1_0_0_0_0_0", "x"])
def test_what_names_no_weight_is_none(word, monkeypatch):
    monkeypatch.setattr(backprop, "layers", lambda: ("conv1",))
    monkeypatch.setattr(backprop, "_fits", lambda layer, index: len(index) == 4)
    assert backprop._read(word) is None
    assert backprop._read("conv1_3_0_3_2") == Weight("conv1", (3, 0, 3, 2))
