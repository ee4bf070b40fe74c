"""The accuracy of an edited network on all test images, from the edited layer on, in pieces.

An edit of one layer leaves everything before it as it was. So each network's activations of the
test set are kept, once per process and for everybody, at the entries of its later layers: as
float32, because an edited network must answer what it would answer from the start. All layers'
would be a gigabyte; only the entries of layers that mix maps are kept, as many of the last ones
as fit a budget (``default``: 96 MB). The first layers of a wide network are computed again.

Where maps of a layer are edited, and the entry behind their pooling is kept, only those maps are
computed anew and laid between the others. Their sums may differ in the last bit from those that
PyTorch forms for all maps at once.

Nothing here runs on its own: whoever wants a result calls :meth:`Retest.step` until it is done, and
stops calling when an answer is no longer wanted.
"""

import copy
from collections import OrderedDict
from dataclasses import replace
from threading import Lock

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from explorer.data import mnist
from explorer.network import surgery, zoo
from explorer.network.architecture import CNN, Row
from explorer.network.edits import Edit
from explorer.network.layers import ACTIVATIONS, Conv2D, Dense, Flatten

Answers = npt.NDArray[np.uint8]

BATCH = 100  # images at once: what they leave behind stays within the processor's cache
MAX_NETWORK = 100 << 20
"""Bytes of activations that are kept of one network, at most."""
MAX_ALL = 200 << 20
"""Bytes of activations that are kept of all networks together, at most."""
MAX_RETESTS = 100
"""Results that are kept; 10 kB each."""


class Original:
    """A network as it was before any edit, and what it makes of the test images.

    Attributes:
        model: a copy in PyTorch's memory format channels last, which is twice as fast.
        answers: ``(N,)``, the class that is read, as far as batches are done.
        size: bytes of the activations that are kept.
    """

    def __init__(self, key: str) -> None:
        self.model = fast(zoo.shared(key))
        count = len(mnist.test_set()[0])
        self.answers = np.zeros(count, np.uint8)
        self.batches = batches()
        self._done = np.zeros(self.batches, bool)
        self._kept: dict[int, Tensor] = {}
        self.size = 0
        for place in reversed(_entries(self.model)):
            shape = (count, *self.model.network.rows[place].input_shape)
            size = 4 * int(np.prod(shape))
            if self.size + size > MAX_NETWORK:
                break
            like = torch.channels_last if len(shape) == 4 else torch.contiguous_format
            self._kept[place] = torch.empty(shape, memory_format=like)
            self.size += size

    @property
    def done(self) -> float:
        """The share of the images that it has read, in [0, 1]."""
        return float(self._done.mean())

    def holds(self, place: int) -> bool:
        """Whether the entry of layer number ``place`` is kept; the images always are."""
        return place == 0 or place in self._kept

    def last_kept(self, place: int) -> int:
        """The last layer up to number ``place`` whose entry is kept."""
        return max(p for p in (0, *self._kept) if p <= place)

    def read(self, batch: int) -> None:
        """Read one batch of images, unless that is done."""
        if self._done[batch]:
            return
        with torch.inference_mode():
            x, rows = self.entry(0, batch), self.model.network.rows
            for place, row in enumerate(rows):
                if place in self._kept:
                    self._kept[place][_span(batch)] = x
                x = layer(self.model, row, x)
            self.answers[_span(batch)] = x.argmax(1).numpy()
        self._done[batch] = True

    def entry(self, place: int, batch: int) -> Tensor:
        """What layer number ``place`` is given of a batch that was read; never change it."""
        return self._kept[place][_span(batch)] if place else images(batch)


