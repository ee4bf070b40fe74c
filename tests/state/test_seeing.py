"""What the sections on receptive fields and on vanishing gradients take from their address."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.network import learning, vanishing, zoo
from explorer.network import seeing as network
from explorer.state import seeing
from explorer.state.deep import VanishingState
from tests.apps import scripted


def test_the_deepest_convolution_is_open_first_and_a_dense_network_shows_its_answers():
    assert seeing.row_of(zoo.shared("default"), "").name == "conv2"
    assert seeing.row_of(zoo.shared("article"), "no such layer").name == "conv1"
    assert seeing.row_of(zoo.shared("dense"), "conv1").name == "output"
    assert seeing.row_of(zoo.shared("default"), "flatten").name == "conv2"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"deep_layers": "1000", "deep_draw": "-4"}, VanishingState(20, deep_draw=0)),
        ({"deep_layers": "0"}, VanishingState(2)),
        ({"deep_activation": "swish", "deep_start": "../.."}, VanishingState()),
        ({"deep_activation": "relu", "deep_start": "he"}, VanishingState(20, "relu", "he")),
    ],
    ids=str,
)
def test_an_address_can_ask_for_nothing_that_is_not_there(said, state):
    assert VanishingState.read(said) == state


def script():
    from explorer.state import seeing

    seeing.show_field()
    seeing.show_vanishing()


def opened(**words: str) -> AppTest:
    at = scripted(script)
    for name, word in words.items():
        at.query_params[name] = word
    return at.run()


def blob(at: AppTest) -> bytes:
    """What the field was sent."""
    every = (e.proto.bytes for e in at.get("bidi_component"))
    return next(raw for raw in every if b'"gradients"' in raw)


def sent(at: AppTest) -> dict:
    """Its description."""
    raw = blob(at)
    length = int.from_bytes(raw[8:12], "little")
    return json.loads(raw[12 : 12 + length])


LIVELIEST = -1


@pytest.mark.parametrize(
    ("words", "layer", "index", "pinned"),
    [
        ({}, "conv2", LIVELIEST, None),
        ({"field_layer": "pool1", "field_map": "3", "field_unit": "11_2"}, "pool1", 3, [11, 2]),
        (
            {"field_layer": "conv9", "field_map": "99", "field_unit": "99_0"},
            "conv2",
            LIVELIEST,
            None,
        ),
        (
            {"field_layer": "dense1", "field_map": "3", "field_unit": "0_63"},
            "dense1",
            None,
            [0, 63],
        ),
        ({"network": "dense", "field_unit": "1_0"}, "output", None, None),
        ({"network": "fast", "field_layer": "norm2", "field_map": "-1"}, "norm2", LIVELIEST, None),
    ],
    ids=str,
)
def test_the_address_opens_a_layer_a_map_and_a_unit(words, layer, index, pinned):
    at = opened(**words)
    assert not at.exception
    assert not at.error
    meta = sent(at)["meta"]
    if index == LIVELIEST:
        index = network.liveliest(words.get("network", "default"), layer)
    assert (meta["layer"], meta["index"], meta["pinned"]) == (layer, index, pinned)
    assert (meta["average"] is None) == (index is None)


def test_another_layer_lets_go_of_the_pin():
    at = opened(field_layer="pool1", field_unit="3_4")
    at.button_group(key="field_layer_default_pool1").set_value("conv1").run()
    meta = sent(at)["meta"]
    assert (meta["layer"], meta["pinned"]) == ("conv1", None)
    assert at.query_params["field_layer"] == "conv1"
    assert "field_unit" not in at.query_params


def test_another_draw_is_measured_and_stands_in_the_address():
    at = opened(deep_layers="3", deep_draw="4")
    before = next(m.value for m in at.markdown if m.value.startswith("Plain,"))
    at.button(key="deep_another").click().run()
    after = next(m.value for m in at.markdown if m.value.startswith("Plain,"))
    assert before != after
    assert at.query_params["deep_draw"] == "5"
    assert at.query_params["deep_layers"] == "3"


def test_nothing_is_to_be_seen_that_was_not_computed():
    at = opened(field_layer="conv1", field_map="2", field_values="before")
    described, raw = sent(at), blob(at)
    name, kind, shape = described["arrays"][2]
    assert (name, kind, shape) == ("gradients", "f4", [24, 24, 5, 5])
    kernel = zoo.shared("default").get_parameter("conv1.weight")[2, 0].numpy()
    start = raw.index(np.ascontiguousarray(kernel).tobytes()[:8])
    assert np.array_equal(np.frombuffer(raw, "<f4", 25, start).reshape(5, 5), kernel)


def test_the_steps_are_taken_only_when_somebody_asks_and_shown_when_they_are_done():
    at = opened(deep_layers="2", deep_rate="0.1")
    assert not at.get("plotly_chart")[1:]
    at.button(key="deep_train").click().run()
    assert any('"share": 0.0' in e.proto.json for e in at.get("bidi_component"))
    work = vanishing.training(vanishing.Trial(2, "sigmoid", "glorot"), 0.1)
    assert work.done == 0
    while work.done < 1:
        work.step()
    at.run()
    assert len(at.get("plotly_chart")) == 2
    assert any(m.value.startswith("Mean loss of the last 10 of 50 steps") for m in at.markdown)


def test_the_steps_of_a_run_share_the_map_that_is_open_and_its_pin():
    steps = learning.steps()
    at = opened(network=f"run-shipped-{steps[-1]}", field_unit="1_2")
    before = sent(at)["meta"]
    at.query_params["network"] = f"run-shipped-{steps[0]}"
    after = sent(at.run())["meta"]
    assert not at.exception
    assert before["pinned"] == [1, 2]
    assert {n: after[n] for n in ("layer", "index", "pinned", "reset")} == {
        n: before[n] for n in ("layer", "index", "pinned", "reset")
    }
