"""Surgery on the page *Network*: what it shows is what the edited network computes."""

import json

import numpy as np
import pytest

from explorer.data import mnist
from explorer.network import edits as edited
from explorer.network import kept, retest, surgery, zoo
from explorer.network.answers import answers
from tests.pages.test_activations import grids
from tests.pages.test_pages import broken, opened, settled, visit

EDITS = "o_conv1_1~s_dense1_3_2~c_conv2_5_3_1_1_0.5"


def image(index: int):
    return mnist.test_set()[0][index].astype(np.float32) / np.float32(255)


def after(text: str, index: int):
    done = edited.read(zoo.NETWORKS["default"], text)
    return answers(surgery.apply(zoo.shared("default"), done), image(index))


def charts(at) -> dict[str, list[float]]:
    """First word of each bar chart's heading to its values."""
    sent = [e.proto.json for e in at.get("bidi_component") if '"texts"' in e.proto.json]
    data = [json.loads(text) for text in sent]
    return {each["heading"].partition(":")[0]: each["values"] for each in data}


def stacks(at) -> list[tuple[dict, np.ndarray]]:
    """Description and values of every grid in every stack."""
    found = []
    for element in at.get("bidi_component"):
        raw = element.proto.bytes
        if raw[:4] != b"CNNS":
            continue
        count = int.from_bytes(raw[4:8], "little")
        lengths = np.frombuffer(raw, "<u4", count, 8)
        at_byte = 8 + 4 * count
        for length in lengths:
            blob = raw[at_byte : at_byte + length]
            at_byte += int(length)
            n, h, w, text = (int(x) for x in np.frombuffer(blob, "<u4", 4, 8))
            values = np.frombuffer(blob, "<f4", n * h * w, 24 + text + 8 * n)
            found.append((json.loads(blob[24 : 24 + text]), values))
    return found


def test_a_link_reopens_an_operation_and_shows_what_it_does():
    at = opened("network", edits=EDITS, cut="conv2.5.3", image="20")
    assert not broken(at)
    found, before = after(EDITS, 20), answers(zoo.shared("default"), image(20))
    np.testing.assert_array_equal(np.float32(charts(at)["Edited"]), found.probabilities)
    np.testing.assert_array_equal(np.float32(charts(at)["Original"]), before.probabilities)
    shown = {(meta["label"], meta["text"]): values for meta, values in stacks(at)}
    for name in ("conv1", "pool1", "conv2", "pool2", "output"):
        change = found.after[name] - before.after[name]
        moved = change.reshape(len(change), -1).any(axis=1) if change.ndim == 3 else slice(None)
        np.testing.assert_array_equal(shown[name, "after − before"], change[moved].ravel())
        np.testing.assert_array_equal(shown[name, "after"], found.after[name][moved].ravel())
    assert settled(at) == {"edits": EDITS, "cut": "conv2.5.3", "image": "20"}
    kernel = zoo.shared("default").get_parameter("conv2.weight")[5].numpy().copy()
    kernel[3, 1, 1] = 0.5
    np.testing.assert_array_equal(grids(at)["Its slices"][0], kernel)


@pytest.mark.parametrize(
    "text",
    ["o_conv1_99", "<script>alert(1)</script>", "c_conv1_0_0_0_0_nan", "~" * 3000, "x" * 50_000],
    ids=lambda text: text[:20],
)
def test_a_hostile_list_of_edits_is_none(text):
    at = opened("network", edits=text, cut="../../etc/passwd")
    assert not broken(at)
    assert not {"edits", "cut"} & set(settled(at))
    assert any("No edits yet" in caption.value for caption in at.caption)


def test_buttons_edit_and_undo_takes_back():
    at = opened("network", cut="conv1.1.0")
    original = charts(at)["Edited"]
    at.button(key="surgery_off_Switch off").click().run()
    assert not broken(at)
    assert settled(at)["edits"] == "o_conv1_1"
    np.testing.assert_array_equal(
        np.float32(charts(at)["Edited"]), after("o_conv1_1", 0).probabilities
    )
    assert any("kernel 1: switched off" in text.value for text in at.markdown)
    at.button(key="surgery_undo").click().run()
    assert "edits" not in settled(at)
    assert charts(at)["Edited"] == original
    at.button(key="surgery_redo").click().run()
    assert settled(at)["edits"] == "o_conv1_1"


