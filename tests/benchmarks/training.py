"""Images a second of training, from the tutorial's loop to the app's own, and how they compare.

    python tests/benchmarks/training.py [--threads 1] [--rounds 7] [--steps 60] [--only a,b]

The reference network at batch 128 on all of MNIST, in float32 and in bfloat16. Each loop has a
process of its own, which stays, and they take turns, one round of some steps each, so that what
else the machine does meets all of them. It prints one line of JSON: for each loop the median and
the best round in images a second by the clock, and by the processor time that was used (which a
busy machine hardly changes, at one thread); the ratios of the medians; and the share of the
processor's measured float32 peak (its best matrix product) that the bare loop reaches.

    tutorial  DataLoader with shuffling, nn.Sequential, Adam as it comes, loss and accuracy read
              at each step
    bare      the app's own engine, without events, evaluation or records
    told      the same as a generator of events, with its evaluations, snapshots and checkpoints
    recorded  the same through the worker into the store, which is a run with no page open

A further loop is one entry in `LOOPS`.
"""

import argparse
import atexit
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import measure

ROOT = Path(__file__).resolve().parents[2]
BATCH = 128
WARM_UP = 20
PRECISIONS = ("float32", "bfloat16")
BARS = {"recorded/bare": 0.92, "recorded/tutorial": 3.0}

Loop = Callable[[int], int]
"""Takes so many steps and says how many images they were."""


