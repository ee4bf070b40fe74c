"""Every layer type against ``torch.nn.functional``, forward and backward, and by hand."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from explorer.network import layers
from explorer.network.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D
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
