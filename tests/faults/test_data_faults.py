"""Broken files, lying mirrors, full disks, killed and rival processes: no bad byte gets through."""

import errno
import gzip
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from explorer.data import fetch, mnist
from tests.data.tiny import (
    ARRAYS,
    DATASET,
    FIRST,
    GOOD,
    SECOND,
    Mirrors,
    home,
    idx,
    mirrors,
    write,
)

__all__ = ["home", "mirrors"]  # fixtures: pytest finds them by name

ROOT = Path(__file__).parents[2]
IMAGES = "train-images-idx3-ubyte.gz"


def _flip(body: bytes, at: int) -> bytes:
    changed = bytearray(body)
    changed[at] ^= 1
    return bytes(changed)


def _repacked(change: Callable[[bytes], bytes]) -> bytes:
    return gzip.compress(change(idx(ARRAYS[IMAGES])))


# stored, not compressed, so that the flip hits a pixel and only the gzip's CRC can tell
FLIPPED = _flip(gzip.compress(idx(ARRAYS[IMAGES]), 0), -10)
BROKEN = {
    "a flipped bit in the gzip": (FLIPPED, "damaged"),
    "a flipped bit in the picture": (_repacked(lambda raw: _flip(raw, -1)), "SHA-256"),
    "a truncation": (GOOD[IMAGES][:-5], "ends too early"),
    "a truncation inside the gzip": (_repacked(lambda raw: raw[:-1]), "ends too early"),
    "an empty file": (b"", "ends too early"),
    "an HTML error page": (b"<!DOCTYPE html><title>404</title>", "no gzip"),
    "a compressed HTML error page": (gzip.compress(b"<!DOCTYPE html>"), "ends too early"),
    "a file that was never compressed": (idx(ARRAYS[IMAGES]), "no gzip"),
    "the labels in place of the images": (GOOD["train-labels-idx1-ubyte.gz"], "ends too early"),
    "another shape of the same size": (
        gzip.compress(idx(ARRAYS[IMAGES].reshape(3, 4, 1))),
        r"shape \(3, 2, 2\)",
    ),
    "bytes after the end": (GOOD[IMAGES] + b"\0", "more than it should"),
    "a second gzip after the end": (GOOD[IMAGES] * 2, "more than it should"),
    "a gzip bomb": (gzip.compress(bytes(50_000_000), 9), "more than it should"),
}
broken = pytest.mark.parametrize(("body", "reason"), BROKEN.values(), ids=BROKEN)


@broken
def test_a_broken_file_is_named_and_stays_where_it_is(
    home: Path, mirrors: Mirrors, body: bytes, reason: str
) -> None:
    write(home, GOOD | {IMAGES: body})
    with pytest.raises(mnist.DataError, match=reason) as caught:
        mnist.maybe_download("tiny")
    said = str(caught.value)
    assert str(home / IMAGES) in said
    assert "no network" in said
    assert "connect to the internet and try again" in said
    assert mirrors.asked == [FIRST + IMAGES, SECOND + IMAGES]
    assert (home / IMAGES).read_bytes() == body


@broken
def test_a_broken_file_is_fetched_anew(
    home: Path, mirrors: Mirrors, body: bytes, reason: str
) -> None:
    write(home, GOOD | {IMAGES: body})
    mirrors.serve(FIRST, GOOD)
    mnist.maybe_download("tiny")
    assert mirrors.asked == [FIRST + IMAGES]
    assert {path.name: path.read_bytes() for path in home.iterdir()} == GOOD


@broken
def test_a_broken_file_is_never_decoded(
    home: Path, mirrors: Mirrors, body: bytes, reason: str
) -> None:
    write(home, GOOD | {IMAGES: body})
    with pytest.raises(mnist.DataError, match=f"{IMAGES}.*{reason}.*replace it"):
        mnist.read_mnist(home)


