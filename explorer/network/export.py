"""A network as source that stands on its own: Keras and PyTorch.

Both are made from the layers, line by line, so that what a user takes away is what the pages
showed. The PyTorch source names its layers as this project does and flattens in Keras' order, so
the weights of ``explorer/network/weights`` load into it.
"""

from explorer.network.architecture import Network

_TORCH_HEAD = """\
from collections import OrderedDict

from torch import nn


class FlattenChannelsLast(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


"""

_MODULES = {"relu": "nn.ReLU()", "softmax": None}


def keras_source(network: Network) -> str:
    """Python source that builds ``network`` as ``model`` with Keras 3."""
    channels, height, width = network.input_shape
    kinds = sorted({type(layer).__name__ for layer in network.layers})
    lines = [
        "from keras import Input, Sequential",
        f"from keras.layers import {', '.join(kinds)}",
        "",
        "model = Sequential(",
        "    [",
        f"        Input(({height}, {width}, {channels})),",
    ]
    lines += [
        f"        {row.layer.keras()[:-1]}{_name(row.layer.keras(), row.name)}),"
        for row in network.rows
    ]
    return "\n".join([*lines, "    ]", ")", ""])


def _name(call: str, name: str) -> str:
    return f"name={name!r}" if call.endswith("()") else f", name={name!r}"


def torch_source(network: Network) -> str:
    """Python source that builds ``network`` as ``model`` with PyTorch; it returns logits."""
    lines = ["model = nn.Sequential(", "    OrderedDict("]
    for row in network.rows:
        modules = row.layer.torch(row.input_shape)
        lines += [f"        {row.name}{suffix}={call}," for suffix, call in modules.items()]
        if row.layer.activation and (module := _MODULES[row.layer.activation]):
            lines.append(f"        {row.name}_{row.layer.activation}={module},")
    return _TORCH_HEAD + "\n".join([*lines, "    )", ")", ""])