def test_accuracy_class_and_flips_are_said_when_all_images_are_read():
    done = edited.read(zoo.NETWORKS["default"], "o_conv1_1")
    work = retest.retest("default", done)
    while work.done < 1:
        work.step()
    at = opened("network", edits="o_conv1_1")
    right = 100 * float((work.answers == mnist.test_set()[1]).mean())
    (metric,) = at.metric
    assert metric.value == f"99.31\u00a0% → {right:.2f}\u00a0%"
    assert metric.delta.startswith("-")
    assert any("suffers most" in text.value for text in at.markdown)
    assert "Flipped" in grids(at)


def test_a_network_that_was_kept_is_among_the_networks():
    at = opened("network", edits="o_conv1_1")
    at.text_input(key="surgery_title").set_value("Without [1](x) <b>")
    next(b for b in at.button if b.label == "Keep").click().run()
    assert not broken(at)
    (key,) = [key for key, title in kept.titles().items() if title == "Without [1](x) <b>"]
    try:
        assert not zoo.shared(key).get_parameter("conv1.weight")[1].any()
        # The click redrew the list of networks, without another run of the page.
        assert any("Without" in each for each in at.selectbox(key="setting-network").options)
        visit(at, "draw")
        assert key in at.selectbox(key="setting-network").proto.options or any(
            "Without" in option for option in at.selectbox(key="setting-network").options
        )
    finally:
        kept.forget(key)


def test_nothing_is_kept_without_an_edit_or_a_name():
    at = opened("network")
    for name in ("a name", ""):
        at.text_input(key="surgery_title").set_value(name)
        next(b for b in at.button if b.label == "Keep").click().run()
        assert at.warning
        assert not kept.titles()
        at = opened("network", edits="n_conv1_0")


@pytest.mark.parametrize("network", ["article", "dense", "fast", "pool-strided"])
def test_every_layer_of_every_network_can_be_laid_on_the_table(network):
    for row in edited.editable(zoo.NETWORKS[network]):
        at = opened("network", network=network, cut=f"{row.name}.2.0")
        assert not broken(at)
        assert any(f"2 of {row.name}" in text.value for text in at.markdown)


def editor(at) -> dict:
    """What the kernel editor was sent."""
    sent = [e.proto.json for e in at.get("bidi_component") if '"biasLimit"' in e.proto.json]
    return json.loads(sent[0])


@pytest.mark.parametrize(
    ("network", "cut", "side"), [("article", "dense1.3.2", 13), ("dense", "dense1.7.0", 28)]
)
def test_a_slice_too_large_for_a_slider_in_each_cell_has_one_for_the_chosen(network, cut, side):
    at = opened("network", network=network, cut=cut)
    assert not broken(at)
    layer, index, channel = cut.split(".")
    kernel = surgery.kernel(zoo.shared(network), (), layer, int(index)).weights[int(channel)]
    assert kernel.shape == (side, side)
    np.testing.assert_array_equal(np.float32(editor(at)["kernel"]), kernel.ravel())


def test_a_normalisation_s_scale_and_offset_are_edited_as_a_kernel_of_one_weight():
    text = "c_norm1_3_0_0_0_-2~b_norm1_3_1.5"
    at = opened("network", network="fast", cut="norm1.3.0", edits=text, image="20")
    assert not broken(at)
    assert (editor(at)["kernel"], editor(at)["bias"]) == ([-2.0], 1.5)
    assert editor(at)["names"] == ["scale γ", "offset β"]
    assert any("norm1, map 3: its scale γ set to −2" in each.value for each in at.markdown)
    after = surgery.apply(zoo.shared("fast"), edited.read(zoo.NETWORKS["fast"], text))
    found = answers(after, image(20))
    np.testing.assert_array_equal(np.float32(charts(at)["Edited"]), found.probabilities)
