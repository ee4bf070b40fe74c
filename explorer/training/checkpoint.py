"""The whole state of a run as safetensors: to go on from, and to look at the network as it was.

Weights are named as in ``explorer/network/weights``, what the optimiser remembers of a weight
``optimiser.<weight>.<what>``; the step, the spec and how it was computed stand in the header.
Nothing is unpickled, so that a checkpoint may come from anybody.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from safetensors import SafetensorError
from safetensors.torch import load as _load
from safetensors.torch import save as _save
from torch import Tensor

from explorer.network.architecture import CNN, MAX_PARAMETERS
from explorer.training.spec import RunSpec

OPTIMISER = "optimiser."
MAX_BYTES = 3 * 4 * MAX_PARAMETERS + (1 << 20)  # weights and Adam's two averages, float32
_SECTION = "explorer"


@dataclass(frozen=True, eq=False)
class State:
    """What a checkpoint holds.

    Attributes:
        spec: of the run.
        step: the last one done.
        tensors: weights, buffers and the optimiser's memory, by name.
        rate: the highest learning rate as it was last set by hand; None where it was not.
        seconds: of training until then.
        matmul: whose matrix product computed it.
    """

    spec: RunSpec
    step: int
    tensors: Mapping[str, Tensor]
    rate: float | None = None
    seconds: float = 0.0
    matmul: str = ""


def pack(state: State) -> bytes:
    """The state as a safetensors file."""
    header = {
        "spec": state.spec.to_json(),
        "step": state.step,
        "rate": state.rate,
        "seconds": state.seconds,
        "matmul": state.matmul,
    }
    tensors = {name: tensor.cpu().contiguous() for name, tensor in state.tensors.items()}
    return _save(tensors, {_SECTION: json.dumps(header)})


def unpack(data: bytes) -> State:
    """The state in a file that :func:`pack` made; ValueError with one sentence for anything else.

    Whether the tensors fit the network is found out by whoever loads them into it.
    """
    header, tensors = _header(data), _tensors(data)
    rate, seconds, step = header.get("rate"), header.get("seconds"), header.get("step")
    if type(step) is not int or not 0 <= step <= 1_000_000:
        raise ValueError("The checkpoint does not say which step it is of.")
    if (rate is not None and type(rate) is not float) or type(seconds) not in (int, float):
        raise ValueError("The checkpoint's header is broken.")
    spec = RunSpec.from_json(str(header.get("spec")))
    return State(spec, step, tensors, rate, float(seconds), str(header.get("matmul")))  # type: ignore[arg-type]


def load(data: bytes) -> CNN:
    """The network as it was, in evaluation mode; raises ValueError as :func:`unpack` does."""
    state = unpack(data)
    model = state.spec.architecture.build()
    restore_weights(model, state.tensors)
    return model.eval()


def restore_weights(model: CNN, tensors: Mapping[str, Tensor]) -> None:
    """Put weights and buffers into a model; ValueError where they do not fit it."""
    weights = {name: value for name, value in tensors.items() if not name.startswith(OPTIMISER)}
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError("The checkpoint's weights do not fit its network.") from error


def _tensors(data: bytes) -> dict[str, Tensor]:
    try:
        return _load(data)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ValueError("This is no checkpoint: it is damaged or of another kind.") from error


def _header(data: bytes) -> dict[str, object]:
    """Our section of the header; a safetensors file begins with the header's length in 8 bytes."""
    if len(data) > MAX_BYTES:
        raise ValueError(f"A checkpoint has at most {MAX_BYTES:,} bytes.")
    size = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(json.loads(data[8 : 8 + size])["__metadata__"][_SECTION])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("This is no checkpoint: it is damaged or of another kind.") from error
    if not isinstance(header, dict):
        raise ValueError("The checkpoint's header is broken.")
    return header
