"""The tables of the store, as the steps by which they came about.

A step, once released, is never changed: a new version of the app appends one. Each store says which
steps it has taken; whoever opens it takes the rest, all in one transaction, alone. What SQLite and
PostgreSQL call differently stands in :data:`WORDS`.
"""

import time
from collections.abc import Sequence

from sqlalchemy import Connection, text

WORDS = {
    "sqlite": {
        "number": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "bytes": "BLOB",
        "real": "REAL",
    },
    "postgresql": {
        "number": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "bytes": "BYTEA",
        "real": "DOUBLE PRECISION",
    },
}

_OF_RUN = "run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE"

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, spec TEXT NOT NULL, state TEXT NOT NULL,
            reason TEXT NOT NULL DEFAULT '', until {real}, created {real} NOT NULL,
            queued {real} NOT NULL, started {real}, ended {real}, heartbeat {real},
            host TEXT NOT NULL, process TEXT NOT NULL DEFAULT '',
            attempt INTEGER NOT NULL DEFAULT 0, step INTEGER NOT NULL DEFAULT 0,
            steps INTEGER NOT NULL DEFAULT 0, loss {real}, accuracy {real}, test_accuracy {real},
            seconds {real} NOT NULL DEFAULT 0, images_per_second {real} NOT NULL DEFAULT 0,
            start TEXT NOT NULL DEFAULT '{{}}', result TEXT NOT NULL DEFAULT '{{}}')""",
        "CREATE INDEX runs_by_state ON runs (state, queued)",
        f"""CREATE TABLE points (
            number {{number}}, {_OF_RUN}, last INTEGER NOT NULL, rows {{bytes}} NOT NULL)""",
        "CREATE INDEX points_by_run ON points (run, last)",
        f"""CREATE TABLE evaluations (
            number {{number}}, {_OF_RUN}, step INTEGER NOT NULL, images INTEGER NOT NULL,
            loss {{real}}, accuracy {{real}}, answers {{bytes}} NOT NULL)""",
        "CREATE INDEX evaluations_by_run ON evaluations (run, step)",
        f"""CREATE TABLE snapshots (
            number {{number}}, {_OF_RUN}, step INTEGER NOT NULL, kernels {{bytes}} NOT NULL)""",
        "CREATE INDEX snapshots_by_run ON snapshots (run, step)",
        f"""CREATE TABLE checkpoints (
            number {{number}}, {_OF_RUN}, step INTEGER NOT NULL, data {{bytes}} NOT NULL)""",
        "CREATE INDEX checkpoints_by_run ON checkpoints (run, step)",
        f"""CREATE TABLE wholes (
            number {{number}}, {_OF_RUN}, step INTEGER NOT NULL, data {{bytes}} NOT NULL)""",
        "CREATE INDEX wholes_by_run ON wholes (run, step)",
        f"""CREATE TABLE commands (
            number {{number}}, {_OF_RUN}, verb TEXT NOT NULL, value {{real}},
            given {{real}} NOT NULL)""",
        "CREATE INDEX commands_by_run ON commands (run, number)",
    ),
)


class NewerError(RuntimeError):
    """The store was made by a newer version of the app."""


def version(connection: Connection) -> int:
    """How many steps a store has taken; 0 for a new one."""
    if not connection.dialect.has_table(connection, "migrations"):
        return 0
    return int(connection.execute(text("SELECT max(version) FROM migrations")).scalar() or 0)


def migrate(connection: Connection, steps: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Take the steps that a store lacks, within the transaction of ``connection``.

    Raises NewerError where it has taken more than there are.
    """
    words = WORDS[connection.dialect.name]
    if connection.dialect.name == "postgresql":  # SQLite's transaction is alone from its beginning
        connection.execute(text("SELECT pg_advisory_xact_lock(5106)"))
    done = version(connection)
    if done > len(steps):
        raise NewerError(done)
    if not done:
        made = "CREATE TABLE migrations (version INTEGER PRIMARY KEY, taken {real} NOT NULL)"
        connection.exec_driver_sql(made.format(**words))
    for number, statements in enumerate(steps[done:], done + 1):
        for statement in statements:
            connection.exec_driver_sql(statement.format(**words))
        connection.execute(
            text("INSERT INTO migrations (version, taken) VALUES (:version, :taken)"),
            {"version": number, "taken": time.time()},
        )
