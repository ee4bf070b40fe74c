"""The runs and everything recorded of them.

By default a SQLite file in the user's data folder, readable by its owner alone; ``EXPLORER_STORE``,
a SQLAlchemy URL, names another place, SQLite or PostgreSQL. SQL is known here and in the modules
that this one stands on, ``database``, ``tables``, ``migrations`` and ``reports``, and nowhere else.

What a run reports is only ever appended; what is dropped again is a checkpoint too many, and the
optimiser's state of all but the last. Steps are packed by the flush, some ten a second, so that
thousands are cheap to write and to read on from where a page stopped.
"""

import math
import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import sqlalchemy as sql
from sqlalchemy import Connection

from explorer.training import process, records, reports
from explorer.training.database import Database
from explorer.training.errors import DAMAGED, StoreError
from explorer.training.records import Command, Evaluation, Kernels, Points, Run, State, Verb
from explorer.training.reports import Batch
from explorer.training.spec import RunSpec
from explorer.training.tables import (
    CHECKPOINTS,
    COMMANDS,
    EVALUATIONS,
    POINTS,
    RUNS,
    SNAPSHOTS,
    WHOLES,
)

LIVE = [State.RUNNING.value, State.PAUSED.value]


class Store:
    """A store; safe to use from several threads, never across a fork (:meth:`close` before it).

    Every method may raise StoreError with one sentence for the user.

    Args:
        url: a SQLAlchemy URL; None takes ``EXPLORER_STORE``, else the user's own.
        most_pages: SQLite's ``max_page_count``: what happens on a full disk happens there.
    """

    def __init__(self, url: str | None = None, most_pages: int | None = None) -> None:
        self._database = Database(url, most_pages)

    def close(self) -> None:
        """Let go of every connection; the next use opens new ones."""
        self._database.close()

    def stamp(self) -> int | None:
        """A number that changes with every change of the store: see ``Database.stamp``."""
        return self._database.stamp()

    # What pages and commands ask.

    def create(
        self,
        spec: RunSpec,
        name: str | None = None,
        until: float | None = None,
        by: str | None = None,
    ) -> str:
        """Put a run into the queue of this machine; returns its id.

        Args:
            spec: what is to be trained.
            name: how it is called; None describes it.
            until: test accuracy at which it is to stop.
            by: the process that begins it at once, as its first attempt, without the queue.
        """
        if until is not None and not 0 < until <= 1:
            raise StoreError("The test accuracy to stop at must be more than 0 and at most 1.")
        now, run = time.time(), secrets.token_hex(4)
        values: dict[str, object] = {
            "id": run,
            "name": records.clean_name(name or "") or records.clean_name(spec.describe()),
            "spec": spec.to_json(),
            "state": State.QUEUED.value,
            "until": until,
            "created": now,
            "queued": now,
            "host": process.host(),
            "steps": spec.steps,
        }
        if by:
            values |= {"state": State.RUNNING.value, "process": by, "attempt": 1}
            values |= {"started": now, "heartbeat": now}
        with self._database.writing() as connection:
            connection.execute(sql.insert(RUNS).values(values))
        return run

    def runs(self, limit: int = 500) -> list[Run]:
        """The newest runs, newest first, each with its place in the queue."""
        query = sql.select(RUNS).order_by(RUNS.c.created.desc(), RUNS.c.id).limit(limit)
        places = {run: place for place, run in enumerate(self.queue(), 1)}
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        runs = [records.run_from_row(dict(row)) for row in rows]
        return [replace(run, place=places.get(run.id, 0)) for run in runs]

    def run(self, run: str) -> Run | None:
        """One run, or None where there is none of this id."""
        with self._database.reading() as connection:
            row = connection.execute(sql.select(RUNS).where(RUNS.c.id == run)).mappings().first()
        if row is None:
            return None
        found = records.run_from_row(dict(row))
        if found.state is State.QUEUED:
            waiting = self.queue()
            found = replace(found, place=waiting.index(run) + 1 if run in waiting else 0)
        return found

    def live(self) -> list[Run]:
        """The runs that are said to run or to be paused, on any machine."""
        with self._database.reading() as connection:
            rows = connection.execute(sql.select(RUNS).where(RUNS.c.state.in_(LIVE))).mappings()
            return [records.run_from_row(dict(row)) for row in rows]

    def queue(self) -> list[str]:
        """The ids of the runs that wait on this machine, the next one first."""
        query = sql.select(RUNS.c.id).where(
            RUNS.c.state == State.QUEUED.value, RUNS.c.host == process.host()
        )
        with self._database.reading() as connection:
            return list(connection.execute(query.order_by(RUNS.c.queued, RUNS.c.id)).scalars())

    def points(self, run: str, since: int = -1) -> Points:
        """The steps after step ``since``, ``(n,)`` of :data:`~explorer.training.records.POINT`."""
        query = sql.select(POINTS.c.rows).where(POINTS.c.run == run, POINTS.c.last > since)
        with self._database.reading() as connection:
            chunks = connection.execute(query.order_by(POINTS.c.number)).scalars().all()
        return records.unpack_points([_bytes(chunk) for chunk in chunks], since)

    def evaluations(self, run: str, since: int = -1) -> list[Evaluation]:
        """The evaluations after step ``since``, in order; the smaller of a step comes first."""
        columns = EVALUATIONS.c
        query = sql.select(
            columns.step, columns.images, columns.loss, columns.accuracy, columns.answers
        ).where(columns.run == run, columns.step > since)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(columns.number)).all()
        found = {}
        for step, images, loss, accuracy, answers in rows:
            found[step, images] = records.evaluation(
                step,
                images,
                math.nan if loss is None else loss,
                math.nan if accuracy is None else accuracy,
                _bytes(answers),
            )
        return [found[key] for key in sorted(found)]

    def snapshot_steps(self, run: str) -> list[int]:
        """The steps after which the kernels were kept, ascending."""
        return self._steps(SNAPSHOTS, run)

    def snapshot(self, run: str, step: int | None = None) -> Kernels | None:
        """The kernels as they were last kept, at or before ``step`` where one is given."""
        query = sql.select(SNAPSHOTS.c.step, SNAPSHOTS.c.kernels).where(SNAPSHOTS.c.run == run)
        if step is not None:
            query = query.where(SNAPSHOTS.c.step <= step)
        query = query.order_by(SNAPSHOTS.c.step.desc(), SNAPSHOTS.c.number.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return row and records.unpack_kernels(row.step, _bytes(row.kernels))

    def snapshots(self, run: str, since: int = -1, limit: int = 200) -> list[Kernels]:
        """The first ``limit`` snapshots after step ``since``, steps ascending."""
        columns = SNAPSHOTS.c
        query = sql.select(columns.step, columns.kernels).where(
            columns.run == run, columns.step > since
        )
        query = query.order_by(columns.step, columns.number).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        found = {row.step: records.unpack_kernels(row.step, _bytes(row.kernels)) for row in rows}
        return list(found.values())

    def checkpoints(self, run: str) -> list[int]:
        """The steps after which the whole network was kept, ascending."""
        return self._steps(CHECKPOINTS, run)

    def checkpoint(self, run: str, step: int | None = None) -> bytes | None:
        """The network after exactly ``step``, or the last one kept, without optimiser state."""
        return self._last(CHECKPOINTS, run, step)

    def resumable(self, run: str) -> bytes | None:
        """The last whole checkpoint, with the optimiser's state; None before the first."""
        return self._last(WHOLES, run)

    def command(self, run: str, verb: str, value: float | None = None) -> None:
        """Tell a run something; a run that waits in the queue is stopped at once.

        Args:
            run: its id.
            verb: a :class:`~explorer.training.records.Verb`.
            value: of ``slow``, the seconds from step to step; of ``rate``, the learning rate.
        """
        order = Verb(verb)
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise StoreError("A run can be given positive numbers only.")
        if (value is None) == (order in (Verb.SLOW, Verb.RATE)):
            raise StoreError(f"The command {order.value} was given the wrong values.")
        with self._database.writing() as connection:
            if order is Verb.STOP and _end(connection, run, State.STOPPED, [State.QUEUED.value]):
                return
            state = connection.execute(sql.select(RUNS.c.state).where(RUNS.c.id == run)).scalar()
            if state not in (*LIVE, State.QUEUED.value):
                raise StoreError(f"This run is {state or 'gone'}: it takes no commands.")
            connection.execute(
                sql.insert(COMMANDS).values(
                    run=run, verb=order.value, value=value, given=time.time()
                )
            )

    def requeue(self, run: str) -> None:
        """Let a run that ended before its time go on from its last checkpoint."""
        again = [State.STOPPED.value, State.FAILED.value, State.LOST.value]
        with self._database.writing() as connection:
            done = connection.execute(
                sql.update(RUNS)
                .where(RUNS.c.id == run, RUNS.c.state.in_(again))
                .values(
                    state=State.QUEUED.value,
                    queued=time.time(),
                    ended=None,
                    reason="",
                    host=process.host(),
                )
            )
            if not done.rowcount:
                raise StoreError("Only a run that was stopped, failed or got lost can be resumed.")
            connection.execute(sql.delete(COMMANDS).where(COMMANDS.c.run == run))

    def rename(self, run: str, name: str) -> None:
        """Give a run another name: one line, at most 80 characters, not empty."""
        if not (name := records.clean_name(name)):
            raise StoreError("A run needs a name: type at least one letter.")
        with self._database.writing() as connection:
            connection.execute(sql.update(RUNS).where(RUNS.c.id == run).values(name=name))

    def delete(self, run: str) -> None:
        """Forget a run and all that was recorded of it; one that is live must be stopped first."""
        with self._database.writing() as connection:
            gone = sql.delete(RUNS).where(RUNS.c.id == run, RUNS.c.state.not_in(LIVE))
            if not connection.execute(gone).rowcount:
                if connection.execute(sql.select(RUNS.c.id).where(RUNS.c.id == run)).first():
                    raise StoreError("This run is still going: stop it first.")
                return
        self._database.shrink()

    # What workers and the resident say.

    def claim(self, run: str, by: str) -> int | None:
        """Take a run out of the queue for the process called ``by``.

        Returns:
            The number of this attempt, which every report repeats; None where somebody was faster.
        """
        now = time.time()
        with self._database.writing() as connection:
            took = connection.execute(
                sql.update(RUNS)
                .where(RUNS.c.id == run, RUNS.c.state == State.QUEUED.value)
                .values(
                    state=State.RUNNING.value,
                    attempt=RUNS.c.attempt + 1,
                    started=sql.func.coalesce(RUNS.c.started, now),
                    heartbeat=now,
                    process=by,
                )
            )
            if not took.rowcount:
                return None
            query = sql.select(RUNS.c.attempt).where(RUNS.c.id == run)
            return int(connection.execute(query).scalar_one())

    def report(self, run: str, attempt: int, batch: Batch) -> None:
        """Append what a worker has to say, all of it or nothing; an empty batch is a heartbeat.

        Raises StoreFullError where there is no room, SupersededError where the run is no longer
        this worker's.
        """
        with self._database.writing() as connection:
            reports.append(connection, run, attempt, batch)

    def commands(self, run: str, after: int = 0) -> list[Command]:
        """The orders to a run after order number ``after``, in turn."""
        columns = COMMANDS.c
        query = sql.select(columns.number, columns.verb, columns.value).where(
            columns.run == run, columns.number > after
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(columns.number)).all()
        known = [row for row in rows if row.verb in Verb.__members__.values()]
        return [Command(row.number, Verb(row.verb), row.value) for row in known]

    def mark_lost(self, run: Run, reason: str) -> bool:
        """Say that the worker of a run is gone; False where the run has moved on meanwhile."""
        with self._database.writing() as connection:
            return _end(connection, run.id, State.LOST, LIVE, reason, run.attempt)

    def refuse(self, run: str, reason: str, attempt: int) -> bool:
        """Say that a run that waits cannot be started.

        False where it was started since ``attempt``, or does not wait any more.
        """
        with self._database.writing() as connection:
            return _end(connection, run, State.FAILED, [State.QUEUED.value], reason, attempt)

    def _steps(self, place: sql.TableClause, run: str) -> list[int]:
        query = sql.select(place.c.step).where(place.c.run == run).distinct()
        with self._database.reading() as connection:
            return sorted(connection.execute(query).scalars())

    def _last(self, place: sql.TableClause, run: str, step: int | None = None) -> bytes | None:
        query = sql.select(place.c.data).where(place.c.run == run)
        if step is not None:
            query = query.where(place.c.step == step)
        query = query.order_by(place.c.step.desc(), place.c.number.desc()).limit(1)
        with self._database.reading() as connection:
            data = connection.execute(query).scalar()
        return None if data is None else _bytes(data)


def _end(
    connection: Connection,
    run: str,
    state: State,
    only: Sequence[str],
    reason: str = "",
    attempt: int | None = None,
) -> bool:
    """End a run that is in one of the states ``only``; False where it is not."""
    query = sql.update(RUNS).where(RUNS.c.id == run, RUNS.c.state.in_(only))
    if attempt is not None:
        query = query.where(RUNS.c.attempt == attempt)
    values = {"state": state.value, "reason": reason, "ended": time.time()}
    return bool(connection.execute(query.values(values)).rowcount)


@cache
def shared() -> Store:
    """The one store of this process, where the environment says."""
    return Store()


def _bytes(value: object) -> bytes:
    """A blob, whatever the driver calls it; raises StoreError for anything else."""
    if isinstance(value, bytes | memoryview | bytearray):
        return bytes(value)
    raise StoreError(DAMAGED)
