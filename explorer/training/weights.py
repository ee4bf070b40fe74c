"""Makes the shipped weights of the networks that ship with their run.

    python -m explorer.training.weights fast|dense [--out FOLDER] [--steps N]

They are what the network's usual run ends with (:func:`explorer.training.spec.usual`), on one
thread, so that the same kind of machine gives the same weights again. It prints one line of JSON.
The other networks' weights need more than a run: see :mod:`explorer.training.shipped`.
"""

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from explorer.network.zoo import WEIGHTS
from explorer.training import checkpoint
from explorer.training.events import Checkpoint, Failed, Finished
from explorer.training.loop import fit
from explorer.training.spec import RunSpec, usual

NAMES = ("dense", "fast")


def make(spec: RunSpec, path: Path) -> dict[str, object]:
    """Train as ``spec`` says, write the weights to ``path``, and say how it went.

    Raises:
        RuntimeError: the loss did not stay finite.
    """
    torch.set_num_threads(1)
    last = b""
    for event in fit(spec):
        if isinstance(event, Checkpoint):
            last = event.data
        if isinstance(event, Failed):
            raise RuntimeError(event.reason)
        if isinstance(event, Finished):
            finished = event
    save(last, path)
    return {
        "network": spec.architecture.name,
        "test_accuracy": finished.test_accuracy,
        "parameters": spec.architecture.parameters,
        "seconds": round(finished.seconds, 1),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def save(packed: bytes, path: Path) -> None:
    """Write the weights of a checkpoint, and nothing else of it, to ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    weights = checkpoint.load(packed).state_dict()
    save_file({name: value.contiguous() for name, value in weights.items()}, path)
    path.chmod(0o644)  # safetensors writes for the owner's eyes only


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m explorer.training.weights",
        description="Make the shipped weights of a network by its usual run.",
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder for the weights")
    parser.add_argument("--steps", type=int, help="fewer steps, for a try")
    chosen = parser.parse_args(arguments)
    spec = replace(usual(chosen.name), device="cpu")
    if chosen.steps:
        spec = replace(spec, epochs=chosen.steps / spec.steps_per_epoch)
    print(json.dumps(make(spec, chosen.out / f"{chosen.name}.safetensors")))


if __name__ == "__main__":
    main()
