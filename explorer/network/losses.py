"""The cost functions, with Keras' meaning: on the softmax's probabilities and one-hot labels.

Let p be the probabilities, y the one-hot label and n = 10 classes.

- ``categorical_crossentropy``: the mean over the images of −Σ y·log p, computed from the logits, as
  Keras does where it sees that a softmax made p.
- ``binary_crossentropy``: the mean over images and classes of −(y·log p + (1−y)·log(1−p)), with p
  kept within [1e-7, 1−1e-7]; outside it nothing is learnt from that number.
- ``root_mean_squared_error``: the root of the mean over images and classes of (y−p)², at least
  1e-7, where the gradient of the root would be infinite.

Label smoothing s makes y·(1−s) + s/n of the label; the binary loss, for which each class is a
question of its own, y·(1−s) + s/2, again as Keras does.

They stand beside the networks, below the training engine, because a page that follows one image
backwards needs the very same numbers.
"""

import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor

LOSSES = ("categorical_crossentropy", "binary_crossentropy", "root_mean_squared_error")
EPSILON = 1e-7


def loss(name: str, logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """The cost of a batch, a scalar.

    Args:
        name: one of :data:`LOSSES`.
        logits: ``(N, classes)`` float32.
        labels: ``(N,)`` int64.
        smoothing: share of each label that is spread, in [0, 1].
    """
    if name == "categorical_crossentropy":
        return F.cross_entropy(logits, labels, label_smoothing=smoothing)
    classes = logits.shape[1]
    p, y = torch.softmax(logits, dim=1), F.one_hot(labels, classes).to(logits.dtype)
    if name == "binary_crossentropy":
        p = p.clamp(EPSILON, 1 - EPSILON)
        y = y * (1 - smoothing) + smoothing / 2
        return -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    if name == "root_mean_squared_error":
        y = y * (1 - smoothing) + smoothing / classes
        return (y - p).square().mean().clamp_min(EPSILON**2).sqrt()
    raise ValueError(f"there is no loss {name!r}")


def terms(name: str, logits: Tensor, label: int) -> Tensor:
    """What each class adds to the cost of one image: ``(classes,)``, without label smoothing.

    The cross-entropy is their sum, the binary one their mean, the last the root of their mean.

    Args:
        name: as for :func:`loss`.
        logits: ``(classes,)``.
        label: the true class.
    """
    y = F.one_hot(torch.tensor(label), len(logits)).to(logits.dtype)
    if name == "categorical_crossentropy":
        return -y * torch.log_softmax(logits, dim=0)
    p = torch.softmax(logits, dim=0)
    if name == "binary_crossentropy":
        p = p.clamp(EPSILON, 1 - EPSILON)
        return -(y * p.log() + (1 - y) * (1 - p).log())
    if name == "root_mean_squared_error":
        return (y - p).square()
    raise ValueError(f"there is no loss {name!r}")
