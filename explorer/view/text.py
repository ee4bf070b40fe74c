"""The prose of the pages, kept in ``explorer/text/<page>.md``.

A page's file is one title (``# …``), its lead (two sentences, shown beside nothing but the
title), and sections (``## …``). *What you are looking at* and *Try this* end every page; a section
of another name is for the page itself to place. *Try this* is a list of experiments; what follows
``→`` in an item is the outcome, shown only when the reader asks, so that they can predict first.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).resolve().parent.parent / "text"
LOOKING_AT = "What you are looking at"
TRY_THIS = "Try this"


@dataclass(frozen=True)
class Prose:
    """One page's text, taken apart."""

    title: str
    lead: str
    sections: dict[str, str] = field(default_factory=dict)

    def experiments(self) -> list[tuple[str, str]]:
        """The items of *Try this*: what to do, and what comes of it."""
        items = self.sections.get(TRY_THIS, "").split("\n- ")
        pairs = (" ".join(item.removeprefix("- ").split()).partition(" → ") for item in items)
        return [(task, outcome) for task, _, outcome in pairs if task]


@cache
def prose(page: str) -> Prose:
    """The text of ``page``; FileNotFoundError where it has none."""
    head, *parts = (FOLDER / f"{page}.md").read_text(encoding="utf-8").split("\n## ")
    title, _, lead = head.removeprefix("# ").partition("\n")
    sections = {}
    for part in parts:
        name, _, body = part.partition("\n")
        sections[name.strip()] = body.strip()
    return Prose(title.strip(), lead.strip(), sections)


def head(page: str) -> None:
    """Title and lead, in the first screen of every page."""
    text = prose(page)
    st.title(text.title, anchor=False)
    st.markdown(text.lead)


def section(page: str, name: str) -> None:
    """One section under its own heading."""
    st.subheader(name, anchor=False)
    st.markdown(prose(page).sections[name])


def foot(page: str) -> None:
    """What there is to see, then the experiments with their hidden outcomes."""
    text = prose(page)
    section(page, LOOKING_AT)
    experiments = text.experiments()
    if experiments:
        st.subheader(TRY_THIS, anchor=False)
        for task, outcome in experiments:
            with st.container(border=True):
                st.markdown(task)
                with st.expander("What happens?"):
                    st.markdown(outcome)
