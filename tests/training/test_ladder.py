"""Which checkpoints stay, and checkpoints taken apart."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save

from explorer.training import checkpoint, ladder
from explorer.training.errors import StoreError
from explorer.training.events import Checkpoint
from explorer.training.loop import fit
from tests.training import small


def test_a_short_ladder_keeps_every_rung() -> None:
    assert ladder.too_many(range(ladder.LADDER)) == []


def test_the_rung_with_the_nearest_neighbours_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "LADDER", 4)
    # (next + 1) / (previous + 1): 3 around 1, 101/2 around 2, 201/3 around 100, 300/101 around 200.
    assert ladder.too_many([0, 1, 2, 100, 200, 299]) == [200, 1]


def test_first_and_last_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "LADDER", 2)
    assert sorted(ladder.too_many([3, 4, 5, 6])) == [4, 5]


def test_a_rung_is_the_checkpoint_without_the_optimisers_state(tmp_path: Path) -> None:
    tensors = {
        "b.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
        "optimiser.b.weight.exp_avg": np.arange(6, dtype=np.float32) * 2,
        "a.bias": np.arange(5, dtype=np.int64),
        "optimiser.a.bias.step": np.array(3.0, np.float32),
        "empty": np.zeros((0, 4), np.float32),
    }
    path = tmp_path / "rung.safetensors"
    path.write_bytes(ladder.weights(save(tensors, {"explorer": '{"step": 3}'})))
    with safe_open(path, "numpy") as rung:
        assert rung.metadata() == {"explorer": '{"step": 3}'}
        assert sorted(rung.keys()) == ["a.bias", "b.weight", "empty"]
        for name in ("a.bias", "b.weight", "empty"):
            np.testing.assert_array_equal(rung.get_tensor(name), tensors[name])


def test_a_rung_can_be_looked_at_and_not_be_resumed() -> None:
    events = list(fit(small.spec(), images=small.images()))
    whole = [event for event in events if isinstance(event, Checkpoint)][-1]
    rung = ladder.weights(whole.data)
    x = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        assert torch.equal(checkpoint.load(rung)(x), checkpoint.load(whole.data)(x))
    with pytest.raises(ValueError, match="cannot be resumed"):
        fit(small.spec(), resume=rung, images=small.images())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 20,
        b"\x02\0\0\0\0\0\0\0[]",
        b'\x10\0\0\0\0\0\0\0{"a":{"dtype":1}}',
        save({"a": np.zeros(4, np.float32)})[:-1],
        save({"a": np.zeros(4, np.float32)}) + b"\0",
    ],
)
def test_what_is_no_checkpoint_is_refused(data: bytes) -> None:
    with pytest.raises(StoreError, match="damaged"):
        ladder.weights(data)
