"""The command that trains networks of different depth alike: what it writes, and going on."""

import json

import pytest
from safetensors.torch import load_file

from explorer.network import depths as network
from explorer.network import zoo
from explorer.training import data, depths
from tests.training import small

ALL = [
    (seed, d, name) for seed in network.SEEDS for d in network.DATASETS for name in network.NAMES
]


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Runs the command on a small data set; gives what its file then holds."""
    monkeypatch.setattr(data, "load", lambda name: small.images(len(name)))
    out = tmp_path / "depths.json"

    def run(*arguments):
        depths.main(["--out", str(out), "--weights", str(tmp_path), "--epochs", "2", *arguments])
        return json.loads(out.read_text())

    run.out = out
    return run


def told(runs: list[dict]) -> list[dict]:
    """Runs without their seconds, which no two have in common."""
    return [{key: value for key, value in run.items() if key != "seconds"} for run in runs]


def which(runs: list[dict]) -> list[tuple]:
    """Seed, data set and network of runs that were written."""
    return [(run["seed"], run["dataset"], run["network"]) for run in runs]


def test_everything_is_trained_the_first_seed_first():
    assert [(s.seed, s.dataset, s.network) for s in depths.specs(depths.RECIPE)] == ALL


def test_it_goes_on_where_it_was_interrupted(command):
    assert which(command("--runs", "2")["runs"]) == ALL[:2]
    written = json.loads(command.out.read_text())
    written["runs"][0]["seconds"] = 123.0
    command.out.write_text(json.dumps(written))
    resumed = command("--runs", "3")["runs"]
    assert which(resumed) == ALL[:3]
    assert resumed[0]["seconds"] == 123.0, "a run that was finished is not done again"
    command.out.unlink()
    assert told(command("--runs", "3")["runs"]) == told(resumed)


def test_what_is_written_is_read_and_its_weights_are_those_of_the_first_seed(command, tmp_path):
    command("--runs", "5")
    measured = network.read(command.out.read_text())
    assert [entry.network for entry in measured.entries["mnist"]] == list(network.NAMES)
    assert len(measured.entries["fashion-mnist"]) == 1
    assert measured.recipe.train_images == small.COUNT
    images = small.images(len("mnist"))
    for entry in measured.entries["mnist"]:
        model = zoo.NETWORKS[entry.network].build()
        model.load_state_dict(load_file(tmp_path / f"{entry.network}.safetensors"))
        answers = model.eval()(data.scaled(images.test)).argmax(1)
        assert entry.runs[0].final == int((answers == images.test_labels).sum()) / small.TESTS


def test_all_are_trained_alike():
    alike = {
        (s.optimiser, s.learning_rate, s.schedule, s.batch_size, s.epochs, s.augmentation)
        for s in depths.specs(depths.RECIPE)
    }
    assert len(alike) == 1


def test_images_held_out_are_measured_on_and_ship_no_weights(command, tmp_path):
    found = command("--hold-out", "20", "--runs", "1")
    assert found["recipe"]["train_images"] == small.COUNT - 20
    assert found["recipe"]["test_images"] == 20
    assert not list(tmp_path.glob("*.safetensors"))


def test_a_file_of_other_settings_is_not_gone_on_with(command, capsys):
    command("--runs", "1")
    with pytest.raises(SystemExit):
        command("--rate", "0.5")
    assert "other settings" in capsys.readouterr().err
