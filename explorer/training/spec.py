"""One frozen, validated description of a run: everything that decides its numbers.

What each field may be stands in :data:`BOUNDS` and :data:`CHOICES`, for whoever builds controls or
options from them; a field outside them raises ValueError with one sentence.

Choices: the losses are Keras' (see :mod:`explorer.network.losses`); the optimisers are PyTorch's
with PyTorch's constants (Adam's betas 0.9 and 0.999, momentum 0.9, AdamW's decay 0.01, RMSprop's
alpha 0.99). ``one-cycle`` rises in a straight line over the first 0.3 of the steps and falls along
half a cosine to nothing; ``cosine`` only falls. A fraction of an epoch is allowed.
"""

import json
import math
from dataclasses import dataclass, fields, replace
from functools import cached_property

from explorer.data.mnist import DATASETS
from explorer.network import kept, losses
from explorer.network.architecture import Network
from explorer.network.layers import BatchNormalization, Dropout
from explorer.network.zoo import NETWORKS

LOSSES = losses.LOSSES
OPTIMISERS = ("sgd", "momentum", "adam", "adamw", "rmsprop")
SCHEDULES = ("constant", "cosine", "one-cycle")
AUGMENTATIONS = ("none", "shift")
PRECISIONS = ("float32", "bfloat16")
DEVICES = ("auto", "cpu", "cuda", "mps")

CHOICES: dict[str, tuple[str, ...]] = {
    "dataset": tuple(DATASETS),
    "loss": LOSSES,
    "optimiser": OPTIMISERS,
    "schedule": SCHEDULES,
    "augmentation": AUGMENTATIONS,
    "precision": PRECISIONS,
    "device": DEVICES,
}

BOUNDS: dict[str, tuple[float, float]] = {
    "images": (1, 60_000),
    "learning_rate": (1e-6, 100.0),
    "batch_size": (1, 4096),
    "epochs": (0.001, 200.0),
    "label_smoothing": (0.0, 0.5),
    "dropout": (0.0, 0.9),
    "seed": (0, 2**31 - 1),
}

MAX_ACTIVATIONS = 100_000_000  # numbers of one batch: 400 MB before the backward pass
MAX_JSON = 40_000  # characters; a network of twenty layers has some 2,000


