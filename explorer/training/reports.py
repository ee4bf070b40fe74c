"""What a worker reports, and how it is appended: in one transaction, the steps as packed rows."""

import json
import math
import time
from dataclasses import dataclass, field

import sqlalchemy as sql
from sqlalchemy import Connection

from explorer.training import ladder, records
from explorer.training.errors import SupersededError
from explorer.training.events import Checkpoint, Evaluated, Snapshot, Started, Stepped
from explorer.training.records import State
from explorer.training.tables import (
    CHECKPOINTS,
    EVALUATIONS,
    POINTS,
    RUNS,
    SNAPSHOTS,
    WHOLES,
)


@dataclass
class Batch:
    """What a worker has to report since it last did.

    Attributes:
        state: how the run stands now; reason: one sentence on why, or empty.
        started: set once; result: the last event as JSON, set once.
        checkpoints: to be kept for looking at, without the optimiser's state.
        whole: one to go on from; it takes the place of the one before.
    """

    state: State = State.RUNNING
    reason: str = ""
    started: Started | None = None
    steps: list[Stepped] = field(default_factory=list)
    evaluations: list[Evaluated] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    whole: Checkpoint | None = None
    result: dict[str, object] | None = None


def append(connection: Connection, run: str, attempt: int, batch: Batch) -> None:
    """Append a batch; raises SupersededError where the run is not this attempt's any more."""
    mine = (RUNS.c.id == run) & (RUNS.c.attempt == attempt)
    told = connection.execute(sql.update(RUNS).where(mine).values(**_figures(batch)))
    if not told.rowcount:
        raise SupersededError("This run was deleted, or is in other hands.")
    if batch.steps:
        packed = records.pack_points(batch.steps)
        last = max(step.step for step in batch.steps)
        connection.execute(sql.insert(POINTS).values(run=run, last=last, rows=packed))
    for found in batch.evaluations:
        connection.execute(
            sql.insert(EVALUATIONS).values(
                run=run,
                step=found.step,
                images=found.images,
                loss=_finite(found.loss),
                accuracy=found.accuracy,
                answers=found.answers.tobytes(),
            )
        )
    for kept in batch.snapshots:
        packed = records.pack_kernels(kept.kernels)
        values = {"run": run, "step": kept.step, "kernels": packed}
        connection.execute(sql.insert(SNAPSHOTS).values(values))
    for each in batch.checkpoints:
        _keep(connection, run, each)
    if batch.whole:
        connection.execute(sql.delete(WHOLES).where(WHOLES.c.run == run))
        values = {"run": run, "step": batch.whole.step, "data": batch.whole.data}
        connection.execute(sql.insert(WHOLES).values(values))


def _keep(connection: Connection, run: str, whole: Checkpoint) -> None:
    """Add the network of a checkpoint, and drop one rung where there are many."""
    again = (CHECKPOINTS.c.run == run) & (CHECKPOINTS.c.step == whole.step)
    connection.execute(sql.delete(CHECKPOINTS).where(again))
    values = {"run": run, "step": whole.step, "data": ladder.weights(whole.data)}
    connection.execute(sql.insert(CHECKPOINTS).values(values))
    query = sql.select(CHECKPOINTS.c.step).where(CHECKPOINTS.c.run == run)
    for dropped in ladder.too_many(sorted(connection.execute(query).scalars())):
        gone = (CHECKPOINTS.c.run == run) & (CHECKPOINTS.c.step == dropped)
        connection.execute(sql.delete(CHECKPOINTS).where(gone))


def _figures(batch: Batch) -> dict[str, object]:
    """What a batch changes in the row of its run."""
    figures: dict[str, object] = {"heartbeat": time.time(), "state": batch.state.value}
    figures["reason"] = batch.reason
    figures["ended"] = time.time() if batch.state.ended else None
    if batch.started:
        figures |= {
            "steps": batch.started.steps,
            "step": batch.started.first_step,
            "start": json.dumps(batch.started.to_json()),
        }
    if batch.steps:
        last = batch.steps[-1]
        figures |= {
            "step": last.step,
            "loss": _finite(last.loss),
            "accuracy": last.accuracy,
            "seconds": last.seconds,
            "images_per_second": last.images / last.seconds if last.seconds else 0.0,
        }
    if batch.evaluations:
        figures["test_accuracy"] = batch.evaluations[-1].accuracy
    if batch.result is not None:
        figures["result"] = json.dumps(batch.result)
    return figures


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
