"""A run's description: what it may say, what follows from it, and how it travels."""

import json
import math
from dataclasses import fields, replace

import pytest

from explorer.network.zoo import NETWORKS
from explorer.training.spec import BOUNDS, CHOICES, PRESETS, RunSpec, usual
from tests.training import small


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("side", [0, 1])
def test_a_bound_itself_is_allowed_and_what_lies_beyond_it_is_not(name, side):
    edge = BOUNDS[name][side]
    spec = RunSpec(network="default", epochs=0.01)
    assert getattr(replace(spec, **{name: edge}), name) == edge
    beyond = edge + (1 if isinstance(edge, int) else 1e-7) * (1 if side else -1)
    with pytest.raises(ValueError, match=r"^The .* must be a (whole )?number from .*\.$"):
        replace(spec, **{name: beyond})


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("value", [math.nan, math.inf, True, "1", [1]])
def test_a_number_must_be_one(name, value):
    with pytest.raises(ValueError, match=f"The {name.replace('_', ' ')} must be"):
        replace(RunSpec(), **{name: value})


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_is_one_of_those_that_there_are(name):
    for choice in CHOICES[name]:
        assert getattr(replace(RunSpec(), **{name: choice}), name) == choice
    for wrong in ("other", None, 3, ["adam"]):
        with pytest.raises(ValueError, match=f"The {name} must be one of .*\\.$"):
            replace(RunSpec(), **{name: wrong})


def test_every_setting_but_the_network_has_bounds_or_choices():
    assert {field.name for field in fields(RunSpec)} == {"network", "start", *BOUNDS, *CHOICES}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"network": "nosuch"}, "choose one of article|choose one of default"),
        ({"network": 5}, "name or a composed network"),
        ({"network": replace(small.NETWORK, layers=small.NETWORK.layers[:-1])}, "Dense\\(10\\)"),
        (
            {"network": replace(small.NETWORK, input_shape=(1, 32, 32))},
            "28×28 pixels and one channel",
        ),
        ({"batch_size": 4096}, "activations an image"),
        ({"network": "default", "batch_size": 1, "epochs": 100.0}, "take fewer epochs"),
    ],
)
def test_what_does_not_go_together_is_refused_with_a_sentence(settings, says):
    with pytest.raises(ValueError, match=says):
        RunSpec(**settings)


def test_a_batch_of_one_image_cannot_be_normalised():
    units = replace(
        small.STEADIED, layers=(*small.STEADIED.layers[2:4], *small.STEADIED.layers[1:2],
                                small.STEADIED.layers[-1])
    )  # fmt: skip
    with pytest.raises(ValueError, match="one image"):
        small.spec(network=units, images=41)
    assert small.spec(network=units, images=42).steps


def test_steps_follow_from_images_batch_and_epochs():
    spec = small.spec(epochs=2.5)
    assert (spec.steps_per_epoch, spec.steps) == (4, 10)  # 70 images: 20, 20, 20, 10
    assert RunSpec(epochs=0.001, images=1, batch_size=1).steps == 1


def test_a_one_cycle_rises_to_the_learning_rate_and_falls_to_nothing():
    spec = small.spec(schedule="one-cycle", epochs=25.0)  # 100 steps
    rates = [spec.rate(step) for step in range(1, 101)]
    assert rates[0] == pytest.approx(0.04 * 0.01)
    assert max(rates) == rates[30] == pytest.approx(0.01)
    assert rates[:31] == sorted(rates[:31])
    assert rates[30:] == sorted(rates[30:], reverse=True)
    assert rates[-1] < 1e-5


def test_a_cosine_only_falls_and_a_constant_stays():
    spec = small.spec(schedule="cosine")
    rates = [spec.rate(step) for step in range(1, 13)]
    assert rates[0] == 0.01
    assert rates[6] == pytest.approx(0.005)
    assert rates == sorted(rates, reverse=True)
    assert {small.spec().rate(step) for step in range(1, 13)} == {0.01}


def test_a_rate_set_by_hand_takes_the_place_of_the_highest():
    spec = small.spec(schedule="cosine")
    assert spec.rate(7, 0.5) == pytest.approx(0.25)


def test_dropout_stands_before_the_output_and_leaves_the_names_as_they_are():
    plain, dropped = small.spec().architecture, small.spec(dropout=0.25).architecture
    assert dropped.names() == (*plain.names()[:-1], "dropout1", "output")
    assert dropped.parameters == plain.parameters


@pytest.mark.parametrize(
    "spec",
    [RunSpec(), small.spec(dropout=0.5), *(preset.spec for preset in PRESETS.values())],
    ids=RunSpec.describe,
)
def test_a_spec_travels_as_json(spec):
    assert RunSpec.from_json(spec.to_json()) == spec


def test_what_a_description_leaves_out_takes_its_default():
    assert RunSpec.from_json('{"seed": 3}') == RunSpec(seed=3)


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "[" * 9000, "{" + " " * 50_000 + "}", '{"self": 1}', '{"rate": 1}',
        '{"network": {"name": "x", "layers": []}}', '{"network": null}', '{"network": ["article"]}',
        '{"epochs": NaN}', '{"epochs": 1e999}', '{"seed": 1.0}', '{"images": 0}',
        '{"seed": ' + "9" * 5000 + "}",
    ],
)  # fmt: skip
def test_a_hostile_description_is_refused_with_one_short_sentence(text):
    with pytest.raises(ValueError, match=r"\w+ \w+") as refused:
        RunSpec.from_json(text)
    assert len(str(refused.value)) < 300


def test_a_description_in_a_line_says_what_is_unusual():
    assert RunSpec().describe() == "article · adam 0.001 · batch 128 · 5 epochs · seed 1"
    spec = RunSpec(
        network="default", images=500, loss="binary_crossentropy", epochs=1.0, dropout=0.5,
        augmentation="shift", label_smoothing=0.1, schedule="one-cycle", precision="bfloat16",
    )  # fmt: skip
    assert spec.describe() == (
        "default · 500 images · adam 0.001 · batch 128 · 1 epoch · binary crossentropy · one-cycle"
        " · bfloat16 · shifted by a pixel · label smoothing 0.1 · dropout 0.5 · seed 1"
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_every_named_network_has_a_usual_run(name):
    assert usual(name).network == name
    json.dumps(json.loads(usual(name).to_json()))


def test_the_usual_run_of_the_fast_network_is_its_preset():
    assert usual("fast") == PRESETS["fast"].spec
    assert usual("article") == PRESETS["article"].spec
