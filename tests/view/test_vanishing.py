"""What is said of gradients: the numbers as people read them, the sentences, chart and table."""

from dataclasses import dataclass

import numpy as np
import pytest

from explorer.view import vanishing


@dataclass
class Sizes:
    weights: np.ndarray
    activations: np.ndarray
    loss: float = 2.3


def sizes(first: float, last: float, loss: float = 2.3) -> Sizes:
    values = np.geomspace(first, last, 5)
    return Sizes(values, values[::-1], loss)


def found(plain: Sizes, norm: Sizes | None = None, residual: Sizes | None = None):
    even = sizes(0.02, 0.02)
    return {"plain": plain, "norm": norm or even, "residual": residual or even}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3.14e-7, "3.1·10⁻⁷"),
        (9.96e-5, "1.0·10⁻⁴"),
        (0.0012, "0.0012"),
        (0.71, "0.71"),
        (1.0, "1"),
        (42.4, "42"),
        (6340.6, "6,341"),
        (2.5e12, "2.5·10¹²"),
    ],
)
def test_a_number_has_two_digits_and_its_power_of_ten(value, text):
    assert vanishing.number(value) == text


def test_the_first_layers_gradient_is_said_as_a_part_of_the_last_ones():
    said = vanishing.verdict(found(sizes(2e-9, 0.02), residual=sizes(0.01, 0.02)), "weights")
    assert "is **1.0·10⁻⁷ times** the last one's" in said
    assert "with batch normalisation 1 times, with residual connections 0.5 times." in said
    assert "leaves the first as they were drawn" in said


def test_by_the_activations_other_numbers_are_said():
    said = vanishing.verdict(found(sizes(2e-9, 0.02)), "activations")
    assert "is **1.0·10⁷ times** the last one's" in said
    assert "it explodes" in said


def test_layers_that_are_alike_because_all_are_tiny_are_not_called_well():
    said = vanishing.verdict(found(sizes(9e-27, 3e-28)), "weights")
    assert "*every* layer's gradient is tiny, 9.0·10⁻²⁷ at most" in said


def test_an_even_gradient_needs_no_warning():
    said = vanishing.verdict(found(sizes(0.01, 0.02)), "weights")
    assert said.count(".") == said.count("0.5") + 1
    assert "tiny" not in said


def test_a_loss_far_above_guessing_is_explained():
    said = vanishing.verdict(found(sizes(0.01, 0.02), residual=sizes(1, 1, 6340.6)), "weights")
    assert "With residual connections the sums still grow" in said
    assert "begins at 6,341, where guessing costs 2.30" in said


def test_the_chart_has_one_line_a_variant_over_the_layers():
    plain = sizes(1e-6, 0.02)
    figure = vanishing.curves(found(plain), "activations")
    assert [line.name for line in figure.data] == list(vanishing.NAMES.values())
    assert figure.data[0].x.tolist() == [1, 2, 3, 4, 5]
    assert figure.data[0].y.tolist() == plain.activations.tolist()
    assert figure.layout.yaxis.type == "log"
    assert "activations" in figure.layout.yaxis.title.text


def test_the_table_has_the_first_the_middle_and_the_last_layer():
    lines = vanishing.table(found(sizes(2e-6, 0.02)), "weights").splitlines()
    assert lines[0] == "|  | Plain | Batch norm. | Residual |"
    assert lines[2:] == [
        "| Layer 1 | 2.0·10⁻⁶ | 0.02 | 0.02 |",
        "| Layer 3 | 2.0·10⁻⁴ | 0.02 | 0.02 |",
        "| Layer 5 | 0.02 | 0.02 | 0.02 |",
        "| First ÷ last | 1.0·10⁻⁴ | 1 | 1 |",
        "| Loss | 2.30 | 2.30 | 2.30 |",
    ]


def test_two_layers_have_no_middle():
    two = Sizes(np.array([0.5, 1.0]), np.array([1.0, 1.0]))
    assert "Layer 2" in vanishing.table(found(two, two, two), "weights").splitlines()[3]


@pytest.mark.parametrize(
    ("first", "span", "step"), [(0.01, [-2.1, -0.9], 1), (2e-13, [-13.1, -0.9], 2)]
)
def test_the_scale_is_marked_at_whole_powers_of_ten(first, span, step):
    axis = vanishing.curves(found(sizes(first, 0.04)), "weights").layout.yaxis
    assert list(axis.range) == pytest.approx(span)
    assert axis.dtick == step


def test_the_losses_of_the_last_steps_are_said_beside_what_guessing_costs():
    said = vanishing.learnt(
        {"plain": [9.0] * 10 + [2.3] * 10, "norm": [0.5] * 20, "residual": [1] * 20}
    )
    assert "last 10 of 20 steps: plain **2.30**, with batch normalisation **0.50**" in said
    assert "Guessing costs 2.30" in said


def test_what_diverges_is_said_to_and_leaves_the_chart():
    found = {"plain": [2.3, 2.2], "norm": [2.3, 1.0], "residual": [2766.0, float("nan")]}
    assert "with residual connections it diverges" in vanishing.learnt(found)
    figure = vanishing.losses(found)
    assert figure.layout.yaxis.range[1] == pytest.approx(1.1 * vanishing.HIGH)
    assert figure.data[0].x.tolist() == [1, 2]
