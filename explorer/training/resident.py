"""The resident: a process that has imported and loaded everything, and forks a worker for each run.

``python -m explorer.training.resident GRACE``, started by :mod:`explorer.training.launcher`,
belongs to no server: it outlives the one that started it and is found by the next. It takes the
runs of this machine out of the store's queue, one for each core, the oldest first, reaps its
workers, and says of any worker that is gone that it got lost. It holds nothing that the store does
not know: where it is killed, its workers go on by themselves, and the next resident counts them.

It ends by itself once no run waits or goes on and no server has been there for a while, so that
nothing is left behind; a paused run ends after an hour (see :mod:`explorer.training.worker`).

Choices: one at a time by a lock on a file, which the kernel lets go of with the process. What it is
told comes as JSON lines through a Unix socket in a folder of the user's own, and is never more than
"look at the queue" and "go": what is run stands in the store, as a validated spec. It has one
thread and takes no step of its own, because PyTorch's backward pass starts threads where there is a
GPU, and no thread survives a fork. A run that asks for a GPU, and every run on macOS, gets a new
process instead of a fork, which takes two seconds.
"""

import fcntl
import gc
import json
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from explorer.training import meeting, process
from explorer.training.errors import StoreError

ROOT = Path(__file__).resolve().parents[2]
LOOK = 0.25  # seconds from one look at the store to the next, while runs are there
REST = 1.0  # the same, while none is
SILENT = 60.0  # seconds after which a worker on another machine is given up
LEAVING = 1.0  # seconds for which one that was told to go may hold the lock
LINE = 4096  # bytes of one request

log = logging.getLogger("explorer.resident")


def main(grace: float) -> int:
    """Become the resident, unless there is one; returns the exit status.

    Args:
        grace: seconds without a run and without a server after which it ends.
    """
    if os.fork():  # whoever started it need not wait for it
        os._exit(0)
    os.setsid()
    os.umask(0o077)
    os.environ["OMP_NUM_THREADS"] = "1"  # read once, when torch is imported
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"  # so that asking for a GPU starts nothing
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    meeting.code()  # of what is imported now, whatever is edited later
    place = meeting.place()
    lock = os.open(place.lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    if not _alone(lock):
        return 0
    place.socket.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(place.socket))
    server.listen(64)
    server.setblocking(False)
    try:
        Resident(server, lock, grace).serve()
    finally:
        # Before the lock is let go of: afterwards the socket may be the next one's.
        place.socket.unlink(missing_ok=True)
    return 0


def _alone(lock: int) -> bool:
    """Take the lock; one that is about to leave is waited for. False where another one stays."""
    end = time.monotonic() + LEAVING
    while time.monotonic() < end:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.02)
    return False


def warm() -> None:
    """Import, load and try once whatever a worker would otherwise wait for."""
    import torch

    torch.set_num_threads(1)
    from explorer.training import worker  # noqa: F401
    from explorer.training.data import load
    from explorer.training.engine import Engine
    from explorer.training.spec import RunSpec

    Engine(RunSpec(device="cpu"), load("mnist"))  # its optimiser imports a thousand modules
    gc.collect()
    gc.freeze()  # a collection in a worker would copy every page that it looks at


