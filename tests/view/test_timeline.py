"""The time slider: what Python believes of it, and what it is sent."""

import json

import pytest

from explorer.view.components import timeline
from explorer.view.components.timeline import Moved, Stop
from tests.apps import scripted

STEPS = (0, 5, 100)


def report(**changes):
    return {"report": {"seq": 3, "reset": 0, "step": 5, "moving": True} | changes}


def test_a_report_becomes_a_step():
    assert timeline._parse(report(), STEPS, 0) == Moved(5, 3, current=True, moving=True)


def test_a_report_from_before_the_reset_keeps_its_number_only():
    assert timeline._parse(report(), STEPS, 1) == Moved(seq=3)


@pytest.mark.parametrize(
    "changes",
    [{"step": 6}, {"step": -1}, {"step": "5"}, {"step": 5.0}, {"step": True}, {"step": 10**400}],
    ids=str,
)
def test_a_step_that_is_not_there_is_not_believed(changes):
    assert timeline._parse(report(**changes), STEPS, 0) == Moved(seq=3)


@pytest.mark.parametrize(
    "state", [None, 5, "x", [], {}, {"report": None}, report(seq=-1), report(seq="3")], ids=str
)
def test_what_is_no_report_says_nothing(state):
    assert timeline._parse(state, STEPS, 0) == Moved()


@pytest.mark.parametrize(
    ("steps", "step"), [([], 0), ([1, 0], 0), ([0, 0], 0), ([0, 1], 2)], ids=str
)
def test_a_timeline_that_cannot_be_shown_is_refused(steps, step):
    with pytest.raises(ValueError, match=r"ascend|none of"):
        timeline.show([Stop(s) for s in steps], step)


def app():
    from explorer.view.components import timeline
    from explorer.view.components.timeline import Stop

    stops = [Stop(0, 0.1, "reads 10 %"), Stop(7)]
    timeline.show(stops, 7, title="Mine", reset=4, address={"step": "7"})


def test_the_browser_gets_every_step_and_the_one_that_is_shown():
    at = scripted(app).run()
    assert not at.exception
    sent = json.loads(at.get("bidi_component")[0].proto.json)
    assert sent["stops"] == [[0, 0.1, "reads 10 %"], [7, None, ""]]
    assert (sent["step"], sent["title"], sent["reset"]) == (7, "Mine", 4)
    assert sent["resting"] is True
    assert sent["address"] == {"step": "7"}
