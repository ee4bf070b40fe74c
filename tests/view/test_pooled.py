"""What the pooling page says and marks, in cases worked out by hand."""

import numpy as np
import pytest

from explorer.ops.chain import Chain, shift
from explorer.ops.kernels import PRESETS
from explorer.view import pooled


def picture(*lit: tuple[int, int]) -> np.ndarray:
    image = np.zeros((8, 8), np.float32)
    for place in lit:
        image[place] = 1
    return image


def test_the_stages_are_those_of_every_block():
    chain, image = Chain(PRESETS["identity"].kernel, 0.25, blocks=2), picture((2, 2))
    found = shift(chain, image, 1, 0, 0.1)
    stages = pooled.stages(chain, image, found, "cells")
    names = [stage.label for stage in stages]
    assert names == [
        "Input",
        "Convolution 1 + ReLU",
        "Max-pooling 1",
        "Convolution 2 + ReLU",
        "Max-pooling 2",
    ]
    assert [stage.kernel is not None for stage in stages] == [False, True, False, False, False]
    assert stages[1].note == ", bias 0.25"
    assert stages[2].states is found.after[0].states
    assert all(stage.window == (2, 2) for stage in stages[2::2])


def test_the_winners_of_windows_that_are_not_empty_are_marked():
    chain, image = Chain(), picture((2, 3), (5, 5))
    found = shift(chain, image, 1, 0, 0.1)
    start, last = pooled.stages(chain, image, found, "winners")
    original, twin = start.winners
    assert original.tolist() == [2 * 8 + 3, 5 * 8 + 5]
    assert twin.tolist() == [2 * 8 + 4, 5 * 8 + 6]
    assert (start.states, last.states, last.winners) == (None, None, None)


@pytest.mark.parametrize("pool", ["average", "strided"])
def test_where_nothing_wins_nothing_is_marked(pool):
    chain, image = Chain(PRESETS["identity"].kernel, pool=pool), picture((2, 3))
    found = shift(chain, image, 1, 0, 0.1)
    assert all(s.winners is None for s in pooled.stages(chain, image, found, "winners"))


def test_what_the_shares_are_shares_of_is_said():
    found = shift(Chain(), picture((2, 2)), 1, 0, 0.05)
    said = pooled.of_what(found.before[0], found.after[0], 0.05, back=False)
    assert "5\u00a0%" in said
    assert "(2 before pooling, 1 after)" in said
    assert "moved back" in pooled.of_what(found.before[0], found.after[0], 0.05, back=True)
    rest = pooled.remark(found.before[0], found.after[0])
    assert "changes by 100.0\u00a0%" in rest
    assert "96.9\u00a0% and 100.0\u00a0% of all cells" in rest


def test_every_kind_of_pooling_has_its_name():
    from explorer.ops.chain import POOLS

    assert set(pooled.NAMES) == set(POOLS)
