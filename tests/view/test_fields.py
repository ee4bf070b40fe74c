"""What is said of a layer's receptive field."""

import pytest

from explorer.network.architecture import Network
from explorer.network.layers import Conv2D, Dense, Flatten, MaxPooling2D
from explorer.view import fields

ROWS = {
    row.name: row
    for row in Network(
        "small",
        (Conv2D(4, 5), MaxPooling2D(2), Conv2D(8, 3, padding="same"), Flatten(), Dense(600)),
    ).rows
}


@pytest.mark.parametrize(
    ("layer", "parts"),
    [
        ("conv1", ["4 maps (24×24×4)", "sees 5×5 pixels", "1 pixel further on."]),
        ("pool1", ["4 maps (12×12×4)", "sees 6×6 pixels", "2 pixels further on."]),
        ("conv2", ["8 maps (12×12×8)", "sees 10×10 pixels", "beyond it lies the padding"]),
    ],
)
def test_a_layers_frame_is_said_with_its_step(layer, parts):
    said = fields.about(ROWS[layer], 576)
    assert all(part in said for part in parts)
    assert ("padding" in said) == (layer == "conv2")


def test_a_dense_layer_sees_everything_and_says_how_much_of_it_is_shown():
    row = ROWS["output"]
    assert fields.about(row, 600) == "Each of the 600 units of output sees the whole input."
    assert fields.about(row, 512).endswith("The first 512 are shown.")
