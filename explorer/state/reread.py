"""The current input, read again by a run's network at each checkpoint that it keeps.

The checkpoints stand dense at the beginning, where guessing becomes reading, and sparser later. To
read all of them takes longer than a page may wait, so each look reads a few more, the newest first;
what was read is kept for everybody.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
import numpy.typing as npt
import torch

from explorer.data import mnist
from explorer.network.trace import trace
from explorer.state import recorded
from explorer.training import checkpoint
from explorer.training.records import Run
from explorer.training.store import shared

Floats = npt.NDArray[np.float32]

KEPT = 4000
"""Readings that are kept: ten numbers each."""

LOOKED_AT = 64
"""Test images that a unit has to be silent for to count as dead."""

_lock = Lock()
_readings: OrderedDict[tuple[str, int, int, bytes], Floats] = OrderedDict()


@dataclass(frozen=True, eq=False)
class Readings:
    """Probabilities ``(n, classes)`` after ``steps``, ascending; ``missing`` more to read."""

    steps: tuple[int, ...]
    chances: Floats
    missing: int


def read(run: Run, image: Floats, most: int) -> Readings:
    """What the run's network read in an image, checkpoint by checkpoint.

    Args:
        run: whose checkpoints.
        image: ``(28, 28)`` float32 in [0, 1].
        most: checkpoints that are opened in this call; some milliseconds each.

    Raises StoreError or ValueError where the store cannot be read.
    """
    digest = hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=12).digest()
    rungs = recorded.rungs(run)
    # A run that was resumed comes by a step once more, perhaps with another learning rate.
    keys = {step: (run.id, run.attempt, step, digest) for step in rungs}
    unread = [step for step in rungs if keys[step] not in _readings]
    for step in sorted(unread, reverse=True)[:most]:
        data = shared().checkpoint(run.id, step)
        if data is not None:
            _keep(keys[step], _chances(data, image))
    with _lock:
        found = {step: _readings[key] for step, key in keys.items() if key in _readings}
    chances = np.array(list(found.values()), np.float32).reshape(-1, 10)
    return Readings(tuple(found), chances, max(len(unread) - most, 0))


def dead(run: Run) -> tuple[str, float]:
    """The hidden layer with the largest share of dead units at the last checkpoint, and that share.

    A unit, or a map, is dead if none of the first :data:`LOOKED_AT` test images gives it a value
    above zero. Only layers with ReLU have such; ``("", 0.0)`` where there is none.
    """
    rungs = recorded.rungs(run)
    return _dead(run.id, run.attempt, rungs[-1], run.spec.dataset) if rungs else ("", 0.0)


@lru_cache(maxsize=64)
def _dead(run: str, attempt: int, step: int, dataset: str) -> tuple[str, float]:
    data = shared().checkpoint(run, step)
    if data is None:
        return "", 0.0
    model = checkpoint.load(data)
    images = torch.from_numpy(mnist.test_set(dataset)[0][:LOOKED_AT].astype(np.float32) / 255)
    with torch.inference_mode():
        outputs = trace(model, images[:, None])
    found = [("", 0.0)]
    for row in model.network.rows:
        if getattr(row.layer, "activation", None) == "relu":
            highest = outputs[row.name].transpose(0, 1).flatten(1).amax(dim=1)
            found.append((row.name, float((highest <= 0).float().mean())))
    return max(found, key=lambda each: each[1])


def _chances(data: bytes, image: Floats) -> Floats:
    model = checkpoint.load(data)
    with torch.inference_mode():
        logits = model(torch.from_numpy(image.copy())[None, None])
        return np.asarray(torch.softmax(logits, dim=1)[0])


def _keep(key: tuple[str, int, int, bytes], chances: Floats) -> None:
    with _lock:
        _readings[key] = chances
        while len(_readings) > KEPT:
            _readings.popitem(last=False)
