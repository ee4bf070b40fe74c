"""The time slider on the pages: they show the very checkpoint that the address names."""

import json

import numpy as np
import pytest

from explorer.data import mnist
from explorer.network import learning, zoo
from explorer.network.answers import answers
from tests.pages.test_draw import grids
from tests.pages.test_pages import broken, chosen, opened, setting, settled, shown, visit

PAGES = ("draw", "activations", "pooling", "network", "dense", "depth", "backprop")
TIMELINE = "cnn_explorer.timeline"


def slider(at) -> dict | None:
    """What the time slider was sent, or None where there is none."""
    for element in at.get("bidi_component"):
        if element.proto.component_name == TIMELINE:
            return json.loads(element.proto.json)
    return None


def captions(at) -> str:
    return " ".join(caption.value for caption in at.caption)


@pytest.mark.parametrize("step", [0, 50, 1407])
def test_maps_and_probabilities_are_those_of_the_checkpoint(step):
    at = opened("draw", run="shipped", step=str(step), image="20")
    assert not broken(at)
    found = answers(learning.load(step), mnist.test_set()[0][20].astype(np.float32) / 255)
    maps = grids(at)
    for name in zoo.shared("run-shipped-0").network.names():
        np.testing.assert_array_equal(maps[name].ravel(), found.after[name].ravel())
    bars = next(
        json.loads(e.proto.json)
        for e in at.get("bidi_component")
        if e.proto.component_name == "cnn_explorer.bars"
    )
    said = [float(value) for value in bars["values"]]
    np.testing.assert_allclose(said, found.probabilities, rtol=0, atol=1e-7)
    sent = slider(at)
    assert (sent["step"], sent["stops"][0][0]) == (step, 0)
    assert sent["stops"][-1] == [1407, 0.9856, "reads 98.6 % of 10,000 test images"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_the_step_and_keeps_it_in_its_address(page):
    at = opened(page, run="shipped", step="10")
    assert not broken(at)
    assert slider(at)["step"] == 10
    words = {"run": "shipped", "step": "10"}
    assert words.items() <= settled(at).items()
    assert "network" not in settled(at)
    visit(at, "draw" if page != "draw" else "dense")
    assert slider(at)["step"] == 10
    assert words.items() <= settled(at).items()


@pytest.mark.parametrize("page", PAGES)
def test_the_untrained_network_can_be_looked_into(page):
    views = {"dense": {"view": "speak"}, "activations": {"layer": "conv2"}}
    at = opened(page, run="shipped", step="0", **views.get(page, {}))
    assert not broken(at)


def test_a_step_that_was_not_kept_is_the_nearest_and_said_to_be():
    at = opened("draw", run="shipped", step="260", image="4")
    assert slider(at)["step"] == 300
    assert "Step 260 was not kept: the nearest that was, step 300, is shown." in captions(at)
    assert settled(at) == {"run": "shipped", "step": "300", "image": "4"}
    assert setting(at, "network").value == "run-shipped-300"


def test_a_run_that_is_not_there_is_said_and_nothing_is_lost():
    at = opened("draw", run="gone", step="5", image="4", scale="layer")
    assert not broken(at)
    assert captions(at).count("The run in the address is not there") == 1
    assert settled(at) == {"image": "4", "scale": "layer"}
    assert shown(at) == shown(opened("draw", image="4", scale="layer"))


def test_an_old_link_to_a_step_still_works():
    at = opened("draw", network="run-shipped-300")
    assert slider(at)["step"] == 300
    assert settled(at) == {"run": "shipped", "step": "300"}


def test_the_list_offers_it_and_another_network_ends_the_journey():
    at = opened("draw")
    assert slider(at) is None
    chosen(at, "network", "run-shipped-1407")
    assert not broken(at)
    assert slider(at)["step"] == 1407
    assert settled(at) == {"run": "shipped", "step": "1407"}
    at.run()
    chosen(at, "network", "article")
    assert slider(at) is None
    assert settled(at) == {"network": "article"}


def test_another_setting_leaves_the_step_where_the_slider_took_it():
    at = opened("draw", run="shipped", step="1407")
    at.session_state["settings"] = {**at.session_state["settings"], "network": "run-shipped-5"}
    chosen(at, "scale", "layer")
    assert slider(at)["step"] == 5
    assert settled(at) == {"run": "shipped", "step": "5", "scale": "layer"}


def test_back_and_refresh_come_to_the_step_in_the_address():
    at = opened("dense", run="shipped", step="10")
    at.query_params["step"] = "600"
    at.run()
    assert slider(at)["step"] == 600
    again = opened("dense", **settled(at))
    assert slider(again)["step"] == 600


def test_the_open_map_stays_open_from_step_to_step():
    at = opened("activations", run="shipped", step="1407", layer="conv2", map="5")
    at.query_params["step"] = "20"
    at.run()
    assert at.subheader[0].value == "Map 5 of conv2"


def test_without_a_choice_the_map_that_opened_first_stays():
    at = opened("activations", run="shipped", step="1407", image="3")
    first = at.subheader[0].value
    for step in ("0", "20"):
        at.query_params["step"] = step
        at.run()
        assert at.subheader[0].value == first


def test_an_operation_travels_along():
    at = opened("network", run="shipped", step="1407", edits="o_conv1_3")
    assert settled(at)["edits"] == "o_conv1_3"
    at.query_params["step"] = "20"
    at.run()
    assert not broken(at)
    assert slider(at)["step"] == 20
    assert settled(at)["edits"] == "o_conv1_3"
