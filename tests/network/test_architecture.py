"""A network's names, shapes, counts, trace and source all follow from its layers."""

import pytest
import torch
from torch import nn

from explorer.network import export
from explorer.network.architecture import Network
from explorer.network.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D
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


def test_layers_are_named_in_order_and_the_last_one_is_the_output():
    assert TINY.names() == ("conv1", "pool1", "conv2", "pool2", "flatten", "dense1", "output")


def test_the_article_network_has_the_published_number_of_parameters():
    # 32·(9+1) + 256·(13·13·32+1) + 10·(256+1)
    article = NETWORKS["article"]
    assert article.parameters == 320 + 1_384_704 + 2_570 == 1_387_594
    assert [row.parameters for row in article.rows] == [320, 0, 0, 1_384_704, 2_570]


@pytest.mark.parametrize("network", [TINY, *NETWORKS.values()], ids=lambda n: n.name)
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


@pytest.mark.parametrize("network", [TINY, *NETWORKS.values()], ids=lambda n: n.name)
def test_the_exported_pytorch_source_is_the_same_network(network):
    torch.manual_seed(2)
    model = network.build()
    scope: dict[str, nn.Module] = {}
    exec(export.torch_source(network), scope)  # source that this project wrote itself
    theirs = scope["model"]
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
