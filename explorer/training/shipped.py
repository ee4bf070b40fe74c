"""Makes the weights that ship: ``python -m explorer.training.shipped <network>``.

The networks are trained from a fixed seed on one thread, so that the same kind of machine gives
the same weights again.

Choices: *article* sees plain MNIST and nothing else. *default* has to read people: more than a
third of what it sees is synthetic pen strokes in the styles that MNIST lacks, and some of the rest
is MNIST inked anew with pens of any width and passed through the same ``to_mnist`` as a drawing;
most of it is slanted, rotated and bent on the way. The network is too small to learn that by heart,
so there is no dropout and hardly any decay. Its weights are a moving average over the steps.
The three that are compared under shifts see plain MNIST, never shifted, and share one recipe and
one seed: they begin at the same weights and see the same batches. The recipe was chosen by what the
networks made of 10,000 training images held out.
"""

import argparse
import hashlib
import json
import math
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from explorer.data import mnist, strokes
from explorer.data.drawing import thicken, to_mnist
from explorer.network.architecture import CNN
from explorer.network.zoo import NETWORKS, WEIGHTS
from explorer.training.augment import Distortion, distort

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights.

    Args:
        steps: batches.
        batch: images a batch.
        rate: highest learning rate.
        warm_up: share of the steps in which the rate rises; after it, it falls as a cosine.
            None keeps it constant.
        decay: weight decay, decoupled.
        smoothing: share of each label that is spread over all classes.
        average: decay of the moving average of the weights; 0 takes the last ones.
        inked: how many MNIST digits are inked anew.
        synthetic: how many synthetic digits there are.
        shares: of a batch: MNIST, inked anew, synthetic.
        distortion: what is done to every batch, or None.
        seed: names the run.
    """

    steps: int
    batch: int = 128
    rate: float = 1e-3
    warm_up: float | None = None
    decay: float = 0.0
    smoothing: float = 0.0
    average: float = 0.0
    inked: int = 0
    synthetic: int = 0
    shares: tuple[float, float, float] = (1.0, 0.0, 0.0)
    distortion: Distortion | None = None
    seed: int = 1


ALIKE = Recipe(steps=8000, rate=3e-3, warm_up=0.05, decay=0.3, smoothing=0.05, average=0.999)

RECIPES = {
    "article": Recipe(steps=5 * 469),
    "default": Recipe(
        steps=40_000,
        rate=3e-3,
        warm_up=0.05,
        decay=0.001,
        smoothing=0.03,
        average=0.999,
        inked=15_000,
        synthetic=70_000,
        shares=(0.5, 0.12, 0.38),
        distortion=Distortion(elastic=0.6, width=0.4, untouched=0.15),
    ),
    "pool-max": ALIKE,
    "pool-average": ALIKE,
    "pool-strided": ALIKE,
}


def ink_anew(image: Bytes, rng: np.random.Generator) -> Bytes:
    """An MNIST digit ``(28, 28)`` as a pen of random width on the pad would have left it."""
    large = np.asarray(Image.fromarray(image).resize((112, 112), Image.Resampling.BICUBIC))
    bold = thicken(large, float(rng.uniform(0, 10)))
    return np.asarray(np.rint(to_mnist(bold) * 255), np.uint8)


def pools(recipe: Recipe, held_out: int) -> list[tuple[Tensor, Tensor]]:
    """The kinds of images a batch is drawn from, each with its labels.

    Images are ``(n, 28, 28)`` uint8, labels ``(n,)`` int64: MNIST without the last ``held_out``
    training images, the same inked anew, synthetic strokes; a kind without images is left out.
    """
    images, labels, _, _ = mnist.read_mnist(mnist.maybe_download())
    images, labels = images[: len(images) - held_out], labels[: len(labels) - held_out]
    kinds = [(images, labels)]
    if recipe.inked:
        rng = np.random.default_rng(recipe.seed)
        chosen = rng.permutation(len(images))[: recipe.inked]
        kinds.append((np.stack([ink_anew(images[i], rng) for i in chosen]), labels[chosen]))
    if recipe.synthetic:
        kinds.append(strokes.sample(recipe.synthetic, recipe.seed))
    return [
        (torch.tensor(np.array(some)), torch.tensor(np.array(those), dtype=torch.int64))
        for some, those in kinds
    ]


def draw(kinds: list[tuple[Tensor, Tensor]], recipe: Recipe) -> tuple[Tensor, Tensor]:
    """One batch: images ``(N, 1, 28, 28)`` float32 in [0, 1] and labels ``(N,)``."""
    images, labels = [], []
    for (some, those), share in zip(kinds, recipe.shares, strict=False):
        picked = torch.randint(len(some), (round(share * recipe.batch),))
        images.append(some[picked])
        labels.append(those[picked])
    batch = torch.cat(images)[:, None].float() / 255
    if recipe.distortion:
        batch = distort(batch, recipe.distortion)
    return batch, torch.cat(labels)


def accuracy(model: CNN, images: Bytes, labels: Bytes) -> float:
    """Share of ``images`` ``(n, 28, 28)`` that the model reads as ``labels``."""
    with torch.inference_mode():
        right = 0
        for start in range(0, len(images), 1000):
            batch = torch.tensor(images[start : start + 1000])[:, None].float() / 255
            guess = model(batch).argmax(1).numpy()
            right += int((guess == labels[start : start + 1000]).sum())
    return right / len(images)


def rate(recipe: Recipe, step: int) -> float:
    """Learning rate of a step, counted from 0."""
    if recipe.warm_up is None:
        return recipe.rate
    rise = max(1, round(recipe.warm_up * recipe.steps))
    if step < rise:
        return recipe.rate * (step + 1) / rise
    done = (step - rise) / max(1, recipe.steps - rise)
    return recipe.rate * (0.5 + 0.5 * math.cos(math.pi * done))


def train(name: str, recipe: Recipe, held_out: int = 0) -> CNN:
    """Trains the network called ``name``; a line on standard error says how far it is.

    Args:
        name: a key of ``NETWORKS``.
        recipe: decides the result.
        held_out: how many of the last training images are left out, to choose a recipe by.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(recipe.seed)
    model = NETWORKS[name].build()
    # Twice as fast on a processor, and missing from the types.
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    _say("preparing images")
    kinds = pools(recipe, held_out)
    optimiser = torch.optim.AdamW(model.parameters(), recipe.rate, weight_decay=recipe.decay)
    averaged = {key: value.clone() for key, value in model.state_dict().items()}
    begun, shown = time.monotonic(), 0.0
    for step in range(recipe.steps):
        optimiser.param_groups[0]["lr"] = rate(recipe, step)
        images, labels = draw(kinds, recipe)
        loss = F.cross_entropy(model(images), labels, label_smoothing=recipe.smoothing)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        # A short memory at first, so that the average forgets where it began.
        keep = min(recipe.average, step / (step + 10))
        with torch.no_grad():
            for key, value in model.state_dict().items():
                averaged[key].lerp_(value, 1 - keep if recipe.average else 1.0)
        now = time.monotonic() - begun
        if now - shown > 2 or step + 1 == recipe.steps:
            shown = now
            left = now / (step + 1) * (recipe.steps - step - 1)
            _say(f"step {step + 1}/{recipe.steps}, loss {loss.item():.3f}, {left:.0f} s left")
    model.load_state_dict(averaged)
    model.eval()
    return model


