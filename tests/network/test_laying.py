"""Where weights lie: over what they read, and back again."""

import numpy as np
import pytest

from explorer.network import zoo
from explorer.network.laying import laying


def rows(name):
    network = zoo.NETWORKS[name]
    return {row.name: (network, row) for row in network.rows}


@pytest.mark.parametrize(
    ("layer", "shape", "what"),
    [
        ("conv1", (1, 5, 5), "input"),
        ("conv2", (12, 3, 3), "map"),
        ("dense1", (24, 5, 5), "map"),
        ("output", (1, 8, 8), "units"),
    ],
)
def test_every_weight_has_a_cell_of_its_own_and_is_found_again(layer, shape, what):
    network, row = rows("default")[layer]
    laid = laying(network, row)
    assert (laid.shape, laid.what) == (shape, what)
    size = zoo.shared("default").get_parameter(f"{layer}.weight").shape
    line = np.arange(np.prod(size[1:]), dtype=np.float32).reshape(size[1:])
    sheet = laid.lay(line)
    for index in np.ndindex(*size[1:]):
        cell = laid.cell((3, *index))
        assert sheet[cell] == line[index]
        assert laid.index(3, cell, len(size)) == (3, *index)


def test_a_dense_layer_on_the_pixels_is_laid_over_them():
    assert laying(*rows("dense")["dense1"]).shape == (1, 28, 28)
    assert laying(*rows("dense")["dense1"]).what == "input"


def test_a_cell_beyond_the_sheet_is_refused():
    with pytest.raises(ValueError, match="no cell"):
        laying(*rows("default")["conv1"]).index(0, (0, 5, 0), 4)
