"""The page's gradients against autograd on a fresh module and finite differences; nothing stays."""

import math

import numpy as np
import pytest
import torch

from explorer.network import gradients, losses, zoo
from explorer.network.answers import IMAGE
from explorer.network.architecture import Network
from explorer.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)

SMALL = Network(
    "small",
    (
        Conv2D(3, 3, activation="relu"),
        MaxPooling2D(2),
        BatchNormalization(),
        Conv2D(4, 3, strides=2, padding="same", activation="relu"),
        AveragePooling2D(2, 1),
        Dropout(0.3),
        Flatten(),
        Dense(5, activation="relu"),
        Dense(3, activation="softmax"),
    ),
    (1, 10, 10),
)


def image(side: int = 10) -> np.ndarray:
    return np.random.default_rng(3).random((side, side), np.float32)


def built(seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    return SMALL.build().eval()


@pytest.mark.parametrize("cost", losses.LOSSES)
def test_gradients_are_those_of_autograd_on_a_module_of_its_own(cost):
    found = gradients.backward(built().requires_grad_(False), image(), 2, cost)
    own = built()
    x = torch.from_numpy(image())[None, None].requires_grad_()
    kept = {name: (before, after) for name, before, after in own.steps(x)}
    for pair in kept.values():
        for output in pair:
            output.retain_grad()
    loss = losses.loss(cost, own(x), torch.tensor([2]))
    direct = losses.loss(cost, kept["output"][1], torch.tensor([2]))
    direct.backward()
    assert found.loss == loss.item() == direct.item()
    np.testing.assert_array_equal(found.to_after[IMAGE], x.grad[0])
    for name, (before, after) in kept.items():
        np.testing.assert_array_equal(found.before[name], before[0].detach())
        np.testing.assert_array_equal(found.after[name], after[0].detach())
        np.testing.assert_array_equal(found.to_before[name], before.grad[0])
        np.testing.assert_array_equal(found.to_after[name], after.grad[0])
    parameters = dict(own.named_parameters())
    assert {f"{n}.weight" for n in found.to_weights} | {
        f"{n}.bias" for n in found.to_biases
    } == set(parameters)
    for name, gradient in found.to_weights.items():
        np.testing.assert_array_equal(gradient, parameters[f"{name}.weight"].grad)
    for name, gradient in found.to_biases.items():
        np.testing.assert_array_equal(gradient, parameters[f"{name}.bias"].grad)


@pytest.mark.parametrize("cost", losses.LOSSES)
def test_gradients_are_the_slopes_of_the_loss_in_float64(cost):
    model = built(1).double().requires_grad_(False)
    found = gradients.backward(model, image(), 1, cost)
    x = torch.from_numpy(image())[None, None].double()
    width = 1e-6

    def loss() -> float:
        return losses.loss(cost, model(x), torch.tensor([1])).item()

    def slope(place: torch.Tensor, at: tuple[int, ...]) -> float:
        middle = place[at].item()
        sides = []
        for sign in (1, -1):
            place[at] = middle + sign * width
            sides.append(loss())
        place[at] = middle
        return (sides[0] - sides[1]) / (2 * width)

    random = np.random.default_rng(0)
    for name, parameter in model.named_parameters():
        layer, _, what = name.rpartition(".")
        exact = (found.to_weights if what == "weight" else found.to_biases)[layer]
        for _ in range(6):
            at = tuple(int(random.integers(n)) for n in parameter.shape)
            assert slope(parameter, at) == pytest.approx(exact[at], rel=1e-5, abs=1e-8)
    for at in ((3, 4), (7, 7), (0, 9)):
        exact = found.to_after[IMAGE][0][at]
        assert slope(x[0, 0], at) == pytest.approx(exact, rel=1e-5, abs=1e-8)


def test_softmax_and_cross_entropy_leave_p_minus_y_at_the_logits():
    found = gradients.backward(built(), image(), 0)
    np.testing.assert_allclose(found.to_after["output"], found.probabilities - [1, 0, 0], atol=1e-7)
    assert found.loss == pytest.approx(-math.log(found.probabilities[0]), rel=1e-6)
    assert found.terms.sum() == pytest.approx(found.loss, rel=1e-6)


def _state(model: torch.nn.Module) -> tuple:
    parameters = list(model.parameters())
    return (
        model.training,
        [p.grad is None for p in parameters],
        [p.requires_grad for p in parameters],
        [p._version for p in parameters],
        [(len(m._forward_hooks), len(m._backward_hooks)) for m in model.modules()],
        [b.clone().tolist() for b in model.buffers()],
    )


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("name", ["default", "fast"])
def test_nothing_is_left_on_a_shared_network_after_success_or_failure(name, fails, monkeypatch):
    model = zoo.shared(name)
    before, weights = _state(model), [p.clone() for p in model.parameters()]
    if fails:
        monkeypatch.setattr(gradients.losses, "loss", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            gradients.backward(model, image(28), 3)
    else:
        gradients.backward(model, image(28), 3)
    assert _state(model) == before
    assert all(torch.equal(a, b) for a, b in zip(weights, model.parameters(), strict=True))
    assert torch.is_grad_enabled()


def test_it_works_in_whatever_mode_of_autograd_it_is_asked():
    plain = gradients.backward(built(), image(), 1)
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            assert gradients.backward(built(), image(), 1).loss == plain.loss


def test_what_cannot_be_done_is_refused():
    with pytest.raises(ValueError, match="eval"):
        gradients.backward(built().train(), image(), 0)
    with pytest.raises(ValueError, match="classes 0 to 2, not 3"):
        gradients.backward(built(), image(), 3)
    with pytest.raises(ValueError, match="hinge"):
        gradients.backward(built(), image(), 0, "hinge")


def test_a_step_is_computed_once_for_the_same_question():
    pixels = image(28)
    once = gradients.step("dense", pixels, 3, losses.LOSSES[0])
    assert gradients.step("dense", pixels.copy(), 3, losses.LOSSES[0]) is once
    assert gradients.step("dense", pixels, 4, losses.LOSSES[0]) is not once
