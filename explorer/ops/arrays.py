"""What the maths accepts: real arrays without NaN, whole numbers in range; else a ValueError.

float64 stays float64, so that a gradient can be checked numerically; every other real type becomes
float32, the type of the networks. NaN and infinity are refused: one of them would spread over all
of a map, and no page could say what a cell of it means.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]


def floats(name: str, values: ArrayLike) -> Floats:
    """``values`` as a float32 or float64 array.

    Raises:
        ValueError: not real numbers, empty, or not all finite.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8:
        raise ValueError(f"{name} must hold real numbers, not {array.dtype}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: its shape is {array.shape}")
    real: Floats = array if array.dtype == np.float64 else array.astype(np.float32, copy=False)
    if not np.isfinite(real).all():
        raise ValueError(f"{name} of shape {array.shape} holds NaN or infinity")
    return real


def whole(name: str, value: object, least: int | None = None) -> int:
    """``value`` as an int.

    Raises:
        ValueError: not a whole number, or less than ``least``.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    if least is not None and value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
    return int(value)
