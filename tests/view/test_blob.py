"""The blob: what JavaScript finds at which byte."""

import json
import struct

import numpy as np
import pytest

from explorer.view.components import blob


def test_every_section_lies_where_the_docstring_says():
    maps = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
    ranges = np.array([[-1, 5]], dtype=np.float32)
    raw = blob.pack(maps, ranges, {"a": 1})
    assert raw == (
        b"CNNM"
        + struct.pack("<5I", 1, 1, 2, 3, 8)
        + b'{"a": 1}'
        + struct.pack("<2f", -1, 5)
        + struct.pack("<6f", 0, 1, 2, 3, 4, 5)
    )


@pytest.mark.parametrize("text", ["", "a", "ab", "abc", "abcd", "3×3 “Δ”"])
def test_the_description_is_padded_so_that_the_numbers_are_aligned(text):
    raw = blob.pack(np.ones((2, 1, 1), np.float32), np.ones((2, 2), np.float32), {"t": text})
    length = struct.unpack_from("<I", raw, 20)[0]
    assert length % 4 == 0
    assert json.loads(raw[24 : 24 + length]) == {"t": text}
    assert len(raw) == 24 + length + 4 * (2 * 2 + 2)


def test_maps_that_are_not_contiguous_arrive_in_reading_order():
    maps = np.arange(6, dtype=np.float32).reshape(1, 3, 2).transpose(0, 2, 1)
    raw = blob.pack(maps, np.zeros((1, 2), np.float32), {})
    assert np.frombuffer(raw[-24:], "<f4").tolist() == [0, 2, 4, 1, 3, 5]


@pytest.mark.parametrize(
    ("maps", "ranges", "meta"),
    [
        (np.zeros((2, 2)), np.zeros((2, 2)), {}),
        (np.zeros((0, 2, 2)), np.zeros((0, 2)), {}),
        (np.zeros((2, 2, 2)), np.zeros((1, 2)), {}),
        (np.full((1, 1, 1), np.nan), np.zeros((1, 2)), {}),
        (np.zeros((1, 1, 1)), np.array([[0, np.inf]]), {}),
        (np.zeros((1, 1, 1)), np.zeros((1, 2)), {"x": float("nan")}),
    ],
    ids=["two dimensions", "empty", "ranges", "nan", "infinite range", "nan in meta"],
)
def test_what_the_browser_could_not_read_is_refused(maps, ranges, meta):
    with pytest.raises(ValueError, match=r"maps|ranges|JSON"):
        blob.pack(maps.astype(np.float32), ranges.astype(np.float32), meta)


def test_named_arrays_lie_where_the_docstring_says():
    shares = (np.array([[0, 255, 51]], np.uint8) / np.float32(255)).astype(np.float32)
    raw = blob.pack_arrays({"a": shares, "b": np.array([1.5, -2], np.float32)}, {"c": 1})
    text = b'{"arrays": [["a", "share", [1, 3]], ["b", "f4", [2]]], "meta": {"c": 1}}'
    assert raw == (
        b"CNNA"
        + struct.pack("<2I", 1, len(text))
        + text
        + bytes([0, 255, 51, 0])
        + struct.pack("<2f", 1.5, -2)
    )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_named_arrays_must_be_finite(value):
    with pytest.raises(ValueError, match="weights must be finite"):
        blob.pack_arrays({"weights": np.full((2, 2), value, np.float32)}, {})
