"""MNIST and Fashion-MNIST: found on disk, in the package, or fetched, and never used unchecked.

A data set is four gzipped IDX files. They stay gzipped on disk, are looked for in the user's data
folder (``EXPLORER_DATA``, one subfolder per data set) and then in the package, and are fetched into
the user's data folder only where both fail. What is pinned is the SHA-256 of the *decoded* file:
how somebody compressed it does not matter, and a mirror need not be trusted. A check holds for the
process, as long as the file's identity, size and time stay the same. Decoding stops one byte past
the expected size, so that no file can fill the memory.
"""

import hashlib
import os
import tempfile
import threading
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer.data import fetch
from explorer.data.fetch import BrokenError, Progress

Array = npt.NDArray[np.uint8]

PACKAGED = Path(__file__).parent / "files"
MISSING = "is missing"
PACKING = 1 << 16  # bytes by which gzip may at most enlarge a file


class DataError(RuntimeError):
    """A data set cannot be had; the message is one sentence: what is wrong and what to do."""


@dataclass(frozen=True)
class IdxFile:
    """One gzipped IDX file: its name, the shape of its uint8 array, the SHA-256 once decoded."""

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> bytes:
        """The IDX header: 0, 0, type 8 (uint8), number of axes, then each axis in 4 bytes."""
        sizes = b"".join(size.to_bytes(4, "big") for size in self.shape)
        return bytes([0, 0, 8, len(self.shape)]) + sizes

    @property
    def size(self) -> int:
        """Bytes of the decoded file."""
        return len(self.header) + prod(self.shape)


@dataclass(frozen=True)
class Dataset:
    """A data set: its title, the ten class names, where it is fetched, and its four files."""

    title: str
    classes: tuple[str, ...]
    mirrors: tuple[str, ...]
    files: tuple[IdxFile, IdxFile, IdxFile, IdxFile]


def _files(*sums: str) -> tuple[IdxFile, IdxFile, IdxFile, IdxFile]:
    """MNIST's file names and shapes, in the order of `read_mnist`."""
    return (
        IdxFile("train-images-idx3-ubyte.gz", (60_000, 28, 28), sums[0]),
        IdxFile("train-labels-idx1-ubyte.gz", (60_000,), sums[1]),
        IdxFile("t10k-images-idx3-ubyte.gz", (10_000, 28, 28), sums[2]),
        IdxFile("t10k-labels-idx1-ubyte.gz", (10_000,), sums[3]),
    )


