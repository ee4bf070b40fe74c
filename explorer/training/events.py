"""What a training run says while it runs: small frozen records, with NumPy and no torch in them.

Each has a ``kind`` and a :meth:`to_json` for a line of JSON, which leaves out arrays and bytes and
says how large they are instead. Steps count from 1: step ``n`` is the ``n``-th update, and what is
reported "at step ``n``" was measured after it; at step 0 nothing has been learnt yet.

Of one step the events come in the order ``Stepped``, ``Snapshot``, ``Evaluated``, ``Checkpoint``,
so that a run resumed from a checkpoint repeats none of them. A run ends with ``Finished`` or
``Failed``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Reason = Literal["done", "until", "stopped"]


class _Event:
    kind: ClassVar[str]

    def to_json(self) -> dict[str, object]:
        """The event as plain values: ``{"event": kind, …}``."""
        plain: dict[str, object] = {"event": self.kind}
        for field in fields(self):  # type: ignore[arg-type]
            plain[field.name] = _plain(getattr(self, field.name))
        return plain


def _plain(value: object) -> object:
    """Numbers and text as they are, a float that JSON lacks as None, arrays by their shape."""
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, bytes):
        return {"bytes": len(value)}
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape)}
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return value


@dataclass(frozen=True)
class Started(_Event):
    """The first event: what is about to run, and where.

    Attributes:
        steps: of the whole run, also where it is resumed.
        steps_per_epoch: batches of one pass over the training images, the last one smaller.
        parameters: trainable numbers of the network.
        images: training images of one epoch.
        device: ``cpu``, ``cuda`` or ``mps``.
        precision: of the forward and backward pass.
        matmul: whose float32 matrix product is used: ``mkl``, ``onednn``, or the device's.
        seconds_loading: until the data and the network were there.
        first_step: steps done before this start; more than 0 where a run is resumed.
    """

    steps: int
    steps_per_epoch: int
    parameters: int
    images: int
    device: str
    precision: str
    matmul: str
    seconds_loading: float
    first_step: int = 0
    kind: ClassVar[str] = "started"


@dataclass(frozen=True)
class Stepped(_Event):
    """One batch: what the network answered to it before the update that it caused.

    Attributes:
        step: from 1.
        epoch: passes over the training images so far, with fraction.
        loss: of the batch, as it was trained on; finite.
        accuracy: share of the batch that was read right, in [0, 1].
        learning_rate: of this step.
        seconds: of training so far, over all starts; evaluation, loading and pauses apart.
        images: seen so far.
    """

    step: int
    epoch: float
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    images: int
    kind: ClassVar[str] = "stepped"


@dataclass(frozen=True, eq=False)
class Evaluated(_Event):
    """Answers on the first ``images`` of the test set.

    Attributes:
        step: after which the network answered.
        images: 1,000 on the way, all of them at the end of an epoch and of the run.
        loss: over all of them, by the run's own loss.
        accuracy: in [0, 1].
        answers: ``(images,)`` uint8, the class read on each.
    """

    step: int
    images: int
    loss: float
    accuracy: float
    answers: Bytes
    kind: ClassVar[str] = "evaluated"


@dataclass(frozen=True, eq=False)
class Snapshot(_Event):
    """The convolution kernels after a step, ``(filters, channels, k, k)`` by the layer's name.

    Layers of more than 20,000 weights are left out, unless it is the first.
    """

    step: int
    kernels: dict[str, Floats]
    kind: ClassVar[str] = "snapshot"


@dataclass(frozen=True, eq=False)
class Checkpoint(_Event):
    """Everything that goes on from here: see :mod:`explorer.training.checkpoint`."""

    step: int
    data: bytes
    kind: ClassVar[str] = "checkpoint"


@dataclass(frozen=True)
class Finished(_Event):
    """The last event of a run that ended well.

    Attributes:
        step: the last one.
        reason: ``done``, ``until`` (the wanted test accuracy was reached) or ``stopped``.
        test_accuracy: on the whole test set, in [0, 1].
        seconds: of training, over all starts; the three below are of this start.
        images_per_second: trained on in a second of training.
        seconds_evaluating: spent on the test set.
        seconds_loading: until the first step could begin.
    """

    step: int
    reason: Reason
    test_accuracy: float
    seconds: float
    images_per_second: float
    seconds_evaluating: float
    seconds_loading: float
    kind: ClassVar[str] = "finished"


@dataclass(frozen=True)
class Failed(_Event):
    """The last event of a run that went wrong; a checkpoint with the last good weights precedes it.

    Attributes:
        step: whose loss was not finite.
        reason: one sentence for the user.
    """

    step: int
    reason: str
    kind: ClassVar[str] = "failed"


Event = Started | Stepped | Evaluated | Snapshot | Checkpoint | Finished | Failed
