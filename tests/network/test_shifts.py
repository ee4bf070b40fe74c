"""Accuracy on shifted images: against shifting every image, and by hand."""

import json

import numpy as np
import pytest
import torch

from explorer import ops
from explorer.data import mnist
from explorer.network import shifts, zoo
from explorer.network.architecture import Network
from explorer.network.evaluate import predict
from explorer.network.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D
from explorer.training.shifted import NAMES, weights_sum

ODD = {
    "overlapping": (MaxPooling2D(3, 2), Conv2D(4, 2, strides=3), Flatten(), Dense(10)),
    "padded first": (Conv2D(4, 3, padding="same"), AveragePooling2D(3), Flatten(), Dense(10)),
    "padded later": (Conv2D(4, 4, strides=2), Conv2D(3, 3, padding="same"), Flatten(), Dense(10)),
    "padded to the end": (Conv2D(4, 3, strides=2, padding="same"), Flatten(), Dense(10)),
    "no maps": (Flatten(), Dense(10, activation="softmax")),
}


def measured(*arguments, **options):
    *steps, curve = shifts.measure(*arguments, **options)
    assert all(isinstance(step, shifts.Progress) for step in steps)
    return curve


def an_odd_one(name):
    torch.manual_seed(3)
    return Network("odd", ODD[name]).build().eval()


@pytest.mark.parametrize("name", [*zoo.NETWORKS, *ODD])
def test_a_measurement_is_that_of_shifting_every_image(name):
    model = an_odd_one(name) if name in ODD else zoo.load(name)
    images = mnist.test_set()[0][:150]  # more than a batch
    labels = predict(model, images).argmax(1)
    distances = (0, 1, 2, 5, 8)
    curve = measured(model, images, labels, shifts=distances)
    for direction, (x, y) in shifts.DIRECTIONS.items():
        expected = [
            (
                predict(model, ops.translate(images, x * d, y * d).astype(np.uint8)).argmax(1)
                == labels
            ).sum()
            for d in distances
        ]
        np.testing.assert_array_equal(curve.right[direction], expected)
    assert curve.shifts.tolist() == list(distances)
    assert curve.images == len(images)


def the_lit_pixel():
    """A network on 3×3 images whose class is the number of the lit pixel, and 0 where none is."""
    model = Network("lit", (Flatten(), Dense(9)), input_shape=(1, 3, 3)).build()
    model.load_state_dict({"output.weight": torch.eye(9), "output.bias": torch.zeros(9)})
    return model.eval()


def test_a_pixel_moves_and_leaves_the_frame():
    centre = np.zeros((3, 3), np.uint8)
    centre[1, 1] = 255
    images = np.stack([centre] * 5)
    # One moved to the right is pixel 5, down 7, left 3, up 1; moved by two it is gone.
    curve = measured(the_lit_pixel(), images, np.array([5, 5, 7, 4, 0]), shifts=(0, 1, 2))
    assert {name: right.tolist() for name, right in curve.right.items()} == {
        "left": [1, 0, 1],
        "right": [1, 2, 1],
        "up": [1, 0, 1],
        "down": [1, 1, 1],
    }
    np.testing.assert_allclose(curve.mean, [0.2, 0.15, 0.2])
    np.testing.assert_allclose(curve.low, [0.2, 0, 0.2])
    np.testing.assert_allclose(curve.high, [0.2, 0.4, 0.2])
    np.testing.assert_allclose(curve.directions["right"], [0.2, 0.4, 0.2])
    assert curve.mean.dtype == curve.low.dtype == curve.high.dtype == np.float32


def test_out_of_time_it_speaks_of_the_first_batch():
    images, labels = (part[:250] for part in mnist.test_set())
    model = an_odd_one("no maps")
    step, curve = shifts.measure(model, images, labels, seconds=0)
    whole = measured(model, images[: shifts.BATCH], labels[: shifts.BATCH])
    assert curve.images == step.images == shifts.BATCH
    assert (step.total, step.share) == (250, 1)
    for direction in shifts.DIRECTIONS:
        np.testing.assert_array_equal(curve.right[direction], whole.right[direction])


