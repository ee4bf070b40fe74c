"""Whether a process that wrote its name somewhere is still the one that runs under that number.

A process number alone is used again sooner or later, and begins anew when the machine does. So a
process is named by three things: the start of the machine, its number, and when it was started;
where the system does not tell (no ``/proc``), by its number alone. On Windows nothing is told, and
a process counts as alive: see :func:`explorer.training.meeting.gone`.
"""

import os
import platform
from contextlib import suppress
from functools import cache
from pathlib import Path


def host() -> str:
    """The name of this machine."""
    return platform.node() or "localhost"


@cache
def _boot() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    return "?"


def _begun(pid: int) -> str:
    """When a process began, in ticks since the machine did; ``-`` for a dead one, ``?`` unknown."""
    if os.name == "nt":
        return "?"
    if not Path("/proc/self/stat").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return "-"
        except PermissionError:
            pass
        return "?"
    try:
        # The name of the program is in brackets and may hold any character.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "-"
    return "-" if fields[0] in "ZX" else fields[19]


def name(pid: int | None = None) -> str:
    """How a process is written down; this one where none is given."""
    pid = os.getpid() if pid is None else pid
    return f"{_boot()}/{pid}/{_begun(pid)}"


def alive(named: str) -> bool:
    """Whether the process that :func:`name` named on this machine still runs."""
    try:
        boot, pid, begun = named.split("/")
        return boot == _boot() and begun != "-" and _begun(int(pid)) == begun
    except ValueError:
        return False


def cores() -> int:
    """Processor cores that this process may use; at least one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
