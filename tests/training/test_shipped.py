"""The shipped weights read as well as they are said to, and the command that makes them repeats."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from explorer.data import mnist, strokes
from explorer.network import zoo
from explorer.training import shipped
from explorer.training.augment import Distortion, distort


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("default", 0.992),
        ("article", 0.985),
        ("pool-max", 0.991),
        ("pool-average", 0.991),
        ("pool-strided", 0.991),
    ],
)
def test_shipped_weights_read_the_test_set(name, least):
    assert shipped.accuracy(zoo.load(name), *mnist.test_set()) >= least


@pytest.mark.parametrize(
    ("digit", "style"),
    [(7, "barred"), (7, "serif and bar"), (1, "foot"), (1, "flag and foot"), (4, "open"),
     (4, "open in one"), (9, "hooked"), (5, "separate top")],
)  # fmt: skip
def test_default_reads_the_styles_that_mnist_lacks(digit, style):
    # A seed that no recipe uses.
    images, labels = strokes.sample(200, 90_000, digit, style)
    assert shipped.accuracy(zoo.load("default"), images, labels) >= 0.95


@pytest.mark.parametrize("name", ["default", "article"])
def test_the_command_repeats_itself_and_its_weights_load(name, tmp_path, capsys):
    results = []
    for folder in ("one", "two"):
        out = tmp_path / folder
        arguments = [name, "--out", str(out), "--steps", "3", "--images", "40"]
        shipped.main(arguments)
        results.append(json.loads(capsys.readouterr().out))
        model = zoo.NETWORKS[name].build()
        model.load_state_dict(load_file(out / f"{name}.safetensors"))
    first, second = results
    assert first["sha256"] == second["sha256"]
    assert first["test_accuracy"] == second["test_accuracy"]
    assert first["parameters"] == zoo.NETWORKS[name].parameters


def test_the_weights_depend_on_the_training(tmp_path, capsys):
    sums = set()
    for steps in ("1", "2"):
        shipped.main(["article", "--out", str(tmp_path), "--steps", steps])
        sums.add(json.loads(capsys.readouterr().out)["sha256"])
    assert len(sums) == 2


def test_the_networks_compared_under_shifts_are_trained_alike_and_never_shifted():
    alike = [shipped.RECIPES[f"pool-{kind}"] for kind in ("max", "average", "strided")]
    assert alike[0] == alike[1] == alike[2]
    assert alike[0].distortion is None
    assert alike[0].inked == alike[0].synthetic == 0


def test_hold_out_measures_training_images_instead_of_the_test_set(tmp_path, capsys):
    shipped.main(["article", "--out", str(tmp_path), "--steps", "1", "--hold-out", "100"])
    result = json.loads(capsys.readouterr().out)
    assert "test_accuracy" not in result
    assert 0 <= result["validation_accuracy"] <= 1


def test_an_unknown_network_is_refused(capsys):
    with pytest.raises(SystemExit):
        shipped.main(["nosuch"])
    assert "article" in capsys.readouterr().err


def test_the_learning_rate_rises_then_falls_to_nothing():
    recipe = shipped.Recipe(steps=100, rate=1.0, warm_up=0.1)
    rates = [shipped.rate(recipe, step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def test_no_distortion_leaves_images_as_they_are():
    images = torch.rand(3, 1, 28, 28)
    still = Distortion(rotation=0, slant=0, stretch=0, shift=0, elastic=0, width=0)
    torch.testing.assert_close(distort(images, still), images, atol=1e-4, rtol=0)


def test_distortion_keeps_values_in_range_and_changes_all_but_the_untouched():
    torch.manual_seed(0)
    images = torch.rand(64, 1, 28, 28)
    changed = distort(images, Distortion(untouched=0.5))
    same = torch.isclose(changed, images, atol=1e-4).flatten(1).all(1)
    assert 0 < same.sum() < 64
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_ink_anew_makes_an_input_like_a_drawings():
    image = mnist.test_set()[0][0]
    inked = shipped.ink_anew(image, np.random.default_rng(0))
    assert inked.shape == (28, 28)
    assert inked.dtype == np.uint8
    assert inked.max() > 200
