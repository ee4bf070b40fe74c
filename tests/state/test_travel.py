"""Travelling through a run of the store: kept steps, what they read, a hand on the slider."""

from types import SimpleNamespace

import pytest
import streamlit as st
import torch

from explorer.network import zoo
from explorer.state import DrawState, networks, past, travel
from explorer.training import checkpoint, store
from explorer.training.spec import RunSpec
from explorer.training.worker import work
from tests.training.small import NETWORK
from tests.training.stores import at_home


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with at_home(tmp_path_factory.mktemp("home")):
        spec = RunSpec(network=NETWORK, images=100, batch_size=10, epochs=3)
        made = store.shared().create(spec, "Travelled")
        work(store.shared(), made)
        yield made


@pytest.fixture(autouse=True)
def _session(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})


def test_a_run_has_the_steps_that_were_kept_and_what_they_read(run):
    found = past.find(run)
    assert (found.title, found.steps) == ("Travelled", (0, 1, 2, 5, 10, 20, 30))
    share, images = found.tested[30]
    assert (share, images) == (store.shared().evaluations(run)[-1].accuracy, 10_000)
    assert 5 not in found.tested
    assert past.find("nobody") is None


def test_the_latest_runs_are_offered_at_their_last_step(run):
    past._listed.clear()
    assert (run, "Travelled", 30) in past.latest()
    assert networks.options()[f"run-{run}-30"] == "Travelled"
    assert list(networks.options().values()).count("A network learning") == 1
    assert networks.ready(f"run-{run}-5")
    assert networks.options()[f"run-{run}-5"] == "Travelled"
    assert f"run-{run}-30" not in networks.options()


def test_each_step_is_exactly_the_stored_checkpoint(run):
    for step in past.find(run).steps:
        assert networks.ready(f"run-{run}-{step}")
        kept = checkpoint.load(store.shared().checkpoint(run, step)).state_dict()
        for name, value in zoo.shared(f"run-{run}-{step}").state_dict().items():
            assert torch.equal(value, kept[name])


def test_a_run_that_is_looked_at_is_taken_into_memory(run):
    found = past.find(run)
    past._prepare(run, list(found.steps))
    assert all(zoo.in_memory(past.key(run, step)) for step in found.steps)


@pytest.mark.parametrize(
    ("wanted", "shown"), [(0, 0), (3, 2), (4, 5), (14, 10), (16, 20), (10**8, 30), (-7, 0)]
)
def test_a_step_that_was_not_kept_is_the_nearest_that_was(run, wanted, shown):
    assert networks.said({"run": run, "step": str(wanted)}) == f"run-{run}-{shown}"
    assert bool(networks.note(f"run-{run}-{shown}")) is (wanted != shown)


@pytest.mark.parametrize("step", ["", "abc", "1e3", "٣", "9" * 400, "💥", "5 ", None, ["5"]])
def test_without_a_step_it_is_the_last_one(run, step):
    assert networks.said({"run": run, "step": step}) == f"run-{run}-30"


@pytest.mark.parametrize("word", ["x", "../../x", "<b>", "'; DROP", "9" * 300, "٣", "shipped "])
def test_a_run_that_is_not_there_leaves_the_network_that_is_named(word):
    assert networks.said({"run": word, "step": "5"}) == ""
    assert "not there" in networks.note("default")
    assert networks.said({"run": word, "network": "article"}) == "article"


def test_an_address_says_run_and_step_and_is_read_again():
    assert networks.spelled("article") == {"network": "article"}
    said = networks.spelled("run-shipped-50")
    assert said == {"run": "shipped", "step": "50"}
    assert networks.said(said) == "run-shipped-50"
    assert networks.said({"network": "run-shipped-50"}) == "run-shipped-50"


class AskedError(Exception):
    """Which panels are to be redrawn."""


def moved(monkeypatch, run, step, *, moving):
    """What is redrawn at a report of the slider."""

    def ask(*panels):
        raise AskedError(panels)

    monkeypatch.setattr("explorer.view.panel.redraw", ask)
    st.session_state["timeline"] = {
        "report": {"seq": 1, "reset": 0, "step": step, "moving": moving}
    }
    with pytest.raises(AskedError) as found:
        travel._moved(DrawState, run, (0, 5, 7), 0, ("light",), ("heavy",))
    return found.value.args[0]


def test_while_the_hand_moves_only_what_is_quick_follows(run, monkeypatch):
    assert moved(monkeypatch, run, 5, moving=True) == ("light", "travel")
    assert travel.moving()
    assert DrawState._kept().network == f"run-{run}-5"
    assert moved(monkeypatch, run, 5, moving=False) == ("light", "heavy", "travel")
    assert not travel.moving()


def test_a_step_that_was_dropped_meanwhile_gives_way_to_the_nearest(run, monkeypatch):
    assert moved(monkeypatch, run, 7, moving=True) == ("light", "heavy", "travel")
    assert DrawState._kept().network == f"run-{run}-5"
    assert not travel.moving()


@pytest.mark.parametrize(("token", "taken"), [(3, ["run-a-5"]), (4, [])])
def test_a_report_that_comes_after_another_network_was_chosen_asks_for_nothing(
    monkeypatch, token, taken
):
    """The slider was drawn with token 3; choosing another network made it 4."""
    kept: list[str] = []
    report = SimpleNamespace(current=True, step=5, moving=False)
    state = SimpleNamespace(keep=lambda network: kept.append(network))
    monkeypatch.setattr(travel.timeline, "read", lambda steps, reset: report)
    monkeypatch.setattr(travel.panel, "redraw", lambda *panels: None)
    monkeypatch.setattr(travel.networks, "ready", lambda key: True)
    monkeypatch.setattr(travel.address, "visit", lambda: 0)
    monkeypatch.setattr(travel.st, "session_state", {travel._TOKEN: ("run-a-1", token)})
    travel._moved(state, "a", (1, 5), 3, (), ())
    assert kept == taken
