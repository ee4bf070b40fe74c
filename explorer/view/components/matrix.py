"""A table of numbers whose cells are coloured by their size; a cell may be chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from explorer.view.components import assets

Cell = tuple[int, int]

_HTML = """
<div class="head"><strong data-part="label"></strong> <span data-part="text"></span></div>
<div class="frame" data-part="frame" tabindex="-1"><table data-part="table"></table></div>
"""

_assets = assets("matrix")
_component = st.components.v2.component(
    "cnn_explorer.matrix", html=_HTML, css=_assets.css, js=_assets.js
)


def read(*, key: str, shape: Cell) -> Cell | None:
    """The (row, column) that was chosen last by hand, or None."""
    return _chosen(st.session_state.get(key), shape)


def show(
    values: ArrayLike,
    *,
    key: str,
    rows: Sequence[str],
    columns: Sequence[str],
    texts: Sequence[Sequence[str]],
    row_name: str,
    column_name: str,
    alt: str,
    label: str = "",
    text: str = "",
    selectable: bool = False,
    strong: Sequence[Cell] = (),
    newest: bool = False,
) -> Cell | None:
    """Show the table -> the (row, column) of the chosen cell, or None.

    Args:
        values: ``(rows, columns)`` in [0, 1]: how strongly each cell is coloured.
        key: identity of the table.
        rows, columns: what they are called.
        texts: what stands in each cell.
        row_name, column_name: what the rows and the columns are.
        alt: what the table shows, in one sentence.
        label, text: a heading, and what follows it.
        selectable: whether a cell can be chosen.
        strong: cells whose text is bold.
        newest: whether the last columns come into sight where not all have room.
    """
    array = np.clip(np.asarray(values, np.float64), 0, 1)
    if array.shape != (len(rows), len(columns)) or not np.isfinite(array).all():
        raise ValueError(f"values must be finite, ({len(rows)}, {len(columns)}): {array.shape}")
    data = {
        "values": [[round(float(cell), 3) for cell in row] for row in array],
        "texts": [[str(cell) for cell in row] for row in texts],
        "rows": [str(name) for name in rows],
        "columns": [str(name) for name in columns],
        "rowName": row_name,
        "columnName": column_name,
        "alt": alt,
        "label": label,
        "text": text,
        "selectable": selectable,
        "newest": newest,
        "strong": [[int(row), int(column)] for row, column in strong],
    }
    raw = _component(key=key, data=data, on_chosen_change=lambda: None)
    return _chosen(raw, (len(rows), len(columns)))


def _chosen(state: object, shape: Cell) -> Cell | None:
    chosen: Any = state.get("chosen") if isinstance(state, Mapping) else None
    if not isinstance(chosen, Mapping):
        return None
    row, column = chosen.get("row"), chosen.get("column")
    if type(row) is not int or type(column) is not int:
        return None
    return (row, column) if 0 <= row < shape[0] and 0 <= column < shape[1] else None
