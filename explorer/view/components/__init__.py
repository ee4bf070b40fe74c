"""The parts of a page that Streamlit has no widget for, each a .py with its .js and .css beside it.

From a checkout Streamlit takes a script as a string, read once, at import. It is one module: the
constants that Python and JavaScript share, the palette's tables, `common.js`, the parts that a
component names, and its own file, which exports the function that Streamlit calls. Its style sheet
is `common.css` and its own.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from explorer.view.palette import TABLES, Kind

_FOLDER = Path(__file__).parent


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
        lines += _without_comments(script)
    styles = [(_FOLDER / f"{file}.css").read_text(encoding="utf-8") for file in ("common", name)]
    return Assets("\n".join(lines), "\n".join(styles))


def _without_comments(script: str) -> Iterator[str]:
    """The lines of a script but those that are empty or wholly within a comment."""
    inside = False
    for line in script.splitlines():
        bare = line.strip()
        opens = bare.startswith("/*")
        if not (inside or opens or bare.startswith("//") or not bare):
            yield line
        inside = (inside or opens) and "*/" not in bare
