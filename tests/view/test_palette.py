"""The palette: tables that a colour-blind reader and a careful one can both trust."""

import numpy as np
import pytest

from explorer.view import palette

ALL = [
    pytest.param(table, id=f"{kind}-{theme}")
    for kind, both in palette.TABLES.items()
    for theme, table in both._asdict().items()
]
DIVERGING = [
    palette.SIGNED,
    palette.SIGNED_DARK,
    palette.WEIGHT,
    palette.WEIGHT_DARK,
]


def linear(colours):
    share = np.asarray(colours, dtype=float) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def luminance(colours):
    """Relative luminance (WCAG 2): (…, 3) in 0..255 -> (…) in [0, 1]."""
    return linear(colours) @ [0.2126, 0.7152, 0.0722]


def lightness(colours):
    """CIE L*: 0 is black, 100 is white."""
    y = luminance(colours)
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("table", ALL)
def test_a_table_is_256_colours_that_nobody_can_change(table):
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert not table.flags.writeable


def test_tables_start_and_end_at_their_outer_anchors():
    assert palette.ACTIVATION[0].tolist() == [0x00, 0x00, 0x04]
    assert palette.ACTIVATION[255].tolist() == [0xFC, 0xFD, 0xBF]
    assert palette.SIGNED[0].tolist() == [0x05, 0x30, 0x61]
    assert palette.SIGNED[255].tolist() == [0x67, 0x00, 0x1F]


def test_activation_grows_lighter_in_even_steps():
    steps = np.diff(lightness(palette.ACTIVATION))
    assert (steps > -0.05).all()
    tenths = np.diff(lightness(palette.ACTIVATION[np.linspace(0, 255, 11).astype(int)]))
    assert tenths.min() > 5
    assert tenths.max() < 16


@pytest.mark.parametrize("table", DIVERGING)
def test_zero_of_a_diverging_table_is_neutral_on_both_sides_of_the_middle(table):
    assert table[127].tolist() == table[128].tolist()
    assert np.ptp(table[127].astype(int)) <= 4


@pytest.mark.parametrize("table", DIVERGING)
def test_both_sides_of_a_diverging_table_leave_zero_equally(table):
    distance = np.abs(lightness(table) - lightness(table[127]))
    assert np.abs(distance[:128][::-1] - distance[128:]).max() < 15
    assert distance[[0, 255]].min() > 60


def test_zero_recedes_into_the_page_of_its_theme():
    for both in (palette.TABLES["signed"], palette.TABLES["weight"]):
        assert lightness(both.light[127]) > 95
        assert lightness(both.dark[127]) < 15


def test_paper_and_ink_change_places_with_the_theme():
    assert contrast(palette.INK[0], palette.INK[255]) > 12
    assert contrast(palette.INK_DARK[0], palette.INK_DARK[255]) > 12
    assert luminance(palette.INK[0]) > luminance(palette.INK[255])
    assert luminance(palette.INK_DARK[0]) < luminance(palette.INK_DARK[255])


def test_weights_and_activations_share_no_hue():
    for end in (0, 255):
        one, other = palette.SIGNED[end].astype(int), palette.WEIGHT[end].astype(int)
        assert np.abs(one - other).max() > 50


@pytest.mark.parametrize("name", ["PREDICTED", "RUNNER_UP", "MUTED"])
@pytest.mark.parametrize("page", [(255, 255, 255), (14, 17, 23), (24, 24, 22)])
def test_named_colours_read_on_light_and_dark_pages(name, page):
    colour = tuple(bytes.fromhex(getattr(palette, name).removeprefix("#")))
    assert contrast(colour, page) >= 3