class Retest:
    """What an edited network reads in the test images, as far as that is known.

    Attributes:
        original: the network before the edits.
        answers: ``(N,)``, the class that is read, as far as batches are done.
        done: the share that is done, in [0, 1].
    """

    def __init__(self, original: Original, edits: tuple[Edit, ...]) -> None:
        self.original, self._edits = original, edits
        self.answers = np.zeros_like(original.answers)
        self._read, self._lock = 0, Lock()
        self._model: CNN | None = None
        self._narrow: list[tuple[Row, nn.Module]] = []

    @property
    def done(self) -> float:
        """The share of the images that were read, in [0, 1]."""
        return self._read / self.original.batches

    def step(self) -> None:
        """Read one more batch; nothing where somebody else is just doing that."""
        if self._read == self.original.batches or not self._lock.acquire(blocking=False):
            return
        try:
            self._step(self._read)
            self._read += 1
            if self._read == self.original.batches:
                self._model, self._narrow = None, []
        finally:
            self._lock.release()

    def _step(self, batch: int) -> None:
        self.original.read(batch)
        if not self._edits:
            self.answers[_span(batch)] = self.original.answers[_span(batch)]
            return
        if self._model is None:
            self._plan()
        assert self._model is not None
        with torch.inference_mode():
            x = self.original.entry(self._start, batch)
            if self._narrow:
                for row, module in self._narrow:
                    x = ACTIVATIONS[row.layer.activation](module(x))
                whole = self.original.entry(self._patched, batch).clone()
                whole[:, self._maps] = x
                x = whole
            for row in self._model.network.rows[self._patched if self._narrow else self._start :]:
                x = layer(self._model, row, x)
            self.answers[_span(batch)] = x.argmax(1).numpy()

    def _plan(self) -> None:
        """Where to begin, and which maps to compute alone."""
        model, kept = surgery.apply(self.original.model, self._edits), self.original
        rows, maps = model.network.rows, surgery.touched(self._edits)
        first = next(i for i, row in enumerate(rows) if row.name in maps)
        self._start = kept.last_kept(first)
        after = (i for i in range(first + 1, len(rows)) if mixes(rows[i]))
        self._patched = next(after, 0)
        # A normalisation in between may have been edited at other maps.
        between = [maps.get(row.name, ()) for row in rows[first : self._patched]]
        self._maps = sorted({i for each in between for i in each})
        few = mixes(rows[first]) and 2 * len(self._maps) <= rows[first].output_shape[0]
        if few and self._start == first and self._patched and kept.holds(self._patched):
            self._narrow = [
                (row, _narrowed(model, row, self._maps, first=place == 0))
                for place, row in enumerate(rows[first : self._patched])
            ]
        self._model = model


def batches() -> int:
    """How many batches the test images are read in."""
    return -(-len(mnist.test_set()[0]) // BATCH)


def images(batch: int) -> Tensor:
    """One batch of test images, ``(n, 1, 28, 28)`` in [0, 1]."""
    pixels = mnist.test_set()[0][_span(batch)]
    return torch.from_numpy(pixels.astype(np.float32) / np.float32(255))[:, None]


def layer(model: CNN, row: Row, x: Tensor) -> Tensor:
    """One layer, as :meth:`~explorer.network.architecture.CNN.steps` applies it."""
    before: Tensor = model.get_submodule(row.name)(x)
    logits = row is model.network.rows[-1] and row.layer.activation == "softmax"
    return before if logits else ACTIVATIONS[row.layer.activation](before)


def mixes(row: Row) -> bool:
    """Whether a layer's map or unit is made of more than the one of the same number."""
    return isinstance(row.layer, Conv2D | Dense | Flatten)


def _entries(model: CNN) -> list[int]:
    """The layers whose entry is worth keeping, ascending: it spares those before it."""
    rows, found = model.network.rows, []
    for place, row in enumerate(rows):
        below = [r for r in rows[:place] if mixes(r)]
        # What a flatten gives is as long as what it is given.
        if below and not isinstance(below[-1].layer, Flatten) and mixes(row):
            found.append(place)
    return found


def _narrowed(model: CNN, row: Row, maps: list[int], *, first: bool) -> nn.Module:
    """A layer's module for some of its maps alone; the ``first`` one still reads all channels."""
    shape = row.input_shape if first else (len(maps), *row.input_shape[1:])
    made = row.layer
    if isinstance(made, Conv2D):
        made = replace(made, filters=len(maps))
    elif isinstance(made, Dense):
        made = replace(made, units=len(maps))
    module = made.module(shape).eval().requires_grad_(False)
    state = model.get_submodule(row.name).state_dict()
    module.load_state_dict({name: v[maps] if v.ndim else v for name, v in state.items()})
    return module.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def fast(model: CNN) -> CNN:
    """A copy in PyTorch's memory format channels last, which is twice as fast."""
    found = copy.deepcopy(model).eval().requires_grad_(False)
    return found.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _span(batch: int) -> slice:
    return slice(batch * BATCH, (batch + 1) * BATCH)


_originals: OrderedDict[str, Original] = OrderedDict()
_retests: OrderedDict[tuple[str, tuple[Edit, ...]], Retest] = OrderedDict()
_keeping = Lock()


def original(key: str) -> Original:
    """The one copy of a network's activations that all sessions share.

    Args:
        key: of :func:`explorer.network.zoo.shared`.
    """
    with _keeping:
        if key not in _originals:
            _originals[key] = Original(key)
        _originals.move_to_end(key)
        while len(_originals) > 1 and sum(o.size for o in _originals.values()) > MAX_ALL:
            _forget(next(iter(_originals)))
        return _originals[key]


def _forget(key: str) -> None:
    """Give up a network's activations, and the retests that hold on to them."""
    del _originals[key]
    for name in [name for name in _retests if name[0] == key]:
        del _retests[name]


def retest(key: str, edits: tuple[Edit, ...]) -> Retest:
    """The one retest of these edits of a network, done or not.

    Raises:
        ValueError: no network has this key.
    """
    before = original(key)
    with _keeping:
        found = _retests.setdefault((key, edits), Retest(before, edits))
        _retests.move_to_end((key, edits))
        while len(_retests) > MAX_RETESTS:
            _retests.popitem(last=False)
    return found
