"""What is said of the shift that pooling withstands, in cases worked out by hand."""

import numpy as np
import pytest

from explorer.ops.chain import Chain
from explorer.view import measured

SHARES = np.array([1, 0.5, 0.25, 0.125, 0, 0, 0, 0, 0])


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        (Chain(), "(2 − 1) = **1 pixel** "),
        (Chain(blocks=2), "(2 − 1) · (1 + 2) = **3 pixels** "),
        (Chain(size=3, blocks=3), "(3 − 1) · (1 + 2 + 2²) = **14 pixels** "),
        (Chain(size=2, stride=3, blocks=2), "size − 1 = 2 − 1 = **1 pixel** "),
        (Chain(pool="average", blocks=2), "at most **3 pixels** "),
        (Chain(pool="average", size=3), "size − 1 = 3 − 1 = **2 pixels** "),
        (Chain(pool="strided"), "nothing is absorbed"),
        (Chain(pool="blur"), "at most **1 pixel** "),
    ],
    ids=lambda value: str(getattr(value, "key", value)),
)
def test_what_is_absorbed_is_said_with_its_formula(chain, said):
    assert said in measured.absorbs(chain, SHARES, "right", 0.1)


def test_the_formula_is_checked_on_the_picture():
    said = measured.absorbs(Chain(), SHARES, "left", 0.1).replace("\u00a0", " ")
    assert "moved left: 50.0 % of the lit cells are unchanged after 1 pixel" in said
    assert "25.0 % after 2, beyond the best case" in said
    empty = np.where(np.arange(9) > 0, np.nan, 1)
    assert "nothing to measure" in measured.absorbs(Chain(), empty, "left", 0.1)
