"""Network, optimiser and data of one run, one step at a time; the fast loop and nothing else.

Choices, each of which leaves the numbers what they are: the images stay uint8 on the device;
weights and activations lie channels last in memory from the first convolution to the flatten, which
then copies nothing; pooling comes before ReLU (see ``CNN.forward``); the optimiser is one fused
kernel over all weights. ``bfloat16`` is autocast, so that weights and sums stay float32.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from explorer.network import kept
from explorer.network.architecture import CNN
from explorer.network.losses import loss
from explorer.training import checkpoint, data, machine
from explorer.training.spec import RunSpec

EVALUATED_AT_ONCE = 500  # images: their activations stay within the processor's cache


def optimiser(name: str, weights: Iterable[nn.Parameter], rate: float) -> torch.optim.Optimizer:
    """The optimiser called ``name``, one of :data:`explorer.training.spec.OPTIMISERS`."""
    match name:
        case "sgd":
            return torch.optim.SGD(weights, rate, fused=True)
        case "momentum":
            return torch.optim.SGD(weights, rate, momentum=0.9, fused=True)
        case "adam":
            return torch.optim.Adam(weights, rate, fused=True)
        case "adamw":
            return torch.optim.AdamW(weights, rate, fused=True)
        case "rmsprop":
            return torch.optim.RMSprop(weights, rate)
    raise ValueError(f"there is no optimiser {name!r}")


class Engine:
    """A run that stands at some step.

    Args:
        spec: what is trained.
        images: the data; the spec's ``images`` first ones are trained on.
        matmul: whose matrix product is used; None takes the better one.

    Raises:
        ValueError: the spec's device or the network to start from is not there, or the images are
            too few.
    """

    def __init__(self, spec: RunSpec, images: data.Images, matmul: str | None = None) -> None:
        if spec.count > len(images.train):
            raise ValueError(
                f"There are {len(images.train):,} training images, fewer than the {spec.count:,}"
                " that the run asks for: set the number of images."
            )
        machine.keep_memory()
        self.spec, self.device = spec, machine.device(spec.device)
        self.matmul = self.device.type
        if self.device.type == "cpu":
            self.matmul = machine.choose_matmul(matmul)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(spec.seed)
            self.model: CNN = spec.architecture.build()
        if spec.start is not None:
            self._begin_with(kept.load(spec.start))
        self.model.to(self.device)
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.random = any(isinstance(module, nn.Dropout) for module in self.model.modules())
        self.optimiser = optimiser(spec.optimiser, self.model.parameters(), spec.learning_rate)
        self.batches = data.Batches(
            images.train[: spec.count].to(self.device),
            images.train_labels[: spec.count].to(self.device),
            spec.batch_size,
            spec.seed,
            spec.augmentation == "shift",
        )
        self.test = images.test.to(self.device), images.test_labels.to(self.device)

    def _begin_with(self, first: CNN) -> None:
        """Take over the weights of a kept network; ValueError where it has other layers."""
        try:
            self.model.load_state_dict(first.state_dict())
        except RuntimeError as error:
            raise ValueError("The kept network to start from has other layers.") from error

    def step(self, number: int, rate: float) -> tuple[float, int, int] | None:
        """Take one step.

        Args:
            number: of the step, from 1; decides which images, how shifted, what is dropped.
            rate: learning rate.

        Returns:
            The batch's loss before the update, how many of its images were read right, and how
            many it has. None where the loss is not finite: then nothing was changed.
        """
        images, labels = self.batches.batch(number)
        self.model.train()
        with self._seeded(number):
            logits = self._logits(images)
        cost = loss(self.spec.loss, logits, labels, self.spec.label_smoothing)
        value = cost.item()
        if not math.isfinite(value):
            return None
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad()
        cost.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        right = int((logits.detach().argmax(1) == labels).sum())
        return value, right, len(labels)

    def _logits(self, images: Tensor) -> Tensor:
        """Float32, whatever the precision of the pass."""
        if self.spec.precision == "float32":
            out: Tensor = self.model(images)
            return out
        with torch.autocast(self.device.type, torch.bfloat16):
            out = self.model(images)
        return out.float()

    @contextmanager
    def _seeded(self, number: int) -> Iterator[None]:
        """Dropout draws from PyTorch's own generator, which is given back as it was."""
        if not self.random:
            yield
            return
        with torch.random.fork_rng([self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(data.dropout_seed(self.spec.seed, number))
            yield

    def evaluate(self, count: int | None = None) -> tuple[float, np.ndarray, int]:
        """Loss, answers and right answers on the first ``count`` test images; None takes all."""
        images, labels = (part[:count] for part in self.test)
        self.model.eval()
        with torch.inference_mode():
            logits = torch.cat(
                [self._logits(data.scaled(part)) for part in torch.split(images, EVALUATED_AT_ONCE)]
            )
            cost = float(loss(self.spec.loss, logits, labels, self.spec.label_smoothing))
            answers = logits.argmax(1)
            right = int((answers == labels).sum())
        return cost, answers.to(torch.uint8).cpu().numpy(), right

    def finite(self) -> bool:
        """Whether every weight is a number."""
        with torch.no_grad():
            return all(bool(weights.isfinite().all()) for weights in self.model.parameters())

    def state(self) -> dict[str, Tensor]:
        """A copy of weights, buffers and the optimiser's memory, named as in a checkpoint."""
        tensors = dict(self.model.state_dict())
        for name, weights in self.model.named_parameters():
            for what, value in self.optimiser.state[weights].items():
                if isinstance(value, Tensor):
                    tensors[f"{checkpoint.OPTIMISER}{name}.{what}"] = value
        return {name: tensor.detach().clone() for name, tensor in tensors.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go back to a state; ValueError where it is not one of this network and optimiser."""
        checkpoint.restore_weights(self.model, tensors)
        self.optimiser.state.clear()
        for name, weights in self.model.named_parameters():
            prefix = f"{checkpoint.OPTIMISER}{name}."
            for key, saved in tensors.items():
                if not key.startswith(prefix):
                    continue
                if saved.shape not in (weights.shape, torch.Size(())):
                    raise ValueError("The checkpoint's optimiser does not fit its network.")
                # In the memory layout of its weights, which the fused kernels count on.
                like = weights if saved.shape == weights.shape else saved
                kept = torch.empty_like(like, dtype=saved.dtype, requires_grad=False).copy_(saved)
                self.optimiser.state[weights][key.removeprefix(prefix)] = kept
