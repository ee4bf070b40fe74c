"""What the page *Activation maps* says of maps, and where it puts its frames."""

import typing

import numpy as np
import pytest

from explorer.network import making, zoo
from explorer.network.making import Made
from explorer.ops import Peak, ReceptiveField
from explorer.view import inside, opened


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0 %"), (0.001, "< 1 %"), (0.154, "15 %"), (1.0, "100 %")]
)
def test_a_live_fraction_is_never_said_to_be_none_where_it_is_some(value, text):
    assert inside.share(value) == text


def test_dead_maps_are_named_in_one_sentence():
    assert inside.dead_ones("map", (), (), 12) == (
        "No map is dead for this input: 12 of 12 maps have a value above zero; none is dead for "
        "all 10,000 images of the test set."
    )
    assert inside.dead_ones("map", (9,), None, 24) == (
        "Map 9 is dead for this input: 23 of 24 maps have a value above zero."
    )
    assert inside.dead_ones("unit", (1, 2, 5), (2,), 8).endswith(
        "; unit 2 is dead for all 10,000 images of the test set."
    )
    assert inside.names("unit", (1, 2, 5)) == "Units 1, 2 and 5 are"


def test_many_dead_units_are_counted():
    assert inside.names("unit", range(40)).endswith("10, 11 and 28 more are")


@pytest.mark.parametrize(
    ("limits", "signed", "shown"),
    [
        ((-3.0, 7.0), False, (0.0, 7.0)),
        ((-9.0, 7.0), True, (-9.0, 9.0)),
        ((0.0, 0.0), True, None),
        ((-2.0, -1.0), False, None),
    ],
)
def test_a_network_s_scale_keeps_zero_in_its_place(limits, signed, shown):
    assert inside.around(limits, signed) == shown


def test_a_layer_s_outputs_are_maps_units_or_slots():
    nouns = [inside.noun_of(row) for row in zoo.NETWORKS["article"].rows]
    assert nouns == ["map", "map", "slot", "unit", "unit"]


def test_a_response_is_framed_at_its_receptive_field_cut_to_the_image():
    peaks = (Peak(1, 3, 5, 2.0), Peak(2, 0, 9, 1.0))
    field = ReceptiveField(size=6, jump=2, start=-1)
    assert opened.frames(peaks, field, 20) == [
        (0, 0, 17, 5, 3, "2"),
        (0, 5, 9, 6, 6, "1"),
    ]


def test_the_frames_are_explained_with_their_values():
    field = ReceptiveField(size=6, jump=2)
    assert opened.found((), field).startswith("Nothing is framed")
    assert opened.found((Peak(1, 0, 0, 1.5),), field) == (
        "Its strongest response (1.500), framed at all that each can see: 6×6 pixels."
    )


def test_every_operation_has_something_that_shows_it():
    assert {*opened.LENSES, *opened.CARDS} == set(typing.get_args(making.Operation))


def test_the_sum_of_a_unit_is_written_with_its_value():
    reads, weights = np.full((2, 1, 1), 2.0, np.float32), np.array([[[1.5]], [[-4.0]]], np.float32)
    part = Made("dense", reads, "unit", np.zeros((1, 1), np.float32), weights, 0.25)
    assert opened.total(part, -4.75, "relu") == (
        "The sum of 2 products, weight × value, is −5.0000; plus the bias 0.2500 it is "
        "**−4.7500**, and after ReLU **0.0000**."
    )


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (1.5, "1.500"), (-12.345678, "−12.35"), (1234.6, "1235")]
)
def test_numbers_have_four_digits_as_under_the_maps(value, text):
    assert opened.number(value) == text
