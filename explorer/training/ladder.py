"""The ladder of checkpoints that a run keeps: which rungs stay, and what of each.

Rungs are for looking at, so that they keep the network without the optimiser's state, a third of
the bytes. A safetensors file (its header's length in eight bytes, a JSON header, the tensors' bytes
in a row) is taken apart and put together without building a tensor.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any

from explorer.training.errors import DAMAGED, StoreError

OPTIMISER = "optimiser."  # how the names of its state begin
LADDER = 20  # rungs of one run
HEADER_LENGTH = 100_000  # bytes


def too_many(steps: Sequence[int]) -> list[int]:
    """Which of ascending ``steps`` to drop so that :data:`LADDER` remain.

    Never the first nor the last; each time the one whose neighbours are nearest to each other, as a
    ratio, so that the ladder stays dense at the beginning and is even on a logarithmic scale.
    """
    left, dropped = list(steps), []
    while len(left) > LADDER:
        gaps = [(left[i + 1] + 1) / (left[i - 1] + 1) for i in range(1, len(left) - 1)]
        dropped.append(left.pop(1 + gaps.index(min(gaps))))
    return dropped


def weights(data: bytes) -> bytes:
    """A checkpoint without the optimiser's state; raises StoreError for what is none."""
    header, body = _header(data)
    kept: dict[str, Any] = {}
    pieces, at = [], 0
    for name, entry in header.items():
        if name == "__metadata__":
            kept[name] = entry
        elif not name.startswith(OPTIMISER):
            begin, end = entry["data_offsets"]
            kept[name] = {**entry, "data_offsets": [at, at + end - begin]}
            pieces.append(body[begin:end])
            at += end - begin
    return _file(kept, pieces)


def _header(data: bytes) -> tuple[dict[str, Any], memoryview]:
    """The header of a safetensors file, checked, in the order of the data, and the data."""
    try:
        (length,) = struct.unpack_from("<Q", data)
        if not 0 < length <= min(HEADER_LENGTH, len(data) - 8):
            raise ValueError(length)
        header = json.loads(data[8 : 8 + length])
        body = memoryview(data)[8 + length :]
        entries = [(name, entry) for name, entry in header.items() if name != "__metadata__"]
        entries.sort(key=lambda item: item[1]["data_offsets"])
        at = 0
        for _, entry in entries:
            begin, end = entry["data_offsets"]
            if begin != at or not at <= end <= len(body):
                raise ValueError(begin)
            at = end
        if at != len(body):
            raise ValueError(at)
    except (struct.error, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise StoreError(DAMAGED) from error
    ordered = dict(entries)
    if "__metadata__" in header:
        ordered = {"__metadata__": header["__metadata__"], **ordered}
    return ordered, body


def _file(header: dict[str, Any], pieces: Sequence[memoryview]) -> bytes:
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the data begin at a multiple of eight
    return b"".join([struct.pack("<Q", len(text)), text, *pieces])
