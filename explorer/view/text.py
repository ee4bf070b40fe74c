"""The prose of the pages, kept in ``explorer/text/<page>.md``.

A page's file is one title (``# …``), its lead (two sentences, shown beside nothing but the
title), and sections (``## …``). *What you are looking at* and *Try this* end every page; a section
of another name is for the page itself to place. *Try this* is a list of experiments; what follows
``→`` in an item is the outcome, shown only when the reader asks, so that they can predict first.
"""

import re
from collections.abc import Callable
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
    _heading(st.title, text.title)
    st.markdown(text.lead)


def section(page: str, name: str) -> None:
    """One section under its own heading."""
    _heading(st.subheader, name)
    st.markdown(prose(page).sections[name])


def foot(page: str) -> None:
    """What there is to see, then the experiments with their hidden outcomes.

    It is one element: Streamlit's client renders every element of a page anew whenever anything
    on it changes, and a page of many elements is a page that answers late.
    """
    text = prose(page)
    parts = [f"### {LOOKING_AT}", text.sections[LOOKING_AT]]
    experiments = text.experiments()
    if experiments:
        parts += [f"### {TRY_THIS}"]
    for task, outcome in experiments:
        parts += [_CARD, task, "<details><summary>What happens?</summary>", outcome]
        parts += ["</details></div>"]
    st.markdown("\n\n".join(parts), unsafe_allow_html=True)


_CARD = (
    '<div style="border:1px solid color-mix(in srgb, currentColor 20%, transparent);'
    'border-radius:0.5rem;padding:1rem 1rem 0.5rem;margin-bottom:1rem">'
)


def _heading(show: Callable[..., object], title: str) -> None:
    """With an anchor of its own: Streamlit's client works out a missing one at every update."""
    show(title, anchor=re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-"))
