"""``python -m explorer train`` and ``python -m explorer runs``: training without a browser.

A run of the command line is one like any other: it goes through the same worker code into the same
store, in the process of the command, so that it appears on the page and can be steered there.

Choices: the options are those of :class:`RunSpec`, with its own words and bounds. They start from a
preset where one is named, or where one bears the network's name. Ctrl-C stops a run and keeps it.
"""

import argparse
import json
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

BEGUN = time.perf_counter()
os.environ.setdefault("OMP_NUM_THREADS", "1")  # read once, when torch is imported

from explorer.network.architecture import Network  # noqa: E402
from explorer.network.zoo import NETWORKS  # noqa: E402
from explorer.training.errors import StoreError  # noqa: E402
from explorer.training.events import Evaluated, Event, Finished, Started, Stepped  # noqa: E402
from explorer.training.records import Run, State  # noqa: E402
from explorer.training.spec import BOUNDS, CHOICES, PRESETS, RunSpec  # noqa: E402

MOST_THREADS = 64
SHOWN = 0.1  # seconds from one redrawing of the progress bar to the next
BAR = 24  # characters
STOPPED = 130  # exit status after Ctrl-C, as a shell counts it


def main(arguments: Sequence[str]) -> int:
    """Carry out ``train …`` or ``runs …``; returns the exit status."""
    name, *rest = arguments
    try:
        return train(rest) if name == "train" else runs(rest)
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return STOPPED


def train(arguments: Sequence[str]) -> int:
    """Train one network in this process; returns the exit status."""
    parser = _parser()
    wish = parser.parse_args(arguments)
    try:
        spec = _spec(wish)
    except ValueError as error:
        parser.error(str(error))
    if wish.until is not None and not 0 < wish.until <= 1:
        parser.error("--until takes a share of the test set, such as 0.99")
    if not 1 <= wish.threads <= MOST_THREADS:
        parser.error(f"--threads takes a number from 1 to {MOST_THREADS}")
    import torch

    from explorer.training import process, worker
    from explorer.training.store import Store

    torch.set_num_threads(wish.threads)
    store = Store()
    run = store.create(spec, wish.name, wish.until, by=process.name())
    talk = _Json(run) if wish.json else _Progress(run)
    done = worker.work(store, run, talk.hear, attempt=1)
    if done is None:
        print("The run was deleted, or another process has taken it over.", file=sys.stderr)
        return 1
    talk.end(done)
    return {State.FINISHED: 0, State.STOPPED: STOPPED}.get(done.state, 1)


def runs(arguments: Sequence[str]) -> int:
    """List the runs, or stop one; returns the exit status."""
    parser = argparse.ArgumentParser("python -m explorer runs", description="List the runs.")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--stop", metavar="RUN", help="stop and keep this run instead")
    wish = parser.parse_args(arguments)
    from explorer.training import launcher

    if wish.stop:
        launcher.command(wish.stop, "stop")
        return 0
    for run in launcher.runs():
        if wish.json:
            print(json.dumps(_row(run), ensure_ascii=False))
            continue
        accuracy = "" if run.test_accuracy is None else f"{run.test_accuracy:.2%}"
        state = f"{run.state} {run.place}" if run.place else run.state
        print(f"{run.id}  {state:<9} {run.step:>7,}/{run.steps:<7,} {accuracy:>7}  {run.name}")
    return 0


def _row(run: Run) -> dict[str, object]:
    names = "id name state reason place step steps test_accuracy seconds images_per_second"
    return {name: getattr(run, name) for name in names.split()}


