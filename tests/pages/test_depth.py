"""The page *Depth*: what each layer prefers, hostile addresses, and experiments that come out."""

import json
import re
import struct

import numpy as np
import pytest

from explorer.network import evaluate, exciting, synthesis, vanishing, zoo
from explorer.state import depth
from explorer.state.depth import DepthState, Work
from explorer.view import hierarchy
from explorer.view.components import blob
from tests.pages.test_pages import broken, chosen, opened, settled, shown, visit

ASKED = "ascents asked for"


@pytest.fixture(scope="module")
def climbed():
    """All ascents of the default network and its search, from noise 0, as a browser asks for."""
    return finished(Work("default", DepthState()))


def finished(work: Work) -> Work:
    work.search.finish()  # also where the app looks ahead at the same time
    patience = 2000
    while work.done < 1 and patience:
        work.step()
        patience -= 1
    return work


def asked(network: str = "default", **address: str):
    """The page once its progress bar has asked for a piece."""
    at = opened("draw")
    at.session_state[ASKED] = True
    for name, word in {"network": network, **address}.items():
        at.query_params[name] = word
    return at.switch_page("../pages/depth.py").run()


def stack(at) -> list[tuple[np.ndarray, dict]]:
    """Values and description of each grid of the hierarchy."""
    raw = next(raw for raw in shown(at) if int.from_bytes(raw[:4], "little") == blob.STACK)
    (count,) = struct.unpack_from("<I", raw, 4)
    lengths = struct.unpack_from(f"<{count}I", raw, 8)
    found, start = [], 8 + 4 * count
    for length in lengths:
        one = raw[start : start + length]
        _, _, n, h, w, size = struct.unpack_from("<6I", one)
        values = np.frombuffer(one, "<f4", n * h * w, 24 + size + 8 * n).reshape(n, h, w)
        found.append((values, json.loads(one[24 : 24 + size])))
        start += length
    return found


def bars(at) -> list[dict]:
    """What the progress bar was sent."""
    texts = [element.proto.json for element in at.get("bidi_component")]
    return [json.loads(text) for text in texts if '"share"' in text and "step" in text]


def text(at) -> str:
    return " ".join(element.value for element in at.markdown)


@pytest.mark.parametrize("network", ["dense", "fast", "depth-3"])
def test_every_kind_of_network_has_its_layers_in_their_order(network):
    at = opened("depth", network=network, maps="all")
    assert not broken(at)
    rows = depth.layers(zoo.NETWORKS[network])
    labels = [meta["label"] for _, meta in stack(at)]
    assert list(dict.fromkeys(labels)) == [row.name for row in rows]


def test_before_anybody_has_asked_the_sheets_are_empty_and_a_bar_asks():
    at = opened("depth", network="pool-strided")
    assert not any(values.any() for values, _ in stack(at))
    assert "Its ascent has not begun." in text(at)
    (bar,) = bars(at)
    assert (bar["share"], bar["text"]) == (0, "conv1: step 0 of 128 …")


def test_a_column_is_what_was_made_for_a_map_and_what_it_prefers(climbed):
    at = asked()
    assert not broken(at)
    assert not bars(at)
    values, meta = stack(at)[3]
    assert (meta["label"], meta["text"]) == ("conv2", "maps 4 to 7 of 24")
    made = climbed.ascents["conv2"].get(5).image
    row = zoo.NETWORKS["default"].rows[2]
    place = synthesis.window(row, 28, 28)
    assert values[1].shape == (10, 10)
    np.testing.assert_array_equal(values[1], made[place])
    best = exciting.strongest("default", "conv2")
    for rank in range(hierarchy.PATCHES):
        cell = (rank + 1) * 4 + 1
        title = meta["titles"][cell]
        assert title.endswith(f"· {best.values[5, rank]:.1f}")
        assert values[cell].max() > 0.5
    assert meta["titles"][:4] == ["map 4", "map 5", "map 6", "map 7"]


def test_the_deepest_convolution_s_first_map_is_open_and_a_link_opens_another():
    assert [s.value for s in opened("depth").subheader][1] == "Map 0 of conv2"
    at = opened("depth", prefers="dense1_3")
    assert not broken(at)
    assert at.subheader[1].value == "Unit 3 of dense1"
    assert settled(at) == {"prefers": "dense1_3"}
    assert [meta["selected"] for _, meta in stack(at) if meta["selected"] is not None] == [3]


