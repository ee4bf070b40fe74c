"""A network's accuracy on shifted images: how much of a translation it forgives, measured.

Choices:

- A shift goes left, right, up and down by whole pixels. Zeros come in, and what leaves the frame is
  gone, as :func:`explorer.ops.translate` has it.
- Shifting an image is moving the frame over the same image with zeros around it. Up to the first
  layer that sees the frame (``Flatten``, or a convolution that pads), what a layer makes of the
  moved frame is a part of what it makes of the whole. So each of these layers runs once over all
  shifts along an axis, or once for each remainder of its stride, and the parts are cut out of it.
  The answers are those of ``model(shifted)`` up to the order in which float32 sums are added up.
- Images are taken in order, all shifts of a batch before the next batch. A measurement that runs
  out of time is therefore one of the first images, and says of how many.
"""

import copy
import itertools
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor

from explorer.network.architecture import CNN, Row
from explorer.network.layers import ACTIVATIONS
from explorer.ops.receptive import ReceptiveField

DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
"""Columns and rows that one pixel in each direction moves an image by."""

SHIFTS = range(9)
"""The shifts that are measured where no others are asked for, in pixels."""

BATCH = 100  # images at once, at most: what they leave behind stays within the processor's cache
_VALUES = 4_000_000  # activations of a batch, at most: a wide network must not fill the memory
FILE = Path(__file__).parent / "weights" / "shifts.json"


@dataclass(frozen=True, eq=False)
class Curve:
    """Accuracy against shift.

    Attributes:
        shifts: ``(S,)`` int64, pixels.
        right: direction to ``(S,)`` int64, how many images were read correctly.
        images: how many images were read, at each shift in each direction: the first ones.
    """

    shifts: npt.NDArray[np.int64]
    right: Mapping[str, npt.NDArray[np.int64]]
    images: int

    @property
    def directions(self) -> dict[str, npt.NDArray[np.float32]]:
        """Direction to accuracy ``(S,)`` in [0, 1]."""
        return {name: _share(right, self.images) for name, right in self.right.items()}

    @property
    def mean(self) -> npt.NDArray[np.float32]:
        """``(S,)`` in [0, 1]: the mean accuracy over the directions."""
        return _share(self._stacked.sum(0), self.images * len(self.right))

    @property
    def low(self) -> npt.NDArray[np.float32]:
        """``(S,)`` in [0, 1]: the accuracy in the worst direction."""
        return _share(self._stacked.min(0), self.images)

    @property
    def high(self) -> npt.NDArray[np.float32]:
        """``(S,)`` in [0, 1]: the accuracy in the best direction."""
        return _share(self._stacked.max(0), self.images)

    @property
    def _stacked(self) -> npt.NDArray[np.int64]:
        return np.stack(list(self.right.values()))


def _share(right: npt.NDArray[np.int64], of: int) -> npt.NDArray[np.float32]:
    return (right / of).astype(np.float32)


@dataclass(frozen=True)
class Progress:
    """How far a measurement is.

    Attributes:
        images: how many images are done.
        total: how many there are.
        share: of the whole, in [0, 1]: of the images or of the time, whichever is further.
        curve: what the images that are done say.
    """

    images: int
    total: int
    share: float
    curve: Curve


def measure(
    model: CNN,
    images: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.integer],
    *,
    shifts: Sequence[int] = SHIFTS,
    seconds: float | None = None,
) -> Iterator[Progress | Curve]:
    """Accuracy of ``model`` on images shifted in four directions.

    Yields a :class:`Progress` after each batch of images and the :class:`Curve` at the end::

        for step in measure(model, images, labels, seconds=4.5):
            if isinstance(step, Progress):
                bar.progress(step.share)
            else:
                curve = step

    It leaves ``model`` as it is, and may be closed early. It uses as many threads as torch is set
    to: one is best on a busy machine, because two wait for each other at each of many small steps.

    Args:
        model: takes ``(N, 1, H, W)`` in [0, 1]; measured in evaluation mode.
        images: ``(N, H, W)`` uint8, at least one.
        labels: ``(N,)``.
        shifts: pixels, each from 0 to the side of an image.
        seconds: stop before a batch that would end later than this; at least one batch is done. The
            curve says how many images it is about. None does all.

    Raises:
        ValueError: no images, more or fewer labels than images, or a shift out of range.
    """
    shifts = _checked(images, labels, shifts)
    begun = before = time.perf_counter()
    # Channels last is twice as fast, and missing from the types.
    model = copy.deepcopy(model).eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    size = _batch_size(model)
    right = {name: np.zeros(len(shifts), np.int64) for name in DIRECTIONS}
    for start in range(0, len(images), size):
        batch = images[start : start + size]
        counts = _count(model, batch, labels[start : start + size], shifts)
        # New arrays: those of an earlier Progress stay as they are.
        right = {
            name: right[name] + np.array([counts[x * d, y * d] for d in shifts], np.int64)
            for name, (x, y) in DIRECTIONS.items()
        }
        done, now = start + len(batch), time.perf_counter()
        curve = Curve(np.array(shifts, np.int64), right, done)
        late = seconds is not None and now - begun + (now - before) > seconds
        before = now
        share = max(done / len(images), min(1.0, (now - begun) / seconds) if seconds else 0.0)
        yield Progress(done, len(images), 1.0 if late else share, curve)
        if late:
            break
    yield curve


