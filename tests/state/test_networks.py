"""Which networks a page can show, and what an address may say of them."""

import time
from dataclasses import replace

import pytest
import torch

from explorer.network import kept, zoo
from explorer.state import networks, past
from explorer.training import checkpoint, store
from explorer.training.spec import RunSpec
from explorer.training.worker import work
from tests.apps import scripted
from tests.training.small import NETWORK
from tests.training.stores import at_home


@pytest.fixture(autouse=True)
def _folder(tmp_path):
    with at_home(tmp_path):
        yield


def page():
    from explorer.state import DrawState

    DrawState.controls("network")
    import streamlit as st

    st.text(DrawState.now().network)


def seen(key):
    at = scripted(page)
    at.query_params["network"] = key
    at.run()
    assert not at.exception
    return at.text[0].value, at.selectbox[0]


def test_a_kept_network_is_a_choice_by_its_title_and_a_link():
    key = kept.keep(zoo.load("default"), "Without noses")
    said, box = seen(key)
    assert said == key
    assert "Without noses" in box.options


@pytest.mark.parametrize(
    "word",
    [
        "kept-0123456789ab",
        "run-x-1",
        "run-x-01",
        "run-../../x-1",
        "kept-<b>",
        "run--1",
        "run-a-9" * 9,
    ],
)
def test_what_is_no_network_is_the_default(word):
    assert seen(word)[0] == "default"


def test_a_step_of_a_run_is_a_network_as_it_was_then():
    runs = store.shared()
    run = runs.create(RunSpec(network=NETWORK, images=100, batch_size=50, epochs=2), "Mine")
    work(runs, run)
    key = networks.run_key(run, 2)
    said, box = seen(key)
    assert said == key
    assert "Mine" in box.options
    then = checkpoint.load(runs.checkpoint(run, 2))
    for name, value in then.state_dict().items():
        assert torch.equal(value, zoo.shared(key).state_dict()[name])
    assert seen(networks.run_key(run, 3))[0] == key


def test_a_step_that_was_kept_a_moment_ago_is_found():
    runs = store.shared()
    run = runs.create(RunSpec(network=NETWORK, images=100, batch_size=50, epochs=2), "Mine")
    assert past.find(run).steps == ()
    work(runs, run)
    past._known[run] = (time.monotonic(), replace(past._known[run][1], steps=(0, 1)))
    assert seen(networks.run_key(run, 4))[0] == networks.run_key(run, 4)


def used(run):
    import streamlit as st

    from explorer.state import DrawState, training

    training.use_network(run)
    st.text(DrawState.now().network)
    st.text(training.trouble())


def test_the_network_of_a_run_becomes_that_of_the_other_pages():
    runs = store.shared()
    run = runs.create(RunSpec(network=NETWORK, images=100, batch_size=50, epochs=2), "Mine")
    at = scripted(used, run).run()
    assert [text.value for text in at.text] == [
        "default", "This run has kept no network yet: let it take a step first.",
    ]  # fmt: skip
    work(runs, run)
    at = scripted(used, run).run()
    assert [text.value for text in at.text] == [networks.run_key(run, 4), ""]
    assert at.toast[0].value == "Every page now shows this network, as it was after step 4."