@broken
def test_what_a_mirror_sends_is_checked_before_it_is_installed(
    home: Path, mirrors: Mirrors, body: bytes, reason: str
) -> None:
    mirrors.serve(FIRST, {IMAGES: body})
    with pytest.raises(mnist.DataError, match="no good copy"):
        mnist.maybe_download("tiny")
    assert list(home.iterdir()) == []
    mirrors.serve(SECOND, GOOD)
    mnist.maybe_download("tiny")
    assert {path.name: path.read_bytes() for path in home.iterdir()} == GOOD


def test_no_single_flipped_bit_changes_what_is_decoded(tmp_path: Path) -> None:
    name, body = "t10k-images-idx3-ubyte.gz", GOOD["t10k-images-idx3-ubyte.gz"]
    file = next(file for file in DATASET.files if file.name == name)
    refused = 0
    for bit in range(8 * len(body)):
        changed = bytearray(body)
        changed[bit // 8] ^= 1 << bit % 8
        path = tmp_path / f"{bit}.gz"
        path.write_bytes(changed)
        try:  # gzip's own time and system fields may change: they are no data
            assert mnist._decode(path, file) == idx(ARRAYS[name])
        except fetch.BrokenError:
            refused += 1
    assert refused > 8 * (len(body) - 10)


def test_a_file_broken_after_its_check_is_noticed(home: Path, mirrors: Mirrors) -> None:
    write(home, GOOD)
    mnist.maybe_download("tiny")
    (home / IMAGES).write_bytes(FLIPPED)
    os.utime(home / IMAGES, ns=(0, 0))
    with pytest.raises(mnist.DataError, match="damaged"):
        mnist.read_mnist(home)
    with pytest.raises(mnist.DataError, match="damaged"):
        mnist.maybe_download("tiny")


def test_a_broken_packaged_file_is_left_alone_and_made_good_elsewhere(
    home: Path, mirrors: Mirrors
) -> None:
    package = write(mnist.PACKAGED / "tiny", GOOD | {IMAGES: b"broken"})
    mirrors.serve(FIRST, GOOD)
    assert mnist.maybe_download("tiny") == home
    assert mirrors.asked == [FIRST + IMAGES]
    assert (package / IMAGES).read_bytes() == b"broken"
    assert {path.name: path.read_bytes() for path in home.iterdir()} == GOOD


def test_a_file_of_another_data_set_is_refused(tmp_path: Path) -> None:
    for file in mnist.DATASETS["mnist"].files:
        (tmp_path / file.name).symlink_to(mnist.PACKAGED / "mnist" / file.name)
    np.testing.assert_array_equal(mnist.read_mnist(tmp_path)[3][:3], [7, 2, 1])
    named = tmp_path / "fashion-mnist"
    named.mkdir()
    for file in mnist.DATASETS["mnist"].files:
        (named / file.name).symlink_to(mnist.PACKAGED / "mnist" / file.name)
    with pytest.raises(mnist.DataError, match=r"SHA-256 differs.*Fashion-MNIST's original"):
        mnist.read_mnist(named)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["a folder", "a pipe"])
def test_something_that_is_no_file_is_named_and_never_waited_for(
    home: Path, mirrors: Mirrors, make: Callable[[Path], None]
) -> None:
    write(home, {name: body for name, body in GOOD.items() if name != IMAGES})
    make(home / IMAGES)
    with pytest.raises(mnist.DataError, match="is not a file"):
        mnist.maybe_download("tiny")


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(mnist.DataError, match=r"is missing: replace it .* fetched\.$"):
        mnist.read_mnist(tmp_path / "nowhere")


