"""What the store gives back: runs, points, evaluations, snapshots, commands, as frozen records.

Nothing here knows SQL. A row that was damaged or written by somebody else is read with care: a run
whose row makes no sense is shown as failed, with a sentence, and bytes of the wrong length raise
:class:`StoreError`; neither can take a page down, and nothing is ever unpickled.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.data.names import one_line
from explorer.training.errors import DAMAGED, StoreError
from explorer.training.events import Stepped
from explorer.training.spec import RunSpec

Floats = npt.NDArray[np.float32]
Answers = npt.NDArray[np.uint8]
Points = npt.NDArray[np.void]

POINT = np.dtype(
    [
        ("step", "<u4"),
        ("epoch", "<f4"),
        ("loss", "<f4"),
        ("accuracy", "<f4"),
        ("learning_rate", "<f4"),
        ("seconds", "<f4"),
        ("images", "<u4"),
    ]
)
"""One step of a run; the fields are those of :class:`~explorer.training.events.Stepped`."""

NAME_LENGTH = 80


class State(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"

    @property
    def live(self) -> bool:
        """A worker has it in hand."""
        return self in (State.RUNNING, State.PAUSED)

    @property
    def ended(self) -> bool:
        """Nothing happens any more unless somebody resumes it."""
        return not self.live and self is not State.QUEUED


class Verb(StrEnum):
    """What a run can be told."""

    PAUSE = "pause"
    RESUME = "resume"
    STEP = "step"
    SLOW = "slow"
    RATE = "rate"
    STOP = "stop"


@dataclass(frozen=True)
class Command:
    """One order to a run, in the order of ``number``."""

    number: int
    verb: Verb
    value: float | None


@dataclass(frozen=True)
class Run:
    """One run as it stands.

    Attributes:
        id: letters and digits, as it stands in an address.
        name: as a person typed it: escape it before it is shown.
        spec_json: the description; :attr:`spec` reads it.
        state: see :class:`State`.
        reason: one sentence on why it ended, or empty.
        until: test accuracy at which it stops, or None.
        created, queued, started, ended, heartbeat: seconds since 1970, or None.
        host: name of the machine that is to run it.
        process: which process runs it: see :mod:`explorer.training.process`.
        attempt: how often it was started.
        step: steps done; steps: of the whole run, 0 while it has not begun.
        loss, accuracy: of the last batch.
        test_accuracy: of the last evaluation.
        seconds: of training; images_per_second: over all of them.
        start: what the worker said when it began, ``{}`` before; result: what it said at the end.
        place: place in the queue, from 1; 0 where it does not wait.
    """

    id: str
    name: str
    spec_json: str
    state: State
    reason: str
    until: float | None
    created: float
    queued: float
    started: float | None
    ended: float | None
    heartbeat: float | None
    host: str
    process: str
    attempt: int
    step: int
    steps: int
    loss: float | None
    accuracy: float | None
    test_accuracy: float | None
    seconds: float
    images_per_second: float
    start: Mapping[str, Any]
    result: Mapping[str, Any]
    place: int = 0

    @property
    def spec(self) -> RunSpec:
        """The description of the run; raises ValueError with one sentence where it is damaged."""
        return RunSpec.from_json(self.spec_json)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What the network answered at a step: see :class:`~explorer.training.events.Evaluated`."""

    step: int
    images: int
    loss: float
    accuracy: float
    answers: Answers


@dataclass(frozen=True, eq=False)
class Kernels:
    """The convolution kernels after a step, ``(filters, channels, k, k)`` by the layer's name."""

    step: int
    kernels: Mapping[str, Floats]


def pack_points(steps: Sequence[Stepped]) -> bytes:
    """Steps as rows of :data:`POINT`."""
    return np.array([tuple(getattr(s, name) for name in POINT.names or ()) for s in steps], POINT)[
        :
    ].tobytes()


def unpack_points(chunks: Sequence[bytes], since: int) -> Points:
    """The steps after ``since`` in packed chunks, in order.

    Where a run was resumed from before its last step, the later account of a step counts.

    Returns:
        ``(n,)`` of :data:`POINT`, steps ascending.
    """
    if any(len(chunk) % POINT.itemsize for chunk in chunks):
        raise StoreError(DAMAGED)
    rows = np.frombuffer(b"".join(chunks), POINT)
    if not len(rows):
        return rows
    # From the end: what stays is what no later row goes back behind.
    later = np.minimum.accumulate(rows["step"][::-1])[::-1]
    keep = rows["step"] > since
    keep[:-1] &= rows["step"][:-1] < later[1:]
    return np.asarray(rows[keep])


def pack_kernels(kernels: Mapping[str, Floats]) -> bytes:
    """Kernels as safetensors."""
    from safetensors.numpy import save

    return save({name: np.ascontiguousarray(value) for name, value in kernels.items()})


def unpack_kernels(step: int, data: bytes) -> Kernels:
    """The kernels in what :func:`pack_kernels` gave; raises StoreError for anything else."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        kernels = load(data)
    except (SafetensorError, ValueError, KeyError, AttributeError) as error:
        raise StoreError(DAMAGED) from error
    if any(value.dtype != np.float32 for value in kernels.values()):
        raise StoreError(DAMAGED)
    return Kernels(step, kernels)


def evaluation(step: int, images: int, loss: float, accuracy: float, answers: bytes) -> Evaluation:
    """An evaluation out of its row; raises StoreError where an answer is missing."""
    if len(answers) != images:
        raise StoreError(DAMAGED)
    return Evaluation(step, images, loss, accuracy, np.frombuffer(answers, np.uint8))


def run_from_row(row: Mapping[str, Any]) -> Run:
    """A run out of its row; one whose row makes no sense is shown as failed."""
    state, reason = str(row["state"]), _text(row["reason"])
    if state not in State.__members__.values():
        state, reason = State.FAILED, DAMAGED
    return Run(
        id=str(row["id"]),
        name=clean_name(_text(row["name"])),
        spec_json=_text(row["spec"]),
        state=State(state),
        reason=reason,
        until=_number(row["until"]),
        created=_number(row["created"]) or 0.0,
        queued=_number(row["queued"]) or 0.0,
        started=_number(row["started"]),
        ended=_number(row["ended"]),
        heartbeat=_number(row["heartbeat"]),
        host=_text(row["host"]),
        process=_text(row["process"]),
        attempt=int(_number(row["attempt"]) or 0),
        step=int(_number(row["step"]) or 0),
        steps=int(_number(row["steps"]) or 0),
        loss=_number(row["loss"]),
        accuracy=_number(row["accuracy"]),
        test_accuracy=_number(row["test_accuracy"]),
        seconds=_number(row["seconds"]) or 0.0,
        images_per_second=_number(row["images_per_second"]) or 0.0,
        start=_object(row["start"]),
        result=_object(row["result"]),
    )


def clean_name(name: str) -> str:
    """A run's name as it is kept: one line of at most 80 characters."""
    return one_line(name, NAME_LENGTH)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    """A finite number, or None."""
    good = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if good else None  # type: ignore[arg-type]


def _object(text: object) -> Mapping[str, Any]:
    try:
        value = json.loads(text) if isinstance(text, str) else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
