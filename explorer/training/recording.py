"""Makes the recorded run that ships: ``python -m explorer.training.recording [--out FOLDER]``.

A small network is trained by the app's own loop from a fixed seed on one thread, and of the
checkpoints that the loop makes anyway those of :data:`STEPS` are kept, without the optimiser's
state: dense at the beginning, where most is learnt, as a run's ladder is. Each is then asked what
it reads in the whole test set. It prints one line of JSON.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from explorer.data import mnist
from explorer.network import evaluate, learning
from explorer.training import checkpoint
from explorer.training.events import Checkpoint, Failed
from explorer.training.loop import fit
from explorer.training.spec import RunSpec

SPEC = RunSpec("pool-max", epochs=3.0, device="cpu")
"""The layers of the default network on plain MNIST: Adam at a constant rate, 1,407 steps."""

STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 600, 800, 1000, 1200, SPEC.steps)


def make(spec: RunSpec, steps: Sequence[int], folder: Path) -> dict[str, object]:
    """Train as ``spec`` says, write what was kept into ``folder``, and say how it went.

    Args:
        spec: of the run.
        steps: those of its checkpoints that are kept; the last one always is.
        folder: gets a file of weights and one of accuracies.

    Raises:
        RuntimeError: the loss did not stay finite.
    """
    torch.set_num_threads(1)
    images, labels = mnist.test_set()
    tensors: dict[str, Tensor] = {}
    accuracy: dict[int, float] = {}
    for event in fit(spec):
        if isinstance(event, Failed):
            raise RuntimeError(event.reason)
        if not isinstance(event, Checkpoint) or event.step not in {*steps, spec.steps}:
            continue
        model = checkpoint.load(event.data)
        for name, value in model.state_dict().items():
            tensors[f"{event.step}/{name}"] = value.contiguous()
        accuracy[event.step] = float((evaluate.predict(model, images).argmax(1) == labels).mean())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / learning.WEIGHTS.name
    save_file(tensors, path, {"network": spec.architecture.to_json()})
    path.chmod(0o644)  # safetensors writes for the owner's eyes only
    said = {"run": spec.describe(), "test_accuracy": accuracy}
    path.with_suffix(".json").write_text(
        json.dumps(said, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    return {
        "steps": list(accuracy),
        "test_accuracy": accuracy[spec.steps],
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m explorer.training.recording", description="Make the run that ships."
    )
    parser.add_argument(
        "--out", type=Path, default=learning.WEIGHTS.parent, help="folder for the two files"
    )
    parser.add_argument("--steps", type=int, help="fewer steps, for a try")
    chosen = parser.parse_args(arguments)
    spec = SPEC
    if chosen.steps:
        spec = replace(spec, epochs=chosen.steps / spec.steps_per_epoch)
    print(json.dumps(make(spec, [step for step in STEPS if step <= spec.steps], chosen.out)))


if __name__ == "__main__":
    main()
