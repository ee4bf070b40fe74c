"""Maps and their description as one run of bytes, because bytes travel alone.

Streamlit passes a component either JSON or raw bytes; a dict with bytes inside arrives as its
`repr`, and JSON numbers would be ten times as large. So the description travels inside the bytes.
Everything is little-endian and every section starts at a multiple of four, so that JavaScript can
lay typed arrays straight over the buffer:

    offset  type             content
    0       6 × uint32       magic "CNNM", version, n, h, w, m = length of the JSON section
    24      m bytes          JSON object in UTF-8, padded with spaces to a multiple of four
    24 + m  n × 2 × float32  lowest and highest value of each map's colour scale
    …       n × h × w float32  the maps, row by row

Several such blobs travel together by :func:`stack`: uint32 magic "CNNS", uint32 count, a uint32
length for each, then the blobs.

Arrays that have names and shapes of their own travel by :func:`pack_arrays`:

    offset  type             content
    0       3 × uint32       magic "CNNA", version, m = length of the JSON section
    12      m bytes          JSON object in UTF-8, padded with spaces to a multiple of four:
                             {"arrays": [[name, kind, shape], …], "meta": …}
    12 + m  …                the arrays in that order, each padded to a multiple of four; kind "f4"
                             is float32, kind "share" is a byte k for each float32 k / 255

The bytes arrive in JavaScript as a view at any offset of a larger buffer: `d.slice().buffer` first.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

MAGIC = int.from_bytes(b"CNNM", "little")
STACK = int.from_bytes(b"CNNS", "little")
ARRAYS = int.from_bytes(b"CNNA", "little")
VERSION = 1


def pack(
    maps: NDArray[np.float32], ranges: NDArray[np.float32], meta: Mapping[str, object]
) -> bytes:
    """Pack maps: (n, h, w), ranges: (n, 2) and JSON-safe meta into the layout above.

    Raises:
        ValueError: a wrong shape, a value that is not finite, or meta that is not strict JSON.
    """
    if maps.ndim != 3 or 0 in maps.shape:
        raise ValueError(f"maps must be (n, h, w) and not empty, got shape {maps.shape}")
    if ranges.shape != (maps.shape[0], 2):
        raise ValueError(f"ranges must be ({maps.shape[0]}, 2), got shape {ranges.shape}")
    if not (np.isfinite(maps).all() and np.isfinite(ranges).all()):
        raise ValueError("maps and ranges must be finite")
    text = json.dumps(meta, allow_nan=False, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    header = np.array([MAGIC, VERSION, *maps.shape, len(text)], dtype="<u4")
    sections = (header, text, ranges.astype("<f4"), maps.astype("<f4"))
    return b"".join(part if isinstance(part, bytes) else part.tobytes() for part in sections)


def stack(blobs: Sequence[bytes]) -> bytes:
    """Several blobs of :func:`pack` as one run of bytes."""
    header = np.array([STACK, len(blobs), *(len(part) for part in blobs)], dtype="<u4")
    return b"".join([header.tobytes(), *blobs])


def pack_arrays(arrays: Mapping[str, NDArray[np.float32]], meta: Mapping[str, object]) -> bytes:
    """Pack float32 arrays of any shape and JSON-safe meta into the second layout above.

    Pictures of 256 shades arrive as the same numbers in a quarter of the bytes.

    Raises:
        ValueError: a value that is not finite, or meta that is not strict JSON.
    """
    described, sections = [], []
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must be finite")
        shades = _shades(array)
        kind, raw = ("f4", array.astype("<f4").tobytes()) if shades is None else ("share", shades)
        described.append([name, kind, list(array.shape)])
        sections.append(raw + b"\0" * (-len(raw) % 4))
    text = json.dumps(
        {"arrays": described, "meta": dict(meta)}, allow_nan=False, ensure_ascii=False
    ).encode()
    text += b" " * (-len(text) % 4)
    header = np.array([ARRAYS, VERSION, len(text)], dtype="<u4").tobytes()
    return b"".join([header, text, *sections])


def _shades(array: NDArray[np.float32]) -> bytes | None:
    """The bytes k where every value is exactly the float32 k / 255, else None."""
    if array.size == 0 or array.min() < 0 or array.max() > 1:
        return None
    shades = np.rint(array * np.float32(255)).astype(np.uint8)
    exact = np.array_equal(shades / np.float32(255), array)
    return shades.tobytes() if exact else None
