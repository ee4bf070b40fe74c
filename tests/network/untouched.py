"""Networks that everybody shares must come out of every computation as they went in."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from explorer.network.architecture import CNN


def state(model: CNN) -> list[object]:
    """All that a computation could leave behind on a network."""
    found: list[object] = [module.training for module in model.modules()]
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        digest = hashlib.sha256(tensor.detach().numpy().tobytes()).hexdigest()
        found.append((name, digest, tensor.requires_grad, tensor.grad, tensor.dtype))
    for module in model.modules():
        hooks = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
        found.append([len(each) for each in hooks])
    return found


@contextmanager
def untouched(model: CNN) -> Iterator[None]:
    """What runs inside leaves the network as it is, whether it succeeds or raises."""
    before = state(model)
    try:
        yield
    finally:
        assert state(model) == before