def _parser() -> argparse.ArgumentParser:
    """The options: those of the command, and one for each field of a spec."""
    parser = argparse.ArgumentParser(
        "python -m explorer train",
        usage="%(prog)s [options]",
        description="Train a network; the run appears on the page Train too.",
        epilog="Options that are not given are those of the preset: the one that is named, else the"
        " one that bears the network's name, else a plain run of the article's network.",
    )
    presets = "; ".join(f"{name}: {preset.title}" for name, preset in PRESETS.items())
    parser.add_argument("--preset", choices=PRESETS, help=_escaped(presets))
    parser.add_argument("--name", help="what the run is called in lists")
    parser.add_argument("--until", type=float, metavar="SHARE", help="stop at this test accuracy")
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each event")
    parser.add_argument("--threads", type=int, default=1, help="PyTorch's threads (default 1)")
    group = parser.add_argument_group("what is trained")
    said = dict(re.findall(r"^ {8}(\w+): (.+(?:\n {12}.+)*)", RunSpec.__doc__ or "", re.MULTILINE))
    for field in fields(RunSpec):
        option = "--" + field.name.replace("_", "-")
        words = " ".join(re.sub(r":\w+:`~?([^`]*)`|``", r"\1", said.get(field.name, "")).split())
        if field.name in CHOICES:
            words = "" if words.startswith(("one of", "a key of")) else words
            group.add_argument(option, choices=CHOICES[field.name], help=_escaped(words))
        elif field.name in BOUNDS:
            low, high = BOUNDS[field.name]
            whole = isinstance(low, int)
            words = f"{words} From {low:,} to {high:,}."
            group.add_argument(
                option,
                type=int if whole else float,
                metavar="N" if whole else "X",
                help=_escaped(words),
            )
        elif field.name == "start":
            group.add_argument(option, metavar="KEY", help=_escaped(words))
        else:
            words = f"{', '.join(NETWORKS)}, or a file with a composed network as JSON."
            group.add_argument(option, metavar="NAME", help=_escaped(words))
    return parser


def _escaped(words: str) -> str:
    return words.replace("%", "%%")  # argparse fills in percent signs


def _spec(wish: argparse.Namespace) -> RunSpec:
    """The spec that the options describe; raises ValueError with one sentence."""
    given = {field.name: getattr(wish, field.name) for field in fields(RunSpec)}
    given = {name: value for name, value in given.items() if value is not None}
    network = given.get("network")
    named = PRESETS.get(wish.preset or str(network))
    base = named.spec if named and (wish.preset or named.spec.network == network) else RunSpec()
    if network is not None and network not in NETWORKS and Path(network).is_file():
        given["network"] = Network.from_json(Path(network).read_text(encoding="utf-8"))
    return replace(base, **given)


class _Json:
    """One JSON object a line for each event.

    The first says which run it is, the last also how long the program took to start.
    """

    def __init__(self, run: str) -> None:
        self.run = run
        self.starting = 0.0

    def hear(self, event: Event) -> None:
        plain = event.to_json()
        if isinstance(event, Started):
            self.starting = time.perf_counter() - BEGUN - event.seconds_loading
            plain["run"] = self.run
        if isinstance(event, Finished):
            plain["seconds_starting"] = self.starting
            first = ("event", "test_accuracy", "seconds", "images_per_second")
            plain = {name: plain[name] for name in (*first, *plain)}
        _say(json.dumps(plain))

    def end(self, run: Run) -> None:
        if not run.result:
            _say(json.dumps({"event": "failed", "step": run.step, "reason": run.reason}))


class _Progress:
    """A progress bar on a terminal, and a line at the end."""

    def __init__(self, run: str) -> None:
        self.steps = 1
        self.test: float | None = None
        self.shown = 0.0
        self.terminal = sys.stderr.isatty()

    def hear(self, event: Event) -> None:
        match event:
            case Started():
                self.steps = event.steps
            case Evaluated():
                self.test = event.accuracy
            case Stepped() if self.terminal and time.monotonic() - self.shown > SHOWN:
                self.shown = time.monotonic()
                self._draw(event)
            case _:
                return

    def _draw(self, event: Stepped) -> None:
        done = event.step / self.steps
        pace = event.images / event.seconds if event.seconds else 0.0
        left = event.seconds / done - event.seconds
        test = "" if self.test is None else f" · test {self.test:.2%}"
        bar = "█" * round(BAR * done) + "░" * (BAR - round(BAR * done))
        with suppress(OSError):
            sys.stderr.write(
                f"\r\x1b[K{bar} {done:4.0%} · loss {event.loss:.3f}{test} · {pace:,.0f} images/s ·"
                f" {left:.0f} s left"
            )
            sys.stderr.flush()

    def end(self, run: Run) -> None:
        if self.terminal:
            sys.stderr.write("\r\x1b[K")
        accuracy = run.result.get("test_accuracy")
        if isinstance(accuracy, float):
            _say(
                f"{accuracy:.2%} of the test set read right after {run.step:,} steps:"
                f" {run.seconds:.1f} s of training, {run.images_per_second:,.0f} images/s."
            )
        if run.reason:
            _say(run.reason)
        _say(f"It is kept as run {run.id}: see /train?run={run.id} in the app.")


def _say(line: str) -> None:
    """Print a line; where nobody reads any more, the run is told to stop and is kept."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGTERM)
