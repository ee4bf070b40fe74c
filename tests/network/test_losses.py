"""Each cost against numbers worked out by hand, and where its gradient must stay finite."""

import math

import pytest
import torch

from explorer.network.losses import EPSILON, LOSSES, loss, terms

# Softmax of log p is p: two images of three classes, the first of class 0, the second of class 2.
P = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
LABELS = torch.tensor([0, 2])
HAND = {
    "categorical_crossentropy": -(math.log(0.5) + math.log(0.8)) / 2,
    "binary_crossentropy": -(math.log(0.5) + 2 * math.log(0.75) + 2 * math.log(0.9) + math.log(0.8))
    / 6,
    "root_mean_squared_error": math.sqrt((0.25 + 2 * 0.0625 + 2 * 0.01 + 0.04) / 6),
}
# The same with labels of (0.8 + 0.2 / 3, 0.2 / 3, 0.2 / 3); binary: (0.9, 0.1, 0.1).
SMOOTH = {
    "categorical_crossentropy": -(
        (0.8 + 0.2 / 3) * (math.log(0.5) + math.log(0.8))
        + 0.2 / 3 * (2 * math.log(0.25) + 2 * math.log(0.1))
    )
    / 2,
    "binary_crossentropy": -(
        0.9 * (math.log(0.5) + math.log(0.8))
        + 0.1 * (math.log(0.5) + math.log(0.2))
        + 2 * (0.1 * math.log(0.25) + 0.9 * math.log(0.75))
        + 2 * (0.1 * math.log(0.1) + 0.9 * math.log(0.9))
    )
    / 6,
    "root_mean_squared_error": math.sqrt(
        (
            (0.5 - 0.8 - 0.2 / 3) ** 2
            + 2 * (0.25 - 0.2 / 3) ** 2
            + 2 * (0.1 - 0.2 / 3) ** 2
            + (0.2 / 3) ** 2
        )
        / 6
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_what_one_works_out_by_hand(name):
    assert loss(name, P.log(), LABELS).item() == pytest.approx(HAND[name], rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_a_smoothed_loss_is_what_one_works_out_by_hand(name):
    assert loss(name, P.log(), LABELS, 0.2).item() == pytest.approx(SMOOTH[name], rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("label", [0, 1])
def test_a_certain_answer_right_or_wrong_has_a_finite_loss_and_gradient(name, label):
    logits = torch.tensor([[300.0, 0.0, 0.0]], requires_grad=True)
    cost = loss(name, logits, torch.tensor([label]))
    cost.backward()
    assert math.isfinite(cost.item())
    assert logits.grad.isfinite().all()


def test_a_wrong_certainty_costs_what_keras_bounds_it_to():
    cost = loss("binary_crossentropy", torch.tensor([[300.0, 0.0]]), torch.tensor([1]))
    kept = torch.tensor(EPSILON).item(), torch.tensor(1 - EPSILON).item()
    hand = -(math.log(kept[0]) + math.log(1 - kept[1])) / 2
    assert cost.item() == pytest.approx(hand, rel=1e-4)


def test_an_unknown_loss_is_an_error():
    with pytest.raises(ValueError, match="hinge"):
        loss("hinge", P, LABELS)


MEAN = {
    "categorical_crossentropy": torch.sum,
    "binary_crossentropy": torch.mean,
    "root_mean_squared_error": lambda parts: parts.mean().sqrt().clamp_min(EPSILON),
}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("label", [0, 1, 2])
def test_the_terms_of_an_image_make_its_loss(name, label):
    for logits in (P[0].log(), torch.tensor([-3.0, 0.0, 9.0]), torch.tensor([60.0, 0.0, -60.0])):
        whole = loss(name, logits[None], torch.tensor([label])).item()
        assert MEAN[name](terms(name, logits, label)).item() == pytest.approx(whole, rel=1e-5)


def test_the_terms_are_what_one_works_out_by_hand():
    hand = [-math.log(0.75), -math.log(0.25), -math.log(0.75)]
    assert terms("binary_crossentropy", P[0].log(), 1)[1:].tolist() == pytest.approx(hand[1:])
    squares = terms("root_mean_squared_error", P[0].log(), 0).tolist()
    assert squares == pytest.approx([0.25, 0.0625, 0.0625])
    parts = terms("categorical_crossentropy", P[0].log(), 0).tolist()
    assert parts == pytest.approx([math.log(2), 0, 0])


def test_the_terms_of_an_unknown_loss_are_an_error():
    with pytest.raises(ValueError, match="hinge"):
        terms("hinge", P[0], 0)
