"""The layer types that do something else in training than afterwards: they steady what is learnt.

Choices: the arithmetic is PyTorch's, the arguments are Keras'. So ``momentum`` is the share of the
running mean and variance that a batch leaves as it is (PyTorch's own is one minus that), and the
running variance is the unbiased one of a batch, where Keras takes the biased one.
"""

from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from explorer.network.layer import Activation, Shape, keras_call
from explorer.ops.receptive import ReceptiveField


@dataclass(frozen=True)
class _Steadying:
    @property
    def activation(self) -> Activation:
        """None: it has no activation of its own."""
        return None

    def output_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape

    def field(self, below: ReceptiveField, shape: Shape, image: Shape) -> ReceptiveField | None:
        """Unchanged: every value is made of the one value below it."""
        return below


def _share(name: str, value: object, below: float = 1.0) -> None:
    if type(value) not in (int, float) or not 0 <= value < below:  # type: ignore[operator]
        raise ValueError(f"{name} must be a number from 0 to less than {below:g}, not {value!r}")


@dataclass(frozen=True)
class BatchNormalization(_Steadying):
    """Gives every map (or unit) mean 0 and variance 1 over a batch, then a scale and an offset.

    After training, the running mean and variance stand in for those of the batch.
    """

    momentum: float = 0.99
    epsilon: float = 0.001
    prefix: ClassVar[str] = "norm"
    commutes: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _share("momentum", self.momentum)
        _share("epsilon", self.epsilon)
        if self.epsilon < 1e-7:
            raise ValueError(f"epsilon must be at least 1e-07, not {self.epsilon!r}")

    def parameters(self, shape: Shape) -> int:
        """One scale and one offset for each map or unit."""
        return 2 * shape[0]

    def module(self, shape: Shape) -> nn.Module:
        """Weights and bias ``(C,)``, and the buffers ``running_mean``, ``running_var``."""
        kind = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
        return kind(shape[0], eps=self.epsilon, momentum=self._new)

    @property
    def _new(self) -> float:
        """The share of the running values that a batch makes anew."""
        return round(1 - self.momentum, 12)

    def keras(self) -> str:
        """Such as ``BatchNormalization(momentum=0.9)``."""
        return keras_call(self, positional=False)

    def torch(self, shape: Shape) -> dict[str, str]:
        """``nn.BatchNorm2d``, or ``nn.BatchNorm1d`` of units."""
        kind = "nn.BatchNorm2d" if len(shape) == 3 else "nn.BatchNorm1d"
        return {"": f"{kind}({shape[0]}, eps={self.epsilon!r}, momentum={self._new!r})"}


@dataclass(frozen=True)
class Dropout(_Steadying):
    """Sets a random share of the values to zero in training, and enlarges the others to make up."""

    rate: float
    prefix: ClassVar[str] = "dropout"
    commutes: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _share("rate", self.rate)

    def parameters(self, shape: Shape) -> int:
        """None to train."""
        return 0

    def module(self, shape: Shape) -> nn.Module:
        """``nn.Dropout``: nothing at all once training is over."""
        return nn.Dropout(self.rate)

    def keras(self) -> str:
        """Such as ``Dropout(0.5)``."""
        return keras_call(self)

    def torch(self, shape: Shape) -> dict[str, str]:
        """``nn.Dropout``."""
        return {"": f"nn.Dropout({self.rate!r})"}
