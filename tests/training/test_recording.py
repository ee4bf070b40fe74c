"""The command that records the run that ships."""

import json

import torch
from safetensors.torch import load_file

from explorer.data import mnist
from explorer.network import learning
from explorer.training import checkpoint, recording
from explorer.training.events import Checkpoint
from explorer.training.loop import fit
from tests.training.small import images, spec


def test_what_is_shipped_is_what_the_command_records():
    assert learning.steps() == recording.STEPS
    assert learning.WEIGHTS.stat().st_size < 3_000_000
    said = json.loads(learning.WEIGHTS.with_suffix(".json").read_text("utf-8"))
    assert said["run"] == recording.SPEC.describe()


def test_the_kept_steps_are_the_run_s_own_checkpoints(tmp_path, monkeypatch):
    small = spec()
    some = tuple(part[:100] for part in mnist.test_set())
    monkeypatch.setattr("explorer.training.data.load", lambda name: images())
    monkeypatch.setattr("explorer.data.mnist.test_set", lambda: some)
    found = recording.make(small, (0, 2), tmp_path)
    assert found["steps"] == [0, 2, 12]
    weights = load_file(tmp_path / "learning.safetensors")
    events = (event for event in fit(small) if isinstance(event, Checkpoint))
    kept = {event.step: checkpoint.unpack(event.data).tensors for event in events}
    for step in (0, 2, 12):
        for name, value in kept[step].items():
            if not name.startswith(checkpoint.OPTIMISER):
                assert torch.equal(weights[f"{step}/{name}"], value)
    assert not any("optimiser" in name or name.startswith("5/") for name in weights)
