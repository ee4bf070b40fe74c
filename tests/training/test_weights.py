"""The weights that a run of the app makes: as good as they are said to be, and made again alike."""

import json

import pytest
from safetensors.torch import load_file

from explorer.data import mnist
from explorer.network import evaluate, zoo
from explorer.training import weights


@pytest.mark.parametrize(("name", "least"), [("fast", 0.988), ("dense", 0.97)])
def test_shipped_weights_read_the_test_set(name, least):
    images, labels = mnist.test_set()
    guesses = evaluate.predict(zoo.load(name), images).argmax(1)
    assert (guesses == labels).mean() >= least


@pytest.mark.parametrize("name", weights.NAMES)
def test_the_command_repeats_itself_and_its_weights_load(name, tmp_path, capsys):
    results = []
    for folder in ("one", "two"):
        weights.main([name, "--out", str(tmp_path / folder), "--steps", "2"])
        results.append(json.loads(capsys.readouterr().out))
        zoo.NETWORKS[name].build().load_state_dict(
            load_file(tmp_path / folder / f"{name}.safetensors")
        )
    first, second = results
    assert first["sha256"] == second["sha256"]
    assert first["test_accuracy"] == second["test_accuracy"]
    assert first["parameters"] == zoo.NETWORKS[name].parameters


def test_the_network_with_normalisation_comes_with_its_running_values():
    found = zoo.load("fast").norm1
    assert not found.training
    assert found.running_mean.abs().sum() > 0


def test_an_unknown_network_is_refused(capsys):
    with pytest.raises(SystemExit):
        weights.main(["article"])
    assert "fast" in capsys.readouterr().err
