"""Every layer's output for an input, before and after its activation.

The layers are stepped through one by one, so there is no hook to leave behind, whether the pass
succeeds or raises. Gradients follow the caller's own ``torch`` mode.
"""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from explorer.network.architecture import CNN


class Trace(Mapping[str, Tensor]):
    """Layer name to output, in the network's order.

    ``trace["conv1"]`` is what the next layer receives, after the activation: ``(N, C, H, W)`` or
    ``(N, units)``. ``trace.before["conv1"]`` is the weighted sum that the activation was given.
    For the output layer both are the logits; :attr:`probabilities` is their softmax.
    """

    def __init__(self, before: dict[str, Tensor], after: dict[str, Tensor]) -> None:
        self.before, self._after = before, after

    def __getitem__(self, name: str) -> Tensor:
        return self._after[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._after)

    def __len__(self) -> int:
        return len(self._after)

    @property
    def logits(self) -> Tensor:
        """``(N, classes)``: the last layer's weighted sums."""
        return next(reversed(self._after.values()))

    @property
    def probabilities(self) -> Tensor:
        """``(N, classes)`` in [0, 1], each row summing to 1: the softmax of the logits."""
        return torch.softmax(self.logits, dim=1)


def trace(model: CNN, x: Tensor) -> Trace:
    """Run ``x`` through ``model`` and keep every layer's output.

    Args:
        model: a module built from a :class:`~explorer.network.architecture.Network`.
        x: ``(N, channels, height, width)``, pixels in [0, 1].
    """
    before, after = {}, {}
    for name, weighted, output in model.steps(x):
        before[name], after[name] = weighted, output
    return Trace(before, after)
