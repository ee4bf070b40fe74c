"""The data sets: found, fetched, decoded, and the same for everybody in the process."""

import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request

import numpy as np
import pytest

from explorer.data import fetch, mnist
from tests.data.tiny import (
    ARRAYS,
    FIRST,
    GOOD,
    SECOND,
    Mirrors,
    home,
    mirrors,
    write,
)

__all__ = ["home", "mirrors"]  # fixtures: pytest finds them by name

DEBIAN = Path("/usr/share/datasets")


def test_packaged_mnist_is_complete_and_needs_no_network(
    mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "none"))
    folder = mnist.maybe_download()
    arrays = mnist.read_mnist(folder)
    assert [a.shape for a in arrays] == [(60_000, 28, 28), (60_000,), (10_000, 28, 28), (10_000,)]
    assert all(a.dtype == np.uint8 and not a.flags.writeable for a in arrays)
    assert arrays[1][:5].tolist() == [5, 0, 4, 1, 9]
    assert arrays[3][:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(arrays[3]).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert folder == mnist.PACKAGED / "mnist"
    assert not (tmp_path / "none").exists()
    assert mirrors.asked == []


def test_the_pinned_sums_stand_beside_the_packaged_files() -> None:
    readme = (mnist.PACKAGED / "mnist" / "README.md").read_text(encoding="utf-8")
    for file in mnist.DATASETS["mnist"].files:
        assert f"`{file.name}`" in readme
        assert f"`{file.sha256}`" in readme


@pytest.mark.skipif(
    not (DEBIAN / "fashion-mnist").is_dir(), reason="needs Debian's dataset-fashion-mnist"
)
def test_fashion_mnist_comes_through_the_same_door(
    mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(DEBIAN))
    folder = mnist.maybe_download("fashion-mnist")
    arrays = mnist.read_mnist(folder)
    assert [a.shape for a in arrays] == [(60_000, 28, 28), (60_000,), (10_000, 28, 28), (10_000,)]
    assert np.bincount(arrays[1]).tolist() == [6000] * 10
    assert mnist.class_names("fashion-mnist")[arrays[1][0]] == "Ankle boot"
    assert mirrors.asked == []


@pytest.mark.parametrize("name", ["", "MNIST", "../mnist", "cifar"])
@pytest.mark.parametrize("door", [mnist.maybe_download, mnist.test_set, mnist.class_names])
def test_an_unknown_name_is_refused_with_the_choices(door, name: str) -> None:
    with pytest.raises(ValueError, match="choose one of mnist, fashion-mnist"):
        door(name)


@pytest.mark.parametrize("name", mnist.DATASETS)
def test_ten_classes_and_https_mirrors_only(name: str) -> None:
    data = mnist.DATASETS[name]
    assert len(set(data.classes)) == 10
    assert len(data.mirrors) > 1
    assert all(url.startswith("https://") and url.endswith("/") for url in data.mirrors)


def test_the_users_folder_comes_first(home: Path, mirrors: Mirrors) -> None:
    write(mnist.PACKAGED / "tiny", GOOD)
    assert mnist.maybe_download("tiny") == mnist.PACKAGED / "tiny"
    write(home, GOOD)
    assert mnist.maybe_download("tiny") == home
    assert mirrors.asked == []


def test_a_missing_set_is_fetched_once_into_the_users_folder(home: Path, mirrors: Mirrors) -> None:
    mirrors.serve(FIRST, GOOD)
    assert mnist.maybe_download("tiny") == home
    assert mnist.maybe_download("tiny") == home
    assert mirrors.asked == [FIRST + name for name in GOOD]
    assert {path.name: path.read_bytes() for path in home.iterdir()} == GOOD
    for got, wanted in zip(mnist.read_mnist(home), ARRAYS.values(), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_the_second_mirror_is_asked_where_the_first_fails(home: Path, mirrors: Mirrors) -> None:
    mirrors.serve(SECOND, GOOD)
    mnist.maybe_download("tiny")
    assert mirrors.asked == [mirror + name for name in GOOD for mirror in (FIRST, SECOND)]


def test_only_what_lacks_is_fetched(home: Path, mirrors: Mirrors) -> None:
    lacking = "train-labels-idx1-ubyte.gz"
    write(home, {name: body for name, body in GOOD.items() if name != lacking})
    mirrors.serve(FIRST, GOOD)
    mnist.maybe_download("tiny")
    assert mirrors.asked == [FIRST + lacking]


def test_progress_names_the_file_and_ends_at_its_size(home: Path, mirrors: Mirrors) -> None:
    mirrors.serve(FIRST, GOOD)
    heard: list[tuple[str, int, int | None]] = []
    mnist.maybe_download("tiny", lambda *news: heard.append(news))
    for name, body in GOOD.items():
        size = len(body)
        assert [news for news in heard if news[0] == name] == [(name, 0, size), (name, size, size)]


def test_progress_is_a_line_on_a_terminal_and_silent_elsewhere(
    home: Path, mirrors: Mirrors, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    mirrors.serve(FIRST, GOOD)
    mnist.maybe_download("tiny")
    assert capsys.readouterr().err == ""
    (home / "t10k-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    mnist.maybe_download("tiny")
    said = capsys.readouterr().err
    assert said.endswith("\rt10k-labels-idx1-ubyte.gz: 0.0 of 0.0 MB\n")
    assert said.count("\n") == 1


def test_the_test_set_is_one_pair_that_nobody_can_write(home: Path, mirrors: Mirrors) -> None:
    mirrors.serve(FIRST, GOOD)
    images, labels = mnist.test_set("tiny")
    assert mirrors.asked == [FIRST + name for name in list(GOOD)[2:]]
    np.testing.assert_array_equal(images, ARRAYS["t10k-images-idx3-ubyte.gz"])
    np.testing.assert_array_equal(labels, ARRAYS["t10k-labels-idx1-ubyte.gz"])
    assert images.flags.c_contiguous
    assert mnist.test_set("tiny")[0] is images
    for array in (images, labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True


def test_a_file_is_decoded_once_for_its_check(
    home: Path, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, GOOD)
    mnist.maybe_download("tiny")
    decoded: list[Path] = []
    monkeypatch.setattr(mnist, "_decode", lambda path, _file: decoded.append(path))
    mnist.maybe_download("tiny")
    assert decoded == []


def test_the_loader_starts_without_torch_and_streamlit() -> None:
    code = "import explorer.data.mnist, sys; print({'torch', 'streamlit'} & set(sys.modules))"
    root = Path(__file__).parents[2]
    answer = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert answer.stdout == "set()\n", answer.stderr


def test_the_users_folder_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    assert mnist.data_folder() == tmp_path
    monkeypatch.setenv("EXPLORER_DATA", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert mnist.data_folder() == tmp_path / "xdg" / "cnn-explorer"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert mnist.data_folder() == tmp_path / "me" / ".local" / "share" / "cnn-explorer"


@pytest.mark.parametrize(
    "url", ["http://first.example/a.gz", "ftp://first.example/a.gz", "file:///etc/passwd"]
)
def test_an_address_that_is_not_https_is_never_opened(url: str) -> None:
    with pytest.raises(URLError, match="not HTTPS"):
        fetch.open_url(url)


def test_a_redirect_is_followed_to_https_only() -> None:
    request = Request("https://first.example/a.gz")
    follow = fetch.HttpsRedirects().redirect_request
    ahead = follow(request, None, 302, "Found", {}, "https://other.example/a.gz")
    assert ahead.full_url == "https://other.example/a.gz"
    for url in ("http://other.example/a.gz", "ftp://other.example/a.gz", "file:///a.gz"):
        with pytest.raises(URLError, match="not HTTPS"):
            follow(request, None, 302, "Found", {}, url)
