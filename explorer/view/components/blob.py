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

The bytes arrive in JavaScript as a view at any offset of a larger buffer: `d.slice().buffer` first.
"""

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

MAGIC = int.from_bytes(b"CNNM", "little")
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
