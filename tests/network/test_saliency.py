"""The saliency maps are what their formulas say, worked out by hand or by brute force."""

import itertools

import numpy as np
import pytest
import torch

from explorer.network import saliency, zoo
from explorer.network.architecture import Network
from explorer.network.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D
from tests.network.test_nudging import DEEP, built, image
from tests.network.untouched import untouched

LINEAR = Network("linear", (Flatten(), Dense(2)), (1, 2, 2))


def logit(model, picture, about: int) -> float:
    with torch.inference_mode():
        return float(model(torch.from_numpy(picture)[None, None])[0, about])


def test_the_gradient_is_autograd_s():
    model = built(DEEP)
    with untouched(model):
        found = saliency.gradient(model, image(), 3)
    x = torch.from_numpy(image())[None, None].requires_grad_()
    model(x)[0, 3].backward()
    assert np.count_nonzero(found) > 50
    np.testing.assert_array_equal(found, x.grad[0, 0].numpy())


def test_integrated_gradients_of_a_linear_network_are_weight_times_ink():
    model = LINEAR.build().eval().requires_grad_(False)
    model.get_parameter("output.weight")[:] = torch.tensor([[1.0, -2, 0, 4], [0, 0, 0, 0]])
    model.get_parameter("output.bias")[:] = torch.tensor([0.5, 0])
    picture = np.array([[1, 0.5], [1, 0.25]], np.float32)
    found = saliency.integrated(model, picture, 0, steps=64)
    np.testing.assert_allclose(found.parts, [[1, -1], [0, 1]], atol=1e-7)
    assert (found.logit, found.baseline) == (1.5, 0.5)
    assert found.gap == pytest.approx(0, abs=1e-6)


def test_integrated_gradients_are_complete():
    model = built(DEEP)
    with untouched(model):
        found = saliency.integrated(model, image(), 1, steps=2000)
    assert found.logit == pytest.approx(logit(model, image(), 1), abs=1e-5)
    assert found.baseline == pytest.approx(logit(model, 0 * image(), 1), abs=1e-5)
    assert abs(found.logit - found.baseline) > 0.1
    assert abs(found.gap) < 1e-3
    assert found.parts.sum() == pytest.approx(found.logit - found.baseline, abs=1e-3)


def test_what_the_steps_miss_falls_with_their_number():
    model = built(DEEP)
    few, many = (
        np.mean([abs(saliency.integrated(model, image(), c, n).gap) for c in range(4)])
        for n in (8, 512)
    )
    assert many < few / 4


def test_grad_cam_of_a_network_worked_out_by_hand():
    network = Network("cam", (Conv2D(2, 1, activation="relu"), Flatten(), Dense(2)), (1, 2, 2))
    model = network.build().eval().requires_grad_(False)
    # Map 0 is the ink, map 1 is 1 − ink.
    model.get_parameter("conv1.weight")[:] = torch.tensor([1.0, -1]).view(2, 1, 1, 1)
    model.get_parameter("conv1.bias")[:] = torch.tensor([0.0, 1])
    # Row, column, channel: the logit's slopes are 2, 0, 0, 2 on map 0 and −1/2 on all of map 1.
    model.get_parameter("output.weight")[0] = torch.tensor([2, -0.5, 0, -0.5, 0, -0.5, 2, -0.5])
    picture = np.array([[1, 0], [0, 0.5]], np.float32)
    with untouched(model):
        found = saliency.grad_cam(model, picture, 0)
    # Their means are 1 and −1/2: ReLU(ink − (1 − ink) / 2).
    np.testing.assert_allclose(found, [[1, 0], [0, 0.25]])


def test_grad_cam_lays_each_cell_at_the_centre_of_its_field():
    network = Network(
        "wide", (Conv2D(1, 2, 2), AveragePooling2D(2), Flatten(), Dense(2)), (1, 4, 4)
    )
    model = network.build().eval().requires_grad_(False)
    model.get_parameter("conv1.weight").fill_(1)
    model.get_parameter("output.weight").fill_(4)
    picture = np.zeros((4, 4), np.float32)
    picture[0, 0] = 1
    # One cell is 1, with weight 1; it is centred between pixels 0 and 1, its neighbours 2 further.
    across = np.array([1, 0.75, 0.25, 0])
    found = saliency.grad_cam(model, picture, 0)
    np.testing.assert_allclose(found, np.outer(across, across))
    assert saliency.cam_layer(model).name == "conv1"


def test_grad_cam_needs_a_convolution():
    model = LINEAR.build().eval().requires_grad_(False)
    assert saliency.grad_cam(model, np.ones((2, 2), np.float32), 0) is None


@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2), (4, 3), (10, 1), (1, 2)])
def test_occlusion_is_what_a_plain_loop_finds(size, stride):
    model, picture = built(DEEP), image()
    picture[:, 6:] = 0  # where nothing is drawn, nothing is computed
    with untouched(model):
        found = saliency.occlusion(model, picture, 2, size, stride)
    starts = sorted({*range(0, 10 - size + 1, stride), 10 - size})
    sums, times = np.zeros((10, 10)), np.zeros((10, 10))
    for r, c in itertools.product(starts, starts):
        covered = picture.copy()
        covered[r : r + size, c : c + size] = 0
        drop = logit(model, picture, 2) - logit(model, covered, 2)
        sums[r : r + size, c : c + size] += drop
        times[r : r + size, c : c + size] += 1
    assert np.abs(found).max() > 0.01
    np.testing.assert_allclose(found, sums / np.maximum(times, 1), atol=2e-6)


@pytest.mark.parametrize(("size", "stride"), [(0, 1), (11, 1), (3, 0)])
def test_a_patch_that_does_not_fit_is_refused(size, stride):
    model = built(DEEP)
    with untouched(model), pytest.raises(ValueError, match="patch"):
        saliency.occlusion(model, image(), 0, size, stride)


def test_the_untrained_twin_is_always_the_same_and_draws_no_random_number_of_others():
    model = zoo.shared("default")
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    with untouched(model):
        twins = [saliency.untrained(model).state_dict() for _ in range(2)]
    assert torch.rand(1) == expected
    for name, weights in model.state_dict().items():
        assert torch.equal(twins[0][name], twins[1][name])
        assert not name.endswith("weight") or not torch.equal(twins[0][name], weights)


METHODS = {
    "gradient": saliency.gradient,
    "integrated": saliency.integrated,
    "grad_cam": saliency.grad_cam,
    "occlusion": lambda model, picture, about: saliency.occlusion(model, picture, about, 3, 1),
}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_leaves_the_network_as_it_is_also_when_it_raises(method):
    model = built(Network("small", (Conv2D(2), MaxPooling2D(2), Flatten(), Dense(3)), (1, 10, 10)))
    with untouched(model):
        method(model, image(), 0)
    with untouched(model), pytest.raises(ValueError, match="classes"):
        method(model, image(), 3)
    with untouched(model), pytest.raises(RuntimeError):
        method(model, image(3), 0)
    model.train()
    with untouched(model), pytest.raises(ValueError, match="evaluation"):
        method(model, image(), 0)
