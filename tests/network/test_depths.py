"""Networks of no to three convolution layers: of one size by hand, and measured completely."""

import json

import numpy as np
import pytest

from explorer.data import mnist
from explorer.network import depths, evaluate, zoo

BY_HAND = {
    "depth-0": 784 * 50 + 50 + (50 * 10 + 10),
    "depth-1": (9 * 4 + 4) + (14 * 14 * 4 * 50 + 50) + (50 * 10 + 10),
    "depth-2": (9 * 8 + 8) + (9 * 8 * 16 + 16) + (7 * 7 * 16 * 48 + 48) + (48 * 10 + 10),
    "depth-3": (9 * 8 + 8)
    + (9 * 8 * 16 + 16)
    + (9 * 16 * 32 + 32)
    + (3 * 3 * 32 * 113 + 113)
    + (113 * 10 + 10),
}


def written(**finals: list[list[int]]) -> str:
    """A file in which each network, on both data sets, read so many of 100 images correctly."""
    runs = [
        {
            "network": name.replace("_", "-"),
            "dataset": dataset,
            "seed": seed,
            "steps": [1, 2],
            "right": [50, right],
            "loss": [1.5, 0.5],
            "seconds": 4.0 * seed,
        }
        for i, dataset in enumerate(depths.DATASETS)
        for name, rights in finals.items()
        for seed, right in enumerate(rights[i], 1)
    ]
    recipe = {
        "optimiser": "adam",
        "learning_rate": 0.008,
        "schedule": "one-cycle",
        "batch_size": 100,
        "epochs": 1.0,
        "train_images": 150,
        "test_images": 100,
    }
    return json.dumps({"recipe": recipe, "runs": runs})


def test_the_networks_have_the_parameters_counted_by_hand_and_nearly_as_many():
    counts = {name: zoo.NETWORKS[name].parameters for name in depths.NAMES}
    assert counts == BY_HAND
    assert max(counts.values()) / min(counts.values()) < 1.01


def test_the_receptive_field_of_the_last_convolution_by_hand():
    # A 3×3 kernel adds two pixels of its layer, 1, 2 and 4 apart on the input; a pooling adds one.
    found = {name: depths.last_field(name) for name in depths.NAMES}
    assert found == {
        "depth-0": None,
        "depth-1": 3,
        "depth-2": (3 + 1) + 2 * 2,
        "depth-3": (8 + 2) + 2 * 4,
    }


def test_an_entry_sums_up_its_runs():
    measured = depths.read(written(depth_1=[[90, 80, 94], [70, 70, 70]]))
    entry, other = (measured.entries[name][0] for name in depths.DATASETS)
    assert entry.finals.tolist() == [0.9, 0.8, 0.94]
    assert entry.mean == pytest.approx(0.88)
    assert entry.spread == pytest.approx(0.14)
    assert other.spread == 0
    assert entry.epochs.tolist() == [0.5, 1.0]
    assert entry.accuracy.shape == (3, 2)
    assert entry.seconds == 4.0
    assert (entry.convolutions, entry.maps, entry.units) == (1, (4,), 50)
    assert entry.products == 28 * 28 * 9 * 4 + 784 * 50 + 50 * 10


def test_what_ships_is_every_network_data_set_and_seed():
    measured = depths.measured()
    found = [
        (dataset, entry.network, tuple(run.seed for run in entry.runs))
        for dataset, entries in measured.entries.items()
        for entry in entries
    ]
    expected = [(d, name, depths.SEEDS) for d in depths.DATASETS for name in depths.NAMES]
    assert found == expected
    assert (measured.recipe.train_images, measured.recipe.test_images) == (60_000, 10_000)


def test_a_curve_has_four_points_an_epoch_ends_with_the_training_and_rises():
    measured = depths.measured()
    for entry in (entry for entries in measured.entries.values() for entry in entries):
        for run in entry.runs:
            assert run.epochs.tolist() == entry.epochs.tolist()
            assert run.epochs[-1] == measured.recipe.epochs
            assert np.diff(run.epochs).max() < 0.25
            assert len(run.epochs) == len(run.accuracy) == len(run.loss)
            assert run.final == run.accuracy[-1] > run.accuracy[0] > 0.5
            assert run.loss[0] > run.loss[-1] > 0
            assert run.seconds > 0


@pytest.mark.parametrize("name", depths.NAMES)
def test_the_weights_that_ship_read_what_the_first_seed_is_said_to(name):
    images, labels = mnist.test_set()
    right = int((evaluate.predict(zoo.load(name), images).argmax(1) == labels).sum())
    entry = depths.measured().entries["mnist"][depths.NAMES.index(name)]
    assert right == round(entry.runs[0].final * len(images))


def test_what_ships_is_small():
    assert depths.FILE.stat().st_size < 60_000
    for name in depths.NAMES:
        assert (zoo.WEIGHTS / f"{name}.safetensors").stat().st_size < 200_000
