"""Surgery equals rebuilding the network with those weights; taking back restores every byte."""

import numpy as np
import pytest
import torch

from explorer.network import edits, surgery
from explorer.network.architecture import Network
from explorer.network.edits import Edit
from explorer.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from explorer.ops.kernels import PRESETS

NETWORKS = (
    Network(
        "plain",
        (
            Conv2D(3, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(4, 3, padding="same"),
            AveragePooling2D(2),
            Flatten(),
            Dense(6, activation="relu"),
            Dense(4, activation="softmax"),
        ),
        (1, 12, 12),
    ),
    Network(
        "normalised",
        (
            Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            BatchNormalization(),
            MaxPooling2D(2, 1),
            Conv2D(3, 2, activation="relu"),
            Dropout(0.5),
            Flatten(),
            BatchNormalization(),
            Dense(5, activation="relu"),
            BatchNormalization(),
            Dense(4, activation="softmax"),
        ),
        (2, 10, 10),
    ),
    Network("dense", (Flatten(), Dense(5, activation="relu"), Dense(4)), (1, 6, 6)),
)


def built(network: Network):
    """The network with weights and running values of no meaning."""
    torch.manual_seed(3)
    model = network.build().eval().requires_grad_(False)
    for tensor in (*model.parameters(), *model.buffers()):
        if tensor.is_floating_point():
            tensor.copy_(torch.rand_like(tensor) + 0.1)
    return model


def some_edits(network: Network, seed: int, count: int = 12) -> list[Edit]:
    """Edits of all kinds, anywhere."""
    random = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        row = edits.editable(network)[random.integers(len(edits.editable(network)))]
        kernels, channels, height, width = edits.layout(network, row.name)
        at = tuple(int(random.integers(bound)) for bound in (channels, height, width))
        number = (float(np.float32(random.normal())),)
        index = int(random.integers(kernels))
        fitting = edits.presets(height, width)
        choices = [
            Edit(row.name, "cell", index, at, number),
            Edit(row.name, "bias", index, values=number),
            Edit(row.name, "scale", index, values=number),
            Edit(row.name, "negate", index),
            Edit(row.name, "off", index),
            Edit(row.name, "on", index),
            Edit(row.name, "shuffle", index, (int(random.integers(10_000)),)),
            Edit(row.name, "replace", index, at[:1], number * (height * width)),
        ]
        if fitting:
            choices.append(Edit(row.name, "preset", index, at[:1], preset=fitting[0]))
        found.append(choices[random.integers(len(choices))])
    return found


def images(network: Network):
    return torch.rand(7, *network.input_shape, generator=torch.Generator().manual_seed(1))


def same(a, b) -> bool:
    first, second = a.state_dict(), b.state_dict()
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
@pytest.mark.parametrize("seed", range(4))
def test_an_edited_network_is_one_rebuilt_with_its_weights(network, seed):
    model = built(network)
    after = surgery.apply(model, some_edits(network, seed))
    rebuilt = network.build().eval()
    rebuilt.load_state_dict(after.state_dict())
    x = images(network)
    for (name, _, ours), (_, _, theirs) in zip(after.steps(x), rebuilt.steps(x), strict=True):
        assert torch.equal(ours, theirs), name
    assert same(model, built(network)), "the original was changed"


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
@pytest.mark.parametrize("seed", range(4))
def test_undoing_restores_every_byte_on_the_way_back(network, seed):
    model, history, states = built(network), edits.Edits(), []
    for edit in some_edits(network, seed):
        states.append(surgery.apply(model, history.done))
        history = history.add(edit)
    for state in reversed(states):
        history = history.undo()
        assert same(surgery.apply(model, history.done), state)
    assert same(surgery.apply(model, history.done), model)


def by_hand(weights, bias=0.0) -> Network:
    network = Network("hand", (Conv2D(2, 3, activation="relu"), Flatten(), Dense(2)), (1, 3, 3))
    model = network.build().requires_grad_(False)
    model.conv1.weight.copy_(torch.tensor(weights, dtype=torch.float32).expand(2, 1, 3, 3))
    model.conv1.bias.fill_(bias)
    return model


RISING = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize(
    ("edit", "weights", "bias"),
    [
        (Edit("conv1", "cell", 1, (0, 2, 0), (-1.5,)), [[1, 2, 3], [4, 5, 6], [-1.5, 8, 9]], 2),
        (Edit("conv1", "bias", 1, values=(-1.0,)), RISING, -1),
        (Edit("conv1", "scale", 1, values=(0.5,)), [[0.5, 1, 1.5], [2, 2.5, 3], [3.5, 4, 4.5]], 2),
        (Edit("conv1", "negate", 1), [[-1, -2, -3], [-4, -5, -6], [-7, -8, -9]], 2),
        (Edit("conv1", "off", 1), [[0] * 3] * 3, 0),
        (Edit("conv1", "replace", 1, (0,), (1.0,) * 9), [[1] * 3] * 3, 2),
    ],
    ids=lambda value: getattr(value, "what", ""),
)
def test_an_edit_does_what_it_says_to_its_kernel_and_to_no_other(edit, weights, bias):
    after = surgery.apply(by_hand(RISING, 2.0), [edit])
    assert after.conv1.weight[1, 0].tolist() == weights
    assert after.conv1.bias[1].item() == bias
    assert after.conv1.weight[0, 0].tolist() == RISING
    assert after.conv1.bias[0].item() == 2


def test_a_shuffle_keeps_the_weights_and_moves_them():
    first, again, other = (
        surgery.apply(by_hand(RISING), [Edit("conv1", "shuffle", 1, (seed,))]).conv1.weight[1]
        for seed in (5, 5, 6)
    )
    assert sorted(first.flatten().tolist()) == list(range(1, 10))
    assert first.flatten().tolist() != list(range(1, 10))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_preset_takes_the_strength_of_what_it_replaces():
    edit = Edit("conv1", "preset", 0, (0,), preset="sobel-x")
    (weights,) = surgery.apply(by_hand(RISING), [edit]).conv1.weight[0].numpy()
    sobel = PRESETS["sobel-x"].kernel
    np.testing.assert_allclose(weights, sobel * np.sqrt(285 / 12), rtol=1e-6)
    zeros = surgery.apply(by_hand([[0] * 3] * 3), [edit]).conv1.weight[0, 0].numpy()
    np.testing.assert_array_equal(zeros, sobel)


def test_what_is_edited_while_it_is_off_is_there_when_it_is_on():
    off = [Edit("conv1", "off", 0), Edit("conv1", "scale", 0, values=(2.0,))]
    model = by_hand(RISING, 2.0)
    assert not surgery.apply(model, off).conv1.weight[0].any()
    hidden = surgery.kernel(model, off, "conv1", 0)
    assert (hidden.off, hidden.bias, hidden.weights[0, 0, 0]) == (True, 2.0, 2.0)
    on = surgery.apply(model, [*off, Edit("conv1", "on", 0)])
    assert on.conv1.weight[0, 0].tolist() == [[2 * n for n in row] for row in RISING]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
def test_what_is_off_answers_nothing(network):
    model, x = built(network), images(network)
    for row in edits.editable(network):
        after = surgery.apply(model, [Edit(row.name, "off", 1)])
        outputs = {name: output for name, _, output in after.steps(x)}
        assert not outputs[row.name][:, 1].any()
        assert outputs[row.name][:, 0].any()


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
def test_a_dense_slice_is_what_weighs_its_map(network):
    model, x = built(network), images(network)
    rows = network.rows
    place = next(i for i, row in enumerate(rows) if isinstance(row.layer, Flatten))
    dense = next(row for row in rows[place:] if isinstance(row.layer, Dense))
    weights = surgery.laid_out(model, dense.name)
    assert weights.shape[1:] == rows[place].input_shape
    x = torch.rand(3, *rows[place].input_shape)
    flat = x.permute(0, 2, 3, 1).flatten(1)
    expected = flat @ model.get_parameter(f"{dense.name}.weight").T
    torch.testing.assert_close(torch.einsum("nchw,uchw->nu", x, weights), expected)
    edit = Edit(dense.name, "cell", 2, (0, 1, 1), (7.0,))
    assert surgery.laid_out(surgery.apply(model, [edit]), dense.name)[2, 0, 1, 1] == 7


def test_a_normalisation_has_a_scale_and_an_offset_of_each_map():
    model = built(NETWORKS[1])
    done = (
        Edit("norm1", "cell", 2, (0, 0, 0), (-1.5,)),
        Edit("norm1", "bias", 2, values=(0.25,)),
        Edit("norm1", "off", 0),
    )
    after, before = surgery.apply(model, done).norm1, model.norm1
    assert (float(after.weight[2]), float(after.bias[2])) == (-1.5, 0.25)
    assert (float(after.weight[0]), float(after.bias[0])) == (0, 0)
    assert torch.equal(after.weight[[1, 3]], before.weight[[1, 3]])
    assert torch.equal(after.running_mean, before.running_mean)
    found = surgery.kernel(model, done, "norm1", 2)
    assert (found.weights.shape, found.bias) == ((1, 1, 1), 0.25)