@pytest.mark.parametrize(
    "address",
    [
        {"prefers": "conv2_999", "maps": "<script>"},
        {"prefers": "../../etc_0", "held": "; DROP", "noise": "9"},
        {"prefers": "conv2_" + "9" * 300, "noise": "-1"},
        {"prefers": "pool1_0"},
        {"prefers": "conv2_12"},
    ],
    ids=str,
)
def test_a_hostile_choice_opens_the_default(address):
    at = opened("depth", **address)
    assert not broken(at)
    assert shown(at) == shown(opened("depth"))
    assert settled(at) == {}


def test_what_is_open_is_still_open_on_coming_back_and_not_in_another_network():
    at = opened("depth", prefers="conv2_5")
    visit(at, "draw")
    visit(at, "depth")
    assert settled(at)["prefers"] == "conv2_5"
    chosen(at, "network", "dense")
    at.run()
    assert not broken(at)
    assert at.subheader[1].value == "Unit 0 of dense1"


def test_the_ascents_stop_and_go_on():
    at = opened("depth", noise="3")
    assert bars(at)
    at.button(key="climb_stop").click().run()
    at.run()
    assert not bars(at)
    assert any(c.value.startswith("Stopped at ") for c in at.caption)
    at.button(key="climb_go_on").click().run()
    at.run()
    assert not broken(at)
    assert bars(at)


def test_a_unit_that_no_test_image_wakes_is_said_to_be_dead(climbed):
    at = asked(prefers="dense1_6")
    assert "No image of the test set gives more than zero" in text(at)
    values, meta = next(g for g in stack(at) if g[1]["text"] == "units 4 to 7 of 64")
    assert meta["titles"][4 + 2] == "dead"
    assert not values[4 + 2].any()


def test_the_facts_are_those_of_the_network():
    at = opened("depth", network="depth-3")
    html = next(e.proto.body for e in at.get("html") if "parameters" in e.proto.body)
    rows = {row.name: row for row in zoo.NETWORKS["depth-3"].rows}
    for name, side in (("conv1", 3), ("conv2", 8), ("conv3", 18)):
        assert rows[name].field.size == side
        said = rf"<b>{name}</b><br>sees {side}×{side} pixels<br>[^<]*<br><span[^>]*>"
        assert re.search(f"{said}{rows[name].parameters:,} parameters", html)
    assert "flatten" not in html


# The experiments of the text


def reached(layer: str, index: int, **settings: str) -> float:
    """What an ascent of the default network ends with."""
    work = Work("default", DepthState(**settings))
    while work.ascents[layer].done(work.maps[layer]) < 1:
        work.ascents[layer].step(work.maps[layer])
    return work.ascents[layer].get(index).values[-1]


def test_the_experiment_without_regularisation_comes_out_as_the_text_says(climbed):
    assert reached("output", 3) == pytest.approx(21, rel=0.1)
    assert reached("output", 3, held="free") == pytest.approx(70, rel=0.1)
    assert exciting.strongest("default", "output").values[3, 0] == pytest.approx(8.56, abs=0.005)
    for held in ("smooth", "free"):
        at = asked(prefers="output_3", held=held)
        assert "The network reads it as 3 with > 99.9\u00a0% probability." in text(at)


def test_what_is_made_for_three_layers_is_read_by_the_default_network_as_the_text_says():
    *_, made = synthesis.ascend(zoo.shared("depth-3"), "output", range(10))
    pixels = np.rint(255 * made.images).astype(np.uint8)
    guesses = evaluate.predict(zoo.shared("default"), pixels).argmax(1)
    assert guesses.tolist() == list(range(10))


def test_the_experiment_with_another_noise_comes_out_as_the_text_says(climbed):
    assert reached("dense1", 0) == pytest.approx(26.4, rel=0.1)
    assert reached("dense1", 0, noise="1") == pytest.approx(27.8, rel=0.1)
    reached("conv1", 0, noise="1")
    for layer, alike in (("conv1", True), ("dense1", False)):
        for index in range(depth.FEW):
            one, other = (
                Work("default", DepthState(noise=n)).ascents[layer].get(index).image for n in "01"
            )
            gap = np.abs(one - other).max()
            assert gap < 0.02 if alike else gap > 0.2


def test_the_experiment_with_twenty_layers_comes_out_as_the_text_says():
    def ratio(layers, activation, start):
        sizes = vanishing.measured(vanishing.Trial(layers, activation, start, 0))["plain"].weights
        return sizes[0] / sizes[-1]

    assert ratio(20, "sigmoid", "glorot") == pytest.approx(4e-13, rel=0.1)
    assert ratio(5, "sigmoid", "glorot") == pytest.approx(0.003, rel=0.1)
    assert ratio(2, "sigmoid", "glorot") == pytest.approx(0.12, rel=0.1)
    assert ratio(20, "relu", "he") == pytest.approx(1.9, rel=0.1)