def _checked(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.integer], shifts: Sequence[int]
) -> tuple[int, ...]:
    if len(images) == 0 or len(images) != len(labels):
        raise ValueError(f"{len(images)} images and {len(labels)} labels cannot be measured")
    side = min(images.shape[1:])
    if not shifts or not all(0 <= shift <= side for shift in shifts):
        raise ValueError(f"shifts must be whole pixels from 0 to {side}, not {list(shifts)}")
    return tuple(int(shift) for shift in shifts)


def _batch_size(model: CNN) -> int:
    """How many images go through the network at once."""
    values = sum(math.prod(row.output_shape) for row in model.network.rows)
    return max(1, min(BATCH, _VALUES // values))


def _count(
    model: CNN,
    images: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.integer],
    shifts: Sequence[int],
) -> dict[tuple[int, int], int]:
    """``(dx, dy)`` to how many images the model reads correctly when moved by that."""
    expected = torch.from_numpy(labels.astype(np.int64))
    pixels = torch.from_numpy(images.astype(np.float32) / 255)[:, None]
    far = max(shifts)
    # To move an image by d is to move the frame by -d.
    frames = {d: far - d for shift in shifts for d in {-shift, shift}}
    counts = {}
    with torch.inference_mode():
        for d, logits in _answers(model, F.pad(pixels, (far, far)), frames, axis=3):
            counts[d, 0] = int((logits.argmax(1) == expected).sum())
        frames.pop(0, None)
        for d, logits in _answers(model, F.pad(pixels, (0, 0, far, far)), frames, axis=2):
            counts[0, d] = int((logits.argmax(1) == expected).sum())
    return counts


def _answers(
    model: CNN, x: Tensor, frames: dict[int, int], axis: int
) -> Iterator[tuple[int, Tensor]]:
    """Every frame's key and the logits ``(N, classes)`` for what it shows of ``x``.

    Args:
        model: takes ``(N, C, H, W)``.
        x: as the model takes it, but longer along ``axis``, which is 2 or 3.
        frames: a key to where the frame begins along ``axis``.
    """
    rows = model.network.rows
    strides = list(itertools.takewhile(bool, map(_free_stride, rows)))
    side = model.network.input_shape[axis - 1]
    bands = [(x, frames)] if frames else []
    for row, stride in zip(rows, strides, strict=False):
        parts = []
        for band, starts in bands:
            for remainder in sorted({start % stride for start in starts.values()}):
                some = {key: at for key, at in starts.items() if at % stride == remainder}
                first, last = min(some.values()), max(some.values())
                part = _apply(model, row, band.narrow(axis, first, last - first + side))
                parts.append((part, {key: (at - first) // stride for key, at in some.items()}))
        bands, side = parts, row.output_shape[axis - 1]
    for band, starts in bands:
        for key, at in starts.items():
            y = band.narrow(axis, at, side)
            for row in rows[len(strides) :]:
                y = _apply(model, row, y)
            yield key, y


def _free_stride(row: Row) -> int:
    """The stride of a layer that takes maps to maps and sees only what is in them; else 0."""
    window = row.layer.field(ReceptiveField(), row.input_shape, row.input_shape)
    if window is None or window.start != 0 or len(row.output_shape) != 3:
        return 0
    whole = tuple((side - window.size) // window.jump + 1 for side in row.input_shape[1:])
    return window.jump if whole == row.output_shape[1:] else 0


def _apply(model: CNN, row: Row, x: Tensor) -> Tensor:
    """One layer, as :meth:`CNN.steps` applies it."""
    before: Tensor = model.get_submodule(row.name)(x)
    logits = row is model.network.rows[-1] and row.layer.activation == "softmax"
    return before if logits else ACTIVATIONS[row.layer.activation](before)


@cache
def shipped() -> dict[str, Curve]:
    """The curves of some of the named networks on all test images, by name.

    ``python -m explorer.training.shifted`` says which, measures them and writes the file they are
    read from. Empty where there is no such file.
    """
    if not FILE.exists():
        return {}
    return {
        name: Curve(
            np.array(entry["shifts"], np.int64),
            {way: np.array(entry["right"][way], np.int64) for way in DIRECTIONS},
            entry["images"],
        )
        for name, entry in json.loads(FILE.read_text()).items()
    }
