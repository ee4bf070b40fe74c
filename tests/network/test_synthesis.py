"""Gradient ascent on the input: by hand, within its bounds, and without a trace on the model."""

import copy

import numpy as np
import pytest
import torch

from explorer.network import synthesis, zoo
from explorer.network.architecture import Network
from explorer.network.ascents import Ascents
from explorer.network.layers import Conv2D, Dense, Flatten, MaxPooling2D
from explorer.network.synthesis import FREE, SMOOTH, Regularised, ascend

SMALL = Network(
    "small",
    (
        Conv2D(3, 3, padding="same", activation="relu"),
        MaxPooling2D(2),
        Conv2D(4, 3, activation="relu"),
        Flatten(),
        Dense(5, activation="softmax"),
    ),
    (1, 12, 12),
)


def small():
    torch.manual_seed(3)
    return SMALL.build().eval()


def last(*args, **options):
    return list(ascend(*args, **options))[-1]


def state(model) -> list:
    """All that an ascent could leave behind."""
    modules = list(model.modules())
    return [
        {name: value.numpy().tobytes() for name, value in model.state_dict().items()},
        [(p.grad, p.requires_grad) for p in model.parameters()],
        [module.training for module in modules],
        [(len(m._forward_hooks), len(m._backward_hooks)) for m in modules],
    ]


def test_of_a_single_convolution_the_optimum_is_ink_where_its_kernel_is_positive():
    model = Network("one", (Conv2D(2, 3), Flatten(), Dense(2)), (1, 5, 5)).build()
    kernel = torch.tensor([[1.0, -2.0, 0.5], [-0.1, 3.0, -1.0], [0.2, -0.3, 4.0]])
    model.load_state_dict(
        model.state_dict() | {"conv1.weight": torch.stack([kernel, -kernel])[:, None]}
    )
    found = last(model, "conv1", [0, 1], held=FREE)
    expected = np.zeros((2, 5, 5), np.float32)
    expected[0, 1:4, 1:4] = kernel.numpy() > 0
    expected[1, 1:4, 1:4] = kernel.numpy() < 0
    np.testing.assert_array_equal(found.images, expected)
    np.testing.assert_allclose(found.values, [8.7, 3.4], rtol=1e-6)


@pytest.mark.parametrize("held", [SMOOTH, FREE], ids=["regularised", "free"])
@pytest.mark.parametrize("layer", ["conv1", "conv2", "dense1"])
def test_the_ascent_ends_higher_than_the_noise(layer, held):
    first, *_, end = ascend(zoo.shared("default"), layer, range(4), held=held, steps=40)
    assert (first.number, end.number) == (0, 40)
    assert (end.values > first.values).all()


def test_the_values_are_what_the_unit_in_the_middle_answers_before_its_activation():
    model = small()
    for step in ascend(model, "conv2", [2, 0], steps=3):
        with torch.no_grad():
            before = {n: b for n, b, _ in model.steps(torch.from_numpy(step.images)[:, None])}
        expected = [before["conv2"][0, 2, 2, 2], before["conv2"][1, 0, 2, 2]]
        np.testing.assert_allclose(step.values, expected, rtol=1e-6)


@pytest.mark.parametrize(("layer", "seen"), [("conv1", slice(5, 8)), ("conv2", slice(3, 11))])
def test_only_the_receptive_field_changes_and_ink_stays_ink(layer, seen):
    climb = list(ascend(small(), layer, [0, 1], steps=12))
    for step in climb:
        outside = step.images.copy()
        outside[:, seen, seen] = 0
        assert not outside.any()
        assert step.images.min() >= 0
        assert step.images.max() <= 1
    first, end = (step.images[:, seen, seen] for step in (climb[0], climb[-1]))
    assert (first > 0).all()
    assert (first != end).all()


def test_a_unit_that_sees_everything_may_change_everything():
    first, *_, end = ascend(small(), "output", range(5), held=FREE, steps=5)
    assert (first.images > 0).all()
    assert (first.images != end.images).any(axis=0).all()


def test_the_same_seed_gives_the_same_and_another_one_other_noise():
    model = small()
    one, again = (last(model, "output", [1, 3], seed=4, steps=10) for _ in range(2))
    assert one.images.tobytes() == again.images.tobytes()
    assert one.values.tobytes() == again.values.tobytes()
    other = next(ascend(model, "output", [1, 3], seed=5))
    assert not np.allclose(next(ascend(model, "output", [1, 3], seed=4)).images, other.images)


