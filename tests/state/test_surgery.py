"""What the editor's hand reports becomes edits."""

import numpy as np
import pytest
import streamlit as st

from explorer.network.edits import Edit
from explorer.state import address
from explorer.state import surgery as operation
from explorer.view.components.kernel_editor import KernelEdit


@pytest.fixture(autouse=True)
def session(monkeypatch):
    """A session of its own, at an address that says nothing new."""
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(address, "news", lambda *names, **rest: None)
    monkeypatch.setattr(address, "say", lambda words: None)


def report(weights, bias, *, dragging=False):
    return KernelEdit(np.asarray(weights, np.float32), bias, 1, current=True, dragging=dragging)


def hand(**changed: float):
    """The weights on the table with some cells changed, such as r1c2=0.5, and the bias."""
    kernel = operation.current("default").kernel
    weights = kernel.weights[operation.current("default").channel].copy()
    for cell, value in changed.items():
        weights[int(cell[1]), int(cell[3])] = value
    return weights, kernel.bias


def done():
    return operation.current("default").edits.done


def test_a_drag_is_one_edit_and_the_address_waits_for_its_end():
    for value in (0.1, 0.2, 0.3):
        words = operation.reported("default", report(*hand(r1c2=value), dragging=True))
        assert words == {}
    words = operation.reported("default", report(*hand(r1c2=0.4)))
    assert done() == (Edit("conv1", "cell", 0, (0, 1, 2), (float(np.float32(0.4)),)),)
    assert words["edits"] == "c_conv1_0_0_1_2_0.4"
    operation.reported("default", report(*hand(r1c2=0.5)))
    assert len(done()) == 2


def test_a_report_that_brings_nothing_new_is_no_edit():
    operation.reported("default", report(*hand()))
    assert done() == ()


def test_a_report_may_bring_several_weights_and_the_bias():
    weights, _ = hand(r0c0=1.0, r4c4=-1.0)
    operation.reported("default", report(weights, 0.75))
    assert [edit.what for edit in done()] == ["replace", "bias"]
    assert np.array_equal(operation.current("default").kernel.weights[0], weights)
    operation.undo("default")
    assert [edit.what for edit in done()] == ["replace"]


def test_what_a_slider_did_to_another_slice_is_not_taken():
    operation.lay("default", layer="conv2", index=3, channel=7)
    operation.reported("default", report(np.zeros((5, 5)), 0.0))
    assert done() == ()


def test_each_change_by_another_hand_begins_the_editor_anew():
    tokens = {operation.current("default").token}
    for act in (
        lambda: operation.do("default", Edit("conv1", "negate", 0)),
        lambda: operation.undo("default"),
        lambda: operation.redo("default"),
        lambda: operation.reset("default"),
        lambda: operation.lay("default", index=1),
        lambda: operation.lay("default", index=0),
    ):
        act()
        tokens.add(operation.current("default").token)
    assert len(tokens) == 7
    before = operation.current("default").token
    operation.reported("default", report(*hand(r0c0=0.1), dragging=True))
    assert operation.current("default").token == before


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("conv2.5.3", ("conv2", 5, 3)),
        ("dense1.63.23", ("dense1", 63, 23)),
        ("conv2.24.12", ("conv2", 0, 0)),
        ("conv2", ("conv2", 0, 0)),
        ("pool1.1.1", ("conv1", 1, 0)),
        ("conv1.-1.9", ("conv1", 0, 0)),
        ("conv2.٣.1.1.1", ("conv2", 0, 1)),
        ("<script>", ("conv1", 0, 0)),
        ("." * 10_000, ("conv1", 0, 0)),
    ],
)
def test_a_place_that_an_address_names_is_never_trusted(text, place):
    assert operation._place("default", text) == place


def test_an_edit_that_does_not_fit_is_refused_in_words():
    operation.do("default", Edit("conv1", "scale", 0, values=(1e9,)))
    now = operation.current("default")
    assert now.edits.done == ()
    assert "within" in now.refused


def test_each_network_has_its_own_operation():
    operation.do("default", Edit("conv1", "negate", 0))
    assert operation.current("article").edits.done == ()
    assert operation.current("default").edits.done