def tutorial(precision: str) -> Loop:
    """The loop that tutorials show."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    from explorer.training import data

    images = data.load("mnist")
    pairs = TensorDataset(images.train[:, None].float() / 255, images.train_labels)
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(13 * 13 * 32, 256),
        nn.ReLU(),
        nn.Linear(256, 10),
    )
    optimiser, criterion = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss()
    batches = iter(())

    def steps(count: int) -> int:
        nonlocal batches
        seen, right, total = 0, 0, 0.0
        while count:
            batch = next(batches, None)
            if batch is None:
                batches = iter(DataLoader(pairs, BATCH, shuffle=True))
                continue
            x, y = batch
            optimiser.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                logits = model(x)
                loss = criterion(logits, y)
            loss.backward()
            optimiser.step()
            total += loss.item()
            right += (logits.argmax(1) == y).sum().item()
            seen, count = seen + len(y), count - 1
        return seen

    return steps


def bare(precision: str) -> Loop:
    """The fastest loop: the engine, step by step."""
    from explorer.training import data
    from explorer.training.engine import Engine
    from explorer.training.spec import RunSpec

    spec = RunSpec(precision=precision, device="cpu", batch_size=BATCH)
    engine, done = Engine(spec, data.load("mnist")), 0

    def steps(count: int) -> int:
        nonlocal done
        seen = 0
        for _ in range(count):
            done += 1
            _, _, images = engine.step(done, spec.learning_rate) or (0.0, 0, 0)
            seen += images
        return seen

    return steps


def told(precision: str) -> Loop:
    """The loop as a generator: everything is measured, shown and packed, and nothing is stored."""
    from explorer.training.loop import fit
    from explorer.training.spec import RunSpec

    spec = RunSpec(precision=precision, device="cpu", batch_size=BATCH, epochs=200.0)
    events = fit(spec)

    def steps(count: int) -> int:
        before = seen = None
        while count:
            event = next(events)
            if event.kind == "stepped":
                before = seen if before is None else before
                seen, count = event.images, count - 1
                before = seen - BATCH if before is None else before
        return (seen or 0) - (before or 0)

    return steps


def recorded(precision: str) -> Loop:
    """The same through the worker into a store of its own, as a run is, with no page open."""
    import tempfile
    import threading

    from explorer.training import worker
    from explorer.training.events import Event, Stepped
    from explorer.training.spec import RunSpec
    from explorer.training.store import Store

    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    store = Store(f"sqlite:///{folder.name}/runs.sqlite")
    spec = RunSpec(precision=precision, device="cpu", batch_size=BATCH, epochs=200.0)
    run, wanted, taken = store.create(spec), threading.Semaphore(0), threading.Semaphore(0)
    seen = 0

    def watch(event: Event) -> None:
        """Let the worker go on only as far as it was told."""
        nonlocal seen
        if isinstance(event, Stepped):
            seen = event.images
            taken.release()
            wanted.acquire()

    threading.Thread(target=worker.work, args=(store, run, watch), daemon=True).start()
    taken.acquire()  # its first step is its own

    def steps(count: int) -> int:
        before = seen
        for _ in range(count):
            wanted.release()
        for _ in range(count):
            taken.acquire()
        return seen - before

    return steps


LOOPS: dict[str, Callable[[str], Loop]] = {
    "tutorial": tutorial,
    "bare": bare,
    "told": told,
    "recorded": recorded,
}


def peak(threads: int) -> float:
    """The best float32 matrix product that PyTorch makes here, in GFLOP/s."""
    import torch

    from explorer.training import machine

    torch.set_num_threads(threads)
    best = 0.0
    for library in ("mkl", "onednn"):
        machine.choose_matmul(library)
        for side in (512, 1024, 2048):
            x = torch.rand(side, side)
            for _ in range(8):
                begun = time.perf_counter()
                torch.mm(x, x)
                best = max(best, 2 * side**3 / (time.perf_counter() - begun) / 1e9)
    return best


def operations(name: str = "article") -> int:
    """Multiplications and additions of one image's forward and backward pass.

    A layer's backward pass costs its forward pass twice, once for its weights and once for its
    input; the first layer's input needs none.
    """
    from explorer.network.zoo import NETWORKS

    rows = [row for row in NETWORKS[name].rows if row.parameters]
    # Each weight meets one input at each place of the output; biases are left out.
    forward = [
        2 * (row.parameters - row.output_shape[0]) * math.prod(row.output_shape[1:]) for row in rows
    ]
    return 3 * sum(forward) - forward[0]


class Child:
    """A loop in a process of its own, which takes its steps when it is told to."""

    def __init__(self, loop: str, precision: str, threads: int) -> None:
        command = [sys.executable, __file__, "--child", loop, precision, str(threads)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def round(self, steps: int) -> dict[str, float]:
        """Images, and seconds by the clock and of the processor."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(steps, file=self.process.stdin, flush=True)
        return dict(json.loads(self.process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def child(loop: str, precision: str, threads: int) -> None:
    """Obey the other side of :class:`Child`."""
    if loop == "peak":
        for _ in sys.stdin:
            print(json.dumps({"gflops": peak(threads)}), flush=True)
        return
    import torch

    torch.set_num_threads(threads)
    steps = LOOPS[loop](precision)
    for line in sys.stdin:
        begun, used = time.perf_counter(), time.process_time()
        images = steps(int(line))
        seconds = {"clock": time.perf_counter() - begun, "processor": time.process_time() - used}
        print(json.dumps({"images": images, **seconds}), flush=True)


def compare(names: list[str], precision: str, wish: argparse.Namespace) -> dict[str, Any]:
    """All loops in one precision: rounds by turns, figures and ratios."""
    children = {name: Child(name, precision, wish.threads) for name in names}
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for one in children.values():
        one.round(WARM_UP)
    for _ in range(wish.rounds):
        for name, one in children.items():
            rounds[name].append(one.round(wish.steps))
    for one in children.values():
        one.close()
    rates = {
        name: {how: [r["images"] / r[how] for r in found] for how in ("clock", "processor")}
        for name, found in rounds.items()
    }
    figures: dict[str, Any] = {
        name: {
            how: {"median": round(median(values)), "best": round(max(values))}
            for how, values in rate.items()
        }
        for name, rate in rates.items()
    }
    ratios = {}
    for i, slow in enumerate(names):
        for fast in names[i + 1 :]:
            how = "processor" if wish.threads == 1 else "clock"
            pairs = zip(rates[fast][how], rates[slow][how], strict=True)
            ratios[f"{fast}/{slow}"] = round(median(a / b for a, b in pairs), 3)
    return {"images_per_second": figures, "ratios": ratios}


def main() -> None:
    """Measure as the command line says and print the figures."""
    if sys.argv[1:2] == ["--child"]:
        return child(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=60, help="of a round")
    parser.add_argument("--only", default=",".join(LOOPS), help="which loops, by their names")
    parser.add_argument("--precision", choices=PRECISIONS, help="one of the two alone")
    wish = parser.parse_args()
    found: dict[str, Any] = {"bars": BARS, "threads": wish.threads}
    names = wish.only.split(",")
    for precision in [wish.precision] if wish.precision else PRECISIONS:
        found[precision] = compare(names, precision, wish)
    if "bare" in names and "float32" in found:
        judge = Child("peak", "float32", wish.threads)
        gflops = judge.round(1)["gflops"]
        judge.close()
        best = found["float32"]["images_per_second"]["bare"]
        how = "processor" if wish.threads == 1 else "clock"
        reached = best[how]["best"] * operations() / 1e9
        found["peak_gflops"] = round(gflops)
        found["share_of_peak"] = round(reached / gflops, 3)
    print(measure.line({**found, "machine": measure.machine()}))


if __name__ == "__main__":
    main()
