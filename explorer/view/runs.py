"""All runs: in a table, to choose from, and what can be done with the one that is shown."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pandas as pd
import streamlit as st

if TYPE_CHECKING:
    from explorer.training.records import Run

ROWS = 8
"""Rows that the table shows before it scrolls."""


def title(run: "Run") -> str:
    """A run in one line of a list, which stays the same while it goes on."""
    return f"{run.name} · {run.id}"


def pickers(
    runs: Sequence["Run"],
    shown: "Run",
    over: Sequence["Run"],
    most: int,
    show: Callable[[str], None],
    overlay: Callable[[list[str]], None],
) -> None:
    """Draw the choice of the run that is shown, and of those that are laid over it.

    Args:
        runs: newest first.
        shown: the run that is shown.
        over: those that are laid over it.
        most: at most so many.
        show, overlay: called with what was chosen.
    """
    known = {run.id: title(run) for run in (*runs, shown, *over)}
    others = [run for run in known if run != shown.id]
    # A list hands back what it shows: whenever that changes it is another list.
    here = crc32(repr((shown.id, [run.id for run in over], known)).encode())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Run",
            list(known),
            index=list(known).index(shown.id),
            format_func=known.__getitem__,
            key=f"shown-{here}",
            on_change=lambda: show(st.session_state[f"shown-{here}"]),
        )
        if others:
            st.multiselect(
                "Lay over it",
                others,
                default=[run.id for run in over],
                format_func=known.__getitem__,
                max_selections=most,
                key=f"over-{here}",
                placeholder="Other runs, to compare",
                on_change=lambda: overlay(st.session_state[f"over-{here}"]),
            )


def table(runs: Sequence["Run"]) -> None:
    """Draw all runs with their figures."""
    frame = pd.DataFrame(
        {
            "Run": [run.name for run in runs],
            "State": [run.state.value for run in runs],
            "Test accuracy": [_percent(run.test_accuracy) for run in runs],
            "Loss": [run.loss for run in runs],
            "Step": [f"{run.step:,} / {run.steps:,}" for run in runs],
            "Trained": [run.seconds for run in runs],
            "Images/s": [run.images_per_second for run in runs],
            "Begun": pd.to_datetime([run.created for run in runs], unit="s", utc=True),
            "Link": [f"/train?run={run.id}" for run in runs],
        }
    )
    columns: dict[str, Any] = {
        "Test accuracy": st.column_config.NumberColumn(format="%.2f %%"),
        "Loss": st.column_config.NumberColumn(format="%.3g", help="Of the last batch."),
        "Trained": st.column_config.NumberColumn(format="%.1f s", help="Seconds of training."),
        "Images/s": st.column_config.NumberColumn(format="%d"),
        "Begun": st.column_config.DatetimeColumn(format="calendar"),
        "Link": st.column_config.LinkColumn(display_text="open"),
    }
    height: Any = "content" if len(runs) <= ROWS else 35 * (ROWS + 1)
    st.dataframe(frame, hide_index=True, column_config=columns, height=height, key="all-runs")


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def actions(
    run: "Run",
    csv: Callable[[], bytes],
    rename: Callable[[str, str], None],
    delete: Callable[[str], None],
    use: Callable[[str], None] | None,
) -> None:
    """Draw what can be done with the run that is shown.

    Args:
        run: the run.
        csv: makes its curves as a table, when they are asked for.
        rename: called with its id and another name.
        delete: called with its id, after the person was asked.
        use: makes its network that of the other pages; None where it has none yet.
    """
    key = f"name-{run.id}-{run.name}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name of the run",
            run.name,
            key=key,
            max_chars=80,
            width=320,
            on_change=lambda: rename(run.id, st.session_state[key]),
        )
        st.download_button(
            "CSV",
            csv,
            file_name=f"run-{run.id}.csv",
            mime="text/csv",
            icon=":material/download:",
            help="Every step, and the evaluations in columns of their own.",
            on_click="ignore",
            key=f"csv-{run.id}",
        )
        if use:
            st.button(
                "Use this network",
                icon=":material/output:",
                help="Makes it the network of every other page, as it was last kept.",
                on_click=use,
                args=(run.id,),
                key=f"use-{run.id}",
            )
        live = run.state.value in ("running", "paused")
        if not live and st.button("Delete …", icon=":material/delete:", key=f"delete-{run.id}"):
            _ask(run, delete)


@st.dialog("Delete this run?")
def _ask(run: "Run", delete: Callable[[str], None]) -> None:
    st.text(run.name)
    st.markdown(
        f"Its {run.step:,} steps, its kernels and its checkpoints are deleted. This cannot be "
        "undone."
    )
    with st.container(horizontal=True):
        sure: dict[str, Any] = {"on_click": delete, "args": (run.id,), "key": "really-delete"}
        if st.button("Delete", type="primary", **sure):
            st.rerun()
        if st.button("Keep it", key="keep"):
            st.rerun()
