"""What the page *Fully connected* says: sums that come out, softmax as PyTorch computes it."""

import math

import numpy as np
import pytest
import torch

from explorer.network import zoo
from explorer.network.contributions import Contributions
from explorer.view import dense, weighed
from explorer.view.components import assembly, cloud, softmax, spread, tally


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0, 3.0, 10.0])
def test_softmax_is_pytorch_s(temperature):
    logits = np.float32([5.99, -0.04, 0.42, -30, 88])
    expected = torch.softmax(torch.from_numpy(logits).double() / temperature, 0)
    np.testing.assert_allclose(dense.tempered(logits, temperature), expected, rtol=1e-12)


def test_the_line_of_a_class_holds_its_logit_power_and_share():
    lines, total = dense.softmax_lines(np.float32([2, 0]), 0.5, ["a", "b"])
    assert lines[0] == softmax.Line("a", "2.00", "54.6", lines[0].chance, "98.2\u00a0%", "#0b8f7e")
    assert lines[0].chance == pytest.approx(math.exp(4) / (math.exp(4) + 1))
    assert total == "55.6"


@pytest.mark.parametrize(
    ("exponent", "text"),
    [
        (0, "1"),
        (2.5, "12.18"),
        (600, "3.77·10²⁶⁰"),
        (-20, "2.06·10⁻⁹"),
        (1000 * math.log(10), "1.00·10¹⁰⁰⁰"),
        (12 * math.log(10) - 1e-9, "1.00·10¹²"),
    ],
)
def test_a_power_is_written_however_large_it_is(exponent, text):
    assert dense.power(exponent) == text


def found(values, bias=0.5):
    parts = {"image": np.zeros((1, 1, 1), np.float32), "dense1": np.float32(values)}
    total = float(np.sum(values) + bias)
    parts["output"] = np.float32([total])
    return Contributions(total, parts, {"dense1": 0.25, "output": bias})


def test_the_ledger_names_the_strongest_on_either_side_and_sums_to_the_total():
    values = [3, -1, 0, 2, 0.5, 0.25, 0.125, 1, -2, 0]
    items = dense.ledger(found(values), "dense1", np.float32(range(10)), "output", "7")
    assert [i.name for i in items] == [
        *(f"unit {n} of dense1" for n in (0, 3, 7, 4, 5)),
        "the other 3 units",
        *(f"unit {n} of dense1" for n in (1, 8)),
        "bias of output",
        "7",
    ]
    assert items[5].note == "2 of them silent"
    assert sum(i.value for i in items[:-1]) == pytest.approx(items[-1].value)
    assert items[-1].total


def test_a_ledger_without_a_rest_has_no_line_for_it():
    items = dense.ledger(found([1, -1]), "dense1", np.float32([1, 1]), "output", "7")
    assert [i.name for i in items] == [
        "unit 0 of dense1",
        "unit 1 of dense1",
        "bias of output",
        "7",
    ]


def test_numbers_carry_their_sign_and_a_true_minus():
    assert tally.signed(1.234) == "+1.23"
    assert tally.signed(-1.236) == "−1.24"
    assert tally.signed(-0.001) == "≈0"
    assert dense.number(-2) == "−2.00"


def test_the_reference_network_s_parameters_sit_in_one_dense_layer():
    said = weighed.sentence("Article", zoo.NETWORKS["article"])
    assert said == "Article: 99.8\u00a0% of its 1,387,594 parameters sit in dense1."


def heat(**changes):
    return {"report": {"seq": 3, "reset": 0, "heat": -5, "moving": True} | changes}


def test_a_report_of_the_temperature_is_taken_whole_or_not_at_all():
    assert softmax._parse(heat(), 0) == softmax.Heat(-5, 3, current=True, moving=True)
    assert softmax._parse(heat(), 1) == softmax.Heat(seq=3)
    for wrong in ({"heat": 21}, {"heat": "1"}, {"heat": 0.5}, {"heat": True}):
        assert softmax._parse(heat(**wrong), 0) == softmax.Heat(seq=3)
    for wrong in (None, [], {"report": 1}, heat(seq=-1), heat(seq="3"), heat(seq=2**60)):
        assert softmax._parse(wrong, 0) == softmax.Heat()


BOXES = [[0, 0, 6, 6], [80, 80, 48, 48]]


def hand(**changes):
    report = {"seq": 2, "reset": 0, "boxes": BOXES, "weights": [-20, 20], "threshold": 80}
    return {"report": report | changes}


def test_a_report_of_the_assembly_is_taken_whole_or_not_at_all():
    taken = assembly._parse(hand(), 2, 0)
    assert taken.boxes == ((0, 0, 6, 6), (80, 80, 48, 48))
    assert (taken.weights, taken.threshold, taken.current) == ((-20, 20), 80, True)
    assert assembly._parse(hand(), 3, 0) == assembly.Assembly(seq=2)
    for wrong in (
        {"boxes": [[0, 0, 6, 6]]},
        {"boxes": [[0, 0, 6, 6], [81, 80, 48, 48]]},
        {"boxes": [[0, 0, 6, 6], [0, 0, 5, 6]]},
        {"boxes": [[0, 0, 6, 6], [0, 0, 6.5, 6]]},
        {"boxes": [[0, 0, 6, 6], "abcd"]},
        {"weights": [0, 21]},
        {"weights": None},
        {"threshold": -1},
        {"threshold": 3.5},
        {"reset": 1},
    ):
        assert assembly._parse(hand(**wrong), 2, 0) == assembly.Assembly(seq=2)
    for wrong in (None, {"report": []}, hand(seq=None)):
        assert assembly._parse(wrong, 2, 0) == assembly.Assembly()


def test_a_picked_point_is_one_of_the_cloud_or_none():
    assert cloud._parse({"picked": {"index": 4, "seq": 1}}, 5) == cloud.Picked(4, 1)
    for wrong in ({"index": 5, "seq": 1}, {"index": -1, "seq": 1}, {"index": "4", "seq": 1}, {}):
        assert cloud._parse({"picked": wrong}, 5) == cloud.Picked()


def test_a_chart_needs_two_groups_and_ascending_limits():
    for groups, limits in (([], (0, 1)), ([("a", [1]), ("b", [2])], (1, 1))):
        with pytest.raises(ValueError, match="two groups"):
            spread.show(groups, 0, key="k", heading="", text="", limits=limits)


def test_the_sheet_holds_every_image_in_its_place():
    import io
    import json

    from PIL import Image

    images = np.random.default_rng(0).integers(0, 256, (200, 3, 4)).astype(np.uint8)
    raw = cloud.sheet(images)
    start = 12 + int.from_bytes(raw[8:12], "little")
    (name, kind, (length,)), size = json.loads(raw[12:start])["arrays"]
    assert (name, kind, size[0]) == ("png", "share", "size")
    shown = np.asarray(Image.open(io.BytesIO(raw[start : start + length])))
    assert shown.shape == (6, 400)
    np.testing.assert_array_equal(shown[3:6, 4:8], images[101] // 17 * 17)
