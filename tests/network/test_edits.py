"""Edits as data: their history, and as text for an address."""

import pytest

from explorer.network import edits, zoo
from explorer.network.edits import Edit, Edits

NETWORK = zoo.NETWORKS["default"]

EVERY = (
    Edit("conv1", "cell", 3, (0, 4, 2), (0.1,)),
    Edit("conv2", "cell", 23, (11, 2, 0), (-1000.0,)),
    Edit("dense1", "cell", 63, (23, 4, 4), (2.5,)),
    Edit("output", "cell", 9, (63, 0, 0), (0.0,)),
    Edit("conv1", "bias", 0, values=(-0.25,)),
    Edit("conv2", "scale", 1, values=(0.5,)),
    Edit("dense1", "negate", 7),
    Edit("output", "off", 4),
    Edit("output", "on", 4),
    Edit("conv1", "shuffle", 2, (17,)),
    Edit("conv1", "preset", 2, (0,), preset="sobel-x"),
    Edit("conv2", "replace", 5, (1,), tuple(i / 8 for i in range(9))),
)


@pytest.mark.parametrize("edit", EVERY, ids=lambda edit: edit.what)
def test_an_edit_survives_an_address(edit):
    edits.check(NETWORK, edit)
    (back,) = edits.read(NETWORK, edits.write((edit,)))
    assert back.target == edit.target
    assert back.preset == edit.preset
    assert back.values == pytest.approx(edit.values, rel=1e-7)
    assert edits.write((back,)) == edits.write((edit,))


def test_a_list_keeps_its_order_and_an_empty_one_is_no_text():
    assert [e.what for e in edits.read(NETWORK, edits.write(EVERY))] == [e.what for e in EVERY]
    assert edits.write(()) == ""
    assert edits.read(NETWORK, "") == ()


def test_a_list_too_long_for_an_address_is_left_out():
    assert edits.write(EVERY[:1] * 200) == ""


@pytest.mark.parametrize(
    "text",
    [
        "c",
        "c_conv1_3_0_4_2",  # without a number
        "c_conv1_3_0_4_2_1_1",  # with one too many
        "c_conv1_12_0_0_0_1",  # no such kernel
        "c_conv1_3_1_0_0_1",  # no such channel
        "c_conv1_3_0_5_0_1",  # no such row
        "c_conv1_-1_0_0_0_1",
        "c_conv1_3_0_4_2_nan",
        "c_conv1_3_0_4_2_1e3",
        "c_conv1_3_0_4_2_1001",
        "c_conv1_3_0_4_2_--1",
        "c_conv1_٣_0_4_2_1",
        "b_pool1_0_1",
        "b_flatten_0_1",
        "b_<script>_0_1",
        "n_conv1_0_1",
        "x_conv1_0",
        "p_conv1_0_0_nonsense",
        "p_conv2_0_0_gaussian-5",  # does not fit a slice of 3×3
        "p_output_0_0_identity",
        "h_conv1_0_10000",
        "r_conv1_0_0_1",
        "n_conv1_0~",
        "~".join(["n_conv1_0"] * 201),
        "n_conv1_0~" * 10_000,
        "9" * 5_000,
    ],
)
def test_a_text_that_does_not_fit_the_network_is_no_list(text):
    assert edits.read(NETWORK, text) is None


def test_undo_redo_and_reset_walk_through_the_same_edits():
    some = Edits().add(EVERY[0]).add(EVERY[1]).add(EVERY[2])
    assert some.undo().done == EVERY[:2]
    assert some.undo().undo().redo().done == EVERY[:2]
    assert some.undo().redo() == some
    assert some.reset().done == ()
    assert some.reset().redo().redo().redo() == some
    assert Edits().undo() == Edits().redo() == Edits()


def test_a_new_edit_forgets_what_was_taken_back():
    assert Edits().add(EVERY[0]).undo().add(EVERY[1]) == Edits(EVERY[1:2])


def test_a_drag_is_one_step_and_another_cell_is_another():
    first, second, elsewhere = (
        Edit("conv1", "cell", 0, (0, 0, column), (value,))
        for column, value in ((0, 0.1), (0, 0.2), (1, 0.2))
    )
    dragged = Edits().add(first).add(second, merge=True)
    assert dragged.done == (second,)
    assert dragged.add(elsewhere, merge=True).done == (second, elsewhere)
    assert dragged.add(first).done == (second, first)


def test_there_is_an_end_to_editing():
    full = Edits(EVERY[:1] * edits.MAX_EDITS)
    with pytest.raises(ValueError, match="undo some"):
        full.add(EVERY[1])
    assert full.add(EVERY[0], merge=True) == full


@pytest.mark.parametrize(
    ("layer", "layout"),
    [
        ("conv1", (12, 1, 5, 5)),
        ("conv2", (24, 12, 3, 3)),
        ("dense1", (64, 24, 5, 5)),
        ("output", (10, 64, 1, 1)),
    ],
)
def test_weights_are_laid_out_as_slices(layer, layout):
    assert edits.layout(NETWORK, layer) == layout


def test_every_kind_of_edit_is_told_in_words():
    said = [edits.describe(NETWORK, edit) for edit in EVERY]
    assert said[0] == "conv1, kernel 3: row 4, column 2 set to 0.1"
    assert said[1] == (
        "conv2, kernel 23: row 2, column 0 of the slice that reads map 11 set to −1000"
    )
    assert said[3] == "output, unit 9: the weight of unit 63 set to 0"
    assert said[7:9] == ["output, unit 4: switched off", "output, unit 4: switched on again"]
    assert said[10] == "conv1, kernel 2: the kernel replaced by Sobel x"
    assert len(set(said)) == len(said)
