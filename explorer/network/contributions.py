"""Who spoke for a class: a logit taken apart into contributions that sum to it exactly.

A network of convolutions, dense layers, batch normalisations (after training), poolings and ReLUs
is linear around each input: a ReLU lets a value pass or not, a max-pooling passes its winner on.
So a logit z is the sum over the values a_i of any layer of their contributions

    (∂z / ∂a_i) · a_i,

plus what the layers behind it add of themselves: for each layer the sum of (∂z / ∂s_j) · b_j over
its weighted sums s_j and their biases b_j. It is *gradient × input* (Shrikumar et al., "Not Just a
Black Box", 2016) with the biases kept apart, as in Srinivas and Fleuret, "Full-Gradient
Representation", 2019. The same holds for the difference of two logits.

Choice: what a layer adds of itself is its answer to zeros, whatever its type.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from explorer.network.answers import IMAGE
from explorer.network.architecture import CNN

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Contributions:
    """What speaks for a class, or for one class rather than another.

    Attributes:
        total: the logit, or the difference of two logits.
        parts: layer name to the contributions of its outputs, after its activation, ``(C, H, W)``
            or ``(units,)``; the input is :data:`~explorer.network.answers.IMAGE`.
        biases: layer name to what it adds of itself, all its biases together; in order.
        bent: layers whose activation is not linear piece by piece, a softmax between layers: for
            what lies before them the contributions are first-order only, and do not sum exactly.
    """

    total: float
    parts: Mapping[str, Floats]
    biases: Mapping[str, float]
    bent: tuple[str, ...] = ()

    def added_behind(self, name: str) -> dict[str, float]:
        """The biases that come in after the output of layer ``name``; those that are zero too."""
        names = list(self.biases)
        start = 0 if name == IMAGE else names.index(name) + 1
        return {n: self.biases[n] for n in names[start:]}

    def sums_to(self, name: str) -> float:
        """The contributions of one layer plus the biases behind it: the total, where exact."""
        own = float(self.parts[name].sum(dtype=np.float64))
        return own + sum(self.added_behind(name).values())

    def exact(self, name: str) -> bool:
        """Whether no softmax lies behind the output of layer ``name``."""
        return not any(layer in self.added_behind(name) for layer in self.bent)


def contributions(
    model: CNN, image: Floats, spoken_for: int, rather_than: int | None = None
) -> Contributions:
    """Take the logit of a class apart.

    Args:
        model: a network in evaluation mode.
        image: ``(H, W)`` in [0, 1].
        spoken_for: the class, from 0.
        rather_than: another class whose logit is subtracted; None for none.

    Raises:
        ValueError: the network is in training mode, or has no such class.
    """
    if model.training:
        raise ValueError("contributions need a network in evaluation mode: call eval() first")
    with torch.inference_mode(False), torch.enable_grad():
        x = torch.from_numpy(np.array(image, np.float32))[None, None].requires_grad_()
        steps = list(model.steps(x))
        logits = steps[-1][2][0]
        for index in (spoken_for, rather_than):
            if index is not None and not 0 <= index < len(logits):
                raise ValueError(f"the network has classes 0 to {len(logits) - 1}, not {index}")
        target = logits[spoken_for]
        if rather_than is not None:
            target = target - logits[rather_than]
        sums = [before for _, before, _ in steps]
        outputs = [x, *(after for _, _, after in steps)]
        gradients = torch.autograd.grad(target, [*outputs, *sums])
    parts = {
        name: np.asarray((value * slope)[0].detach(), np.float32)
        for name, value, slope in zip(
            [IMAGE, *model.network.names()], outputs, gradients, strict=False
        )
    }
    biases = {}
    with torch.no_grad():
        for row, reads, slope in zip(
            model.network.rows, outputs, gradients[len(outputs) :], strict=False
        ):
            own = 0.0
            if row.parameters:
                own = float(
                    (model.get_submodule(row.name)(torch.zeros_like(reads)) * slope).double().sum()
                )
            biases[row.name] = own
    rows = model.network.rows
    bent = tuple(row.name for row in rows[:-1] if row.layer.activation == "softmax")
    return Contributions(float(target.detach()), parts, biases, bent)
