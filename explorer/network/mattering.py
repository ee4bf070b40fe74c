"""Which map matters: each map or unit of a layer switched off in turn, and the accuracy it costs.

What the next layer that mixes maps computes is linear in each of them. So its sums are formed once
for all maps, and what one map added is taken off them again: a network whose map is off then costs
one map's part of one layer, and the layers behind it. The sums differ in the last bits from those
formed without the map.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from threading import Lock

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explorer.data import mnist
from explorer.network import edits as edited
from explorer.network import retest, surgery, zoo
from explorer.network.architecture import CNN
from explorer.network.edits import Edit
from explorer.network.layers import ACTIVATIONS, Conv2D, Flatten

Floats = npt.NDArray[np.float64]
MAX_KEPT = 100


class Mattering:
    """The measurement of one layer, as far as it has come.

    Attributes:
        done: the share that is done, in [0, 1].
    """

    def __init__(self, key: str, edits: tuple[Edit, ...], layer: str) -> None:
        self._key, self._edits, self._layer = key, edits, layer
        self._lock, self._read = Lock(), 0
        maps = edited.layout(zoo.shared(key).network, layer)[0]
        self._right = np.zeros(1 + maps, np.int64)  # all maps on, then each off
        self._work: Callable[[Tensor], list[Tensor]] | None = None

    @property
    def done(self) -> float:
        """The share of the images that were read, in [0, 1]."""
        return self._read / retest.batches()

    @property
    def losses(self) -> Floats:
        """``(maps,)``: accuracy without the map less than with it, of the images read so far.

        Below zero where the network reads better without it. Zeros while none was read.
        """
        images = min(self._read * retest.BATCH, len(mnist.test_set()[0]))
        return np.asarray((self._right[0] - self._right[1:]) / max(images, 1), np.float64)

    def step(self) -> None:
        """Read one more batch; nothing where somebody else is just doing that."""
        if self._read == retest.batches() or not self._lock.acquire(blocking=False):
            return
        try:
            if self._work is None:
                model = surgery.apply(retest.fast(zoo.shared(self._key)), self._edits)
                self._work = _worker(model, self._layer)
            first = self._read * retest.BATCH
            labels = torch.from_numpy(
                mnist.test_set()[1][first : first + retest.BATCH].astype(np.int64)
            )
            with torch.inference_mode():
                answers = self._work(retest.images(self._read))
            self._right += [int((a.argmax(1) == labels).sum()) for a in answers]
            self._read += 1
            if self._read == retest.batches():
                self._work = None
        finally:
            self._lock.release()


def _worker(model: CNN, layer: str) -> Callable[[Tensor], list[Tensor]]:
    """What gives, for a batch of images, the logits with all maps on and with each one off."""
    rows = model.network.rows
    first = next(i for i, row in enumerate(rows) if row.name == layer)
    mixing = (i for i in range(first + 1, len(rows)) if not isinstance(rows[i].layer, Flatten))
    next_one = next((i for i in mixing if retest.mixes(rows[i])), len(rows))
    maps = rows[first].output_shape[0]

    def run(x: Tensor, start: int, stop: int) -> Tensor:
        for row in rows[start:stop]:
            x = retest.layer(model, row, x)
        return x

    with torch.inference_mode():
        silent = torch.zeros(1, *rows[first].output_shape)
        if not (first == len(rows) - 1 and rows[first].layer.activation == "softmax"):
            silent = ACTIVATIONS[rows[first].layer.activation](silent)
        silent = run(silent, first + 1, next_one)
        if next_one == len(rows):
            return lambda x: _columns(run(x, 0, len(rows)), silent)
        shape = edited.layout(model.network, rows[next_one].name)[1:]
        if shape[0] != maps:  # behind a flatten a normalisation's units are its single slots
            shape = (maps, 1, 1)
        adds = _parts(model, next_one, shape)

    def work(x: Tensor) -> list[Tensor]:
        given = run(x, 0, next_one)
        row = rows[next_one]
        sums = model.get_submodule(row.name)(given)
        more = _maps(given - silent, shape)
        without = (sums - adds(more[:, i : i + 1], i) for i in range(maps))
        last = next_one == len(rows) - 1 and row.layer.activation == "softmax"
        act = ACTIVATIONS[None if last else row.layer.activation]
        return [run(act(z), next_one + 1, len(rows)) for z in (sums, *without)]

    return work


def _columns(logits: Tensor, silent: Tensor) -> list[Tensor]:
    """The logits, then once for each unit of the last layer with that unit off."""
    found = [logits]
    for unit in range(logits.shape[1]):
        off = logits.clone()
        off[:, unit] = silent[:, unit]
        found.append(off)
    return found


def _maps(x: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """``(N, C, H, W)`` of what a layer is given, a flattened vector laid back over its maps."""
    channels, height, width = shape
    return x if x.ndim == 4 else x.view(len(x), height, width, channels).permute(0, 3, 1, 2)


def _parts(model: CNN, place: int, shape: tuple[int, int, int]) -> Callable[[Tensor, int], Tensor]:
    """What one channel ``(N, 1, H, W)`` of its number adds to the sums of layer ``place``."""
    row = model.network.rows[place]
    weights = surgery.laid_out(model, row.name)
    if not isinstance(row.layer, Conv2D):
        if shape[1:] == (1, 1):
            weights = model.get_parameter(f"{row.name}.weight")[:, :, None, None]
        return lambda x, channel: x.flatten(1) @ weights[:, channel].flatten(1).T
    modules = []
    for channel in range(shape[0]):
        module = replace(row.layer).module((1, *row.input_shape[1:])).requires_grad_(False)
        one = weights[:, channel : channel + 1]
        module.load_state_dict({"weight": one, "bias": torch.zeros(len(one))})
        modules.append(module.to(memory_format=torch.channels_last))  # type: ignore[call-overload]
    return lambda x, channel: modules[channel](x)


_kept: OrderedDict[tuple[str, tuple[Edit, ...], str], Mattering] = OrderedDict()
_keeping = Lock()


def mattering(key: str, edits: tuple[Edit, ...], layer: str) -> Mattering:
    """The one measurement of a layer of a network after these edits, done or not.

    Raises:
        ValueError: no network has this key, or it has no such layer with kernels.
    """
    with _keeping:
        if (key, edits, layer) not in _kept:
            _kept[key, edits, layer] = Mattering(key, edits, layer)
        _kept.move_to_end((key, edits, layer))
        while len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
        return _kept[key, edits, layer]
