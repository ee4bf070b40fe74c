"""What pages and the command line call to start a run, to tell it something, and to see it.

A run is started by putting it into the store's queue and waking the resident (see
:mod:`explorer.training.resident`), which is started where there is none. Nothing here holds a
handle to a run's process: another tab, another server and the same server after a restart see and
steer the same runs.

A server calls :func:`start` early. A thread of its own then keeps one connection to the resident:
as long as it stands, the resident stays; and where the resident dies, another one is started.
"""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from explorer.data.mnist import data_folder
from explorer.training import meeting, process
from explorer.training.errors import StoreError
from explorer.training.records import Run, Verb
from explorer.training.spec import RunSpec
from explorer.training.store import shared

ROOT = Path(__file__).resolve().parents[2]
ANSWER = 5.0  # seconds in which the resident answers, or is taken for dead
GRACE = 120.0  # seconds without a run and a server after which the resident ends
WARM = 30.0  # seconds in which a new resident is ready
AGAIN = 3.0  # seconds after which one more is started, where none answers
SELDOM = 60.0  # seconds from one try to the next, where none can be started
LOG = 1_000_000  # bytes of the resident's log after which it begins anew
SILENT = 60.0  # seconds after which a worker on another machine is given up

log = logging.getLogger(__name__)
_keeper = threading.Lock()


@dataclass(frozen=True)
class Status:
    """Where runs are carried out.

    Attributes:
        resident: process number of the resident, None where there is none (yet).
        slots: runs that may go on at once.
    """

    resident: int | None
    slots: int


def start() -> None:
    """Have a resident for as long as this process lives; returns at once."""
    if supported() and _keeper.acquire(blocking=False):
        threading.Thread(target=_keep, name="resident-keeper", daemon=True).start()


def supported() -> bool:
    """Whether this system can carry out runs in the background: Linux and macOS can."""
    return hasattr(os, "fork") and hasattr(socket, "AF_UNIX")


def launch(spec: RunSpec, name: str | None = None, until: float | None = None) -> str:
    """Start a run, or let it wait for a free core; returns its id at once.

    Args:
        spec: what is trained.
        name: how it is called; None describes it.
        until: end it as soon as the test set is read with this accuracy.

    Raises:
        StoreError: it cannot be recorded, or not on this system; one sentence.
    """
    _demand()
    run = shared().create(spec, name, until)
    _wake()
    return run


def resume(run: str) -> None:
    """Let a run that was stopped, failed or got lost go on from its last checkpoint."""
    _demand()
    shared().requeue(run)
    _wake()


def command(run: str, verb: str, value: float | None = None) -> None:
    """Tell a run something, as :meth:`explorer.training.store.Store.command` does.

    To resume a run that has ended lets it go on from its last checkpoint.
    """
    if verb == Verb.RESUME:
        found = find(run)
        if found and found.state.ended:
            resume(run)
            return
    shared().command(run, verb, value)


def find(run: str) -> Run | None:
    """A run as it stands, or None; one whose process is gone is lost, whoever notices first."""
    found = shared().run(run)
    if found and found.state.live and meeting.gone(found, SILENT):
        shared().mark_lost(found, meeting.LOST)
        found = shared().run(run)
    return found


def runs(limit: int = 500) -> list[Run]:
    """The newest runs, newest first; those whose process is gone are lost."""
    listed = shared().runs(limit)
    gone = [run for run in listed if run.state.live and meeting.gone(run, SILENT)]
    for run in gone:
        shared().mark_lost(run, meeting.LOST)
    return shared().runs(limit) if gone else listed


def status() -> Status:
    """Whether there is a resident, and how many runs may go on at once."""
    try:
        with _connect() as connection:
            resident = int(str(_ask(connection, "look")["pid"]))
    except (OSError, ValueError, KeyError):
        return Status(None, process.cores())
    return Status(resident, process.cores())


def _demand() -> None:
    if not supported():
        raise StoreError(
            "Runs in the background need Linux or macOS: on this system use python -m explorer"
            " train."
        )


def _connect() -> socket.socket:
    """A connection to the resident; raises OSError where there is none."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(ANSWER)
    try:
        connection.connect(str(meeting.place().socket))
    except OSError:
        connection.close()
        raise
    return connection


def _ask(connection: socket.socket, do: str) -> dict[str, object]:
    """What the resident answers; raises OSError or ValueError where it does not."""
    connection.sendall(json.dumps({"do": do}).encode() + b"\n")
    with connection.makefile("rb") as answers:
        answer = json.loads(answers.readline())
    if not isinstance(answer, dict):
        raise ValueError(answer)
    return answer


def _wake() -> None:
    """Tell the resident that something waits; a new one looks at the queue by itself."""
    try:
        with _connect() as connection:
            connection.sendall(b'{"do": "look"}\n')
    except OSError:
        _spawn()


def _spawn() -> None:
    """Start a resident; one too many finds the lock taken and ends."""
    place = meeting.place()
    flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY
    handle = os.open(place.log, flags, 0o600)
    with open(handle, "ab") as out:  # noqa: PTH123  a descriptor has no path
        if out.tell() > LOG:
            out.truncate(0)
        subprocess.run(
            [sys.executable, "-m", "explorer.training.resident", str(GRACE)],
            cwd=ROOT,
            env={**os.environ, **_environment()},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            check=False,
        )


def _environment() -> dict[str, str]:
    """What the resident must know, whose current folder is another one."""
    home = str(data_folder().absolute())
    return {"EXPLORER_STORE": meeting.address(), "EXPLORER_DATA": home}


def _keep() -> None:
    """Hold a connection to a resident of the same code, for ever."""
    pause = 1.0
    while True:
        try:
            with _meet() as connection:
                pause = 1.0
                connection.settimeout(None)
                while connection.recv(4096):
                    pass
        except (OSError, ValueError, StoreError) as error:
            log.warning("there is no resident: %s", error)
            time.sleep(pause)
            pause = min(2 * pause, SELDOM)


def _meet() -> socket.socket:
    """A connection to a resident of the same code, which is started where there is none.

    Raises OSError or ValueError where none is there in time.
    """
    end, again = time.monotonic() + WARM, 0.0
    while True:
        try:
            with ExitStack() as stack:
                connection = stack.enter_context(_connect())
                connection.settimeout(max(0.1, end - time.monotonic()))
                if _ask(connection, "look")["code"] == meeting.code():
                    stack.pop_all()
                    return connection
                _ask(connection, "go")  # its workers go on, and belong to the next one
        except (OSError, ValueError, KeyError):
            if time.monotonic() > end:
                raise
            if time.monotonic() > again:
                _spawn()
                again = time.monotonic() + AGAIN
        time.sleep(0.02)
