"""What training asks of the machine: memory that is kept, and the faster of two matrix products.

Choices: glibc gives every large block back to the kernel when it is freed, and each step then pays
for thousands of page faults; it is told to keep them. On some processors oneDNN's float32 matrix
product is up to three times as fast as MKL's, but PyTorch hands it only products that may be
rounded, and there are processors on which oneDNN then does round. So both are tried on a product
like those of a dense layer, and oneDNN's is taken where it is as exact and not slower. That hangs
on what else the machine does just then, and the two differ in the last digit: what was found is
written to the data folder, so that all runs on one machine compute alike.
How many threads PyTorch uses is the caller's choice: one is best beside anything else that runs.
"""

import ctypes
import hashlib
import os
import platform
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Literal

import torch

from explorer.data.mnist import data_folder

Matmul = Literal["mkl", "onednn"]

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # glibc's malloc.h
_EXACT = 1e-5  # relative error; bfloat16 products have 3e-3, float32 ones under 1e-6
_SLOWER = 1.15  # times as slow is still taken: so near, and a choice that does not hang on noise

_chosen: dict[Path, Matmul] = {}
_kept: list[bool] = []


def keep_memory() -> bool:
    """Tell glibc to keep freed memory for the process; False where there is no glibc.

    A process that has trained once stays as large as it was at its largest.
    """
    if not _kept:
        _kept.append(_keep_memory())
    return _kept[0]


def _keep_memory() -> bool:
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all((mallopt(_MMAP_MAX, 0), mallopt(_TRIM_THRESHOLD, -1), mallopt(_TOP_PAD, 64 << 20)))


def choose_matmul(wanted: str | None = None) -> str:
    """Set and return whose float32 matrix product PyTorch uses on the processor.

    Args:
        wanted: takes this one; any other word, or None, takes the better one, which is found out
            once for a processor, a PyTorch and a data folder.
    """
    if wanted not in ("mkl", "onednn"):
        place = data_folder().absolute() / f"matmul-{_here()}.txt"
        if place not in _chosen:
            _chosen[place] = _remembered(place) or _remember(place, _better())
        wanted = _chosen[place]
    # "none" leaves the product to MKL; "bf16" would let oneDNN round, where it gains from it.
    matmul = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
    matmul.fp32_precision = "bf16" if wanted == "onednn" else "none"
    return wanted


@cache
def _here() -> str:
    """Names the processor and the PyTorch that were compared."""
    model = platform.processor()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        model += "".join(sorted({line for line in lines if line.startswith("model name")}))
    words = "\n".join((platform.machine(), model, torch.__version__))
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _remembered(place: Path) -> Matmul | None:
    with suppress(OSError, UnicodeDecodeError):
        match place.read_text(encoding="ascii").strip():
            case "mkl":
                return "mkl"
            case "onednn":
                return "onednn"
    return None


def _remember(place: Path, found: Matmul) -> Matmul:
    """Write down what was found, unless another process was first; what holds from now on."""
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, encoding="ascii") as part:
            part.write(found)
            part.flush()
            os.link(part.name, place)  # all of it at once, and never over another's
    return _remembered(place) or found


def _better() -> Matmul:
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return "mkl"
    generator = torch.Generator().manual_seed(0)
    x, w = (torch.randn(n, 2048, generator=generator) for n in (128, 256))
    exact = x.double() @ w.double().T

    def product() -> torch.Tensor:
        return torch.nn.functional.linear(x, w)

    choose_matmul("mkl")
    mkl = _fastest(product)
    choose_matmul("onednn")
    error = float((product().double() - exact).abs().max() / exact.abs().max())
    return "onednn" if error < _EXACT and _fastest(product) <= _SLOWER * mkl else "mkl"


def _fastest(call: Callable[[], object], times: int = 15) -> float:
    """Seconds of the fastest of several calls: what else runs only makes them slower."""
    best = float("inf")
    for _ in range(times):
        begun = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begun)
    return best


def device(wanted: str) -> torch.device:
    """The device called ``cpu``, ``cuda``, ``mps``, or for ``auto`` the fastest that is there.

    Raises:
        ValueError: this machine has no such device.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return torch.device(next((name for name, is_there in there.items() if is_there), "cpu"))
    if not there.get(wanted, True):
        raise ValueError(f"This machine has no {wanted} device: choose auto or cpu.")
    return torch.device(wanted)
