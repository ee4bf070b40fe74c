"""What a unit sees: frames by hand, gradients against autograd and finite differences."""

import numpy as np
import pytest
import torch

from explorer.data import mnist
from explorer.network import seeing, zoo
from explorer.network.architecture import CNN, Network
from explorer.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from explorer.network.seeing import corner, seen

EVERY_KIND = (
    Conv2D(3, 3, padding="same", strides=2, activation="relu"),
    BatchNormalization(),
    Dropout(0.5),
    Conv2D(4, 4, padding="same", activation="relu"),
    MaxPooling2D(3, 2),
    AveragePooling2D(2, 1),
    Flatten(),
    Dropout(0.5),
    Dense(5, activation="relu"),
    BatchNormalization(),
    Dense(3, activation="softmax"),
)


def random_model(*layers, side: int = 13, double: bool = False) -> CNN:
    torch.manual_seed(5)
    model = Network("random", layers, (1, side, side)).build()
    for value in (*model.parameters(), *model.buffers()):
        if value.is_floating_point():
            value.data = torch.rand_like(value) - 0.4 * (value.ndim > 1)
    model = model.eval().requires_grad_(False)
    return model.double() if double else model


def single(kernel: list[list[float]], side: int, **options: object) -> CNN:
    """One convolution with this kernel."""
    size = len(kernel)
    model = Network("single", (Conv2D(1, size, **options),), (1, side, side)).build().eval()
    model.get_parameter("conv1.weight").data = torch.tensor(kernel)[None, None]
    return model.requires_grad_(False)


def picture(side: int = 13) -> np.ndarray:
    return np.random.default_rng(1).random((side, side), np.float32)


def on_the_image(found: seeing.Seen, row: int, column: int) -> np.ndarray:
    """A unit's gradient by every pixel of the image."""
    out = np.zeros(found.side, found.gradients.dtype)
    (top, tall), (left, wide) = (
        corner(found.field, i, n) for i, n in zip((row, column), found.side, strict=True)
    )
    out[top : top + tall, left : left + wide] = found.gradients[row, column]
    return out


def test_a_convolution_sees_its_window_and_its_gradient_is_the_kernel():
    kernel = [[1.0, -2.0, 3.0], [0.5, 4.0, -1.0], [2.0, 0.0, 7.0]]
    found = seen(single(kernel, 5), picture(5), "conv1", 0)
    assert found.gradients.shape == (3, 3, 3, 3)
    assert all(np.array_equal(g, kernel) for g in found.gradients.reshape(-1, 3, 3))
    assert [corner(found.field, i, 5) for i in range(3)] == [(0, 3), (1, 3), (2, 3)]


def test_at_the_border_the_frame_is_cut_and_what_lies_in_the_padding_counts_for_nothing():
    kernel = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
    found = seen(single(kernel, 4, padding="same"), picture(4), "conv1", 0)
    assert [found.field.span(i, 4) for i in range(4)] == [(0, 2), (0, 3), (1, 4), (2, 4)]
    assert [corner(found.field, i, 4) for i in range(4)] == [(0, 3), (0, 3), (1, 3), (1, 3)]
    assert found.gradients[0, 0].tolist() == [[5, 6, 0], [8, 9, 0], [0, 0, 0]]
    assert found.gradients[3, 3].tolist() == [[0, 0, 0], [0, 1, 2], [0, 4, 5]]


def test_pooling_of_a_convolution_sees_both_windows():
    # 2×2 windows of 3×3 windows, two pixels apart: 4 pixels from pixel 2 on for unit 1.
    found = seen(random_model(Conv2D(2), MaxPooling2D(2), side=8), picture(8), "pool1", 1)
    assert found.gradients.shape == (3, 3, 4, 4)
    assert corner(found.field, 1, 8) == (2, 4)
    # The strongest of four hands the whole gradient on: 9 of the 16 pixels.
    assert (np.count_nonzero(found.gradients, axis=(2, 3)) == 9).all()


