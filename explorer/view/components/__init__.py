"""The parts of a page that Streamlit has no widget for, each a .py with its .js and .css beside it.

From a checkout Streamlit takes a script as a string, read once, at import. It is one module: the
constants that Python and JavaScript share, the palette's tables, `common.js`, the parts that a
component names, and its own file, which exports the function that Streamlit calls.
"""

import base64
import json
from pathlib import Path
from typing import NamedTuple

from explorer.view.palette import TABLES

_FOLDER = Path(__file__).parent


class Assets(NamedTuple):
    """The script and the style sheet of one component."""

    js: str
    css: str


def assets(name: str, *parts: str, **constants: object) -> Assets:
    """Read the files of a component; the constants become JavaScript `const`s of the same names."""
    tables = {
        kind: {
            theme: base64.b64encode(table.tobytes()).decode()
            for theme, table in both._asdict().items()
        }
        for kind, both in TABLES.items()
    }
    prelude = {"PALETTES": tables, **constants}
    lines = [f"const {key} = {json.dumps(value)};" for key, value in prelude.items()]
    scripts = [
        (_FOLDER / f"{file}.js").read_text(encoding="utf-8") for file in ("common", *parts, name)
    ]
    css = (_FOLDER / f"{name}.css").read_text(encoding="utf-8")
    return Assets("\n".join([*lines, *scripts]), css)
