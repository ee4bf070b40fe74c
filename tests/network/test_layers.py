"""Every layer type against ``torch.nn.functional``, forward and backward, and by hand."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from explorer.network import layers
from explorer.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from explorer.ops.convolution import pads
from explorer.ops.receptive import ReceptiveField


def _reference(layer, module, x):
    """The layer's sums written with torch's functions alone."""
    match layer:
        case Conv2D():
            if layer.padding == "same":
                zeros = [
                    pads(side, layer.kernel_size, layer.strides, "same") for side in x.shape[2:]
                ]
                x = F.pad(x, (*zeros[1], *zeros[0]))
            return F.conv2d(x, module.weight, module.bias, stride=layer.strides)
        case MaxPooling2D():
            return F.max_pool2d(x, layer.pool_size, layer.stride)
        case AveragePooling2D():
            return F.avg_pool2d(x, layer.pool_size, layer.stride)
        case BatchNormalization():
            # The batch's own mean and variance; in training the running ones only look on.
            return F.batch_norm(x, None, None, module.weight, module.bias, True, 0, layer.epsilon)
        case Dropout():
            torch.manual_seed(1)
            return F.dropout(x, layer.rate)
        case Flatten():
            return torch.stack([image.permute(1, 2, 0).reshape(-1) for image in x])
        case Dense():
            return F.linear(x, module.weight, module.bias)


CASES = [
    (Conv2D(4, 3), (2, 9, 7)),
    (Conv2D(4, 5, strides=2), (3, 11, 12)),
    (Conv2D(3, 3, padding="same"), (2, 6, 5)),
    (Conv2D(3, 4, strides=3, padding="same"), (1, 10, 11)),
    (Conv2D(2, 1, strides=2, padding="same"), (1, 7, 7)),
    (MaxPooling2D(2), (3, 7, 8)),
    (MaxPooling2D(3, 2), (3, 9, 8)),
    (AveragePooling2D(2), (3, 7, 8)),
    (AveragePooling2D(3, 1), (2, 5, 5)),
    (BatchNormalization(), (3, 4, 5)),
    (BatchNormalization(momentum=0.5, epsilon=0.1), (6,)),
    (Dropout(0.4), (3, 4, 5)),
    (Dropout(0.5), (9,)),
    (Flatten(), (3, 4, 5)),
    (Dense(6), (7,)),
]


def test_every_layer_type_has_a_case():
    assert {type(layer) for layer, _ in CASES} == set(layers.LAYERS)


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=lambda value: str(value))
def test_a_layer_is_what_torch_computes_forward_and_backward(layer, shape):
    torch.manual_seed(0)
    module = layer.module(shape)
    x = torch.randn(2, *shape, requires_grad=True)
    torch.manual_seed(1)  # a dropout draws from it
    ours, theirs = module(x), _reference(layer, module, x)

    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    assert tuple(ours.shape[1:]) == layer.output_shape(shape)
    assert sum(p.numel() for p in module.parameters()) == layer.parameters(shape)

    weights = torch.randn_like(ours)
    grads = torch.autograd.grad((ours * weights).sum(), [x, *module.parameters()])
    expected = torch.autograd.grad((theirs * weights).sum(), [x, *module.parameters()])
    for got, want in zip(grads, expected, strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=0)


def test_flatten_reads_row_then_column_then_channel():
    x = torch.arange(8.0).reshape(1, 2, 2, 2)  # channel 0: 0 1 / 2 3, channel 1: 4 5 / 6 7
    assert Flatten().module((2, 2, 2))(x).tolist() == [[0, 4, 1, 5, 2, 6, 3, 7]]


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        (Conv2D(32, 3, activation="relu"), "Conv2D(32, activation='relu')"),
        (Conv2D(8, 5, padding="same"), "Conv2D(8, kernel_size=5, padding='same')"),
        (MaxPooling2D(2), "MaxPooling2D(2)"),
        (AveragePooling2D(3, 2), "AveragePooling2D(3, strides=2)"),
        (BatchNormalization(), "BatchNormalization()"),
        (BatchNormalization(0.9), "BatchNormalization(momentum=0.9)"),
        (Dropout(0.25), "Dropout(0.25)"),
        (Flatten(), "Flatten()"),
        (Dense(10, activation="softmax"), "Dense(10, activation='softmax')"),
    ],
)
def test_a_layer_writes_itself_as_keras(layer, line):
    assert layer.keras() == line


@pytest.mark.parametrize(
    "make",
    [
        lambda: Conv2D(0),
        lambda: Conv2D(4, kernel_size=-1),
        lambda: Conv2D(4, strides=0),
        lambda: Conv2D(4, padding="full"),
        lambda: Conv2D(4, activation="tanh"),
        lambda: MaxPooling2D(0),
        lambda: MaxPooling2D(2, 0),
        lambda: BatchNormalization(momentum=1.0),
        lambda: BatchNormalization(epsilon=0.0),
        lambda: BatchNormalization(epsilon=float("nan")),
        lambda: Dropout(1.0),
        lambda: Dropout(True),
        lambda: Dropout("0.5"),
        lambda: Dense(0),
        lambda: Dense(2.0),
        lambda: Dense(4, activation="sigmoid"),
        lambda: Conv2D(1, 9).output_shape((1, 8, 8)),
        lambda: Conv2D(1).output_shape((8,)),
        lambda: MaxPooling2D(4).output_shape((1, 3, 3)),
        lambda: Dense(1).output_shape((1, 8, 8)),
    ],
)
def test_an_impossible_layer_is_refused_with_a_sentence(make):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        make()


def test_a_trained_normalisation_uses_keras_running_values():
    # One batch with mean 3 and unbiased variance 2 in a map that began with mean 0 and variance 1.
    module = BatchNormalization(momentum=0.75, epsilon=0.5).module((1, 1, 1))
    module(torch.tensor([2.0, 4.0]).reshape(2, 1, 1, 1))
    assert module.running_mean.item() == pytest.approx(0.75 * 0 + 0.25 * 3)
    assert module.running_var.item() == pytest.approx(0.75 * 1 + 0.25 * 2)
    module.eval()
    out = module(torch.full((1, 1, 1, 1), 5.0))
    assert out.item() == pytest.approx((5 - 0.75) / (1.25 + 0.5) ** 0.5)


def test_a_dropout_changes_nothing_once_training_is_over():
    module, x = Dropout(0.9).module((50,)).eval(), torch.rand(2, 50)
    assert torch.equal(module(x), x)


@pytest.mark.parametrize("layer", [layer for layer, shape in CASES if type(layer).commutes])
def test_a_layer_that_commutes_with_relu_gives_the_same_on_either_side(layer):
    torch.manual_seed(3)
    module = layer.module((4, 9, 9))
    x = torch.randn(5, 4, 9, 9).round(decimals=1).requires_grad_()  # with ties
    before, after = module(x.relu()), module(x).relu()
    assert torch.equal(before, after)
    weights = torch.rand_like(before)
    first, second = (torch.autograd.grad((out * weights).sum(), x)[0] for out in (before, after))
    assert torch.equal(first, second)


@pytest.mark.parametrize(
    "layer",
    [Conv2D(3, 3, 2, "same"), Conv2D(3, 5), MaxPooling2D(3, 2), AveragePooling2D(2)],
    ids=str,
)
def test_a_receptive_field_is_where_the_gradient_of_one_unit_lies(layer):
    shape = (1, 12, 12)
    first = Conv2D(1, 3, padding="same")
    below = first.field(ReceptiveField(), shape, shape)
    field = layer.field(below, shape, shape)
    torch.manual_seed(0)
    modules = first.module(shape), layer.module(shape)
    with torch.no_grad():
        for parameter in (p for m in modules for p in m.parameters()):
            parameter.abs_().add_(0.1)  # no weight is zero, so none hides a pixel
    # Max-pooling sends its gradient to one winner: over many pictures each pixel wins once.
    x = torch.rand(400, *shape, requires_grad=True)
    out = modules[1](modules[0](x))
    for row, column in [(0, 0), (2, 3), (out.shape[2] - 1, out.shape[3] - 1)]:
        (grad,) = torch.autograd.grad(out[:, 0, row, column].sum(), x, retain_graph=True)
        seen = (grad != 0).any(0)[0]
        top, bottom = field.span(row, 12)
        left, right = field.span(column, 12)
        expected = torch.zeros(12, 12, dtype=torch.bool)
        expected[top:bottom, left:right] = True
        assert torch.equal(seen, expected)