def jacobian(model: CNN, image: np.ndarray, layer: str, index: int, before: bool) -> torch.Tensor:
    def of(x):
        for name, weighted, output in model.steps(x[None, None]):
            if name == layer:
                out = (weighted if before else output)[0]
                return out[index] if out.ndim == 3 else out
        raise AssertionError(layer)

    kind = next(model.parameters()).dtype
    return torch.autograd.functional.jacobian(of, torch.from_numpy(image).to(kind))


def check(model: CNN, image: np.ndarray, layer: str, index: int, before: bool) -> None:
    """The gradients are the whole Jacobian's, which is exactly zero outside of the frames."""
    full = jacobian(model, image, layer, index, before).numpy()
    found = seen(model, image, layer, index, before=before)
    full = full[None] if found.field is None else full
    for row, column in np.ndindex(*found.values.shape):
        here = on_the_image(found, row, column)
        np.testing.assert_allclose(here, full[row, column], rtol=1e-4, atol=1e-6)
        if found.field:
            top, bottom = found.field.span(row, image.shape[0])
            left, right = found.field.span(column, image.shape[1])
            outside = np.ones(image.shape, bool)
            outside[top:bottom, left:right] = False
            assert not full[row, column][outside].any()
            assert not here[outside].any()


@pytest.mark.parametrize("before", [True, False])
def test_gradients_of_every_layer_are_the_jacobian(before):
    model = random_model(*EVERY_KIND)
    for row in seeing.layers(model):
        check(model, picture(), row.name, 1, before)


