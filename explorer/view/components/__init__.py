"""The parts of a page that Streamlit has no widget for, each a .py with its .js and .css beside it.

From a checkout Streamlit takes a script as a string, read once, at import. It is one module: the
constants that Python and JavaScript share, the palette's tables, `common.js`, the parts that a
component names, and its own file, which exports the function that Streamlit calls.
"""

import base64
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from explorer.view.palette import TABLES, Kind

_FOLDER = Path(__file__).parent
_COMMENT = re.compile(r"\s*(//|/\*\*|\* |\*/|$)")
"""A line of a script that is nothing but comment, or nothing at all."""


class Assets(NamedTuple):
    """The script and the style sheet of one component."""

    js: str
    css: str


def assets(name: str, *parts: str, kinds: Iterable[Kind] = TABLES, **constants: object) -> Assets:
    """Read the files of a component, without their comments: they travel with every update.

    Args:
        name: of the component's own .js and .css.
        parts: further scripts, in front of its own.
        kinds: the palette's tables that it uses.
        constants: JavaScript `const`s of the same names.
    """
    tables = {
        kind: {
            theme: base64.b64encode(table.tobytes()).decode()
            for theme, table in TABLES[kind]._asdict().items()
        }
        for kind in kinds
    }
    prelude = {"PALETTES": tables, **constants}
    lines = [f"const {key} = {json.dumps(value)};" for key, value in prelude.items()]
    for file in ("common", *parts, name):
        script = (_FOLDER / f"{file}.js").read_text(encoding="utf-8")
        lines += [line for line in script.splitlines() if not _COMMENT.match(line)]
    css = (_FOLDER / f"{name}.css").read_text(encoding="utf-8")
    return Assets("\n".join(lines), css)