def test_a_wide_network_goes_through_in_smaller_batches():
    images, labels = (part[:5] for part in mnist.test_set())
    wide = (Conv2D(2500, 1), MaxPooling2D(28), Flatten(), Dense(2))
    model = Network("wide", wide).build().eval()
    first, *_, curve = shifts.measure(model, images, labels, shifts=(0,))
    assert first.images == 2  # of two million values each
    assert curve.images == 5


def test_progress_goes_on_to_the_end_and_shows_what_is_done():
    images, labels = (part[:250] for part in mnist.test_set())
    first, second, third, curve = shifts.measure(
        an_odd_one("no maps"), images, labels, shifts=(0, 3), seconds=1e9
    )
    assert [step.images for step in (first, second, third)] == [100, 200, 250]
    assert first.share == pytest.approx(0.4)
    assert third.share == 1
    for direction, right in measured(
        an_odd_one("no maps"), images[:100], labels[:100], shifts=(0, 3)
    ).right.items():
        np.testing.assert_array_equal(first.curve.right[direction], right)
    np.testing.assert_array_equal(third.curve.mean, curve.mean)


def test_the_model_stays_as_it_is():
    model = zoo.load("pool-strided")
    before = {key: (value.clone(), value.stride()) for key, value in model.state_dict().items()}
    measured(model, *(part[:5] for part in mnist.test_set()), shifts=(1,))
    for key, value in model.state_dict().items():
        assert torch.equal(value, before[key][0])
        assert value.stride() == before[key][1]


@pytest.mark.parametrize(
    ("images", "labels", "distances"),
    [(0, 0, (1,)), (3, 2, (1,)), (3, 3, ()), (3, 3, (-1,)), (3, 3, (29,))],
)
def test_what_cannot_be_measured_is_refused(images, labels, distances):
    pixels, classes = np.zeros((images, 28, 28), np.uint8), np.zeros(labels, np.uint8)
    with pytest.raises(ValueError, match=r"must be whole pixels|cannot be measured"):
        measured(an_odd_one("no maps"), pixels, classes, shifts=distances)


def test_without_the_file_there_are_no_curves(tmp_path, monkeypatch):
    monkeypatch.setattr(shifts, "FILE", tmp_path / "none.json")
    assert shifts.shipped.__wrapped__() == {}


def test_shipped_curves_are_those_of_the_shipped_weights():
    entries = json.loads(shifts.FILE.read_text())
    assert tuple(entries) == tuple(shifts.shipped()) == NAMES
    for name, entry in entries.items():
        assert entry["weights"] == weights_sum(name)
        assert entry["images"] == len(mnist.test_set()[0])
        assert entry["shifts"] == list(shifts.SHIFTS)


@pytest.mark.parametrize("name", NAMES)
def test_shipped_curves_are_counted_again(name):
    distances = (0,) if name == "article" else (0, 3)  # a dense layer of a million takes its time
    curve = measured(zoo.load(name), *mnist.test_set(), shifts=distances)
    for direction, right in shifts.shipped()[name].right.items():
        np.testing.assert_array_equal(curve.right[direction], right[list(distances)])


def test_the_compared_networks_differ_only_in_what_halves_their_maps():
    shapes = []
    for name in ("pool-max", "pool-average", "pool-strided"):
        model = zoo.shared(name)
        shapes.append({key: value.shape for key, value in model.state_dict().items()})
        assert model.network.parameters == 42_042
    assert shapes[0] == shapes[1] == shapes[2]


def test_max_pooling_forgives_small_shifts_best_and_strided_convolution_least():
    curves = shifts.shipped()
    best, middle, least = (
        curves[f"pool-{kind}"].mean[1:6] for kind in ("max", "average", "strided")
    )
    assert (best > middle).all()
    assert (middle > least).all()
