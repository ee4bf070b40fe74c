"""The command line: its options, what it prints, and that its runs are runs like any other."""

import json
import os
from collections.abc import Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path

import pytest

from explorer.training import command, launcher, loop, worker
from explorer.training.records import State
from explorer.training.spec import BOUNDS, PRESETS, RunSpec
from explorer.training.store import shared
from tests.training import small
from tests.training.stores import at_home

LINES = ("event", "test_accuracy", "seconds", "images_per_second")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(worker, "fit", partial(loop.fit, images=small.images()))
    with at_home(tmp_path) as folder:
        yield folder


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    """A run of twelve steps."""
    network = tmp_path / "small.json"
    network.write_text(small.NETWORK.to_json())
    return ["--network", str(network), "--batch-size", "20", "--images", "70", "--epochs", "3"]


def spec(*arguments: str) -> RunSpec:
    return command._spec(command._parser().parse_args(arguments))


def test_every_field_of_a_spec_is_an_option() -> None:
    wanted = RunSpec(
        network="default",
        dataset="fashion-mnist",
        images=500,
        loss="binary_crossentropy",
        optimiser="rmsprop",
        learning_rate=0.5,
        schedule="cosine",
        batch_size=64,
        epochs=2.5,
        label_smoothing=0.1,
        augmentation="shift",
        dropout=0.25,
        precision="bfloat16",
        device="cpu",
        seed=7,
        start="kept-0123456789ab",
    )
    options = []
    for field in fields(RunSpec):
        value = getattr(wanted, field.name)
        assert value != field.default, field.name
        options += ["--" + field.name.replace("_", "-"), str(value)]
    assert spec(*options) == wanted


def test_every_option_says_what_it_does() -> None:
    said = command._parser().format_help()
    for field in fields(RunSpec):
        assert "--" + field.name.replace("_", "-") in said
    for name in ("image", "rate", "smoothing", "seed"):
        assert name in said
    assert ":data:" not in said
    assert "``" not in said


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_where_options_start_from(name: str) -> None:
    assert spec("--preset", name) == PRESETS[name].spec
    assert spec("--preset", name, "--seed", "9").seed == 9


def test_a_network_that_a_preset_bears_the_name_of_brings_its_settings() -> None:
    for name, preset in PRESETS.items():
        if preset.spec.network == name:
            assert spec("--network", name) == preset.spec
    assert spec("--network", "default") == RunSpec(network="default")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--network", "nope"], "There is no network 'nope'"),
        (["--learning-rate", "1000"], "The learning rate must be a number from"),
        (["--batch-size", "0"], "The batch size must be a whole number from"),
        (["--until", "99"], "a share of the test set"),
        (["--threads", "0"], "--threads takes a number"),
        (["--epochs", "nan"], "The epochs must be a number"),
        (["--optimiser", "magic"], "invalid choice"),
        (["--sudo"], "unrecognized"),
    ],
)
def test_a_wrong_option_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["train", *arguments])
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert BOUNDS


def test_json_is_one_object_a_line_and_ends_with_the_figures(
    capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert command.main(["train", "--json", "--name", "mine", *options]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["event"] == "started"
    assert [line["step"] for line in lines if line["event"] == "stepped"] == list(range(1, 13))
    last = lines[-1]
    assert tuple(last)[:4] == LINES
    assert last["event"] == "finished"
    assert {"seconds_loading", "seconds_starting", "seconds_evaluating"} <= last.keys()
    run = shared().run(lines[0]["run"])
    assert run
    assert (run.name, run.state, run.step) == ("mine", State.FINISHED, 12)
    assert run.test_accuracy == last["test_accuracy"]
    assert run.spec.architecture == small.NETWORK
    assert len(shared().points(run.id)) == 12


def test_without_json_the_result_is_a_sentence(
    capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert command.main(["train", *options]) == 0
    said = capsys.readouterr()
    assert "of the test set read right after 12 steps" in said.out
    run = shared().runs()[0].id
    assert f"/train?run={run}" in said.out
    assert said.err == ""


def test_a_terminal_gets_a_progress_bar(
    capsys: pytest.CaptureFixture[str], options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(command, "SHOWN", 0.0)
    assert command.main(["train", *options]) == 0
    drawn = capsys.readouterr().err
    assert " 50% · loss " in drawn
    assert "█" * command.BAR in drawn
    assert drawn.endswith("\r\x1b[K")


def test_until_ends_at_the_wanted_accuracy(
    capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert command.main(["train", "--json", "--until", "0.4", *options, "--epochs", "99"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["reason"] == "until"
    assert last["test_accuracy"] >= 0.4


def test_a_run_that_fails_says_so_and_exits_with_one(
    capsys: pytest.CaptureFixture[str], options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("This machine has no cuda device: choose auto or cpu.")

    monkeypatch.setattr(worker, "fit", broken)
    assert command.main(["train", "--json", *options]) == 1
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["event"], last["reason"]) == (
        "failed",
        "This machine has no cuda device: choose auto or cpu.",
    )


def test_a_reader_who_hangs_up_stops_the_run_and_keeps_it(
    options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as out:  # noqa: PTH123  a descriptor has no path
        monkeypatch.setattr("sys.stdout", out)
        assert command.main(["train", "--json", *options, "--epochs", "200"]) == 130
    assert shared().runs()[0].state is State.STOPPED


def test_a_store_that_cannot_be_used_is_one_sentence(
    capsys: pytest.CaptureFixture[str], options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_STORE", "mysql://host/name")
    assert command.main(["train", *options]) == 1
    assert capsys.readouterr().err == (
        "EXPLORER_STORE must name a SQLite file or a PostgreSQL database.\n"
    )


def test_runs_are_listed_and_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    run = shared().create(small.spec(), "mine")
    assert command.main(["runs"]) == 0
    assert capsys.readouterr().out == f"{run}  queued 1        0/12               mine\n"
    assert command.main(["runs", "--stop", run]) == 0
    assert command.main(["runs", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["id"], row["state"]) == (run, "stopped")
    assert command.main(["runs", "--stop", run]) == 1
    assert "takes no commands" in capsys.readouterr().err
    assert launcher.runs()[0].id == run