class Resident:
    """The state of the resident: its socket, the servers that are connected, its children.

    Args:
        server: listens, non-blocking.
        lock: file descriptor of the lock, which a child must not inherit.
        grace: see :func:`main`.
    """

    def __init__(self, server: socket.socket, lock: int, grace: float) -> None:
        from explorer.training.store import Store

        self.server, self.lock, self.grace = server, lock, grace
        self.clients: dict[socket.socket, bytes] = {}
        self.children: dict[int, tuple[str, int]] = {}  # pid -> run, attempts before
        self.spawned: dict[int, subprocess.Popen[bytes]] = {}
        self.going = True
        self.wanted = time.monotonic()  # when somebody last needed it
        self.selector = selectors.DefaultSelector()
        self.selector.register(server, selectors.EVENT_READ)
        self.bell, ring = socket.socketpair()
        for each in (self.bell, ring):
            each.setblocking(False)
        self.selector.register(self.bell, selectors.EVENT_READ)
        self.ring = ring
        signal.set_wakeup_fd(ring.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._leave)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.store = Store()
        warm()
        log.info("resident %d is ready", os.getpid())

    def serve(self) -> None:
        """Until it is told to go, or is of no more use."""
        address = Path(self.server.getsockname())
        while self.going and address.exists():  # where its folder is gone, nobody can find it
            try:
                busy = self._look()
            except StoreError as error:
                log.warning("%s", error)
                busy = False
            if busy or self.clients:
                self.wanted = time.monotonic()
            elif time.monotonic() - self.wanted > self.grace:
                log.info("nobody needs the resident any more")
                return
            for key, _ in self.selector.select(LOOK if busy else REST):
                self._heed(key.fileobj)

    def _leave(self, *_: object) -> None:
        self.going = False

    def _look(self) -> bool:
        """Reap, give up the lost, start what waits; whether any run is there."""
        self._reap()
        here, busy = process.host(), False
        going = {run for run, _ in self.children.values()}
        for run in self.store.live():
            if meeting.gone(run, SILENT):
                if self.store.mark_lost(run, meeting.LOST):
                    log.info("run %s got lost", run.id)
                going.discard(run.id)
            elif run.host == here:
                going.add(run.id)
        for waiting in self.store.queue():
            busy = True
            if len(going) >= process.cores():
                break
            if waiting not in going:
                going.add(waiting)
                self._start(waiting)
        return busy or bool(going)

    def _reap(self) -> None:
        for pid in list(self.children):
            if (spawned := self.spawned.get(pid)) is not None:
                status = spawned.poll()
            else:
                done, raw = os.waitpid(pid, os.WNOHANG)
                status = os.waitstatus_to_exitcode(raw) if done else None
            if status is None:
                continue
            run, before = self.children.pop(pid)
            self.spawned.pop(pid, None)
            log.info("worker %d of run %s ended with %d", pid, run, status)
            self.store.refuse(run, "Its worker ended before it began: start it again.", before)

    def _start(self, run: str) -> None:
        """Fork a worker for a run, or give it a new process where a fork would not do."""
        known = self.store.run(run)
        if known is None or known.state != "queued":
            return
        try:
            device = known.spec.device
        except ValueError as error:
            self.store.refuse(run, str(error), known.attempt)
            return
        if meeting.forks(device):
            pid = self._fork(run)
        else:
            command = [sys.executable, "-m", "explorer.training.worker", run]
            spawned = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
            pid = spawned.pid
            self.spawned[pid] = spawned
        log.info("worker %d begins run %s", pid, run)
        self.children[pid] = run, known.attempt

    def _fork(self, run: str) -> int:
        self.store.close()  # SQLite's connections must not cross a fork
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for each in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
                signal.signal(each, signal.SIG_DFL)
            self.selector.close()
            for held in (self.server, self.bell, self.ring, *self.clients):
                held.close()
            os.close(self.lock)
            from explorer.training import worker

            status = worker.main(run)
        except BaseException:
            log.exception("worker of run %s", run)
        finally:
            logging.shutdown()
            os._exit(status)

    def _heed(self, source: object) -> None:
        """Take what came in through a socket."""
        if source is self.bell:
            with suppress(BlockingIOError):
                self.bell.recv(LINE)
        elif source is self.server:
            with suppress(OSError):
                client, _ = self.server.accept()
                client.setblocking(False)
                self.clients[client] = b""
                self.selector.register(client, selectors.EVENT_READ)
        elif isinstance(source, socket.socket) and source in self.clients:
            try:
                said = source.recv(LINE)
            except OSError:
                said = b""
            *lines, rest = (self.clients[source] + said).split(b"\n")
            self.clients[source] = rest
            if not said or len(rest) > LINE or not all(self._answer(source, x) for x in lines):
                self.selector.unregister(source)
                del self.clients[source]
                source.close()

    def _answer(self, client: socket.socket, line: bytes) -> bool:
        """Answer one request; False where it is none, or nobody waits for the answer."""
        try:
            request = json.loads(line)["do"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return False
        answer: dict[str, object] = {"pid": os.getpid(), "code": meeting.code()}
        if request == "go":
            self.going = False
        elif request != "look":
            return False
        try:
            client.sendall(json.dumps(answer).encode() + b"\n")
        except OSError:
            return False
        return True


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