@pytest.mark.parametrize("name", zoo.NETWORKS)
def test_gradients_of_the_shipped_networks_are_the_jacobian(name):
    model = zoo.shared(name)
    image = mnist.test_set()[0][0].astype(np.float32) / np.float32(255)
    last = [row for row in seeing.layers(model) if row.field][-1:]
    for row in (*last, seeing.layers(model)[-1]):
        check(model, image, row.name, row.output_shape[0] // 2, True)


def test_gradients_agree_with_finite_differences():
    model = random_model(*EVERY_KIND, double=True)
    image, step = picture().astype(np.float64), 1e-6
    found = seen(model, image, "conv2", 2, before=True)

    def value(row: int, column: int, pixel: tuple[int, int], change: float) -> float:
        moved = image.copy()
        moved[pixel] += change
        return float(seen(model, moved, "conv2", 2, before=True).values[row, column])

    for cell, pixel in (((3, 3), (6, 7)), ((0, 0), (1, 0)), ((6, 2), (11, 4)), ((3, 3), (0, 12))):
        slope = (value(*cell, pixel, step) - value(*cell, pixel, -step)) / (2 * step)
        assert on_the_image(found, *cell)[pixel] == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_the_values_are_those_of_the_layer_on_either_side_of_its_activation():
    model = random_model(*EVERY_KIND)
    trace = {name: (b, a) for name, b, a in model.steps(torch.from_numpy(picture())[None, None])}
    for before in (True, False):
        expected = trace["conv2"][0 if before else 1][0, 3].numpy()
        found = seen(model, picture(), "conv2", 3, before=before)
        np.testing.assert_allclose(found.values, expected, rtol=1e-5, atol=1e-6)


def test_layers_that_only_lay_out_maps_are_left_out():
    names = [row.name for row in seeing.layers(random_model(*EVERY_KIND))]
    assert "flatten" not in names
    assert "dropout2" not in names  # behind the flatten
    assert names[:3] == ["conv1", "norm1", "dropout1"]
    assert names[-3:] == ["dense1", "norm2", "output"]


def test_of_a_large_dense_layer_the_first_units_are_looked_into(monkeypatch):
    monkeypatch.setattr(seeing, "UNITS", 2)
    found = seen(random_model(*EVERY_KIND), picture(), "dense1", 0)
    assert found.values.shape == (1, 2)
    assert found.gradients.shape == (1, 2, 13, 13)


@pytest.mark.parametrize("room", [1, 10**9])
def test_however_many_passes_run_at_once_the_gradients_are_the_same(monkeypatch, room):
    model = random_model(*EVERY_KIND)
    expected = seen(model, picture(), "conv2", 0).gradients
    monkeypatch.setattr(seeing, "_ROOM", room)
    found = seen(model, picture(), "conv2", 0).gradients
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_the_model_is_left_as_it_was_and_a_page_may_be_in_inference_mode():
    model = random_model(*EVERY_KIND)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.inference_mode():
        seen(model, picture(), "conv2", 0)
    assert not any(p.requires_grad or p.grad is not None for p in model.parameters())
    assert not model.training
    after = model.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_pixels_that_count_alike_give_the_middle_quarter_a_quarter():
    for size in (3, 4, 5):
        found = seen(single([[1.0] * size] * size, 7), picture(7), "conv1", 0)
        np.testing.assert_allclose(found.shares, 0.25, rtol=1e-6)


def test_the_middle_quarter_can_carry_all_or_nothing_and_a_gradient_of_zero_has_no_share():
    middle = np.zeros((4, 4), np.float32)
    middle[1:3, 1:3] = [[1, -2], [3, 4]]
    corners = np.zeros((4, 4), np.float32)
    corners[0, 0] = 1
    for kernel, share in ((middle, 1), (corners, 0), (np.zeros((4, 4), np.float32), -1)):
        found = seen(single(kernel.tolist(), 6), picture(6), "conv1", 0)
        assert (found.shares == share).all()


def test_where_the_frame_is_cut_its_middle_is_that_of_what_is_left():
    found = seen(single([[1.0] * 3] * 3, 4, padding="same"), picture(4), "conv1", 0)
    np.testing.assert_allclose(found.shares, 0.25, rtol=1e-6)


def test_a_unit_that_is_off_has_no_gradient_after_its_relu():
    model = single([[-1.0]], 2, activation="relu")
    image = np.ones((2, 2), np.float32)
    assert not seen(model, image, "conv1", 0).gradients.any()
    assert (seen(model, image, "conv1", 0, before=True).gradients == -1).all()


def test_the_average_is_the_mean_size_of_the_middle_units_gradient(monkeypatch):
    monkeypatch.setattr(seeing, "IMAGES", 3)
    found = seeing.average.__wrapped__("default", "conv2", 7, True)
    images = mnist.test_set()[0][:3].astype(np.float32) / np.float32(255)
    each = [seen(zoo.shared("default"), image, "conv2", 7, before=True) for image in images]
    expected = np.mean([np.abs(on_the_image(one, 5, 5)) for one in each], axis=0)
    assert (found.row, found.column) == (5, 5)
    np.testing.assert_allclose(found.size, expected, rtol=1e-4, atol=1e-6)
    total = [np.abs(one.gradients[5, 5]).sum() for one in each]
    share = sum(one.shares[5, 5] * t for one, t in zip(each, total, strict=True)) / sum(total)
    assert found.share == pytest.approx(share, rel=1e-4)


def test_a_dense_layer_has_no_middle():
    assert seeing.average("default", "dense1", 0, True) is None


def test_a_map_that_answers_no_image_has_no_share_and_is_not_the_liveliest():
    model = Network("two", (Conv2D(2, 3, activation="relu"),), (1, 28, 28)).build()
    model.get_parameter("conv1.weight").data[0] = -1
    model.get_parameter("conv1.weight").data[1] = 1
    zoo.hold("run-seeing-1", model)
    found = seeing.average("run-seeing-1", "conv1", 0, False)
    assert found is not None
    assert found.share == -1
    assert not found.size.any()
    assert seeing.liveliest("run-seeing-1", "conv1") == 1
