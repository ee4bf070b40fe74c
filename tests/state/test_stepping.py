"""The panels of one step: what stands on the page is what was computed, and links reopen it."""

import json

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer.data import mnist
from explorer.network import nudging, saliency, stepping, zoo
from explorer.state import descent
from explorer.state.stepping import RATES
from tests.apps import scripted
from tests.network.untouched import untouched
from tests.pages.test_activations import grids


def page():
    from explorer.state import address, stepping

    stepping.show_nudge()
    stepping.show_step()
    stepping.show_saliency()
    address.settle()


def opened(**words: str) -> AppTest:
    at = scripted(page)
    for name, word in words.items():
        at.query_params[name] = word
    at.run()
    assert not [str(e.value) for e in (*at.exception, *at.error)]
    return at


def charts(at: AppTest) -> dict[str, dict]:
    """The nudges on the page, by what their hand changes."""
    sent = [e.proto.json for e in at.get("bidi_component") if '"homeSays"' in e.proto.json]
    return {data["hand"]: data for data in map(json.loads, sent)}


def seven():
    return mnist.test_set()[0][0].astype(np.float32) / np.float32(255)


def near(numbers):
    return pytest.approx(list(numbers), rel=1e-6, abs=1e-9)


def test_the_page_shows_what_was_computed_and_leaves_the_network_alone():
    words = {"weight": "conv2_5_3_1_2", "reach": "0.1", "nudge": "3", "eta": "18", "why": "4"}
    model, cost = zoo.shared("default"), "categorical_crossentropy"
    with untouched(model):
        at = opened(**words, patch="4", hop="2")
    shown = charts(at)
    place = (seven(), 7, cost, "conv2", (5, 3, 1, 2))
    found = nudging.nudge(model, *place, np.linspace(-0.1, 0.1, 41))
    chart = shown["Nudge δ"]
    assert (chart["at"], chart["xs"]) == (3, near(found.offsets))
    [(_, _, true), (_, _, tangent)] = chart["curves"]
    change = found.losses - found.loss
    scale = true[0] / change[0]
    assert scale == pytest.approx(10 ** round(np.log10(scale)), rel=1e-5)
    assert true == pytest.approx(list(scale * change), rel=1e-5, abs=1e-6)
    assert tangent == pytest.approx(list(scale * found.slope * found.offsets), rel=1e-5, abs=1e-6)

    asked = descent.Examples(seven()[None], np.array([7]), cost)
    here = stepping.slope(model, stepping.flat(model), asked)
    chart = shown["Learning rate η"]
    assert chart["at"] == 18
    assert chart["curves"][0][2] == near(stepping.losses_at(model, here, RATES, [asked])[0])
    after = stepping.with_weights(model, stepping.stepped(model, here, RATES[18]))
    maps = grids(at)
    np.testing.assert_array_equal(maps["Gradient"][0][0], saliency.gradient(model, seven(), 4))
    np.testing.assert_array_equal(
        maps["Occlusion"][0][0], saliency.occlusion(model, seven(), 4, 4, 2)
    )
    sent = [e.proto.json for e in at.get("bidi_component") if '"texts"' in e.proto.json]
    bars = {d["heading"].split(",")[0].split(":")[0]: d["values"] for d in map(json.loads, sent)}
    logits = after(torch.from_numpy(seven())[None, None])
    assert bars["After"] == near(logits.softmax(1)[0].tolist())


def test_buttons_step_take_back_and_begin_anew():
    at = opened()
    assert at.button(key="step_undo").disabled
    at.button(key="step_10").click().run()
    assert any("10 steps taken" in m.value for m in at.markdown)
    assert len(charts(at)["Read"]["xs"]) == 11
    at.button(key="step_1").click().run()
    assert any("11 steps taken" in m.value for m in at.markdown)
    at.button(key="step_undo").click().run()
    at.button(key="step_reset").click().run()
    assert any("No step taken yet" in c.value for c in at.caption)
    assert not [str(e.value) for e in (*at.exception, *at.error)]


def test_a_network_without_convolution_says_that_it_has_no_grad_cam():
    at = opened(network="dense", image="247")
    assert any("no convolution" in caption.value for caption in at.caption)
    assert "Grad-CAM" not in grids(at)


def test_a_hostile_address_opens_the_defaults():
    words = {"reach": "9e9", "nudge": "x", "eta": "-1e3", "why": "<b>", "patch": "zz", "hop": "0"}
    at, defaults = opened(**words, sanity="../..", descend="all"), opened()
    assert charts(at) == charts(defaults)
    assert grids(at)["Gradient"][1] == grids(defaults)["Gradient"][1]
