"""A network's answers on many images."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch

from explorer.data import mnist
from explorer.network import zoo
from explorer.network.architecture import CNN

BATCH = 500  # images at once: the activations of a batch stay within the processor's cache


def predict(model: CNN, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Logits of ``images``.

    Args:
        model: takes ``(N, 1, H, W)`` in [0, 1].
        images: ``(N, H, W)`` uint8.

    Returns:
        ``(N, classes)`` float32.
    """
    with torch.inference_mode():
        parts = [
            model(torch.from_numpy(images[i : i + BATCH].astype(np.float32) / 255)[:, None])
            for i in range(0, len(images), BATCH)
        ]
        return np.asarray(torch.cat(parts))


@lru_cache(maxsize=64)
def mistakes(name: str) -> tuple[int, ...]:
    """Indices of the test images that a named network reads wrong, in order; found once."""
    images, labels = mnist.test_set()
    guesses = predict(zoo.shared(name), images).argmax(1)
    return tuple(int(i) for i in np.flatnonzero(guesses != labels))