def test_a_map_s_ascent_does_not_depend_on_the_others():
    together = last(small(), "output", [0, 1, 2], steps=10)
    np.testing.assert_allclose(
        last(small(), "output", [2], steps=10).images[0], together.images[2], atol=1e-4
    )


@pytest.mark.parametrize("training", [False, True])
def test_the_model_is_as_it_was_at_the_end_and_when_nobody_asks_any_more(training):
    model = zoo.load("fast").train(training)
    before, mode = state(model), torch.is_grad_enabled()
    list(ascend(model, "conv2", range(3), steps=3))
    assert state(model) == before
    given_up = ascend(model, "dense1", range(3))
    next(given_up)
    next(given_up)
    assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == (mode, False)
    given_up.close()
    assert state(model) == before


def test_it_climbs_also_where_the_caller_takes_no_gradients():
    with torch.inference_mode():
        first, *_, end = ascend(copy.deepcopy(small()), "conv2", [0], steps=10)
    assert end.values > first.values


@pytest.mark.parametrize(
    ("held", "measure"),
    [
        (
            Regularised(1.0, 0, 0, 0),
            lambda x: np.abs(np.diff(x, axis=1)).sum() + np.abs(np.diff(x, axis=2)).sum(),
        ),
        (Regularised(0, 0.8, 0, 0), np.sum),
    ],
    ids=["variation", "ink"],
)
def test_what_costs_becomes_less(held, measure):
    model = zoo.shared("default")
    free = last(model, "conv2", range(3), held=FREE, steps=60)
    costly = last(model, "conv2", range(3), held=held, steps=60)
    assert measure(costly.images) < 0.7 * measure(free.images)
    assert (costly.values <= free.values).all()


def test_the_slope_of_the_total_variation_is_its_gradient():
    images = torch.rand(2, 1, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    images.requires_grad_()
    framed = torch.nn.functional.pad(images, (1, 1, 1, 1))
    down, right = framed.diff(dim=2)[..., 1:-1], framed.diff(dim=3)[..., 1:-1, :]
    cost = sum((d**2 + synthesis.EDGE**2).sqrt().sum() for d in (down, right))
    (expected,) = torch.autograd.grad(cost, images)
    torch.testing.assert_close(synthesis._variation_slope(images.detach()), expected)


def test_jitter_moves_the_image_and_brings_in_empty_paper():
    image = torch.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    moved = synthesis._moved(image, (1, -1))
    assert moved[0, 0].tolist() == [[0, 0, 0], [2, 3, 0], [5, 6, 0]]


@pytest.mark.parametrize(
    ("layer", "maps", "said"),
    [
        ("conv9", [0], "small has no layer 'conv9'"),
        ("conv2", [4], "conv2 has maps 0 to 3, not \\[4\\]"),
        ("conv2", [], "conv2 has maps 0 to 3, not \\[\\]"),
    ],
)
def test_what_is_not_there_is_named(layer, maps, said):
    with pytest.raises(ValueError, match=said):
        ascend(small(), layer, maps)


def test_a_network_that_reads_colours_is_refused():
    model = Network("colour", (Flatten(), Dense(2)), (3, 4, 4)).build()
    with pytest.raises(ValueError, match="colour reads 3 channels"):
        ascend(model, "output", [0])


# Piece by piece


def finished(work: Ascents, maps, patience: int = 1000) -> Ascents:
    while work.done(maps) < 1 and patience:
        work.step(maps)
        patience -= 1
    return work


def test_pieces_give_what_the_whole_gives():
    work = finished(Ascents("default", "conv1", SMOOTH, 0), [1, 4])
    whole = list(ascend(zoo.shared("default"), "conv1", [1, 4]))
    found = work.get(4)
    np.testing.assert_array_equal(found.image, whole[-1].images[1])
    assert found.values == tuple(float(step.values[1]) for step in whole)
    assert found.done == work.done([1, 4]) == 1


def test_what_is_there_is_not_made_again():
    work = finished(Ascents("default", "conv1", SMOOTH, 0), [1])
    first = work.get(1)
    assert work.done([1, 2]) == 0.5
    finished(work, [1, 2])
    assert work.get(1) is first
    assert work.get(3) is None
    work.step([1, 2])
    assert work.get(1) is first


def test_a_work_that_another_session_wants_otherwise_goes_on():
    work = Ascents("default", "conv1", SMOOTH, 0)
    for _ in range(5):
        work.step([0])
    finished(work, [2])
    assert work.get(0).done == work.get(2).done == 1
