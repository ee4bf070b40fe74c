"""The page *Fully connected*: every view, hostile addresses, and experiments that come out."""

import json

import numpy as np
import pytest

from explorer.network import patterns, zoo
from explorer.state import assembly, dense
from tests.pages.test_pages import broken, opened, settled, shown


def sent(at, name: str) -> dict:
    """What the component whose data has this entry was sent."""
    texts = [e.proto.json for e in at.get("bidi_component")]
    return next(json.loads(text) for text in texts if f'"{name}"' in text)


@pytest.fixture(scope="module", autouse=True)
def _gathered():
    work = patterns.gathering("default")
    while work.result is None:
        work.step()


@pytest.mark.parametrize(
    ("network", "view"),
    [
        ("article", "speak"),
        ("fast", "speak"),
        ("dense", "speak"),
        ("pool-average", "flatten"),
        ("dense", "flatten"),
        ("pool-strided", "softmax"),
    ],
)
def test_every_view_opens_for_every_kind_of_network(network, view):
    assert not broken(opened("dense", view=view, network=network))


@pytest.mark.parametrize("view", ["compare", "map"])
def test_what_needs_the_patterns_opens_with_a_progress_bar_and_without(view, monkeypatch):
    at = opened("dense", view=view)
    assert not broken(at)
    assert not [e for e in at.get("bidi_component") if '"share"' in e.proto.json]
    monkeypatch.setattr(patterns, "gathering", patterns.Gathering)
    at = opened("dense", view=view)
    assert not broken(at)
    assert sent(at, "share")["share"] == 0


def test_the_tally_sums_to_the_logit_and_to_the_difference():
    for address, name, total in (
        ({}, "7", 5.99),
        ({"about": "7", "than": "1"}, "7 rather than 1", 6.80),
        ({"than": "second"}, "7 rather than 4", 5.57),
    ):
        items = sent(opened("dense", **address), "items")["items"]
        assert items[-1][0] == name
        assert items[-1][2] == pytest.approx(total, abs=0.005)
        assert sum(item[2] for item in items[:-1]) == pytest.approx(items[-1][2], abs=1e-4)


def test_the_experiment_on_who_spoke_comes_out_as_the_text_says():
    alone = {i[0]: i[3] for i in sent(opened("dense"), "items")["items"]}
    rather = {i[0]: i[3] for i in sent(opened("dense", than="1"), "items")["items"]}
    assert alone["unit 31 of dense1"] == "+2.19"
    assert rather["unit 31 of dense1"] == "+0.41"
    assert rather["unit 8 of dense1"] == "+2.27"


@pytest.mark.parametrize(
    ("heat", "text"), [("-6", ">\xa099.9\xa0%"), ("0", "98.1"), ("6", "71.0"), ("20", "17.1")]
)
def test_the_experiment_on_temperature_comes_out_as_the_text_says(heat, text):
    lines = sent(opened("dense", view="softmax", heat=heat), "lines")["lines"]
    assert lines[7][4].replace(" ", "\xa0").startswith(text)
    assert max(lines, key=lambda line: line[3])[0] == "7"


@pytest.mark.parametrize(
    ("address", "total", "fires"),
    [
        ({}, 4.00, True),
        ({"hide": "1"}, 3.55, False),
        ({"hide": "3"}, 3.70, True),
        ({"hide": "1", "pooling": "near"}, 3.19, False),
        ({"neuron": "0_10_10_10_36"}, 3.00, False),
        ({"neuron": "10_10_10_10_40"}, 4.00, False),
    ],
    ids=str,
)
def test_the_experiments_on_the_person_come_out_as_the_text_says(address, total, fires):
    answers = sent(opened("dense", **address), "answers")["answers"]
    assert answers[0]["name"] == "face"
    assert answers[0]["total"] == pytest.approx(total, abs=0.005)
    assert answers[0]["fires"] is fires
    assert [a["name"] for a in answers[1:] if a["fires"]] == []
    assert len(answers) == 9


@pytest.mark.parametrize(
    "address",
    [
        {"view": "<script>", "about": "10", "than": "-1", "heat": "1e9"},
        {"second": "-1", "second_ink": "%00", "heat": "NaN"},
        {"second": "٣", "second_ink": "A" * 5_000, "pooling": "../..", "hide": "5"},
        {"parts": "1_2_3_4", "neuron": "1_2_3"},
        {"parts": "0_0_6_6.0_0_6_6.0_0_6_6.120_120_20_20", "neuron": "99_0_0_0_0"},
        {"parts": "-1_0_6_6." * 400, "neuron": "a_b_c_d_e"},
    ],
    ids=str,
)
def test_a_hostile_choice_opens_the_default(address):
    at = opened("dense", **address)
    assert not broken(at)
    if "heat" not in address:
        assert shown(at) == shown(opened("dense"))


def test_frames_over_an_even_patch_are_refused_in_one_sentence(monkeypatch):
    flat = np.zeros((assembly.SIDE, assembly.SIDE), np.float32)
    prepared = assembly._prepared
    monkeypatch.setattr(
        assembly, "_kernel", lambda box: _kernel(flat if box[0] == 0 else None, box)
    )

    def _kernel(face, box):
        return assembly.parts.kernel(prepared("face", None) if face is None else face, box)

    at = opened("dense", parts="0_0_6_6.59_66_14_18.68_52_16_16.86_44_14_32")
    assert not broken(at)
    assert "one shade" in at.warning[0].value


def test_a_test_image_of_a_class_is_compared_with_and_stands_in_the_address():
    at = opened("dense", view="compare")
    at.button_group(key="second_class").set_value(3).run()
    assert not broken(at)
    assert settled(at)["second"] == str(dense.given.of_class(3)[0])
    at.number_input(key="second_number").set_value(999_999).run()
    assert settled(at)["second"] == str(dense.given.of_class(3)[-1])


def test_the_input_is_kept_to_compare_with_itself():
    at = opened("dense", view="compare", image="5")
    next(b for b in at.button if "Keep" in b.label).click().run()
    assert not broken(at)
    assert settled(at)["second"] == "5"
    at.run()
    assert any("distance **0.00**, cosine **1.000**" in m.value for m in at.markdown)


def test_the_landing_place_is_the_projection_of_the_pattern():
    at = opened("dense", view="map", image="3")
    found = patterns.gathering("default").result
    live = sent(at, "own")
    np.testing.assert_allclose(live["own"], found.places[3], atol=1e-4)
    assert 3 not in [index for index, _, _ in live["near"]]
    assert [gap for _, _, gap in live["near"]] == sorted(gap for _, _, gap in live["near"])


def test_the_parameters_are_drawn_to_scale():
    at = opened("dense", network="article")
    pages = [e.proto.body for e in at.get("html") if "parameters sit" in e.proto.body]
    rows = {r.name: r.parameters for r in zoo.NETWORKS["article"].rows if r.parameters}
    sides = [float(part.split("px")[0]) for part in pages[0].split("width:")[1:]]
    areas = {name: side**2 for name, side in zip(rows, sides, strict=True)}
    for name, count in rows.items():
        share = areas[name] / areas["dense1"]
        assert share == pytest.approx(count / rows["dense1"], rel=0.01)
