"""A network's names, shapes, counts, trace and source all follow from its layers."""

import json

import pytest
import torch
from torch import nn

from explorer.network import export
from explorer.network.architecture import MAX_LAYERS, Network
from explorer.network.layers import (
    LAYERS,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from explorer.network.trace import trace
from explorer.network.zoo import NETWORKS

TINY = Network(
    "tiny",
    (
        Conv2D(3, 3, strides=2, padding="same", activation="relu"),
        MaxPooling2D(2),
        Conv2D(4, 2, activation="relu"),
        AveragePooling2D(2, 1),
        Flatten(),
        Dense(5, activation="relu"),
        Dense(10, activation="softmax"),
    ),
)

STEADIED = Network(
    "steadied",
    (
        Conv2D(3, 3, activation="relu"),
        BatchNormalization(momentum=0.9),
        MaxPooling2D(2),
        MaxPooling2D(2),
        Dropout(0.25),
        Flatten(),
        Dense(5, activation="relu"),
        BatchNormalization(),
        Dense(10, activation="softmax"),
    ),
)


def test_layers_are_named_in_order_and_the_last_one_is_the_output():
    assert TINY.names() == ("conv1", "pool1", "conv2", "pool2", "flatten", "dense1", "output")


def test_the_article_network_has_the_published_number_of_parameters():
    # 32·(9+1) + 256·(13·13·32+1) + 10·(256+1)
    article = NETWORKS["article"]
    assert article.parameters == 320 + 1_384_704 + 2_570 == 1_387_594
    assert [row.parameters for row in article.rows] == [320, 0, 0, 1_384_704, 2_570]


@pytest.mark.parametrize("network", [TINY, STEADIED, *NETWORKS.values()], ids=lambda n: n.name)
def test_the_table_and_the_module_agree(network):
    model = network.build()
    assert network.parameters == sum(p.numel() for p in model.parameters())
    outputs = trace(model, torch.zeros(2, *network.input_shape))
    assert {name: tuple(t.shape[1:]) for name, t in outputs.items()} == {
        row.name: row.output_shape for row in network.rows
    }


def test_receptive_fields_of_the_article_network_by_hand():
    fields = {row.name: row.field for row in NETWORKS["article"].rows}
    assert (fields["conv1"].size, fields["conv1"].jump) == (3, 1)
    assert (fields["pool1"].size, fields["pool1"].jump) == (4, 2)
    assert fields["dense1"] is None


def test_layers_that_do_not_fit_are_refused_when_the_network_is_described():
    with pytest.raises(ValueError, match=r"put Flatten\(\) before it"):
        Network("broken", (Conv2D(2), Dense(10)))


def test_weights_start_as_keras_starts_them():
    model = TINY.build()
    assert all(not p.any() for name, p in model.named_parameters() if name.endswith("bias"))
    inputs = 5 * 5 * 4  # 28 -> 14 -> 7 -> 6 -> 5 pixels a side, 4 maps
    bound = (6 / (inputs + 5)) ** 0.5  # Glorot uniform: sqrt(6 / (fan in + fan out))
    assert 0.95 * bound < model.dense1.weight.abs().max() <= bound


def test_a_trace_shows_both_sides_of_every_activation():
    torch.manual_seed(1)
    model = TINY.build()
    x = torch.rand(3, 1, 28, 28)
    outputs = trace(model, x)
    assert list(outputs) == list(TINY.names())
    assert (outputs.before["conv1"] < 0).any()
    for name in ("conv1", "conv2", "dense1"):
        assert torch.equal(outputs[name], outputs.before[name].relu())
    assert torch.equal(outputs["output"], model(x))
    assert torch.equal(outputs.logits, model(x))
    assert torch.equal(outputs.probabilities, torch.softmax(model(x), 1))


@pytest.mark.parametrize("fails", [False, True])
def test_a_trace_leaves_no_hook_behind(fails):
    model = TINY.build()
    if fails:
        with pytest.raises(RuntimeError):
            trace(model, torch.zeros(1, 2, 28, 28))
    else:
        trace(model, torch.zeros(1, 1, 28, 28))
    for module in model.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks


@pytest.mark.parametrize("network", [TINY, STEADIED, *NETWORKS.values()], ids=lambda n: n.name)
def test_the_exported_pytorch_source_is_the_same_network(network):
    torch.manual_seed(2)
    model = network.build().eval()
    scope: dict[str, nn.Module] = {}
    exec(export.torch_source(network), scope)  # source that this project wrote itself
    theirs = scope["model"].eval()
    theirs.load_state_dict(model.state_dict())
    x = torch.rand(2, *network.input_shape)
    torch.testing.assert_close(theirs(x), model(x), rtol=0, atol=0)


def test_the_exported_keras_source_lists_the_layers_as_keras_writes_them():
    source = export.keras_source(NETWORKS["article"])
    compile(source, "model.py", "exec")
    for line in (
        "Input((28, 28, 1)),",
        "Conv2D(32, activation='relu', name='conv1'),",
        "MaxPooling2D(2, name='pool1'),",
        "Flatten(name='flatten'),",
        "Dense(256, activation='relu', name='dense1'),",
        "Dense(10, activation='softmax', name='output'),",
    ):
        assert line in source


@pytest.mark.parametrize("training", [False, True])
def test_the_logits_are_those_of_the_layers_one_by_one(training):
    torch.manual_seed(4)
    model = STEADIED.build().train(training)
    x = torch.rand(6, 1, 28, 28)
    torch.manual_seed(5)  # a dropout draws from it
    one_by_one = [after for _, _, after in model.steps(x)][-1]
    torch.manual_seed(5)
    assert torch.equal(model(x), one_by_one)


@pytest.mark.parametrize("network", [TINY, STEADIED, *NETWORKS.values()], ids=lambda n: n.name)
def test_a_network_travels_as_json(network):
    assert Network.from_json(network.to_json()) == network


def test_every_layer_type_is_among_the_networks_that_travel():
    layers = (*TINY.layers, *STEADIED.layers)
    assert {type(layer) for layer in layers} == set(LAYERS)


def described(**changes: object) -> str:
    """TINY as JSON with some of its parts replaced."""
    return json.dumps({**json.loads(TINY.to_json()), **changes})


def of_layers(*layers: object) -> str:
    return described(layers=list(layers))


FLATTEN, OUTPUT = {"type": "Flatten"}, {"type": "Dense", "units": 10}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[" * 5000,
        '{"name": 1' + " " * 30_000 + "}",
        '{"layers": [{"type": "Dense", "units": ' + "9" * 5000 + "}]}",
        described(extra=1),
        described(name=3),
        described(name="../../etc"),
        described(name="x" * 41),
        described(input_shape=[1, 28]),
        described(input_shape=[1, 10**9, 28]),
        described(input_shape=[True, 28, 28]),
        described(input_shape="28"),
        described(layers={}),
        of_layers(),
        of_layers(*[FLATTEN] * MAX_LAYERS, OUTPUT),
        of_layers("Dense"),
        of_layers({"type": "__import__"}),
        of_layers({"type": ["Dense"]}),
        of_layers(FLATTEN, {"type": "Dense"}),
        of_layers(FLATTEN, {"type": "Dense", "units": [10]}),
        of_layers(FLATTEN, {"type": "Dense", "units": True}),
        of_layers(FLATTEN, {"type": "Dense", "units": 10, "prefix": "x"}),
        of_layers(FLATTEN, {"type": "Dense", "units": 10**400}),
        of_layers(FLATTEN, {"type": "Dense", "units": 8000}),
        of_layers({"type": "Conv2D", "filters": 3000, "kernel_size": 1}, FLATTEN, OUTPUT),
        of_layers({"type": "Conv2D", "filters": 2, "padding": 7}),
        of_layers({"type": "Conv2D", "filters": 2, "kernel_size": 99}),
        of_layers({"type": "Dropout", "rate": "NaN"}),
        '{"name": "x", "layers": [{"type": "Dropout", "rate": NaN}]}',
    ],
)  # fmt: skip
def test_a_hostile_description_is_refused_with_one_short_sentence(text):
    with pytest.raises(ValueError, match=r"\w+ \w+") as refused:
        Network.from_json(text)
    assert len(str(refused.value)) < 250
