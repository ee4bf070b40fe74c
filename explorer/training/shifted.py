"""Measures named networks on shifted test images: ``python -m explorer.training.shifted``.

Writes how many of the 10,000 test images each network reads correctly at each shift in each
direction, with the SHA-256 of the weights that did, to the file that
:func:`explorer.network.shifts.shipped` reads: counts, so that what is shown can be counted again.
"""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

import torch

from explorer.data import mnist
from explorer.network import zoo
from explorer.network.shifts import FILE, Curve, measure

NAMES = ("default", "article", "pool-max", "pool-average", "pool-strided")
"""The networks that are measured; any other is measured when somebody asks."""


def weights_sum(name: str) -> str:
    """SHA-256 of the shipped weights of a named network, in hexadecimal."""
    return hashlib.sha256((zoo.WEIGHTS / f"{name}.safetensors").read_bytes()).hexdigest()


def entry(name: str, images: int | None = None) -> dict[str, object]:
    """What the file says of a named network: measured on the first ``images`` test images, or all.

    A line on standard error says how far it is. Sets torch to one thread, as the command that makes
    the weights does.
    """
    torch.set_num_threads(1)
    pixels, labels = mnist.test_set()
    begun, shown = time.monotonic(), 0.0
    for step in measure(zoo.load(name), pixels[:images], labels[:images]):
        if isinstance(step, Curve):
            curve = step
            continue
        now = time.monotonic() - begun
        if now - shown > 2 or step.images == step.total:
            shown = now
            line = f"{name}: {step.images}/{step.total} images, {now:.1f} s"
            print(f"\r{line:<60}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {
        "weights": weights_sum(name),
        "images": curve.images,
        "shifts": curve.shifts.tolist(),
        "right": {direction: right.tolist() for direction, right in curve.right.items()},
    }


def main(arguments: list[str] | None = None) -> None:
    """The command: measures the networks and writes the file."""
    parser = argparse.ArgumentParser(
        prog="python -m explorer.training.shifted",
        description="Measure named networks on shifted test images.",
    )
    parser.add_argument("--out", type=Path, default=FILE, help="the file to write")
    parser.add_argument("--images", type=int, help="only the first test images, for a try")
    chosen = parser.parse_args(arguments)
    found = {name: entry(name, chosen.images) for name in NAMES}
    lines = [f"{json.dumps(name)}: {json.dumps(measured)}" for name, measured in found.items()]
    chosen.out.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
