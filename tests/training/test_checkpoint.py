"""A checkpoint gives back what was put into it, and takes nothing on trust."""

import json

import pytest
import torch
from safetensors.torch import load as read
from safetensors.torch import save

from explorer.network.trace import trace
from explorer.training import checkpoint
from explorer.training.engine import Engine
from tests.training import small


@pytest.fixture(scope="module")
def engine() -> Engine:
    engine = Engine(small.spec(network=small.STEADIED), small.images())
    for step in (1, 2, 3):
        engine.step(step, 0.01)
    return engine


def packed(engine: Engine, **changes: object) -> bytes:
    settings = {"spec": engine.spec, "step": 3, "tensors": engine.state(), "rate": 0.5}
    return checkpoint.pack(
        checkpoint.State(**{**settings, "seconds": 1.5, "matmul": "mkl", **changes})
    )


def test_everything_comes_back(engine):
    state = checkpoint.unpack(packed(engine))
    assert (state.spec, state.step, state.rate, state.seconds, state.matmul) == (
        engine.spec, 3, 0.5, 1.5, "mkl",
    )  # fmt: skip
    assert state.tensors.keys() == engine.state().keys()
    for name, tensor in engine.state().items():
        assert torch.equal(state.tensors[name], tensor)


def test_the_weights_are_named_as_those_that_ship(engine):
    names = set(read(packed(engine)))
    assert {n for n in names if not n.startswith("optimiser.")} == set(engine.model.state_dict())
    assert "optimiser.conv1.weight.exp_avg" in names


def test_the_network_comes_back_as_it_was(engine):
    model = checkpoint.load(packed(engine))
    x = torch.rand(3, 1, 28, 28)
    engine.model.eval()
    assert not model.training
    torch.testing.assert_close(model(x), engine.model(x))
    assert trace(model, x).probabilities.sum().item() == pytest.approx(3)


def test_weights_alone_show_the_same_network(engine):
    weights = {k: v for k, v in engine.state().items() if not k.startswith(checkpoint.OPTIMISER)}
    alone, x = packed(engine, tensors=weights), torch.rand(2, 1, 28, 28)
    assert torch.equal(checkpoint.load(alone)(x), checkpoint.load(packed(engine))(x))


def _header(data: bytes, **changes: object) -> bytes:
    tensors = read(data)
    size = int.from_bytes(data[:8], "little")
    header = json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["explorer"])
    return save(tensors, {"explorer": json.dumps({**header, **changes})})


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: b"\xff" * 100,
        lambda data: data[: len(data) // 2],
        lambda data: data + b"more",
        lambda data: b"\x80\x04K\x01." + data,
        lambda data: save(read(data)),
        lambda data: save(read(data), {"explorer": "[]"}),
        lambda data: save(read(data), {"explorer": "[" * 20_000}),
        lambda data: _header(data, step=-1),
        lambda data: _header(data, step="3"),
        lambda data: _header(data, rate="fast"),
        lambda data: _header(data, seconds=None),
        lambda data: _header(data, spec="{"),
        lambda data: _header(data, spec='{"network": "article"}'),
        lambda data: b"\0" * (checkpoint.MAX_BYTES + 1),
    ],
)
def test_a_hostile_checkpoint_is_refused_with_a_sentence(engine, change):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        checkpoint.load(change(packed(engine)))


def test_an_optimiser_of_another_shape_is_refused(engine):
    state = engine.state() | {"optimiser.conv1.weight.exp_avg": torch.zeros(3)}
    other = Engine(engine.spec, small.images())
    with pytest.raises(ValueError, match="optimiser does not fit"):
        other.restore(state)
