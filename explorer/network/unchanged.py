"""The share of cells that a shift leaves unchanged, averaged over many images.

Choices: what :mod:`explorer.ops.chain` does with one picture is done here in torch with a thousand
at once, because 33 shifts of each take two seconds there and a minute here. It is done in pieces of
a few hundredths of a second, so that a page can draw other things in between. A share is that of
the lit cells of one image; an image without a lit cell has none. The four directions of a shift are
four measurements.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor

from explorer.data import mnist
from explorer.ops.chain import Chain
from explorer.ops.pooling import blur_kernel

SHIFTS = 9
"""Shifts of 0 to 8 pixels."""

IMAGES = 1000
"""How many images of the test set, from its first on."""

DIRECTIONS = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}

_BATCH = 250  # images at once: their maps stay within the processor's cache
_KEPT = 64


class Measurement:
    """The shares of unchanged cells for all shifts, found piece by piece.

    Attributes:
        before, after: of the map before the first pooling and of the one after the last, in [0, 1]:
            ``(4, 9)``, a row for each of :data:`DIRECTIONS`, a column for each shift; NaN where
            not measured yet.
        images: how many they are averaged over.
    """

    def __init__(
        self, chain: Chain, images: npt.NDArray[np.uint8], tolerance: float, *, back: bool
    ) -> None:
        """Prepare to measure.

        Args:
            chain: its blocks fit on the images.
            images: ``(N, H, W)``.
            tolerance: as in :func:`explorer.ops.chain.compare`.
            back: whether shifted maps are moved back by whole cells before they are compared.
        """
        self.images = len(images)
        self.before = np.full((len(DIRECTIONS), SHIFTS), np.nan)
        self.after = self.before.copy()
        self.before[:, 0] = self.after[:, 0] = 1.0
        self._todo = [(row, d) for d in range(1, SHIFTS) for row in range(len(DIRECTIONS))]
        self._chain, self._tolerance, self._back = chain, tolerance, back
        self._pixels = images
        self._originals: list[tuple[Tensor, Tensor]] = []

    @property
    def done(self) -> float:
        """The share of the work that is done, in [0, 1]."""
        return float(np.isfinite(self.after[:, 1:]).mean())

    def step(self) -> None:
        """Measure one shift in one direction, where one is left."""
        row_and_shift = next((at for at in self._todo if np.isnan(self.after[at])), None)
        if row_and_shift is None:
            return
        right, down = list(DIRECTIONS.values())[row_and_shift[0]]
        shift = (right * row_and_shift[1], down * row_and_shift[1])
        with torch.inference_mode():
            self.before[row_and_shift], self.after[row_and_shift] = self._shares(*shift)
        if self.done == 1:
            self._originals = []

    def _shares(self, dx: int, dy: int) -> tuple[float, float]:
        chain, cells = self._chain, ((0, 0), (0, 0))
        if self._back:
            across, along = chain.moves(dx), chain.moves(dy)
            cells = (across[0][0], along[0][0]), (across[-1][1], along[-1][1])
        blank = ends(chain, torch.zeros(1, 1, *self._pixels.shape[1:]))
        totals, counts = [0.0, 0.0], [0, 0]
        originals = list(self._originals)
        for batch, start in enumerate(range(0, len(self._pixels), _BATCH)):
            pixels = self._pixels[start : start + _BATCH].astype(np.float32) / np.float32(255)
            part = torch.from_numpy(pixels)[:, None]
            if batch == len(originals):
                originals.append(ends(chain, part))
            twins = zip(originals[batch], ends(chain, moved(part, dx, dy)), blank, strict=True)
            for i, (a, b, e) in enumerate(twins):
                shares = unchanged(a, b, e, self._tolerance, cells[i])
                totals[i] += float(shares.sum())
                counts[i] += len(shares)
        self._originals = originals
        first, last = (t / c if c else 1.0 for t, c in zip(totals, counts, strict=True))
        return first, last


_measurements: OrderedDict[tuple[object, ...], Measurement] = OrderedDict()
_lock = Lock()


def measurement(chain: Chain, tolerance: float, *, back: bool) -> Measurement:
    """The one measurement of this question on the first test images, as far as it has come."""
    key = (chain.key, tolerance, back)
    with _lock:
        if key not in _measurements:
            images = mnist.test_set()[0][:IMAGES]
            _measurements[key] = Measurement(chain, images, tolerance, back=back)
        _measurements.move_to_end(key)
        while len(_measurements) > _KEPT:
            _measurements.popitem(last=False)
        return _measurements[key]


def measure(
    chain: Chain,
    images: npt.NDArray[np.uint8],
    tolerance: float,
    *,
    back: bool,
    progress: Callable[[float], None] = lambda done: None,
) -> Measurement:
    """A whole measurement at once; ``progress`` is told the share that is done, up to 1."""
    found = Measurement(chain, images, tolerance, back=back)
    while found.done < 1:
        found.step()
        progress(found.done)
    return found


def ends(chain: Chain, x: Tensor) -> tuple[Tensor, Tensor]:
    """The maps before the first and after the last pooling of images ``(N, 1, H, W)``."""
    first = x
    for block in range(chain.blocks):
        if chain.kernel is not None:
            weights = torch.from_numpy(np.array(chain.kernel, np.float32))[None, None]
            bias = torch.tensor([chain.bias], dtype=torch.float32)
            x = F.relu(F.conv2d(x, weights, bias, padding=weights.shape[-1] // 2))
        if block == 0:
            first = x
        x = _pool(chain, x)
    return first, x


def _pool(chain: Chain, x: Tensor) -> Tensor:
    size, stride = chain.window, chain.stride
    if chain.pool == "average":
        return F.avg_pool2d(x, size, stride)
    if chain.pool == "blur":
        blur = torch.from_numpy(blur_kernel(stride))[None, None]
        return F.conv2d(F.max_pool2d(x, size, 1), blur, stride=stride, padding=stride - 1)
    return F.max_pool2d(x, size, stride)


def moved(x: Tensor, dx: int, dy: int) -> Tensor:
    """``(N, 1, H, W)`` moved to the right and down by whole pixels; zeros come in."""
    out = torch.zeros_like(x)
    (to_rows, from_rows), (to_columns, from_columns) = _ends(dy, x.shape[2]), _ends(dx, x.shape[3])
    out[:, :, to_rows, to_columns] = x[:, :, from_rows, from_columns]
    return out


def unchanged(
    original: Tensor, shifted: Tensor, empty: Tensor, tolerance: float, back: tuple[int, int]
) -> Tensor:
    """The share of unchanged lit cells, ``(n,)``, of those images that have lit cells.

    Maps are ``(N, 1, H, W)``; the rest is as in :func:`explorer.ops.chain.compare`.
    """
    bound = tolerance * original.amax(dim=(1, 2, 3), keepdim=True).clamp(min=0)
    (there_rows, rows), (there_columns, columns) = (
        _ends(back[1], original.shape[2]),
        _ends(back[0], original.shape[3]),
    )
    a, b = original[:, :, rows, columns], shifted[:, :, there_rows, there_columns]
    changed = (a - b).abs() > bound
    lit = changed | ((a - empty[:, :, rows, columns]).abs() > bound)
    lit |= (b - empty[:, :, there_rows, there_columns]).abs() > bound
    count = lit.sum(dim=(1, 2, 3))
    shares = 1 - changed.sum(dim=(1, 2, 3)) / count.clamp(min=1)
    return shares[count > 0]


def _ends(shift: int, n: int) -> tuple[slice, slice]:
    """Where the cells that stay in the frame go to, and where they come from."""
    shift = min(max(shift, -n), n)
    return slice(max(shift, 0), n + min(shift, 0)), slice(max(-shift, 0), n + min(-shift, 0))