@dataclass(frozen=True)
class RunSpec:
    """What to train, on what, and how.

    Args:
        network: a key of :data:`explorer.network.zoo.NETWORKS`, or a composed network.
        dataset: a key of :data:`explorer.data.mnist.DATASETS`.
        images: how many training images are used, the first ones; None takes all.
        loss: one of :data:`LOSSES`.
        optimiser: one of :data:`OPTIMISERS`.
        learning_rate: the highest of the schedule.
        schedule: one of :data:`SCHEDULES`.
        batch_size: images a step; the last batch of an epoch is what remains.
        epochs: passes over the training images.
        label_smoothing: share of each label that is spread over all classes.
        augmentation: ``shift`` moves every image by −1, 0 or 1 pixel along each axis.
        dropout: share of the output layer's inputs that is left out at each step.
        precision: ``bfloat16`` runs forward and backward under autocast; weights stay float32.
        device: ``auto`` takes what this machine has.
        seed: decides the first weights, the order of the images, every shift and dropout.
        start: key of a kept network (:mod:`explorer.network.kept`) whose weights are the first
            ones; its layers are those of ``network``. None starts from chance.
    """

    network: str | Network = "article"
    dataset: str = "mnist"
    images: int | None = None
    loss: str = "categorical_crossentropy"
    optimiser: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"
    batch_size: int = 128
    epochs: float = 5.0
    label_smoothing: float = 0.0
    augmentation: str = "none"
    dropout: float = 0.0
    precision: str = "float32"
    device: str = "auto"
    seed: int = 1
    start: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.network, str) and self.network not in NETWORKS:
            raise ValueError(
                f"There is no network {self.network!r}: choose one of {', '.join(NETWORKS)}."
            )
        if not isinstance(self.network, str | Network):
            raise ValueError("The network must be a name or a composed network.")
        if self.start is not None and not (isinstance(self.start, str) and kept.is_key(self.start)):
            raise ValueError("The start must be the key of a kept network, or none.")
        for name, choices in CHOICES.items():
            if (value := getattr(self, name)) not in choices:
                shown = repr(value)[:40]
                raise ValueError(
                    f"{_title(name)} must be one of {', '.join(choices)}, not {shown}."
                )
        for name in BOUNDS:
            _check_number(name, getattr(self, name))
        if self.steps > 1_000_000:
            raise ValueError(
                f"{self.steps:,} steps are too many: take fewer epochs or a larger batch."
            )
        self._check_network()

    def _check_network(self) -> None:
        network = self.architecture
        last = network.rows[-1]
        if last.output_shape != (10,):
            raise ValueError("The network must end in Dense(10): one unit for each class.")
        if network.input_shape != (1, 28, 28):
            raise ValueError("The network must read images of 28×28 pixels and one channel.")
        last_batch = self.count % self.batch_size or self.batch_size
        for row in network.rows:
            alone = last_batch * math.prod(row.output_shape[1:]) == 1
            if alone and isinstance(row.layer, BatchNormalization):
                raise ValueError(
                    "BatchNormalization cannot work on a batch of one image: change the batch size"
                    " so that the last batch of an epoch has more."
                )
        numbers = sum(math.prod(row.output_shape) for row in network.rows)
        if numbers * min(self.batch_size, self.count) > MAX_ACTIVATIONS:
            raise ValueError(
                f"{numbers:,} activations an image are too many for batches of {self.batch_size}:"
                " take a smaller batch or fewer filters."
            )

    @cached_property
    def architecture(self) -> Network:
        """The network that is trained: with the dropout of the spec before its output layer."""
        network = NETWORKS[self.network] if isinstance(self.network, str) else self.network
        if not self.dropout:
            return network
        *body, output = network.layers
        return replace(network, layers=(*body, Dropout(self.dropout), output))

    @property
    def count(self) -> int:
        """Training images of one epoch."""
        return self.images or 60_000

    @property
    def steps_per_epoch(self) -> int:
        """Batches of one epoch."""
        return math.ceil(self.count / self.batch_size)

    @property
    def steps(self) -> int:
        """Batches of the whole run; at least one."""
        return max(1, round(self.epochs * self.steps_per_epoch))

    def rate(self, step: int, highest: float | None = None) -> float:
        """Learning rate of a step.

        Args:
            step: from 1 to :attr:`steps`.
            highest: takes the place of ``learning_rate``.
        """
        top, done = self.learning_rate if highest is None else highest, (step - 1) / self.steps
        match self.schedule:
            case "cosine":
                return top * (0.5 + 0.5 * math.cos(math.pi * done))
            case "one-cycle":
                if done < (rise := 0.3):
                    return top * (0.04 + 0.96 * done / rise)
                return top * (0.5 + 0.5 * math.cos(math.pi * (done - rise) / (1 - rise)))
            case _:
                return top

    def to_json(self) -> str:
        """The spec as one line of JSON, every field in it; :meth:`from_json` reads it again."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        if isinstance(self.network, Network):
            plain["network"] = json.loads(self.network.to_json())
        return json.dumps(plain, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "RunSpec":
        """The spec in a JSON object; a field that is absent takes its default.

        Raises ValueError with one sentence for anything else.
        """
        if len(text) > MAX_JSON:
            raise ValueError(f"A run's description may have {MAX_JSON:,} characters at most.")
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError("A run's description must be a JSON object.") from error
        if not isinstance(given, dict):
            raise ValueError("A run's description must be a JSON object.")
        if unknown := given.keys() - {field.name for field in fields(cls)}:
            raise ValueError(f"A run has no setting {sorted(unknown)[0][:40]!r}.")
        if isinstance(given.get("network"), dict):
            given["network"] = Network.from_json(json.dumps(given["network"]))
        return cls(**given)

    def describe(self) -> str:
        """One line for a list of runs, such as ``article · adam 0.001 · batch 128 · 5 epochs``."""
        name = self.network if isinstance(self.network, str) else self.network.name
        parts = [
            name,
            f"{self.optimiser} {self.learning_rate:g}",
            f"batch {self.batch_size}",
            f"{self.epochs:g} epoch{'' if self.epochs == 1 else 's'}",
        ]
        if self.images is not None:
            parts.insert(1, f"{self.images:,} images")
        plain = RunSpec()
        for field in ("dataset", "loss", "schedule", "precision", "device"):
            if getattr(self, field) != getattr(plain, field):
                parts.append(getattr(self, field).replace("_", " "))
        parts += ["from kept weights"] * (self.start is not None)
        parts += ["shifted by a pixel"] * (self.augmentation == "shift")
        parts += [f"label smoothing {self.label_smoothing:g}"] * bool(self.label_smoothing)
        parts += [f"dropout {self.dropout:g}"] * bool(self.dropout)
        return " · ".join([*parts, f"seed {self.seed}"])


def _title(name: str) -> str:
    return "The " + name.replace("_", " ")


def _check_number(name: str, value: object) -> None:
    """Raises ValueError where a number is of the wrong type or out of its bounds."""
    low, high = BOUNDS[name]
    if name == "images" and value is None:
        return
    whole = isinstance(low, int)
    fits = type(value) is int if whole else type(value) in (int, float)
    if not fits or not low <= value <= high:  # type: ignore[operator]
        kind = "a whole number" if whole else "a number"
        raise ValueError(
            f"{_title(name)} must be {kind} from {low:,} to {high:,}, not {repr(value)[:40]}."
        )


@dataclass(frozen=True)
class Preset:
    """A run worth a look: its title, one sentence on what it shows, its spec."""

    title: str
    help: str
    spec: RunSpec


PRESETS: dict[str, Preset] = {
    "article": Preset(
        "The article's network",
        "The reference network as the article trains it: Adam at a constant learning rate.",
        RunSpec(),
    ),
    "better": Preset(
        "The article's network, better trained",
        "The same network, with a learning rate that rises and falls, images shifted by a pixel, "
        "and labels smoothed: 99 % of the test set in two epochs, which a constant rate never "
        "reaches.",
        RunSpec(
            epochs=2.0,
            learning_rate=8e-3,
            schedule="one-cycle",
            augmentation="shift",
            label_smoothing=0.1,
        ),
    ),
    "fast": Preset(
        "99 % in three seconds",
        "A small network with batch normalisation, whose learning rate rises and falls within "
        "three quarters of an epoch: it reads 99 % of the test set before it has seen every "
        "training image once.",
        RunSpec(
            "fast",
            epochs=0.75,
            learning_rate=0.03,
            schedule="one-cycle",
            label_smoothing=0.1,
        ),
    ),
    "too-high": Preset(
        "Learning rate too high",
        "Each step overshoots the valley that it aims for: the loss jumps, and then stays where "
        "guessing is.",
        RunSpec(optimiser="sgd", learning_rate=3.0, epochs=1.0),
    ),
    "overfit": Preset(
        "Overfit 500 images",
        "So few images can be learnt by heart: the training loss falls to nothing while the test "
        "loss turns and rises.",
        RunSpec(images=500, batch_size=32, epochs=40.0),
    ),
    "dense": Preset(
        "No convolution",
        "Dense layers alone, which weigh every pixel by itself and must learn each stroke anew at "
        "every place: fewer parameters than the article's network, and worse.",
        RunSpec("dense"),
    ),
}


def usual(network: str) -> RunSpec:
    """The run that a named network is best begun with: its preset's, else the plain one.

    Raises ValueError where no network has this name.
    """
    return next((p.spec for p in PRESETS.values() if p.spec.network == network), RunSpec(network))
