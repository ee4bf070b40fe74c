"""A recorded run that ships: one small network at sixteen steps of its training.

It lets somebody travel through training who has not trained anything yet. Its steps have keys like
those of any run, ``run-shipped-<step>``. Each is read from one safetensors file only when it is
asked for; how well it reads the test set stands beside it in a small JSON file. ``python -m
explorer.training.recording`` makes both.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from safetensors import safe_open

from explorer.network.architecture import CNN, Network

RUN = "shipped"
"""The id of the run; those that a store gives are random."""

TITLE = "A network learning"

WEIGHTS = Path(__file__).parent / "weights" / "learning.safetensors"

_KEY = re.compile(rf"run-{RUN}-(\d{{1,7}})")


def steps() -> tuple[int, ...]:
    """The steps that are there, ascending; the first is 0, before anything was learnt."""
    return tuple(accuracies())


@cache
def accuracies() -> Mapping[int, float]:
    """Step to the share of the 10,000 test images that was read right after it, in [0, 1]."""
    said = json.loads(WEIGHTS.with_suffix(".json").read_text("utf-8"))
    return {int(step): float(share) for step, share in said["test_accuracy"].items()}


def step_of(key: str) -> int | None:
    """The step that ``key`` names, or None where it names none that is there."""
    found = _KEY.fullmatch(key)
    if not found or found[1] != str(int(found[1])):
        return None
    return int(found[1]) if int(found[1]) in accuracies() else None


def load(step: int) -> CNN:
    """A fresh copy of the network as it was after a step, in evaluation mode.

    Raises:
        ValueError: this step was not kept.
    """
    if step not in accuracies():
        raise ValueError(f"step {step} was not kept: choose one of {list(accuracies())}")
    start = f"{step}/"
    with safe_open(WEIGHTS, framework="pt") as file:
        model = Network.from_json(file.metadata()["network"]).build()
        names = [name for name in file.keys() if name.startswith(start)]  # noqa: SIM118
        model.load_state_dict({name.removeprefix(start): file.get_tensor(name) for name in names})
    return model.eval()
