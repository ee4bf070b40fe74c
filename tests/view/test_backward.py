"""What a backward pass says and shows: sums, mosaics, and reports that are not trusted."""

import json

import numpy as np
import pytest
import streamlit as st

from explorer.view import steepness
from explorer.view.components import backward_play, linked
from explorer.view.components.linked import Picture
from explorer.view.handed import ledger, plus


def test_a_ledger_sums_exactly_and_names_the_largest_parts():
    parts = np.array([0.5, -3.0, 0.0, 2.0, 1.0, -0.25, 0.125, 0.0, 4.0])
    names = [f"n{i}" for i in range(9)]
    items = ledger(parts, names, [""] * 9, "total", "things")
    assert [item.name for item in items] == [
        *("n8", "n1", "n3", "n4", "n0", "n5"),
        *("the other 3 things", "total"),
    ]
    assert items[-2].note == "2 of them 0"
    assert sum(item.value for item in items[:-1]) == items[-1].value == parts.sum()
    assert len(ledger(parts[:7], names[:7], [""] * 7, "total", "things")) == 8


@pytest.mark.parametrize(("value", "text"), [(0.5, "+0.5000"), (-0.001234, "−0.001234"), (0, "0")])
def test_a_part_of_a_sum_has_its_sign(value, text):
    assert plus(value) == text


def test_a_mosaic_holds_every_slice_in_reading_order():
    sheet = np.arange(6 * 4, dtype=np.float32).reshape(6, 2, 2)
    laid = steepness.mosaic(sheet)
    assert laid.shape == (4, 6)
    np.testing.assert_array_equal(laid[:2, :2], sheet[0])
    np.testing.assert_array_equal(laid[:2, 4:], sheet[2])
    np.testing.assert_array_equal(laid[2:, 2:4], sheet[4])
    assert steepness.mosaic(sheet[:1]).shape == (2, 2)


GOOD = {"seq": 4, "reset": 2, "cell": [0, 1, 2]}


@pytest.mark.parametrize(
    ("report", "cell"),
    [
        (GOOD, (0, 1, 2)),
        (GOOD | {"reset": 1}, None),
        (GOOD | {"cell": None}, None),
        (GOOD | {"cell": [0, 1]}, None),
        (GOOD | {"cell": [0, -1, 2]}, None),
        (GOOD | {"cell": [0, True, 2]}, None),
        (GOOD | {"cell": "012"}, None),
        (GOOD | {"seq": -1}, None),
        (GOOD | {"seq": "4"}, None),
        ("report", None),
    ],
    ids=str,
)
def test_a_chosen_cell_is_exactly_a_cell(report, cell):
    found = linked._parse({"report": report}, reset=2)
    assert found.cell == cell
    assert found.current is (cell is not None)


@pytest.mark.parametrize(
    ("report", "at"),
    [
        ({"seq": 1, "reset": 0, "at": 3, "playing": True}, 3),
        ({"seq": 1, "reset": 0, "at": -1}, None),
        ({"seq": 1, "reset": 0, "at": "3"}, None),
        ({"seq": 1, "reset": 1, "at": 3}, None),
        ({"seq": None, "reset": 0, "at": 3}, None),
        (7, None),
    ],
    ids=str,
)
def test_how_far_it_came_is_exactly_a_number(report, at, monkeypatch):
    monkeypatch.setattr(st, "session_state", {backward_play.KEY: {"report": report}})
    found = backward_play.read()
    assert found.current is (at is not None)
    assert found.at == (at or 0)


@pytest.mark.parametrize(
    ("pictures", "options"),
    [
        ([np.zeros((2, 2))], {}),
        ([np.zeros((2, 2)), np.zeros((3, 2))], {}),
        ([np.zeros((2, 2)), np.zeros((2, 2))], {"tiles": ["a", "b"]}),
        ([np.zeros((2, 2)), np.full((2, 2), np.nan)], {}),
        ([np.zeros((2, 2)), np.zeros(4)], {}),
        (
            [np.zeros((2, 2)), np.zeros((4, 4)), np.zeros((4, 4))],
            {"rule": "max", "winners": np.zeros((4, 4), int)},
        ),
    ],
)
def test_pictures_that_do_not_go_together_are_refused(pictures, options):
    with pytest.raises(ValueError, match=r"must be|pictures"):
        linked.show([Picture(p, "", "signed", "") for p in pictures], key="k", alt="", **options)


def test_a_player_without_its_stage_is_refused():
    with pytest.raises(ValueError, match="stages 0 to 0, not 1"):
        backward_play.show([backward_play.Step("Loss", "…")], at=1)


def test_what_a_component_holds_is_news_once_and_moves_its_token_only_from_outside():
    from explorer.state.backprop import Held

    held = Held()
    assert held.reset("a") == 1
    assert held.news(1)
    assert not held.news(1)
    held.value = "b"  # the component itself said so
    assert held.reset("b") == 1
    assert held.reset("c") == 2
    assert not held.news(0)  # a new component counts from the beginning
    assert held.news(1)


def test_steps_are_sent_with_their_sentences(monkeypatch):
    sent = {}
    monkeypatch.setattr(backward_play, "_component", lambda **arguments: sent.update(arguments))
    steps = [backward_play.Step("Loss", "It begins."), backward_play.Step("output", "W.")]
    backward_play.show(steps, at=1, reset=3, address={"at": "1"})
    assert json.loads(json.dumps(sent["data"])) == {
        "stages": [["Loss", "It begins."], ["output", "W."]],
        "at": 1,
        "reset": 3,
        "echo": 0,
        "address": {"at": "1"},
    }
