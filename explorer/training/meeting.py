"""What the resident and those who look for it must agree on: where they meet, and who is alive.

Light to import, so that the resident is there soon after it was asked for.
"""

import hashlib
import os
import stat
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.data.mnist import data_folder
from explorer.training import process
from explorer.training.errors import StoreError

if TYPE_CHECKING:
    from explorer.training.records import Run

PACKAGE = Path(__file__).resolve().parents[1]
LONGEST = 100  # bytes of a Unix socket's address; the kernel takes 107, macOS 103
LOST = "Its process ended without a word (killed, or out of memory): resume it where it stopped."


@dataclass(frozen=True)
class Place:
    """The files by which the resident of one store is found."""

    lock: Path
    socket: Path
    log: Path


def folder() -> Path:
    """The folder of the store and of the resident's socket, made for its owner alone."""
    path = data_folder().absolute() / "runs"
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(
            f"Runs cannot be kept in {path} ({error.strerror}): set EXPLORER_DATA to a folder that"
            " you may write to."
        ) from error
    return path


def address() -> str:
    """The SQLAlchemy URL of the store: ``EXPLORER_STORE``, else a file of the user's own."""
    text = os.environ.get("EXPLORER_STORE") or f"sqlite:///{folder() / 'runs.sqlite'}"
    scheme, slashes, path = text.partition(":///")
    if slashes and scheme.startswith("sqlite") and path:  # another process has another folder
        return f"{scheme}:///{Path(path).expanduser().absolute()}"
    return text


def place() -> Place:
    """The resident's files, in a folder of the user's own; raises StoreError where there is none.

    A folder whose path is too long for a socket has it in the system's folder for temporary files.
    """
    home = folder()
    name = hashlib.sha256(address().encode()).hexdigest()[:8]
    path = home / f"resident-{name}.sock"
    if len(os.fsencode(path)) > LONGEST:
        key = hashlib.sha256(str(home).encode()).hexdigest()[:8]
        short = Path(tempfile.gettempdir(), f"cnn-explorer-{os.getuid()}")
        short.mkdir(mode=0o700, exist_ok=True)
        path = short / f"{key}-{name}.sock"
    found = path.parent.lstat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise StoreError(
            f"The folder {path.parent} must belong to you alone: run chmod 700 on it, or set"
            " EXPLORER_DATA to another folder."
        )
    return Place(home / f"resident-{name}.lock", path, home / f"resident-{name}.log")


@cache
def code() -> str:
    """What this process has loaded, as far as it tells: a resident of other code is sent away."""
    newest = max(path.stat().st_mtime_ns for path in PACKAGE.rglob("*.py"))
    return f"{PACKAGE}:{newest}"


def forks(device: str) -> bool:
    """Whether a run on ``device`` may be forked from a process that has imported torch."""
    return device in ("auto", "cpu") and sys.platform != "darwin" and hasattr(os, "fork")


def gone(run: "Run", silent: float) -> bool:
    """Whether the worker of a live run is no more.

    On this machine the process itself is asked, so that a closed laptop or a busy machine makes
    nobody lost; on another, and on Windows, its heartbeat must have been silent for ``silent``
    seconds.
    """
    if run.host == process.host() and os.name != "nt":
        return not process.alive(run.process)
    return time.time() - (run.heartbeat or 0.0) > silent
