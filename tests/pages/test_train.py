"""The page *Train*: what it shows of runs, and what reaches them, without a browser."""

import json
import time

import pytest

from explorer.state import recorded
from explorer.training import launcher, store
from explorer.training.records import Run, State
from explorer.training.spec import PRESETS, RunSpec
from explorer.training.worker import work
from explorer.view.components import blob
from tests.pages.test_pages import broken, opened
from tests.training.small import NETWORK
from tests.training.stores import at_home, end_everything

SMALL = RunSpec(network=NETWORK, images=320, batch_size=32, epochs=3.0, learning_rate=0.01)


@pytest.fixture
def home(tmp_path):
    """A store of its own."""
    with at_home(tmp_path):
        recorded._slot.cache_clear()
        yield tmp_path


@pytest.fixture
def still(home, monkeypatch):
    """A store whose queue nobody looks at."""
    monkeypatch.setattr(launcher, "start", lambda: None)
    monkeypatch.setattr(launcher, "_wake", lambda: None)
    return store.shared()


def done(still, spec=SMALL, name=None) -> Run:
    """A run that was carried out in this process."""
    return work(still, still.create(spec, name))


def head(at) -> dict:
    """What the page says of where the run stands."""
    for element in at.get("bidi_component"):
        if element.proto.json and '"tone"' in element.proto.json:
            return json.loads(element.proto.json)
    return {}


def chart(at) -> dict:
    """The description that the chart was sent."""
    for element in at.get("bidi_component"):
        raw = element.proto.bytes
        if int.from_bytes(raw[:4], "little") == blob.ARRAYS:
            return json.loads(raw[12 : 12 + int.from_bytes(raw[8:12], "little")])
    return {}


def labels(at) -> set[str]:
    return {button.label for button in at.button}


def test_an_empty_store_has_presets_and_a_start(still):
    at = opened("train")
    assert not broken(at)
    assert "Start" in labels(at)
    cards = [e for e in at.get("bidi_component") if "cards" in e.proto.json]
    assert len(json.loads(cards[0].proto.json)["cards"]) == len(PRESETS)


def test_start_with_no_choice_made_queues_the_reference_network(still):
    at = opened("train")
    at.button(key="start").click().run()
    assert not broken(at)
    (run,) = still.runs()
    assert run.spec == RunSpec()
    assert at.query_params["run"] == run.id
    assert head(at)["state"] == "queued, place 1"


def test_a_finished_run_is_shown_whole(still):
    run = done(still)
    at = opened("train", run=run.id)
    assert not broken(at)
    assert head(at)["state"] == "finished"
    assert head(at)["share"] == 1
    shapes = {name: shape for name, _, shape in chart(at)["arrays"]}
    assert shapes["loss0"] == [30, 4]
    assert shapes["tests0"][0] >= 1


def test_two_runs_are_overlaid_by_a_link(still):
    one, other = done(still), done(still, name="the other")
    at = opened("train", run=one.id, **{"with": f"{other.id},nothing,{one.id}"})
    assert not broken(at)
    assert chart(at)["meta"]["names"] == [one.name, "the other"]


@pytest.mark.parametrize(
    "said", ["'; DROP TABLE runs; --", "../../etc", "0" * 5_000, "<script>", "deadbeef", "💥"]
)
def test_a_hostile_run_shows_the_newest(still, said):
    run = done(still)
    at = opened("train", run=said, **{"with": said, "preset": said})
    assert not broken(at)
    assert head(at)["name"] == run.name
    assert len(still.runs()) == 1


def test_a_name_is_text(still):
    name = "<script>alert(1)</script> **bold** :material/home: $x$"
    done(still, name=name)
    at = opened("train")
    assert not broken(at)
    assert head(at)["name"] == name
    assert not any("<script>alert(1)" in each.value for each in at.markdown)


def test_a_wrong_setting_is_said_in_a_sentence_and_loses_nothing(still):
    at = opened("train")
    at.session_state["all-settings"] = True
    at.run()
    field = next(each for each in at.number_input if each.label == "Batch size")
    field.set_value(0).run()
    assert not broken(at)
    (said,) = [each.value for each in at.warning]
    assert said == "The batch size must be a whole number from 1 to 4,096, not 0."
    at.run()
    at.button(key="start").click().run()
    assert not still.runs()
    field = next(each for each in at.number_input if each.label == "Batch size")
    assert field.value == 0
    field.set_value(64).run()
    at.run()
    at.button(key="start").click().run()
    assert still.runs()[0].spec.batch_size == 64


def test_orders_reach_the_run(still):
    run = still.create(SMALL)
    still.claim(run, f"{launcher.process.name()}")
    at = opened("train", run=run)
    assert {"Pause", "One step", "Stop"} <= labels(at)
    at.button(key=f"tell-pause-{run}").click().run()
    at.button(key=f"tell-step-{run}").click().run()
    assert head(at)["note"] == "Taking one step …"
    assert [order.verb.value for order in still.commands(run)] == ["pause", "step"]
    rate = next(each for each in at.number_input if each.label == "Learning rate")
    rate.set_value(0.002).run()
    assert still.commands(run)[-1].value == 0.002
    assert not broken(at)


def test_a_run_whose_process_is_gone_is_lost_and_can_be_resumed(still):
    run = still.create(SMALL)
    still.claim(run, "gone/1/1")
    at = opened("train", run=run)
    assert head(at)["state"] == "lost"
    assert "killed" in head(at)["note"]
    at.button(key=f"again-{run}-1").click().run()
    assert still.run(run).state is State.QUEUED


def test_a_run_is_renamed_and_deleted_after_a_question(still):
    run = done(still)
    at = opened("train", run=run.id)
    at.text_input[0].set_value("  mine\n").run()
    assert still.run(run.id).name == "mine"
    at.button(key=f"delete-{run.id}").click().run()
    assert still.run(run.id)
    at.button(key="really-delete").click().run()
    assert still.run(run.id) is None
    assert not broken(at)


def test_a_hint_s_remedy_becomes_the_next_run_s_setting(still):
    wild = RunSpec(network=NETWORK, images=640, batch_size=8, optimiser="sgd", learning_rate=100.0)
    run = done(still, wild)
    at = opened("train", run=run.id)
    buttons = [each for each in at.button if each.label.startswith("Next run")]
    assert buttons
    buttons[0].click().run()
    at.run()
    assert not broken(at)
    at.button(key="start").click().run()
    assert still.runs()[0].spec.learning_rate == 10.0


def test_the_address_names_a_preset(still):
    at = opened("train", preset="overfit")
    at.button(key="start").click().run()
    assert still.runs()[0].spec == PRESETS["overfit"].spec
    assert still.runs()[0].name == PRESETS["overfit"].title


def test_start_carries_a_run_of_300_steps_out(home):
    at = opened("train")
    values = {"network": "default", "batch_size": 20, "images": 600, "epochs": 10.0}
    at.session_state["train draft"] = {**at.session_state["train draft"], **values}
    try:
        at.button(key="start").click().run()
        end = time.monotonic() + 120
        while head(at).get("state") != "finished" and time.monotonic() < end:
            at.run()
        assert not broken(at)
        assert head(at)["state"] == "finished"
        assert {name: shape for name, _, shape in chart(at)["arrays"]}["loss0"] == [300, 4]
    finally:
        end_everything()
