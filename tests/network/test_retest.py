"""Answers from the edited layer on are those of the whole network; what a map's absence costs."""

import numpy as np
import pytest
import torch

from explorer.data import mnist
from explorer.network import mattering, retest, surgery, zoo
from explorer.network.edits import Edit, editable
from explorer.network.evaluate import predict
from explorer.network.outcome import compare
from tests.network.test_surgery import NETWORKS, built, some_edits

IMAGES, LABELS = mnist.test_set()


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """250 images, and nothing kept of what other tests did."""
    monkeypatch.setattr(mnist, "test_set", lambda: (IMAGES[:250], LABELS[:250]))
    for cache in (retest._originals, retest._retests, mattering._kept):
        cache.clear()
    yield
    for cache in (retest._originals, retest._retests, mattering._kept):
        cache.clear()


def finish(work):
    steps = 0
    while work.done < 1:
        work.step()
        steps += 1
    assert steps <= 3
    return work


def answers(key, edits):
    return predict(surgery.apply(zoo.shared(key), edits), IMAGES[:250]).argmax(1)


@pytest.mark.parametrize("key", zoo.NETWORKS)
def test_answers_from_the_edited_layer_on_are_those_of_the_whole_network(key):
    rows = editable(zoo.NETWORKS[key])
    cases = [(Edit(row.name, "negate", 1),) for row in rows]
    cases += [tuple(some_edits(zoo.NETWORKS[key], seed, 4)) for seed in (1, 2)]
    assert np.array_equal(finish(retest.retest(key, ())).answers, answers(key, ()))
    for edits in cases:
        assert np.array_equal(finish(retest.retest(key, edits)).answers, answers(key, edits))


def test_a_normalisation_may_be_edited_at_other_maps_than_the_layer_before_it():
    edits = (Edit("conv1", "negate", 2), Edit("norm1", "bias", 5, values=(3.0,)))
    assert np.array_equal(finish(retest.retest("fast", edits)).answers, answers("fast", edits))


@pytest.mark.parametrize("network", NETWORKS[:1], ids=lambda n: n.name)
@pytest.mark.parametrize("most", [0, 100 << 20])
def test_a_budget_changes_no_answer(network, most, monkeypatch):
    monkeypatch.setattr(retest, "MAX_NETWORK", most)
    monkeypatch.setattr(mnist, "test_set", lambda: (IMAGES[:250, 8:20, 8:20], LABELS[:250]))
    zoo.hold("run-test-1", built(network))
    for seed in range(6):
        edits = tuple(some_edits(network, seed, 2))
        model = surgery.apply(zoo.shared("run-test-1"), edits)
        work = finish(retest.retest("run-test-1", edits))
        assert (work.original.size > 0) == (most > 0)
        assert np.array_equal(work.answers, predict(model, IMAGES[:250, 8:20, 8:20]).argmax(1))


def test_what_is_kept_of_all_networks_has_a_bound(monkeypatch):
    monkeypatch.setattr(retest, "MAX_ALL", 3_000_000)
    sizes = [retest.original(key).size for key in ("default", "pool-max", "pool-average")]
    assert max(sizes) < 3_000_000 < sum(sizes)
    assert list(retest._originals) == ["pool-average"]


def test_everybody_shares_a_retest_and_it_is_resumed_where_it_was_left():
    edits = (Edit("conv1", "off", 1),)
    work = retest.retest("default", edits)
    work.step()
    assert retest.retest("default", edits) is work
    assert work.done == pytest.approx(1 / 3)


@pytest.mark.parametrize("key", ["default", "fast", "dense"])
@pytest.mark.parametrize("edits", [(), (Edit("output", "scale", 3, values=(2.0,)),)])
def test_a_loss_is_what_switching_the_map_off_costs(key, edits):
    before = (answers(key, edits) == LABELS[:250]).mean()
    for row in editable(zoo.NETWORKS[key]):
        losses = finish(mattering.mattering(key, edits, row.name)).losses
        assert losses.shape == row.output_shape[:1]
        for index in {0, 5, int(losses.argmax())}:
            off = (*edits, Edit(row.name, "off", index))
            cost = before - (answers(key, off) == LABELS[:250]).mean()
            assert losses[index] == pytest.approx(cost)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
def test_taking_a_map_s_part_off_the_sums_is_switching_it_off(network):
    model = built(network)
    torch.manual_seed(5)
    x = torch.rand(4, *network.input_shape)
    for row in editable(network):
        found = mattering._worker(model, row.name)(x)
        assert len(found) == 1 + row.output_shape[0]
        torch.testing.assert_close(found[0], model(x))
        for index, logits in enumerate(found[1:]):
            after = surgery.apply(model, [Edit(row.name, "off", index)])
            torch.testing.assert_close(logits, after(x))


def test_an_outcome_is_counted_by_hand():
    labels = np.array([0, 0, 1, 1, 2, 2], np.uint8)
    before = np.array([0, 0, 1, 2, 2, 0], np.uint8)
    after = np.array([0, 1, 0, 1, 2, 1], np.uint8)
    found = compare(before, after, labels, classes=3)
    assert (found.right_before, found.right_after, found.images) == (4, 3, 6)
    assert found.wronged.tolist() == [1, 2]
    assert found.righted.tolist() == [3]
    assert (found.other, found.flipped) == (1, 4)
    assert found.class_before.tolist() == [2, 1, 1]
    assert found.class_after.tolist() == [1, 1, 1]
    assert found.worst == 0
    assert compare(before, before, labels, classes=3).worst is None
