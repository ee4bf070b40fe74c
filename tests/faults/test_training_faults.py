"""Killed workers, residents and servers, and several that want the same: nothing reported is lost.

One resident serves the tests of this module, and a connection stands for the server that keeps it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from explorer.training import launcher, loop, meeting, process
from explorer.training.events import Stepped
from explorer.training.records import Run, State
from explorer.training.store import Store, shared
from tests.training.stores import at_home, end_everything, endless, state, wait

ROOT = Path(__file__).parents[2]
LIVE = (State.RUNNING, State.PAUSED)
ENDED = (State.FINISHED, State.STOPPED, State.FAILED, State.LOST)


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with at_home(tmp_path_factory.mktemp("home")) as folder:
        launcher._spawn()
        yield folder
        end_everything()


@pytest.fixture(scope="module")
def resident(home: Path) -> Iterator[int]:
    with wait(_connection):
        yield wait(lambda: launcher.status().resident)


@pytest.fixture
def runs(resident: int) -> Iterator[Store]:
    yield shared()
    for run in shared().runs():
        if not run.state.ended:
            launcher.command(run.id, "stop")
    wait(lambda: all(run.state.ended for run in shared().runs()))


def _connection() -> socket.socket | None:
    try:
        return launcher._connect()
    except OSError:
        return None


def pid(run: Run | None) -> int:
    assert run
    return int(run.process.split("/")[1])


def going(runs: Store, run: str, steps: int = 1) -> Run:
    """The run once so many steps of it are recorded."""
    wait(lambda: len(runs.points(run)) >= steps)
    found = runs.run(run)
    assert found
    return found


def test_as_many_runs_go_on_as_there_are_cores_and_the_others_wait(runs: Store) -> None:
    slots = launcher.status().slots
    started: list[str] = []
    # As from as many tabs at once.
    tabs = [
        threading.Thread(target=lambda: started.append(launcher.launch(endless())))
        for _ in range(slots + 2)
    ]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    for run in runs.runs():
        assert run.id in started
    wait(lambda: sum(run.state is State.RUNNING for run in runs.runs()) == slots)
    waiting = [run for run in runs.runs() if run.state is State.QUEUED]
    assert sorted(run.place for run in waiting) == [1, 2]
    first, second = sorted(waiting, key=lambda run: run.place)
    launcher.command(first.id, "stop")
    assert runs.run(second.id).place == 1  # type: ignore[union-attr]
    launcher.command(next(run.id for run in runs.live()), "stop")
    assert state(runs, second.id, State.RUNNING).place == 0
    assert len({pid(run) for run in runs.live()}) == len(runs.live()) == slots


def test_a_worker_has_one_thread_of_torch_and_none_of_the_residents_files(
    runs: Store, resident: int
) -> None:
    run = launcher.launch(endless())
    worker = psutil.Process(pid(going(runs, run)))
    assert worker.ppid() == resident
    assert worker.num_threads() <= 2  # the loop and the recorder
    names = {Path(file.path).name for file in worker.open_files()}
    assert not {name for name in names if name.endswith(".lock")}
    assert not [c for c in worker.net_connections("unix") if c.laddr.endswith(".sock")]


def test_orders_reach_a_worker_of_another_process(runs: Store) -> None:
    run = launcher.launch(endless())
    going(runs, run)
    launcher.command(run, "pause")
    paused = state(runs, run, State.PAUSED)
    known = len(runs.points(run))
    launcher.command(run, "step")
    wait(lambda: len(runs.points(run)) > known)
    assert len(runs.points(run)) == known + 1
    assert runs.run(run).process == paused.process  # type: ignore[union-attr]
    launcher.command(run, "resume")
    going(runs, run, known + 20)
    launcher.command(run, "stop")
    stopped = state(runs, run, *ENDED)
    assert stopped.state is State.STOPPED
    assert stopped.step == runs.points(run)["step"][-1] == runs.checkpoints(run)[-1]


@pytest.mark.parametrize("steps", [1, 7, 120])
def test_a_killed_worker_is_lost_with_its_points_and_goes_on_exactly(
    runs: Store, steps: int
) -> None:
    spec = endless(seed=steps)
    run = launcher.launch(spec)
    going(runs, run, steps)
    before = runs.points(run)
    os.kill(pid(runs.run(run)), signal.SIGKILL)
    lost = state(runs, run, *ENDED)
    assert lost.state is State.LOST
    assert "killed" in lost.reason
    kept = runs.points(run)
    np.testing.assert_array_equal(kept[: len(before)], before)
    launcher.command(run, "resume")
    going(runs, run, len(kept) + 20)
    launcher.command(run, "stop")
    state(runs, run, State.STOPPED)
    points = runs.points(run)
    assert points["step"].tolist() == list(range(1, len(points) + 1))
    said = (event for event in loop.fit(spec) if isinstance(event, Stepped))
    whole = [next(said).loss for _ in range(len(points))]
    np.testing.assert_array_equal(points["loss"], np.array(whole, np.float32))


def test_a_worker_is_ended_by_its_signal_with_everything_kept(runs: Store) -> None:
    run = launcher.launch(endless())
    os.kill(pid(going(runs, run, 5)), signal.SIGTERM)
    stopped = state(runs, run, *ENDED)
    assert stopped.state is State.STOPPED
    assert runs.checkpoints(run)[-1] == stopped.step


def test_a_description_that_makes_no_sense_is_refused_by_the_resident(runs: Store) -> None:
    run = shared().create(endless())
    with shared()._database.writing() as connection:
        connection.exec_driver_sql('UPDATE runs SET spec = \'{"seed": "x"}\'')
    launcher._wake()
    refused = state(runs, run, *ENDED)
    assert refused.state is State.FAILED
    shared().delete(run)


@pytest.mark.parametrize(
    "said", [b"\n", b"nonsense\n", b'{"do": "exec"}\n', b"[" * 4000 + b"\n", b"x" * 10_000]
)
def test_the_resident_hangs_up_on_nonsense(runs: Store, resident: int, said: bytes) -> None:
    with launcher._connect() as connection:
        connection.sendall(said)
        with suppress(ConnectionResetError):  # it hung up before it had read everything
            assert connection.recv(100) == b""
    assert launcher.status().resident == resident


def test_a_second_resident_finds_the_first(runs: Store, resident: int) -> None:
    launcher._spawn()
    launcher._spawn()
    assert launcher.status().resident == resident


def test_a_resident_whose_folder_is_gone_ends(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("gone")
    with at_home(folder):
        launcher._spawn()
        with wait(_connection) as connection:
            connection.settimeout(60)  # it answers once it has loaded everything
            own = launcher._ask(connection, "look")["pid"]
            assert isinstance(own, int)
            shutil.rmtree(folder)
            wait(lambda: not process.alive(process.name(own)))


SERVER = """
import sys, time
from explorer.training import launcher
from explorer.training.spec import RunSpec
launcher.start()
print(launcher.launch(RunSpec.from_json(sys.argv[1])), flush=True)
time.sleep(600)
"""


def server(spec_json: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SERVER, spec_json],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_server_and_a_killed_resident_stop_no_run_and_leave_nothing(
    runs: Store, resident: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server(endless().to_json()) as started:
        assert started.stdout
        run = started.stdout.readline().strip()
        worker = pid(going(runs, run, 3))
        started.kill()
    os.kill(resident, signal.SIGKILL)
    wait(lambda: not process.alive(process.name(resident)))
    going(runs, run, len(runs.points(run)) + 50)
    assert pid(runs.run(run)) == worker
    # The next one that starts a run finds no resident, and the new resident counts the old worker.
    monkeypatch.setattr(launcher, "GRACE", 0.2)
    more = [launcher.launch(endless()) for _ in range(launcher.status().slots)]
    for each in more[:-1]:
        state(runs, each, State.RUNNING)
    second = wait(lambda: launcher.status().resident)
    assert second != resident
    assert runs.run(more[-1]).state is State.QUEUED  # type: ignore[union-attr]
    # An adopted worker that is killed is noticed too, by the new resident and by any page.
    os.kill(worker, signal.SIGKILL)
    assert state(runs, run, *ENDED).state is State.LOST
    state(runs, more[-1], State.RUNNING)
    for each in more:
        launcher.command(each, "stop")
        state(runs, each, State.STOPPED)
    # With no run and no server the resident ends, and nothing of it is left.
    wait(lambda: not process.alive(process.name(second)))
    wait(lambda: not meeting.place().socket.exists())
    assert runs.live() == []
    assert launcher.status().resident is None


def test_a_page_notices_a_lost_run_without_a_resident(runs: Store) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        run = shared().create(endless(), by=process.name(other.pid))
        assert launcher.find(run).state is State.RUNNING  # type: ignore[union-attr]
        other.kill()
    assert launcher.find(run).state is State.LOST  # type: ignore[union-attr]


def test_ctrl_c_stops_a_run_of_the_command_line_and_keeps_it(home: Path, tmp_path: Path) -> None:
    network = tmp_path / "small.json"
    network.write_text(endless().architecture.to_json())
    command = [sys.executable, "-m", "explorer", "train", "--network", str(network), "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, "--epochs", "200"], cwd=ROOT, **pipes) as started:  # type: ignore[call-overload]
        run = str(json.loads(started.stdout.readline())["run"])
        wait(lambda: len(shared().points(run)) > 2)
        started.send_signal(signal.SIGINT)
        last = json.loads(started.stdout.readlines()[-1])
        assert started.stderr.read() == ""
    assert started.returncode == 130
    assert (last["event"], last["reason"]) == ("finished", "stopped")
    stopped = shared().run(run)
    assert stopped
    assert (stopped.state, stopped.step) == (State.STOPPED, last["step"])
    assert shared().checkpoints(run)[-1] == last["step"]
