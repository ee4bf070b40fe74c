"""The size of the gradient per layer: the wiring by hand, the numbers by plain autograd."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import nn

from explorer.data import mnist
from explorer.network import vanishing
from explorer.network.vanishing import Deep, Trial, draw, measure

SIDE = 6
FUNCTIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}


def images() -> torch.Tensor:
    return torch.rand(5, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(2))


LABELS = torch.tensor([0, 3, 9, 3, 1])


def deep(variant, depth=4, activation="tanh", start="he", draw=0) -> Deep:
    return Deep(Trial(depth, activation, start, draw), variant, SIDE)


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_plain_is_one_convolution_after_the_other(activation):
    model = deep("plain", activation=activation)
    layers = [part for c in model.convolutions for part in (c, FUNCTIONS[activation]())]
    by_hand = nn.Sequential(*layers, nn.Flatten(), model.output)
    torch.testing.assert_close(model(images()), by_hand(images()))


def test_batch_normalisation_stands_between_convolution_and_activation():
    model = deep("norm", activation="relu")
    x = images()
    for layer in model.convolutions:
        made = layer(x)
        mean = made.mean((0, 2, 3), keepdim=True)
        spread = made.var((0, 2, 3), unbiased=False, keepdim=True)
        x = ((made - mean) / (spread + 1e-5).sqrt()).relu()
    torch.testing.assert_close(model(images()), model.output(x.flatten(1)), rtol=1e-4, atol=1e-4)


def test_a_residual_connection_adds_what_each_layer_but_the_first_received():
    model = deep("residual", depth=3)
    first, second, third = model.convolutions
    one = torch.tanh(first(images()))
    two = one + torch.tanh(second(one)) / 3**0.5
    three = two + torch.tanh(third(two)) / 3**0.5
    torch.testing.assert_close(model(images()), model.output(three.flatten(1)))
    assert [len(model.norms) for model in (model, deep("plain"))] == [0, 0]


@pytest.mark.parametrize("variant", vanishing.VARIANTS)
def test_the_sizes_are_those_of_plain_autograd(variant):
    model = deep(variant, activation="relu")
    found = measure(model, images(), LABELS)
    assert all(p.grad is None for p in model.parameters())
    outputs = model.outputs(images())
    for output in outputs:
        output.retain_grad()
    loss = F.cross_entropy(model.logits(outputs), LABELS)
    loss.backward()
    weights = [layer.weight.grad.square().mean().sqrt().item() for layer in model.convolutions]
    handed = [output.grad.square().mean().sqrt().item() for output in outputs]
    np.testing.assert_allclose(found.weights, weights, rtol=1e-4)
    np.testing.assert_allclose(found.activations, handed, rtol=1e-4)
    assert found.loss == pytest.approx(loss.item(), rel=1e-6)


def test_a_gradient_too_small_for_float32_is_measured():
    model = deep("plain", depth=20, activation="sigmoid", start="naive")
    found = measure(model, images(), LABELS)
    exact = measure(model.double(), images().double(), LABELS)
    assert 0 < exact.weights[0] < 1e-30
    np.testing.assert_allclose(found.weights, exact.weights, rtol=1e-2)
    np.testing.assert_allclose(found.activations, exact.activations, rtol=1e-2)


def test_all_variants_begin_with_the_same_weights_and_another_draw_with_others():
    plain, *others = (deep(variant) for variant in vanishing.VARIANTS)
    for model in others:
        for layer, twin in zip(plain.convolutions, model.convolutions, strict=True):
            assert torch.equal(layer.weight, twin.weight)
        assert torch.equal(plain.output.weight, model.output.weight)
    again, another = deep("plain"), deep("plain", draw=1)
    assert torch.equal(again.convolutions[2].weight, plain.convolutions[2].weight)
    assert not torch.equal(another.convolutions[2].weight, plain.convolutions[2].weight)
    assert not any(layer.bias.any() for layer in plain.convolutions)


@pytest.mark.parametrize(
    ("start", "spread"),
    # 100 inputs a unit: 4 maps of 5×5; 20 maps of 5×5 read each of them.
    [("naive", 0.01), ("glorot", (2 / 600) ** 0.5), ("he", (2 / 100) ** 0.5)],
)
def test_weights_have_the_spread_of_their_start(start, spread):
    weight = torch.empty(20, 4, 5, 5)
    draw(weight, start, torch.Generator().manual_seed(0))
    assert weight.std().item() == pytest.approx(spread, rel=0.05)
    assert abs(weight.mean().item()) < 0.1 * spread


def test_on_digits_sigmoids_vanish_and_both_remedies_help():
    found = vanishing.measured(Trial(12, "sigmoid", "glorot"))
    ratios = {name: sizes.weights[0] / sizes.weights[-1] for name, sizes in found.items()}
    assert ratios["plain"] < 1e-6
    assert ratios["norm"] > 0.05
    assert ratios["residual"] > 0.05


def test_the_batch_is_the_first_test_images_at_half_their_size():
    images, labels = vanishing.batch()
    assert images.shape == (vanishing.IMAGES, 1, 14, 14)
    assert labels[:3].tolist() == [7, 2, 1]
    assert 0.9 < images.max() <= 1


def test_training_takes_the_steps_of_plain_gradient_descent_with_momentum(monkeypatch):
    monkeypatch.setattr(vanishing, "STEPS", 3)
    trial = Trial(2, "tanh", "he")
    work = vanishing.Training(trial, 0.1)
    while work.done < 1:
        work.step()
    work.step()
    for variant, losses in work.losses.items():
        model = Deep(trial, variant)
        moved = [torch.zeros_like(p) for p in model.parameters()]
        expected = []
        for index in range(3):
            images, labels = vanishing.batch(index)
            loss = F.cross_entropy(model(images), labels)
            slopes = torch.autograd.grad(loss, list(model.parameters()))
            expected.append(loss.item())
            with torch.no_grad():
                for p, before, slope in zip(model.parameters(), moved, slopes, strict=True):
                    before.mul_(vanishing.MOMENTUM).add_(slope)
                    p -= 0.1 * before
        assert losses == pytest.approx(expected, rel=1e-4)


def test_what_diverges_is_left_there(monkeypatch):
    monkeypatch.setattr(vanishing, "STEPS", 8)
    work = vanishing.Training(Trial(2, "relu", "he"), 1e30)
    with torch.inference_mode():
        while work.done < 1:
            work.step()
    assert np.isfinite(work.losses["plain"][0])
    assert np.isnan(work.losses["plain"][-2:]).all()
    assert {len(losses) for losses in work.losses.values()} == {8}


def test_another_batch_holds_the_images_that_follow():
    images, labels = vanishing.batch(2)
    assert labels.tolist() == mnist.test_set()[1][64:96].tolist()
    pixels = mnist.test_set()[0][64, 10:12, 10:12].astype(np.float64)
    assert images[0, 0, 5, 5].item() == pytest.approx(pixels.mean() / 255, abs=1e-6)
