"""What is said of networks that differ in their convolution layers, made of what was measured.

Choices: every statement is made of the measured numbers, so that it cannot outlive them. A layer is
said to help where every seed with it did better than every seed without it, which three seeds can
show; where they overlap, it is said that they cannot tell.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.network.depths import Entry, Measured

TITLES = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST"}
COUNTS = ("no", "one", "two", "three", "four")
ORDER = ("", "first", "second", "third", "fourth")
SCHEDULES = {
    "one-cycle": "rises to {:g} over the first 30 % of the steps and then falls to nothing",
    "cosine": "falls from {:g} to nothing",
    "constant": "stays at {:g}",
}


def found(measured: "Measured") -> str:
    """When more layers help and when they stop, on each data set and between them, as Markdown."""
    parts = [_steps(TITLES[name], entries) for name, entries in measured.entries.items()]
    if len(measured.entries) == 2 and all(len(some) > 2 for some in measured.entries.values()):
        parts.append(_between(measured))
    return "\n\n".join(parts)


def helps(before: "Entry", after: "Entry") -> bool:
    """Whether every seed of the one network did better than every seed of the other."""
    return bool(after.finals.min() > before.finals.max())


def last_help(entries: Sequence["Entry"]) -> int:
    """The number of convolution layers up to which each one more helps; that of the first entry
    where none does.
    """
    count = entries[0].convolutions
    for before, after in pairwise(entries):
        if not helps(before, after):
            break
        count = after.convolutions
    return count


def _steps(title: str, entries: Sequence["Entry"]) -> str:
    """What each layer more brings on one data set."""
    first, last, stop = entries[0], entries[-1], last_help(entries)
    gains = [after.mean - before.mean for before, after in pairwise(entries)]
    if len(entries) == 1:
        head = f"On {title} one network was measured"
    elif stop == last.convolutions:
        head = f"On {title} every layer helps, up to the {ORDER[stop]}, the last that was tried"
        if len(gains) > 1 and all(more > less for more, less in pairwise(gains)):
            head += ", but each helps less than the one before"
    elif stop == first.convolutions:
        head = f"On {title} no layer more can be told to help"
    else:
        head = (
            f"On {title} more layers stop helping after the {ORDER[stop]}, as far as these runs "
            "can tell"
        )
    said = [
        f"**{head}.** {_layers(first.convolutions).capitalize()}: {percent(first.mean)} of the "
        f"test images are read correctly, the mean of {len(first.runs)} seeds."
    ]
    for (before, after), gain in zip(pairwise(entries), gains, strict=True):
        brings = f"{_points(gain)}, to {percent(after.mean)}"
        said.append(f"The {ORDER[after.convolutions]} layer: {brings}{_verdict(before, after)}.")
    return " ".join(said)


def _verdict(before: "Entry", after: "Entry") -> str:
    if helps(before, after):
        return ""
    if helps(after, before):
        return ": every seed with it is worse than every seed without it"
    return ", but the seeds with it and without it overlap, so that these runs cannot tell"


def _between(measured: "Measured") -> str:
    """On which data set the layers after the first bring more, in points and in wrong answers."""
    points, fewer, said = {}, {}, []
    for dataset, entries in measured.entries.items():
        one, most, title = entries[1], entries[-1], TITLES[dataset]
        points[title] = most.mean - one.mean
        fewer[title] = 1 - (1 - most.mean) / (1 - one.mean)
        changed = f"{100 * abs(fewer[title]):.0f}\u00a0% {'fewer' if fewer[title] >= 0 else 'more'}"
        said.append(f"{_points(points[title])} on {title}, {changed} wrong answers")
    by_points, by_share = (max(each, key=each.__getitem__) for each in (points, fewer))
    last = COUNTS[entries[-1].convolutions]
    if by_points == by_share:
        head = f"The layers after the first bring more on {by_points}"
    else:
        head = (
            f"The layers after the first bring more points on {by_points}, and take away a larger "
            f"share of the wrong answers on {by_share}"
        )
    return f"**{head}.** From one layer to {last}: {'; '.join(said)}."


def _layers(count: int) -> str:
    """So many convolution layers, in a sentence."""
    return f"{COUNTS[count]} convolution layer{'s' if count > 1 else ''}"


def made(measured: "Measured") -> str:
    """How it was measured, and what it can therefore not say."""
    recipe = measured.recipe
    entries = next(iter(measured.entries.values()))
    sizes = [entry.parameters for entry in entries]
    seeds = len(entries[0].runs)
    return (
        f"All have {min(sizes):,} to {max(sizes):,} parameters: the more of them convolve, the "
        "fewer are left to weigh what was found. Kernels are 3×3, each followed by 2×2 "
        f"max-pooling. All were trained alike, {recipe.epochs:g} epochs of "
        f"{recipe.train_images:,} images, {seeds} seed{'' if seeds == 1 else 's'} each: "
        f"{recipe.optimiser.capitalize()}, batches of {recipe.batch_size}, a learning rate that "
        f"{SCHEDULES[recipe.schedule].format(recipe.learning_rate)}. The rate, and the width of "
        "the one with one layer, were chosen on 10,000 training images held out, in few trials: "
        "longer training and other widths would change the figures. The time is that of the "
        "fastest training, on one thread of a processor that had other work too. "
        "`python -m explorer.training.depths` makes all of it again."
    )


def layers(count: int) -> str:
    """So many convolution layers, in a legend: ``none``, ``1 layer``, ``2 layers``."""
    return "none" if count == 0 else f"{count} layer{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    """An accuracy with the two decimals that 10,000 images give it."""
    return f"{100 * share:.2f}\u00a0%"


def _points(difference: float) -> str:
    """A difference of accuracies in percentage points, with its sign."""
    sign = "+" if difference >= 0 else "\u2212"
    return f"{sign}{100 * abs(difference):.2f} points"
