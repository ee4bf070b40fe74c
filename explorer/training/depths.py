"""Trains networks of no, one, two and three convolution layers alike, and measures them.

    python -m explorer.training.depths [--out FILE] [--weights FOLDER]

Every network of :data:`explorer.network.depths.NAMES` is trained from three seeds, on MNIST and on
Fashion-MNIST, by one recipe. What each run reached, and how, goes to the file that
:func:`explorer.network.depths.measured` reads; the networks of the first seed on MNIST ship. A run
that stands in the file is not done again: the command goes on where it was interrupted.

Choices: the whole test set is read every 100 steps, a bit more than four times an epoch, and what
is written is how many of its images were read correctly, so that it can be counted again. The
learning rate is one for all: with it every network did better than with half of it on 10,000
training images of MNIST held out (``--hold-out 10000 --rate … --epochs 2``). Seconds are those that
the processor spent on the training, on one thread: they change less with what else the machine does
than the time on the clock.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from explorer.network import evaluate
from explorer.network.depths import DATASETS, FILE, NAMES, SEEDS, Recipe
from explorer.network.zoo import WEIGHTS
from explorer.training import checkpoint, data, weights
from explorer.training.events import Checkpoint, Failed, Stepped
from explorer.training.loop import CHECKPOINT_EVERY, fit
from explorer.training.spec import RunSpec

RECIPE = RunSpec(
    NAMES[0],
    optimiser="adam",
    learning_rate=8e-3,
    schedule="one-cycle",
    batch_size=128,
    epochs=4.0,
    device="cpu",
)
"""How all of them are trained; network, data set, seed and images are a run's own."""


def run(spec: RunSpec, images: data.Images) -> tuple[dict[str, Any], bytes]:
    """Train as ``spec`` says and measure on the way.

    Returns:
        What the file says of the run, and its last checkpoint.

    Raises:
        RuntimeError: the loss did not stay finite.
    """
    torch.set_num_threads(1)
    found: dict[str, Any] = {
        "network": spec.architecture.name,
        "dataset": spec.dataset,
        "seed": spec.seed,
        "steps": [],
        "right": [],
        "loss": [],
    }
    seconds, before, last = 0.0, 0.0, b""
    events = fit(spec, images=images)
    while True:
        before = time.process_time()
        if (event := next(events, None)) is None:
            break
        if isinstance(event, Stepped):  # nothing but a step lies between it and what came before
            seconds += time.process_time() - before
        elif isinstance(event, Failed):
            raise RuntimeError(event.reason)
        elif isinstance(event, Checkpoint):
            last = event.data
            if event.step and (event.step % CHECKPOINT_EVERY == 0 or event.step == spec.steps):
                right, loss = _read(event.data, images)
                found["steps"].append(event.step)
                found["right"].append(right)
                found["loss"].append(round(loss, 5))
    return found | {"seconds": round(seconds, 1)}, last


def _read(packed: bytes, images: data.Images) -> tuple[int, float]:
    """How many of the test images a checkpoint reads correctly, and its mean cross-entropy."""
    labels = images.test_labels.numpy()
    # Channels last is twice as fast, and missing from the types.
    model = checkpoint.load(packed).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    logits = evaluate.predict(model, images.test.numpy()).astype(np.float64)
    right = int((logits.argmax(1) == labels).sum())
    logits -= logits.max(1, keepdims=True)
    chosen = logits[np.arange(len(labels)), labels]
    return right, float((np.log(np.exp(logits).sum(1)) - chosen).mean())


def specs(recipe: RunSpec) -> Iterator[RunSpec]:
    """Every run that is made by a recipe: those of the first seed first."""
    for seed in SEEDS:
        for dataset in DATASETS:
            for name in NAMES:
                yield replace(recipe, network=name, dataset=dataset, seed=seed)


def _said(recipe: RunSpec, tests: int) -> dict[str, Any]:
    """What the file says of the recipe."""
    return asdict(
        Recipe(
            recipe.optimiser,
            recipe.learning_rate,
            recipe.schedule,
            recipe.batch_size,
            recipe.epochs,
            recipe.count,
            tests,
        )
    )


def _write(path: Path, recipe: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    """Write the file at once, so that whoever is interrupted leaves a whole one."""
    lines = ",\n".join(json.dumps(run, separators=(",", ":")) for run in runs)
    part = path.with_suffix(".part")
    part.write_text(f'{{"recipe": {json.dumps(recipe)},\n"runs": [\n{lines}\n]}}\n')
    part.replace(path)


def main(arguments: list[str] | None = None) -> None:
    """The command: trains what is not in the file yet, and writes each run down as it ends."""
    parser = argparse.ArgumentParser(
        prog="python -m explorer.training.depths",
        description="Train and measure networks of no, one, two and three convolution layers.",
    )
    parser.add_argument("--out", type=Path, default=FILE, help="the file to go on with")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder for the weights")
    parser.add_argument("--images", type=int, help="only the first training images, for a try")
    parser.add_argument("--epochs", type=float, default=RECIPE.epochs)
    parser.add_argument("--rate", type=float, default=RECIPE.learning_rate, help="learning rate")
    parser.add_argument("--runs", type=int, help="stop after so many runs, for a try")
    parser.add_argument(
        "--hold-out",
        type=int,
        default=0,
        help="training images to measure on in the place of the test set, to choose settings by",
    )
    chosen = parser.parse_args(arguments)
    images = {name: data.load(name) for name in DATASETS}
    if chosen.hold_out:
        images = {name: some.held_out(chosen.hold_out) for name, some in images.items()}
    first = images[DATASETS[0]]
    count = chosen.images or len(first.train)
    recipe = replace(
        RECIPE,
        epochs=chosen.epochs,
        learning_rate=chosen.rate,
        images=None if count == 60_000 else count,
    )
    said, runs = _said(recipe, len(first.test)), []
    if chosen.out.exists():
        written = json.loads(chosen.out.read_text())
        if written["recipe"] != said:
            parser.error(f"{chosen.out} was made with other settings: name another file by --out")
        runs = written["runs"]
    there = {(run["network"], run["dataset"], run["seed"]) for run in runs}
    for spec in list(specs(recipe))[: chosen.runs]:
        if (spec.network, spec.dataset, spec.seed) in there:
            continue
        found, last = run(spec, images[spec.dataset])
        if (spec.dataset, spec.seed) == (DATASETS[0], SEEDS[0]) and not chosen.hold_out:
            weights.save(last, chosen.weights / f"{spec.network}.safetensors")
        runs.append(found)
        _write(chosen.out, said, runs)
        share = found["right"][-1] / len(first.test)
        line = f"{spec.network} {spec.dataset} seed {spec.seed}: {share:.4f}, {found['seconds']} s"
        print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