def _say(line: str) -> None:
    print(f"\r{line:<60}", end="", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> None:
    """The command: trains, writes the weights, prints one line of JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m explorer.training.shipped", description="Make the weights that ship."
    )
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder for the weights")
    parser.add_argument("--steps", type=int, help="fewer steps, for a try")
    parser.add_argument("--images", type=int, help="fewer prepared images, for a try")
    parser.add_argument(
        "--hold-out", type=int, default=0, help="training images to choose a recipe by"
    )
    chosen = parser.parse_args(arguments)
    recipe = RECIPES[chosen.name]
    if chosen.steps:
        recipe = replace(recipe, steps=chosen.steps)
    if chosen.images is not None:
        recipe = replace(
            recipe,
            inked=min(recipe.inked, chosen.images),
            synthetic=min(recipe.synthetic, chosen.images),
        )
    begun = time.monotonic()
    model = train(chosen.name, recipe, chosen.hold_out)
    seconds = time.monotonic() - begun
    print(file=sys.stderr)
    chosen.out.mkdir(parents=True, exist_ok=True)
    path = chosen.out / f"{chosen.name}.safetensors"
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, path)
    path.chmod(0o644)  # safetensors writes for the owner's eyes only
    result: dict[str, str | int | float] = {"network": chosen.name}
    if chosen.hold_out:
        images, labels, _, _ = mnist.read_mnist(mnist.maybe_download())
        kept = -chosen.hold_out
        result["validation_accuracy"] = accuracy(model, images[kept:], labels[kept:])
    else:
        result["test_accuracy"] = accuracy(model, *mnist.test_set())
    result |= {
        "parameters": NETWORKS[chosen.name].parameters,
        "seconds": round(seconds, 1),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