DATASETS = {
    "mnist": Dataset(
        "MNIST",
        tuple("0123456789"),
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        _files(
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    "fashion-mnist": Dataset(
        "Fashion-MNIST",
        (
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        (
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        ),
        _files(
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
}

_checked: dict[tuple[Path, str], tuple[int, int, int]] = {}
_locks: dict[str, threading.RLock] = {}


def data_folder() -> Path:
    """The user's data folder: ``EXPLORER_DATA``, else ``cnn-explorer`` in the XDG data folder."""
    if chosen := os.environ.get("EXPLORER_DATA"):
        return Path(chosen).expanduser()
    with suppress(RuntimeError):  # an account without a home folder
        return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share", "cnn-explorer")
    return Path(tempfile.gettempdir(), "cnn-explorer")


def class_names(name: str = "mnist") -> tuple[str, ...]:
    """The ten classes of a data set, in the order of its labels."""
    return _dataset(name).classes


def maybe_download(name: str = "mnist", progress: Progress | None = None) -> Path:
    """The folder that holds the data set's four files, every one of them checked.

    name: a key of `DATASETS`; anything else raises ValueError.
    progress: called as ``progress(file_name, done_bytes, total_bytes_or_None)`` while a file is
        fetched; without one, a line is written to stderr where that is a terminal.
    Raises DataError where a file is missing or broken and no mirror gives a good one.
    """
    return _find(name, _dataset(name).files, progress)


def read_mnist(folder: Path | str) -> tuple[Array, Array, Array, Array]:
    """Decode the four files of a folder that `maybe_download` gave, or of any like it.

    Returns read-only uint8 arrays: train images (60000, 28, 28), train labels (60000,), test images
    (10000, 28, 28), test labels (10000,). Which data set it is follows from the folder's name, and
    under any other name from the test labels. Raises DataError where a file is missing, broken, or
    of another data set.
    """
    folder = Path(folder)
    data = DATASETS.get(folder.name)
    if data is None:
        found = (each for each in DATASETS.values() if _fault(folder, each.files[3]) is None)
        data = next(found, DATASETS["mnist"])
    a, b, c, d = (_read(folder, file, data.title) for file in data.files)
    return a, b, c, d


def test_set(name: str = "mnist") -> tuple[Array, Array]:  # noqa: PT028 (no test, a data set)
    """The test images (10000, 28, 28) and labels (10000,): one read-only pair for the process.

    Decodes, and where need be fetches, the two test files only. Raises as `maybe_download` does.
    """
    _dataset(name)
    with _lock(name):
        return _test_set(name)


@cache
def _test_set(name: str) -> tuple[Array, Array]:
    data = _dataset(name)
    folder = _find(name, data.files[2:], None)
    return _read(folder, data.files[2], data.title), _read(folder, data.files[3], data.title)


def _dataset(name: str) -> Dataset:
    if name not in DATASETS:
        raise ValueError(f"There is no data set {name!r}: choose one of {', '.join(DATASETS)}.")
    return DATASETS[name]


def _lock(name: str) -> threading.RLock:
    """One lock per data set: a slow fetch of one does not hold up the readers of another."""
    return _locks.setdefault(name, threading.RLock())


def _find(name: str, files: tuple[IdxFile, ...], progress: Progress | None) -> Path:
    """The first folder in which all of `files` are good, fetching what lacks as a last resort."""
    data, home, packaged = _dataset(name), data_folder() / name, PACKAGED / name
    with _lock(name):
        for folder in (home, packaged):
            if all(_fault(folder, file) is None for file in files):
                return folder
        try:
            home.mkdir(parents=True, exist_ok=True)
            for file in files:
                if _fault(home, file) is not None:
                    _obtain(data, file, home, packaged, progress)
        except OSError as error:
            raise DataError(
                f"{data.title} cannot be stored in {home} ({error.strerror or error}): make room"
                " there, or set EXPLORER_DATA to a folder that you may write to."
            ) from error
    return home


def _obtain(
    data: Dataset, file: IdxFile, home: Path, packaged: Path, progress: Progress | None
) -> None:
    """Put a good copy of one file into `home`: the package's, else each mirror's in turn, once."""
    if _fault(packaged, file) is None:
        return _install(home, file, [(packaged / file.name).read_bytes()])
    faults = {str(folder / file.name): _fault(folder, file) for folder in (home, packaged)}
    reasons = [f"{path} {fault}" for path, fault in faults.items() if fault != MISSING]
    for url in (mirror + file.name for mirror in data.mirrors):
        try:
            return _install(home, file, fetch.download(url, file.size + PACKING, progress))
        except BrokenError as error:
            reasons.append(f"{url} {error}")
    raise DataError(
        f"There is no good copy of {data.title}'s {file.name} ({'; '.join(reasons)}): connect to"
        f" the internet and try again, or put the original file into {home} yourself."
    )


def _install(folder: Path, file: IdxFile, chunks: Iterable[bytes]) -> None:
    fetch.install(folder / file.name, chunks, lambda part: _decode(part, file))


def _fault(folder: Path, file: IdxFile) -> str | None:
    """What is wrong with a file, as the end of a sentence; None where nothing is."""
    path = folder / file.name
    try:
        if _checked.get((path, file.sha256)) != _identity(path.stat()):
            _decode(path, file)
    except FileNotFoundError:
        return MISSING
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    except BrokenError as error:
        return str(error)
    return None


def _read(folder: Path, file: IdxFile, title: str) -> Array:
    """One file as a read-only array of `file.shape`, a view of the decoded bytes."""
    try:
        decoded = _decode(folder / file.name, file)
    except (OSError, BrokenError) as error:
        fault = _fault(folder, file) or str(error)
        raise DataError(
            f"{folder / file.name} {fault}: replace it by {title}'s original file, or delete it"
            " and start again to have it fetched."
        ) from error
    return np.frombuffer(decoded, np.uint8, offset=len(file.header)).reshape(file.shape)


def _identity(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _decode(path: Path, file: IdxFile) -> bytes:
    """Decompress and check one file; raises BrokenError, or OSError where it cannot be read."""
    if not path.is_file():
        path.stat()  # raises FileNotFoundError where there is nothing at all
        raise BrokenError("is not a file")
    with path.open("rb") as source:
        identity = _identity(os.fstat(source.fileno()))
        packed = source.read(file.size + PACKING)
    stream = zlib.decompressobj(wbits=31)  # 31: a gzip header, and its CRC checked at the end
    try:
        decoded = stream.decompress(packed, file.size + 1)
    except zlib.error as error:
        raise BrokenError("is damaged or no gzip file") from error
    if len(decoded) > file.size or stream.unused_data:
        raise BrokenError("holds more than it should")
    if len(decoded) < file.size or not stream.eof:
        raise BrokenError("ends too early")
    if not decoded.startswith(file.header):
        raise BrokenError(f"does not hold a uint8 array of shape {file.shape}")
    if _checked.get((path, file.sha256)) != identity:
        if hashlib.sha256(decoded).hexdigest() != file.sha256:
            raise BrokenError("holds other data than the original (its SHA-256 differs)")
        _checked[path, file.sha256] = identity
    return decoded
