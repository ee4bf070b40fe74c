"""Stores and residents of a test's own, and waiting for what they do."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sql

from explorer.training import launcher, store
from explorer.training.records import Run, State
from explorer.training.spec import RunSpec
from explorer.training.store import Store
from tests.training.small import NETWORK

T = TypeVar("T")


def wait(until: Callable[[], T], patience: float = 60) -> T:
    """What a condition gives once it gives something true."""
    end = time.monotonic() + patience
    while not (found := until()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
    return found


def state(runs: Store, run: str, *wanted: State) -> Run:
    """The run once it is in one of these states."""

    def reached() -> Run | None:
        found = runs.run(run)
        return found if found and found.state in wanted else None

    return wait(reached)


def endless(**changes: object) -> RunSpec:
    """A run over MNIST that takes longer than any test, in quick steps."""
    settings: dict[str, object] = {"network": NETWORK, "batch_size": 16, "epochs": 200.0}
    return RunSpec(**{**settings, "device": "cpu", **changes})  # type: ignore[arg-type]


@contextmanager
def at_home(folder: Path) -> Iterator[Path]:
    """The user's data folder and its store are here, for this process and those it starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_DATA", str(folder))
        patch.delenv("EXPLORER_STORE", raising=False)
        store.shared.cache_clear()
        yield folder
        if store.shared.cache_info().currsize:
            store.shared().close()
        store.shared.cache_clear()


def end_everything() -> None:
    """Send the resident away and end every worker of the store."""
    with suppress(OSError, ValueError), launcher._connect() as connection:
        launcher._ask(connection, "go")
    runs = store.shared()
    for run in runs.live():
        with suppress(ProcessLookupError, ValueError, IndexError):
            os.kill(int(run.process.split("/")[1]), signal.SIGKILL)
    for run in runs.runs():
        if run.state is State.QUEUED:
            runs.command(run.id, "stop")


def _programs() -> Path | None:
    """The folder of PostgreSQL's programs."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL: ``EXPLORER_TEST_POSTGRESQL``, else one that is started for it.

    Skips the test where neither is there.
    """
    if given := os.environ.get("EXPLORER_TEST_POSTGRESQL"):
        yield given
        return
    programs = _programs()
    if not programs or not (programs / "initdb").exists():
        pytest.skip("no PostgreSQL: install it, or give a URL as EXPLORER_TEST_POSTGRESQL")
    # Its server refuses to be root.
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if not os.getuid() else {}
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if user:
        shutil.chown(folder, "postgres", "postgres")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **user}
    data = folder / "data"
    make = [programs / "initdb", "--no-sync", "--auth=trust", "--username=explorer", "-D", data]
    server = None
    try:
        subprocess.run(make, check=True, **quiet)  # type: ignore[call-overload]
        only_here = ["-c", "listen_addresses=", "-c", "fsync=off", "-k", folder]
        server = subprocess.Popen([programs / "postgres", "-D", data, *only_here], **quiet)  # type: ignore[call-overload]
        url = f"postgresql://explorer@/postgres?host={folder}"
        wait(lambda: _answers(url))
        yield url
    finally:
        if server:
            server.send_signal(signal.SIGINT)
            server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _answers(url: str) -> bool:
    engine = sql.create_engine(url, poolclass=sql.NullPool)
    try:
        with engine.connect():
            return True
    except sql.exc.OperationalError:
        return False


def emptied(url: str) -> str:
    """The same URL, its database emptied."""
    engine = sql.create_engine(url, poolclass=sql.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    return url
