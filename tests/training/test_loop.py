"""The loop against one written by hand, against itself, and where it ends."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors.torch import load as read

from explorer.network import kept, losses
from explorer.network.architecture import Network
from explorer.network.layers import Dense, Flatten
from explorer.training import checkpoint, data, engine, loop
from explorer.training.events import Checkpoint, Evaluated, Failed, Snapshot, Stepped
from explorer.training.loop import Steering, fit
from explorer.training.spec import LOSSES, OPTIMISERS, RunSpec
from tests.training import small

IMAGES = small.images()
OPTIMISER = {
    "sgd": lambda p: torch.optim.SGD(p, 0.01, fused=True),
    "momentum": lambda p: torch.optim.SGD(p, 0.01, momentum=0.9, fused=True),
    "adam": lambda p: torch.optim.Adam(p, 0.01, fused=True),
    "adamw": lambda p: torch.optim.AdamW(p, 0.01, fused=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, 0.01),
}
PLAIN = {
    "sgd": lambda p: torch.optim.SGD(p, 0.01),
    "momentum": lambda p: torch.optim.SGD(p, 0.01, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, 0.01),
    "adamw": lambda p: torch.optim.AdamW(p, 0.01),
    "rmsprop": lambda p: torch.optim.RMSprop(p, 0.01),
}


def cost(name, logits, labels):
    """The three losses a second time."""
    hot = torch.eye(10)[labels]
    p = logits.softmax(1)
    if name == "categorical_crossentropy":
        return F.cross_entropy(logits, labels)
    if name == "binary_crossentropy":
        p = p.clamp(1e-7, 1 - 1e-7)
        return -(hot * p.log() + (1 - hot) * (1 - p).log()).mean()
    return ((hot - p) ** 2).mean().sqrt()


def by_hand(name, optimisers, optimiser, memory_format, steps=10):
    """Ten steps written out: convolution, ReLU, pooling, two dense layers; the losses of each."""
    torch.manual_seed(1)
    weights = {k: v.clone() for k, v in small.NETWORK.build().state_dict().items()}
    for key in weights:
        if weights[key].ndim == 4:
            weights[key] = weights[key].to(memory_format=memory_format)
        weights[key].requires_grad_()
    update = optimisers[optimiser](weights.values())
    order = itertools.chain(*(data.order(1, e, small.COUNT).split(20) for e in range(3)))
    losses = []
    for chosen in itertools.islice(order, steps):
        x = IMAGES.train[chosen].float() / 255
        x = x[:, None].to(memory_format=memory_format)
        x = F.relu(F.conv2d(x, weights["conv1.weight"], weights["conv1.bias"], stride=2))
        x = F.max_pool2d(x, 2).permute(0, 2, 3, 1).flatten(1)
        x = F.relu(F.linear(x, weights["dense1.weight"], weights["dense1.bias"]))
        logits = F.linear(x, weights["output.weight"], weights["output.bias"])
        loss = cost(name, logits, IMAGES.train_labels[chosen])
        update.zero_grad()
        loss.backward()
        update.step()
        losses.append(loss.item())
    return losses, weights


def run(spec: RunSpec, **settings):
    return list(fit(spec, images=IMAGES, **settings))


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def last_weights(events):
    return read(of(Checkpoint, events)[-1].data)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_ten_steps_are_those_of_a_loop_written_by_hand_to_the_last_digit(name, optimiser):
    events = run(small.spec(loss=name, optimiser=optimiser, epochs=2.5))
    losses, weights = by_hand(name, OPTIMISER, optimiser, torch.channels_last)
    assert [event.loss for event in of(Stepped, events)] == losses
    ours = last_weights(events)
    for key, value in weights.items():
        assert torch.equal(ours[key], value), key


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_the_fast_loop_computes_what_pytorch_computes_as_it_comes(name, optimiser):
    # Unfused, channels first: the sums are the same, their order is not, so the last digits differ.
    events = run(small.spec(loss=name, optimiser=optimiser, epochs=2.5))
    losses, _ = by_hand(name, PLAIN, optimiser, torch.contiguous_format)
    np.testing.assert_allclose([e.loss for e in of(Stepped, events)], losses, rtol=2e-4)


FULL = small.spec(
    network=small.STEADIED,
    schedule="one-cycle",
    augmentation="shift",
    label_smoothing=0.1,
    dropout=0.2,
    optimiser="adamw",
)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_two_runs_of_one_spec_give_the_same_numbers(precision):
    spec = replace(FULL, precision=precision)
    first, second = run(spec), run(spec)
    assert [e.loss for e in of(Stepped, first)] == [e.loss for e in of(Stepped, second)]
    for name, value in last_weights(first).items():
        assert torch.equal(value, last_weights(second)[name]), name


def test_another_seed_gives_other_numbers():
    first, second = run(FULL), run(replace(FULL, seed=2))
    assert of(Stepped, first)[0].loss != of(Stepped, second)[0].loss


def test_a_run_leaves_pytorchs_own_random_numbers_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    run(FULL)
    assert torch.equal(torch.rand(3), expected)


def test_bfloat16_is_near_float32_and_not_the_same():
    exact, rounded = (
        [e.loss for e in of(Stepped, run(small.spec(precision=p)))] for p in ("float32", "bfloat16")
    )
    assert exact != rounded
    np.testing.assert_allclose(rounded, exact, rtol=0.05)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("step", [0, 1, 5, 10])
def test_a_resumed_run_is_the_uninterrupted_one_bit_for_bit(optimiser, step):
    spec = replace(FULL, optimiser=optimiser)
    whole = run(spec)
    found = next(e for e in of(Checkpoint, whole) if e.step == step)
    rest = run(spec, resume=found.data)
    assert rest[0].first_step == step
    for old, new in zip(of(Stepped, whole)[step:], of(Stepped, rest), strict=True):
        assert replace(new, seconds=0.0) == replace(old, seconds=0.0)
    for name, value in last_weights(whole).items():
        assert torch.equal(last_weights(rest)[name], value), name
    assert np.array_equal(of(Evaluated, whole)[-1].answers, of(Evaluated, rest)[-1].answers)


def test_a_resumed_run_counts_its_seconds_on():
    whole = run(small.spec())
    found = of(Checkpoint, whole)[-2]
    before = checkpoint.unpack(found.data).seconds
    assert 0 < before < of(Stepped, run(small.spec(), resume=found.data))[0].seconds


def test_a_run_may_be_resumed_for_more_epochs():
    end = of(Checkpoint, run(small.spec(epochs=1.0)))[-1]
    rest = run(small.spec(epochs=3.0), resume=end.data)
    straight = run(small.spec(epochs=3.0))
    assert [e.loss for e in of(Stepped, rest)] == [e.loss for e in of(Stepped, straight)[4:]]


def test_another_network_cannot_go_on_from_a_checkpoint():
    end = of(Checkpoint, run(small.spec()))[-1]
    with pytest.raises(ValueError, match="another network"):
        run(small.spec(network=small.STEADIED), resume=end.data)


def test_weights_alone_cannot_be_resumed_where_the_optimiser_remembers():
    state = checkpoint.unpack(of(Checkpoint, run(small.spec()))[-1].data)
    weights = {k: v for k, v in state.tensors.items() if not k.startswith(checkpoint.OPTIMISER)}
    alone = checkpoint.pack(replace(state, tensors=weights))
    with pytest.raises(ValueError, match="cannot be resumed"):
        run(small.spec(), resume=alone)


def test_events_come_in_their_order_and_the_last_is_finished():
    events = run(small.spec())
    assert [e.kind for e in events[:3]] == ["started", "snapshot", "checkpoint"]
    assert [e.kind for e in events[-5:]] == [
        "stepped", "snapshot", "evaluated", "checkpoint", "finished",
    ]  # fmt: skip
    assert [e.step for e in of(Stepped, events)] == list(range(1, 13))
    assert [e.step for e in of(Snapshot, events)] == [0, 10, 12]
    assert [e.step for e in of(Checkpoint, events)] == [0, 1, 2, 5, 10, 12]
    assert of(Stepped, events)[-1].images == 3 * small.COUNT
    assert of(Stepped, events)[-1].epoch == 3
    end = events[-1]
    assert (end.step, end.reason) == (12, "done")
    assert end.test_accuracy == of(Evaluated, events)[-1].accuracy


def test_a_snapshot_holds_the_kernels_as_they_were():
    shown = of(Snapshot, run(small.spec()))
    assert {name: k.shape for name, k in shown[0].kernels.items()} == {"conv1": (4, 1, 5, 5)}
    assert not np.array_equal(shown[0].kernels["conv1"], shown[1].kernels["conv1"])


def test_an_evaluation_counts_its_right_answers():
    found = of(Evaluated, run(small.spec()))[-1]
    right = found.answers == IMAGES.test_labels.numpy()
    assert found.accuracy == right.mean()
    assert found.images == small.TESTS


def test_the_network_learns_what_there_is_to_learn():
    end = run(small.spec(epochs=30.0))[-1]
    assert end.test_accuracy > 0.9


def test_a_run_ends_at_the_wanted_accuracy():
    events = run(small.spec(epochs=200.0), until=0.5)
    assert events[-1].reason == "until"
    assert events[-1].test_accuracy >= 0.5
    assert events[-1].step < 800


def test_stop_ends_a_run_within_a_step_and_keeps_it():
    steering = Steering()
    events = []
    for event in fit(small.spec(), images=IMAGES, steering=steering):
        events.append(event)
        steering.stop = steering.stop or (event.kind == "stepped" and event.step == 3)
    assert of(Stepped, events)[-1].step == 3
    assert events[-1].reason == "stopped"
    assert of(Checkpoint, events)[-1].step == 3


def test_a_rate_set_by_hand_holds_from_the_next_step_on_and_is_remembered():
    steering = Steering()
    events = []
    for event in fit(small.spec(), images=IMAGES, steering=steering):
        events.append(event)
        if event.kind == "stepped" and event.step == 4:
            steering.learning_rate = 0.002
    assert [e.learning_rate for e in of(Stepped, events)] == [0.01] * 4 + [0.002] * 8
    at_5 = next(e for e in of(Checkpoint, events) if e.step == 5)
    rest = run(small.spec(), resume=at_5.data)
    assert [e.loss for e in of(Stepped, rest)] == [e.loss for e in of(Stepped, events)[5:]]


def test_a_rate_set_by_hand_stays_within_bounds():
    steering = Steering(learning_rate=1e9)
    events = itertools.islice(fit(small.spec(), images=IMAGES, steering=steering), 4)
    assert of(Stepped, events)[0].learning_rate == 100.0


@pytest.mark.parametrize(
    ("at", "wrong"), [(1, math.nan), (2, math.inf), (9, math.nan), (10, math.inf)]
)
def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_the_last_good_weights(
    at, wrong, monkeypatch
):
    monkeypatch.setattr(loop, "COPY_EVERY", 3)  # before step 10 a copy is taken, of bad weights
    whole, true = run(FULL), losses.loss
    calls = itertools.count(1)

    def faulty(*arguments):
        return true(*arguments) * (wrong if next(calls) == at else 1)

    monkeypatch.setattr(engine, "loss", faulty)
    events = run(FULL)
    kept, end = events[-2:]
    assert (end.kind, end.step) == ("failed", at)
    assert [e.step for e in of(Stepped, events)] == list(range(1, at))
    # The last finite loss, of step at - 1, was of the weights after step at - 2.
    good = max(0, at - 2)
    assert (kept.kind, kept.step) == ("checkpoint", good)
    rest = run(FULL, resume=kept.data)
    assert [e.loss for e in of(Stepped, rest)] == [e.loss for e in of(Stepped, whole)[good:]]


def test_weights_that_are_not_finite_are_not_shown(monkeypatch):
    monkeypatch.setattr(loop, "SNAPSHOT_EVERY", 1)
    broken = itertools.count(1)
    monkeypatch.setattr(engine.Engine, "finite", lambda self: next(broken) < 5)
    events = run(small.spec())
    assert [e.step for e in of(Snapshot, events)] == [0, 1, 2, 3, 4]
    assert [e.kind for e in events[-2:]] == ["checkpoint", "failed"]
    assert events[-2].step == 4


def test_a_far_too_high_rate_ends_in_a_sentence_and_finite_weights():
    # No ReLU, which would die and so keep the numbers finite.
    layers = (Flatten(), Dense(12), Dense(12), Dense(10, activation="softmax"))
    network = Network("linear", layers)
    events = run(small.spec(network=network, optimiser="sgd", learning_rate=100.0, epochs=50.0))
    assert isinstance(events[-1], Failed)
    assert events[-1].reason.endswith("with a lower learning rate.")
    assert all(value.isfinite().all() for value in last_weights(events).values())


def test_a_closed_run_says_nothing_more():
    events = fit(small.spec(), images=IMAGES)
    next(events)
    events.close()
    assert list(events) == []


def test_an_event_is_a_line_of_json():
    kinds = set()
    for event in run(small.spec()):
        plain = json.loads(json.dumps(event.to_json(), allow_nan=False))
        assert plain["event"] == event.kind
        kinds.add(event.kind)
    assert kinds == {"started", "snapshot", "checkpoint", "stepped", "evaluated", "finished"}


def test_checkpoints_are_dense_at_first_and_regular_later():
    rungs = [step for step in range(401) if loop.keeps_checkpoint(step)]
    assert rungs == [0, 1, 2, 5, 10, 20, 50, 100, 200, 300, 400]


def test_the_test_set_is_read_on_the_way_and_not_too_often():
    article, tiny = RunSpec(), RunSpec(images=500, epochs=100.0)
    assert [loop.evaluates(s, article) for s in (0, 1, 100, 469, 500)] == [0, 0, 1000, None, 1000]
    assert [loop.evaluates(s, tiny) for s in (4, 10, 20, 50, 100)] == [0, 0, 1000, 0, None]
    assert loop.evaluates(20, article, until=True) == 1000


def test_more_images_than_there_are_are_refused():
    with pytest.raises(ValueError, match="There are 70 training images, fewer than the 71"):
        run(small.spec(images=71))


def test_a_run_starts_from_a_kept_network_s_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    model = small.NETWORK.build()
    key = kept.keep(model, "Mine")
    spec = small.spec(start=key)
    first = of(Checkpoint, run(spec))[0]
    for name, value in checkpoint.load(first.data).state_dict().items():
        assert torch.equal(value, model.state_dict()[name])
    assert RunSpec.from_json(spec.to_json()) == spec
    with pytest.raises(ValueError, match="has other layers"):
        run(small.spec(network=small.STEADIED, start=key))
    kept.forget(key)
    with pytest.raises(ValueError, match="no kept network"):
        run(spec)


@pytest.mark.parametrize("start", ["", "default", "kept-../x", 3])
def test_only_a_kept_network_can_be_started_from(start):
    with pytest.raises(ValueError, match="key of a kept network"):
        small.spec(start=start)
