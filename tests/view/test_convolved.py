"""The size of an output, said with its numbers."""

import numpy as np
import pytest

from explorer import ops
from explorer.view import convolved


@pytest.mark.parametrize(
    ("shape", "stride", "padding", "dilation", "line"),
    [
        ((28, 28), 1, "valid", 1, "rows and columns: ⌊(28 − 3) / 1⌋ + 1 = **26**"),
        ((28, 28), 1, "same", 1, "rows and columns: ⌊(28 + 1 + 1 − 3) / 1⌋ + 1 = **28**"),
        ((28, 28), 2, "same", 1, "rows and columns: ⌊(28 + 0 + 1 − 3) / 2⌋ + 1 = **14**"),
        ((28, 28), 1, "valid", 2, "rows and columns: ⌊(28 − ((3 − 1) · 2 + 1)) / 1⌋ + 1 = **24**"),
        (
            (10, 20),
            3,
            "valid",
            1,
            "rows: ⌊(10 − 3) / 3⌋ + 1 = **3** · columns: ⌊(20 − 3) / 3⌋ + 1 = **6**",
        ),
    ],
)
def test_the_formula_ends_in_the_size_that_was_computed(shape, stride, padding, dilation, line):
    image, kernel = np.zeros((1, *shape), np.float32), np.zeros((1, 3, 3), np.float32)
    how = (stride, padding, dilation)
    output = ops.convolve(image, kernel, *how)
    pads = [ops.pads(n, 3, *how) for n in shape]
    assert convolved.size(image, kernel, output, stride, dilation, pads) == f"Output size · {line}"
