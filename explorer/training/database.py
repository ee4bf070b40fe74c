"""Where the store is and how it is spoken to: its URL, its transactions, its complaints.

SQLite is in WAL mode, where readers never wait for the writer; writers ask for the lock at once
(``BEGIN IMMEDIATE``) and wait for it up to ten seconds. With ``synchronous=NORMAL`` a killed
process loses nothing that it wrote; a power cut may take the last moments, and never more.
PostgreSQL is left as it is.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection, Engine, PoolProxiedConnection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from explorer.training import meeting, migrations
from explorer.training.errors import StoreError, StoreFullError

PATIENCE = 10.0  # seconds for which a writer waits for another


class Database:
    """A database with all tables; safe to use from several threads, never across a fork.

    Whatever it says comes as StoreError with one sentence for the user.

    Args:
        url: a SQLAlchemy URL; None takes ``EXPLORER_STORE``, else the user's own.
        most_pages: SQLite's ``max_page_count``: what happens on a full disk happens there.
    """

    def __init__(self, url: str | None = None, most_pages: int | None = None) -> None:
        self.url = _url(url or meeting.address())
        self._watching: PoolProxiedConnection | None = None
        with _sentences(self.url):
            self._engine = _engine(self.url, most_pages)
        try:
            with self.reading() as connection:
                done = migrations.version(connection)
            if done != len(migrations.MIGRATIONS):
                with self.writing() as connection:
                    migrations.migrate(connection)
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of every connection; the next use opens new ones."""
        if self._watching:
            self._watching.close()
            self._watching = None
        self._engine.dispose()

    def stamp(self) -> int | None:
        """A number that changes with every change of the database; None where it cannot be told.

        Ten times as cheap as a query. One thread at a time may ask.
        """
        if self.url.get_backend_name() != "sqlite":
            return None
        try:
            self._watching = self._watching or self._engine.raw_connection()
            driver: Any = self._watching.driver_connection
            return int(driver.execute("PRAGMA data_version").fetchone()[0])
        except (DBAPIError, sqlite3.Error):
            return None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment and changes nothing."""
        with _sentences(self.url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is written whole, or not at all where an exception leaves it."""
        with (
            _sentences(self.url),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    def shrink(self) -> None:
        """Give the room of what was deleted back to the disk, where the database does not."""
        if self.url.get_backend_name() == "sqlite":
            with self.writing() as connection:
                driver: Any = connection.connection.driver_connection
                # As a script, because `execute` takes one step of it, and each gives back one page.
                driver.executescript("PRAGMA incremental_vacuum;")


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StoreError(
            "EXPLORER_STORE must be a SQLAlchemy URL, such as sqlite:////folder/runs.sqlite or"
            " postgresql://user@host/name."
        ) from error
    if url.get_backend_name() not in migrations.WORDS:
        raise StoreError("EXPLORER_STORE must name a SQLite file or a PostgreSQL database.")
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise StoreError("EXPLORER_STORE must name a file: several processes share it.")
        with suppress(OSError):  # where it cannot be made, SQLite says why
            os.close(os.open(str(url.database), os.O_CREAT | os.O_RDWR, 0o600))
    return url


def _engine(url: URL, most_pages: int | None) -> Engine:
    if url.get_backend_name() != "sqlite":
        return sql.create_engine(url, pool_pre_ping=True)
    engine = sql.create_engine(url, connect_args={"timeout": PATIENCE})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin below, not when the driver thinks
        for pragma in (
            "page_size = 16384",  # a checkpoint of megabytes costs a third less than at 4096
            "auto_vacuum = INCREMENTAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            "journal_size_limit = 67108864",
            *([f"max_page_count = {most_pages}"] if most_pages else []),
        ):
            connection.execute(f"PRAGMA {pragma}")
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        now = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {now}")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Bring a database into WAL mode, which SQLite refuses at once while another does the same."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


@contextmanager
def _sentences(url: URL) -> Iterator[None]:
    """What the database says, as a StoreError with one sentence."""
    where = url.render_as_string(hide_password=True)
    try:
        yield
    except migrations.NewerError as error:
        raise StoreError(
            f"The store {where} was made by a newer version of CNN Explorer: update this one, or"
            " set EXPLORER_STORE to another place."
        ) from error
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise StoreError(
            f"The store {where} needs a driver that is not installed ({error}): install it with"
            " pip, for PostgreSQL as psycopg[binary]."
        ) from error
    except DBAPIError as error:
        said = str(error.orig).splitlines()[0] if str(error.orig) else "no answer"
        if "full" in said or "No space left" in said:
            raise StoreFullError(
                f"There is no room left for the store {where}: make room there, or delete runs."
            ) from error
        raise StoreError(
            f"The store {where} cannot be used ({said}): mend it, or set EXPLORER_STORE to another"
            " place."
        ) from error
