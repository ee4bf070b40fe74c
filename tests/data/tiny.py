"""A data set of a few bytes behind the real loader, and a mirror that never touches the network."""

import gzip
import hashlib
import io
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest

from explorer.data import fetch, mnist

SHAPES = {
    "train-images-idx3-ubyte.gz": (3, 2, 2),
    "train-labels-idx1-ubyte.gz": (3,),
    "t10k-images-idx3-ubyte.gz": (2, 2, 2),
    "t10k-labels-idx1-ubyte.gz": (2,),
}
FIRST, SECOND = "https://first.example/", "https://second.example/"


def idx(values: np.ndarray) -> bytes:
    """An IDX file of uint8 values, written here a second time, independently of the loader."""
    axes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return b"\x00\x00\x08" + bytes([values.ndim]) + axes + values.tobytes()


ARRAYS = {
    name: np.arange(10 * i, 10 * i + np.prod(shape), dtype=np.uint8).reshape(shape)
    for i, (name, shape) in enumerate(SHAPES.items())
}
GOOD = {name: gzip.compress(idx(values), mtime=0) for name, values in ARRAYS.items()}
DATASET = mnist.Dataset(
    "Tiny",
    tuple("0123456789"),
    (FIRST, SECOND),
    tuple(
        mnist.IdxFile(name, values.shape, hashlib.sha256(idx(values)).hexdigest())
        for name, values in ARRAYS.items()
    ),
)


class Response(io.BytesIO):
    """What an opened address gives: bytes and headers."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.headers = Message()
        self.headers["Content-Length"] = str(len(body))


class Mirrors:
    """Answers for every address: a body for each, else as if there were no network."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.asked: list[str] = []

    def serve(self, mirror: str, files: dict[str, bytes]) -> None:
        self.bodies |= {mirror + name: body for name, body in files.items()}

    def open(self, url: str) -> Response:
        self.asked.append(url)
        if url not in self.bodies:
            raise URLError("no network")
        return Response(self.bodies[url])


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        (folder / name).write_bytes(body)
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's folder of the data set "tiny", not made yet; the package has none."""
    monkeypatch.setitem(mnist.DATASETS, "tiny", DATASET)
    monkeypatch.setattr(mnist, "PACKAGED", tmp_path / "package")
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "user"))
    mnist._test_set.cache_clear()
    yield tmp_path / "user" / "tiny"
    mnist._test_set.cache_clear()


@pytest.fixture
def mirrors(monkeypatch: pytest.MonkeyPatch) -> Mirrors:
    """No network: what the loader opens is answered from here."""
    fake = Mirrors()
    monkeypatch.setattr(fetch, "open_url", fake.open)
    return fake
