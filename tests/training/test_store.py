"""The store, on SQLite and on PostgreSQL."""

import math
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sql
from safetensors.numpy import load, save

from explorer.training import ladder, meeting, migrations, tables
from explorer.training.errors import StoreError, StoreFullError, SupersededError
from explorer.training.events import Checkpoint, Evaluated, Snapshot, Started, Stepped
from explorer.training.records import POINT, State, Verb
from explorer.training.reports import Batch
from explorer.training.spec import RunSpec
from explorer.training.store import Store
from tests.training.stores import emptied, postgresql

SPEC = RunSpec(epochs=1.0)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'runs.sqlite'}"
    return emptied(request.getfixturevalue("server"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store(url)
    yield opened
    opened.close()


def steps(first: int, last: int, loss: float = 0.5) -> list[Stepped]:
    return [Stepped(n, n / 469, loss, 0.25, 0.001, n / 64, 128 * n) for n in range(first, last + 1)]


def begun(store: Store) -> tuple[str, int]:
    run = store.create(SPEC)
    attempt = store.claim(run, "me")
    assert attempt
    return run, attempt


def whole(step: int) -> Checkpoint:
    tensors = {
        "conv1.weight": np.full((2, 2), step, np.float32),
        "optimiser.conv1.weight.exp_avg": np.full((4,), -step, np.float32),
        "output.bias": np.arange(3, dtype=np.float32),
    }
    return Checkpoint(step, save(tensors, {"explorer": f"step {step}"}))


def test_a_new_run_waits_with_all_that_was_said_of_it(store: Store) -> None:
    first = store.create(SPEC, until=0.99)
    second = store.create(SPEC, "  my\x00 run\n<b>  ")
    runs = {run.id: run for run in store.runs()}
    assert runs[first].spec == SPEC
    assert runs[first].name == SPEC.describe()
    assert runs[first].until == 0.99
    assert runs[first].steps == SPEC.steps
    assert runs[second].name == "my run <b>"
    assert [runs[first].place, runs[second].place] == [1, 2]
    assert store.queue() == [first, second]
    assert store.run(second) == runs[second]
    assert store.run("none") is None


def test_only_one_process_gets_a_run(store: Store) -> None:
    run = store.create(SPEC)
    taken: list[int | None] = []
    both = [threading.Thread(target=lambda: taken.append(store.claim(run, "x"))) for _ in range(4)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(taken, key=str) == [1, None, None, None]


def test_steps_come_back_as_they_were_reported(store: Store) -> None:
    run, attempt = begun(store)
    store.report(run, attempt, Batch(steps=steps(1, 10)))
    store.report(run, attempt, Batch(steps=steps(11, 13, 0.125)))
    points = store.points(run)
    assert points.dtype == POINT
    assert points["step"].tolist() == list(range(1, 14))
    assert points["loss"].tolist() == [0.5] * 10 + [0.125] * 3
    assert points[12].item() == pytest.approx((13, 13 / 469, 0.125, 0.25, 0.001, 13 / 64, 1664))
    assert store.points(run, since=9)["step"].tolist() == [10, 11, 12, 13]
    assert len(store.points(run, since=13)) == 0
    assert len(store.points("none")) == 0
    found = store.run(run)
    assert found
    assert (found.step, found.loss, found.seconds) == (13, 0.125, 13 / 64)
    assert found.images_per_second == 128 * 64


def test_what_a_resumed_run_says_again_counts(store: Store) -> None:
    run, attempt = begun(store)
    store.report(run, attempt, Batch(steps=steps(1, 9)))
    store.report(run, attempt, Batch(State.STOPPED))
    store.requeue(run)
    again = store.claim(run, "other")
    assert again == 2
    store.report(run, again, Batch(steps=steps(6, 7, 0.25)))
    points = store.points(run)
    assert points["step"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert points["loss"].tolist() == [0.5] * 5 + [0.25] * 2


def test_an_earlier_worker_has_nothing_more_to_say(store: Store) -> None:
    run, attempt = begun(store)
    found = store.run(run)
    assert found
    assert store.mark_lost(found, "gone")
    store.report(run, attempt, Batch(steps=steps(1, 1)))  # it was only slow: it is back
    assert store.run(run).state is State.RUNNING  # type: ignore[union-attr]
    assert store.mark_lost(found, "gone")
    store.requeue(run)
    assert store.claim(run, "other") == attempt + 1
    with pytest.raises(SupersededError):
        store.report(run, attempt, Batch(steps=steps(2, 2)))
    assert store.points(run)["step"].tolist() == [1]
    assert not store.mark_lost(found, "gone")


def test_evaluations_come_back_with_every_answer(store: Store) -> None:
    run, attempt = begun(store)
    few, all_ = np.arange(100, dtype=np.uint8) % 10, np.arange(250, dtype=np.uint8) % 10
    said = [
        Evaluated(20, 250, math.inf, 0.5, all_),
        Evaluated(20, 100, 0.3, 0.75, few),
        Evaluated(10, 100, 0.4, 0.5, few),
    ]
    store.report(run, attempt, Batch(evaluations=said))
    found = store.evaluations(run)
    assert [(each.step, each.images) for each in found] == [(10, 100), (20, 100), (20, 250)]
    np.testing.assert_array_equal(found[2].answers, all_)
    assert math.isnan(found[2].loss)
    assert [each.step for each in store.evaluations(run, since=10)] == [20, 20]
    assert store.run(run).test_accuracy == 0.5  # type: ignore[union-attr]


def test_kernels_come_back_as_they_were_at_a_step(store: Store) -> None:
    run, attempt = begun(store)
    for step in (0, 10, 20):
        kernels = {"conv1": np.full((2, 1, 3, 3), step, np.float32)}
        store.report(run, attempt, Batch(snapshots=[Snapshot(step, kernels)]))
    assert store.snapshot_steps(run) == [0, 10, 20]
    found = store.snapshot(run, 19)
    assert found
    assert found.step == 10
    np.testing.assert_array_equal(found.kernels["conv1"], np.full((2, 1, 3, 3), 10, np.float32))
    assert store.snapshot(run).step == 20  # type: ignore[union-attr]
    assert [each.step for each in store.snapshots(run, since=0)] == [10, 20]
    assert store.snapshot("none") is None


def test_only_the_last_checkpoint_is_kept_whole(store: Store) -> None:
    run, attempt = begun(store)
    store.report(run, attempt, Batch(checkpoints=[whole(0), whole(5)], whole=whole(5)))
    store.report(run, attempt, Batch(checkpoints=[whole(9)], whole=whole(9)))
    assert store.checkpoints(run) == [0, 5, 9]
    seen = load(store.checkpoint(run, 5) or b"")
    assert sorted(seen) == ["conv1.weight", "output.bias"]
    assert seen["conv1.weight"].tolist() == [[5, 5], [5, 5]]
    assert store.resumable(run) == whole(9).data
    assert b"step 5" in (store.checkpoint(run, 5) or b"")
    assert store.checkpoint(run, 6) is None
    assert store.checkpoint(run) == store.checkpoint(run, 9)


def test_the_ladder_of_checkpoints_is_bounded(store: Store) -> None:
    run, attempt = begun(store)
    for step in range(3 * ladder.LADDER):
        store.report(run, attempt, Batch(checkpoints=[whole(step)]))
    kept = store.checkpoints(run)
    assert len(kept) == ladder.LADDER
    assert kept[:5] == [0, 1, 2, 3, 4]
    assert kept[-1] == 3 * ladder.LADDER - 1


def test_a_run_tells_how_it_began_and_ended(store: Store) -> None:
    run, attempt = begun(store)
    start = Started(60, 20, 1000, 2000, "cpu", "float32", "mkl", 0.5, first_step=7)
    store.report(run, attempt, Batch(started=start))
    found = store.run(run)
    assert found
    assert (found.steps, found.step, found.start["parameters"]) == (60, 7, 1000)
    store.report(run, attempt, Batch(State.FAILED, "It was too high.", result={"event": "failed"}))
    found = store.run(run)
    assert found
    assert (found.state, found.reason) == (State.FAILED, "It was too high.")
    assert found.result == {"event": "failed"}
    assert found.ended


def test_orders_are_given_in_turn(store: Store) -> None:
    run, _ = begun(store)
    store.command(run, "pause")
    store.command(run, "rate", 0.25)
    store.command(run, "slow", 0)
    first, second, third = store.commands(run)
    assert (first.verb, second.verb, second.value) == (Verb.PAUSE, Verb.RATE, 0.25)
    assert store.commands(run, after=second.number) == [third]


def test_a_change_by_another_process_is_noticed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    watching, other = Store(url), Store(url)
    before = watching.stamp()
    assert watching.stamp() == before
    other.create(SPEC)
    assert watching.stamp() != before
    watching.close()
    assert watching.stamp() is not None
    for each in (watching, other):
        each.close()


@pytest.mark.parametrize(
    ("verb", "value"), [("rate", None), ("rate", math.nan), ("rate", -1.0), ("pause", 1.0)]
)
def test_an_order_without_sense_is_refused(store: Store, verb: str, value: float | None) -> None:
    run, _ = begun(store)
    with pytest.raises(StoreError):
        store.command(run, verb, value)
    with pytest.raises(ValueError, match="explode"):
        store.command(run, "explode")


def test_a_run_that_ended_takes_no_orders(store: Store) -> None:
    run, attempt = begun(store)
    store.report(run, attempt, Batch(State.FINISHED))
    for gone in (run, "none"):
        with pytest.raises(StoreError, match="takes no commands"):
            store.command(gone, "pause")


def test_a_run_that_waits_can_be_stopped(store: Store) -> None:
    run = store.create(SPEC)
    store.command(run, "stop")
    assert store.run(run).state is State.STOPPED  # type: ignore[union-attr]
    assert store.claim(run, "me") is None


def test_only_what_broke_off_can_be_resumed(store: Store) -> None:
    run, attempt = begun(store)
    for told in (State.RUNNING, State.FINISHED):
        store.report(run, attempt, Batch(told))
        with pytest.raises(StoreError, match="can be resumed"):
            store.requeue(run)
    other, attempt = begun(store)
    store.command(other, "pause")
    store.report(other, attempt, Batch(State.STOPPED, "It was stopped."))
    store.requeue(other)
    found = store.run(other)
    assert found
    assert (found.state, found.reason, found.place) == (State.QUEUED, "", 1)
    assert store.commands(other) == []


def test_a_name_is_changed(store: Store) -> None:
    run = store.create(SPEC)
    store.rename(run, "x" * 100)
    assert store.run(run).name == "x" * 80  # type: ignore[union-attr]
    with pytest.raises(StoreError, match="needs a name"):
        store.rename(run, " \t")


def test_what_is_deleted_leaves_nothing(store: Store, url: str) -> None:
    run, attempt = begun(store)
    with pytest.raises(StoreError, match="stop it first"):
        store.delete(run)
    evaluated = Evaluated(1, 1, 1.0, 1.0, np.zeros(1, np.uint8))
    shown = Snapshot(1, {"conv1": np.zeros((1, 1, 3, 3), np.float32)})
    batch = Batch(State.RUNNING, "", None, steps(1, 2), [evaluated], [shown], [whole(1)], whole(1))
    store.report(run, attempt, batch)
    store.command(run, "pause")
    store.report(run, attempt, Batch(State.STOPPED))
    kept = store.create(SPEC)
    store.delete(run)
    store.delete("none")
    assert [each.id for each in store.runs()] == [kept]
    engine = sql.create_engine(url, poolclass=sql.NullPool)
    with engine.connect() as connection:
        for each in (
            tables.POINTS,
            tables.EVALUATIONS,
            tables.SNAPSHOTS,
            tables.CHECKPOINTS,
            tables.WHOLES,
        ):
            assert connection.execute(sql.select(sql.func.count()).select_from(each)).scalar() == 0
    with pytest.raises(SupersededError):
        store.report(run, attempt, Batch())


def test_the_tables_are_those_that_queries_name(store: Store, url: str) -> None:
    named = [each for each in vars(tables).values() if isinstance(each, sql.TableClause)]
    with sql.create_engine(url, poolclass=sql.NullPool).connect() as connection:
        there = sql.inspect(connection)
        assert {each.name for each in named} | {"migrations"} == set(there.get_table_names())
        for each in named:
            columns = {column["name"] for column in there.get_columns(each.name)}
            assert columns == set(each.c.keys()), each.name


def test_several_that_open_a_new_store_at_once_make_it_once(url: str) -> None:
    failures: list[BaseException] = []

    def open_it() -> None:
        try:
            Store(url).close()
        except BaseException as error:
            failures.append(error)

    openers = [threading.Thread(target=open_it) for _ in range(6)]
    for each in openers:
        each.start()
    for each in openers:
        each.join()
    assert failures == []


def test_a_store_takes_the_steps_that_it_lacks(store: Store, url: str) -> None:
    run = store.create(SPEC)
    steps_ = (*migrations.MIGRATIONS, ("ALTER TABLE runs ADD COLUMN colour TEXT DEFAULT 'red'",))
    engine = sql.create_engine(url, poolclass=sql.NullPool)
    for _ in range(2):  # the second time there is nothing to do
        with engine.begin() as connection:
            migrations.migrate(connection, steps_)
    with engine.connect() as connection:
        assert migrations.version(connection) == len(steps_)
        row = connection.exec_driver_sql("SELECT id, colour FROM runs").one()
    assert tuple(row) == (run, "red")
    with pytest.raises(StoreError, match="newer version"):
        Store(url)


def test_the_users_store_is_for_the_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("EXPLORER_STORE", raising=False)
    opened = Store()
    opened.create(SPEC)
    folder = meeting.folder()
    assert folder == tmp_path / "data" / "runs"
    for path in (folder, *folder.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    opened.close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense", "must be a SQLAlchemy URL"),
        ("mysql://host/name", "SQLite file or a PostgreSQL"),
        ("sqlite://", "must name a file"),
        ("sqlite:////nowhere/at/all/runs.sqlite", "cannot be used"),
        ("postgresql+pg8000://host/name", "needs a driver"),
        ("postgresql://me:secret@127.0.0.1:1/name", "cannot be used"),
    ],
)
def test_a_place_that_cannot_be_is_one_sentence(url: str, reason: str) -> None:
    with pytest.raises(StoreError, match=reason) as caught:
        Store(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_store_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Store(f"sqlite:///{path}")


HOSTILE = {
    "spec": '\'{"network": "' + "x" * 100 + "\"}'",
    "name": "x'00ff'",
    "state": "'exploded'",
    "step": "'many'",
    "loss": "1e999",
    "started": "'yesterday'",
    "result": "'" + "[" * 100_000 + "'",
    "start": "'[1]'",
    "reason": "17",
    "created": "'<script>'",
}


@pytest.mark.parametrize("column", HOSTILE)
def test_a_row_that_makes_no_sense_takes_nothing_down(tmp_path: Path, column: str) -> None:
    path = tmp_path / "runs.sqlite"
    store = Store(f"sqlite:///{path}")
    good, bad = store.create(SPEC), store.create(SPEC)
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE runs SET {column} = {HOSTILE[column]} WHERE id = ?", [bad])
    connection.close()
    runs = {run.id: run for run in store.runs()}
    assert runs[good].spec == SPEC
    if column == "state":
        assert runs[bad].state is State.FAILED
        assert "damaged" in runs[bad].reason
    if column == "spec":
        with pytest.raises(ValueError, match="no network"):
            _ = runs[bad].spec
    store.close()


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("points", "rows", b"\0" * 27),
        ("points", "rows", "text"),
        ("evaluations", "answers", b"\0" * 3),
        ("snapshots", "kernels", b"\x80\x04\x95cos\nsystem\n."),
        ("snapshots", "kernels", save({"a": np.zeros(2, np.float64)})),
        ("wholes", "data", "text"),
    ],
)
def test_bytes_that_make_no_sense_are_refused(
    tmp_path: Path, table: str, column: str, value: bytes
) -> None:
    path = tmp_path / "runs.sqlite"
    store = Store(f"sqlite:///{path}")
    run, attempt = begun(store)
    evaluated = Evaluated(1, 2, 1.0, 1.0, np.zeros(2, np.uint8))
    shown = Snapshot(1, {"conv1": np.zeros((1, 1, 3, 3), np.float32)})
    batch = Batch(State.RUNNING, "", None, steps(1, 2), [evaluated], [shown], [whole(1)], whole(1))
    store.report(run, attempt, batch)
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {table} SET {column} = ?", [value])
    connection.close()
    readers = {
        "points": store.points,
        "evaluations": store.evaluations,
        "snapshots": store.snapshot,
        "wholes": store.resumable,
    }
    for name, read in readers.items():
        if name == table:
            with pytest.raises(StoreError, match="damaged"):
                read(run)
        else:
            assert read(run) is not None
    store.close()


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    path = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    Store(path).close()
    store = Store(path, most_pages=40)
    run, attempt = begun(store)
    written = 0

    def write_on() -> None:
        nonlocal written
        while written < 100_000:
            store.report(run, attempt, Batch(steps=steps(written + 1, written + 100)))
            written += 100

    with pytest.raises(StoreFullError, match="no room left"):
        write_on()
    assert len(store.points(run)) == written > 0
    store.report(run, attempt, Batch(State.FAILED, "full"))
    assert store.run(run).state is State.FAILED  # type: ignore[union-attr]
    store.delete(run)
    store.close()


def test_the_disk_gets_back_what_is_deleted(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    store = Store(f"sqlite:///{path}")
    run, attempt = begun(store)
    big = Checkpoint(1, save({"a": np.zeros(500_000, np.float32)}))
    store.report(run, attempt, Batch(State.STOPPED, checkpoints=[big]))
    store.close()
    full = path.stat().st_size
    store.delete(run)
    store.close()
    assert path.stat().st_size < full - 1_900_000
