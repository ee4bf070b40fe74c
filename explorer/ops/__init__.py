"""Pure maths on arrays: convolution, pooling, kernels, receptive fields."""

from explorer.ops.convolution import convolve, flip, output_size, pads, translate
from explorer.ops.kernels import PRESETS, Preset, normalise
from explorer.ops.matching import Peak, even_contrast, peaks, response, template
from explorer.ops.pooling import (
    absorbed,
    average_pool,
    blur_kernel,
    blur_pool,
    max_pool,
    strided,
    winners,
)
from explorer.ops.receptive import ReceptiveField

__all__ = [
    "PRESETS",
    "Peak",
    "Preset",
    "ReceptiveField",
    "absorbed",
    "average_pool",
    "blur_kernel",
    "blur_pool",
    "convolve",
    "even_contrast",
    "flip",
    "max_pool",
    "normalise",
    "output_size",
    "pads",
    "peaks",
    "response",
    "strided",
    "template",
    "translate",
    "winners",
]
