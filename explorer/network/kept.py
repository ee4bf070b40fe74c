"""Networks that somebody edited and kept: one safetensors file each in the data folder.

The file is called by a random key, never by the name that a person typed, which stands in its
header beside the description of the network. What is read from the folder is not trusted: a file
that is too large, damaged, or does not fit its own description is as good as none.
"""

import os
import re
import secrets
import tempfile
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from explorer.data.mnist import data_folder
from explorer.data.names import one_line
from explorer.network.architecture import CNN, MAX_PARAMETERS, Network

MAX_KEPT = 100
MAX_TITLE = 60
MAX_BYTES = 4 * MAX_PARAMETERS + (1 << 20)
_KEY = re.compile(r"kept-[0-9a-f]{12}")


def is_key(key: str) -> bool:
    """Whether ``key`` has the form of a kept network's key."""
    return _KEY.fullmatch(key) is not None


def keep(model: CNN, title: str) -> str:
    """Write a network to the data folder, and return its key.

    Args:
        model: any network; its weights are copied.
        title: what a person calls it; it is put on one line and cut to 60 characters.

    Raises:
        ValueError: the title is empty, there are a hundred already, or the folder cannot be
            written; one sentence says so.
    """
    title = clean(title)
    if not title:
        raise ValueError("Give the network a name to keep it under.")
    if len(titles()) >= MAX_KEPT:
        raise ValueError(f"{MAX_KEPT} networks are kept already: forget one of them first.")
    key = f"kept-{secrets.token_hex(6)}"
    header = {"title": title, "network": model.network.to_json()}
    tensors = {name: value.detach().contiguous() for name, value in model.state_dict().items()}
    try:
        folder().mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=folder(), suffix=".part")
        os.close(handle)
        try:
            save_file(tensors, part, header)
            Path(part).replace(_path(key))
        finally:
            Path(part).unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        raise ValueError("The network could not be written to the data folder.") from error
    return key


def titles() -> dict[str, str]:
    """Key to title of every network that is kept, by title."""
    found = {}
    for path in folder().glob("kept-*.safetensors"):
        if is_key(path.stem):
            try:
                found[path.stem] = _header(path)[0]
            except ValueError:
                continue
    return dict(sorted(found.items(), key=lambda item: (item[1].casefold(), item[0])))


def load(key: str) -> CNN:
    """A kept network, in evaluation mode.

    Raises:
        ValueError: none is kept under this key, or its file is damaged.
    """
    if not is_key(key):
        raise ValueError(f"no network is kept as {key[:40]!r}")
    _, network = _header(_path(key))
    model = network.build()
    try:
        model.load_state_dict(load_file(_path(key)))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ValueError(f"the file of {key} is damaged") from error
    return model.eval()


def forget(key: str) -> None:
    """Delete a kept network; nothing happens where there is none."""
    if is_key(key):
        _path(key).unlink(missing_ok=True)


def clean(title: str) -> str:
    """A title as it is kept."""
    return one_line(title, MAX_TITLE)


def folder() -> Path:
    """Where kept networks are."""
    return data_folder() / "networks"


def _path(key: str) -> Path:
    return folder() / f"{key}.safetensors"


def _header(path: Path) -> tuple[str, Network]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"{path.name} is too large")
        with safe_open(path, framework="pt") as file:
            said = file.metadata() or {}
        network = Network.from_json(said["network"])
        title = clean(said["title"])
    except (OSError, SafetensorError, KeyError) as error:
        raise ValueError(f"{path.name} is no kept network") from error
    return title or path.stem, network