def test_a_mirror_that_sends_without_end_is_cut_off(
    home: Path, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endless:
        headers: dict[str, str] = {}  # noqa: RUF012 (read only)
        sent = 0

        def __enter__(self) -> "Endless":
            return self

        def __exit__(self, *_: object) -> None: ...

        def read(self, size: int) -> bytes:
            Endless.sent += size
            return bytes(size)

    monkeypatch.setattr(fetch, "open_url", lambda _url: Endless())
    with pytest.raises(mnist.DataError, match="larger than the file can be"):
        mnist.maybe_download("tiny")
    assert Endless.sent <= 2 * (2 * fetch.CHUNK + mnist.PACKING)
    assert list(home.iterdir()) == []


def test_a_connection_lost_halfway_leaves_nothing_behind(
    home: Path, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reset(_self: object, _size: int) -> bytes:
        raise ConnectionResetError(errno.ECONNRESET, "reset by peer")

    mirrors.serve(FIRST, GOOD)
    monkeypatch.setattr("tests.data.tiny.Response.read", reset, raising=False)
    with pytest.raises(mnist.DataError, match="reset by peer"):
        mnist.maybe_download("tiny")
    assert list(home.iterdir()) == []


def test_a_full_disk_is_one_sentence_and_leaves_nothing_behind(
    home: Path, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    mirrors.serve(FIRST, GOOD)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(mnist.DataError, match=r"No space left.*EXPLORER_DATA"):
        mnist.maybe_download("tiny")
    assert list(home.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_sentence(home: Path, mirrors: Mirrors) -> None:
    home.parent.write_text("a file where the folder should be")
    with pytest.raises(mnist.DataError, match=r"cannot be stored in .*EXPLORER_DATA"):
        mnist.maybe_download("tiny")


def test_a_progress_callback_that_raises_stops_the_fetch_cleanly(
    home: Path, mirrors: Mirrors
) -> None:
    def stop(_name: str, done: int, _total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    mirrors.serve(FIRST, GOOD)
    with pytest.raises(KeyboardInterrupt):
        mnist.maybe_download("tiny", stop)
    assert list(home.iterdir()) == []


def test_what_a_killed_process_left_is_tidied_up_after_a_day(home: Path, mirrors: Mirrors) -> None:
    write(home, {f".{IMAGES}.old.part": b"half", f".{IMAGES}.new.part": b"half"})
    long_ago = time.time() - 2 * fetch.ABANDONED
    os.utime(home / f".{IMAGES}.old.part", (long_ago, long_ago))
    mirrors.serve(FIRST, GOOD)
    mnist.maybe_download("tiny")
    assert {path.name for path in home.iterdir()} == {*GOOD, f".{IMAGES}.new.part"}


CHILD = """
import os, sys
from pathlib import Path
from explorer.data import fetch, mnist
from tests.data import tiny

mode, meeting = sys.argv[1], Path(sys.argv[2])
mnist.DATASETS["tiny"] = tiny.DATASET
mirrors = tiny.Mirrors()
mirrors.serve(tiny.FIRST, tiny.GOOD)
fetch.open_url = mirrors.open

def meet(name, done, total):
    # Both processes hold a temporary file of the same data file when either goes on.
    if mode == "die" and done:
        os._exit(9)
    if mode == "meet" and done:
        (meeting / f"{name}.{os.getpid()}").touch()
        while len(list(meeting.glob(f"{name}.*"))) < 2:
            pass

folder = mnist.maybe_download("tiny", meet)
print(mnist.read_mnist(folder)[0].sum())
"""


def _start(mode: str, home: Path, meeting: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, mode, str(meeting)],
        cwd=ROOT,
        env=os.environ | {"EXPLORER_DATA": str(home.parent), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_that_fetch_at_once_do_no_harm(home: Path, tmp_path: Path) -> None:
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    both = [_start("meet", home, meeting) for _ in range(2)]
    try:
        answers = [process.communicate(timeout=60)[0] for process in both]
    finally:
        for process in both:
            process.kill()
            process.wait()
    assert [process.returncode for process in both] == [0, 0]
    assert answers == [f"{ARRAYS[IMAGES].sum()}\n"] * 2
    assert len(list(meeting.iterdir())) == 2 * len(GOOD)
    assert {path.name: path.read_bytes() for path in home.iterdir()} == GOOD


def test_a_process_killed_while_it_fetches_leaves_no_half_file(home: Path, tmp_path: Path) -> None:
    first = _start("die", home, tmp_path)
    first.communicate(timeout=60)
    assert first.returncode == 9
    assert not any((home / name).exists() for name in GOOD)
    second = _start("go", home, tmp_path)
    second.communicate(timeout=60)
    assert second.returncode == 0
    assert all((home / name).read_bytes() == body for name, body in GOOD.items())
