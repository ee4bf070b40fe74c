"""The parts of a page that Streamlit has no widget for, each a .py with its .js and .css beside it.

From a checkout Streamlit takes a script and a style sheet as strings, and sends them again with
every update of the component. What a component registers is therefore only `loader.js`, a few
lines; the code itself, of all components together, travels once a page, as the component that
:func:`install` shows. There, a component's code is one function scope: the constants that Python
and JavaScript share, `common.js`, the parts that it names, and its own file, which exports the
function that Streamlit calls. Its style sheet is `common.css`, those of `sheets/` that it
names, and its own.
"""

import base64
import hashlib
import json
import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from explorer.view.palette import TABLES

_FOLDER = Path(__file__).parent
_EXPORT = "export default function"
_HIDDEN = ":host { visibility: hidden; }"
"""Until the code is there, and with it the style sheet, nothing is shown rather than bare HTML."""

_code: dict[str, str] = {}


class Assets(NamedTuple):
    """The script and the style sheet that travel with each update of one component."""

    js: str
    css: str


def assets(name: str, *parts: str, sheets: Sequence[str] = (), **constants: object) -> Assets:
    """Read the files of a component, without their comments, for :func:`install` to send.

    Args:
        name: of the component's own .js and .css.
        parts: further scripts, in front of its own.
        sheets: style sheets that it shares with others, in ``sheets/``, in front of its own.
        constants: JavaScript `const`s of the same names.
    """
    lines = [f"const {key} = {json.dumps(value)};" for key, value in constants.items()]
    for file in ("common", *parts, name):
        lines += _without_comments(_read(f"{file}.js"))
    script = "\n".join(lines)
    if script.count(_EXPORT) != 1:
        raise ValueError(f"{name}.js must export one function, as {_EXPORT!r}")
    script = script.replace(_EXPORT, "const entry = function")
    files = ("common", *(f"sheets/{shared}" for shared in sheets), name)
    sheet = "\n".join(_read(f"{file}.css") for file in files)
    # A page that is open while the app is updated must not run old code with new data.
    version = f"{name}-{hashlib.sha256((script + sheet).encode()).hexdigest()[:12]}"
    _code[version] = (
        f"add({json.dumps(version)}, {json.dumps(sheet)}, () => {{\n{script}\nreturn entry;\n}});"
    )
    loader = "\n".join(_without_comments(_read("loader.js")))
    return Assets(loader.replace("VERSION", json.dumps(version)), _HIDDEN)


def install() -> None:
    """Send the code of all components to the page; once in a run, anywhere on the page."""
    _installer()(key="code")


@cache
def _installer() -> Any:
    for module in pkgutil.iter_modules([str(_FOLDER)]):
        import_module(f"{__name__}.{module.name}")
    tables = {
        kind: {
            theme: base64.b64encode(table.tobytes()).decode()
            for theme, table in themes._asdict().items()
        }
        for kind, themes in TABLES.items()
    }
    lines = [
        f"const PALETTES = {json.dumps(tables)};",
        *_without_comments(_read("install.js")),
        *_code.values(),
    ]
    return st.components.v2.component("cnn_explorer.code", js="\n".join(lines))


def _read(file: str) -> str:
    return (_FOLDER / file).read_text(encoding="utf-8")


def _without_comments(script: str) -> Iterator[str]:
    """The lines of a script but those that are empty or wholly within a comment."""
    inside = False
    for line in script.splitlines():
        bare = line.strip()
        opens = bare.startswith("/*")
        if not (inside or opens or bare.startswith("//") or not bare):
            yield line
        inside = (inside or opens) and "*/" not in bare
