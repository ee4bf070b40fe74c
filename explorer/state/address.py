"""What the page's address says, and whether that is news.

Some of what stands in the address is no widget's value: a drawing, a test image, a kernel. It is
kept in the session, and the address follows it. The address leads only where it is *news*: when it
is neither what it was in the run before nor what the app itself asked for. Then a person has
followed a link or gone back in the history.
"""

from collections.abc import Mapping

import streamlit as st


def news(*names: str) -> dict[str, str] | None:
    """What the address says of ``names`` ("" for nothing), or None where that is no news.

    Ask once in a run: the answer is then remembered as seen.
    """
    said = {name: st.query_params.get(name, "") for name in names}
    memory = _memory(names)
    seen, st.session_state[memory] = st.session_state.get(memory), said
    return None if said in (seen, st.session_state.get(f"{memory} asked")) else said


def asked(words: Mapping[str, str]) -> None:
    """Remember that the browser was asked to make the address say ``words``."""
    st.session_state[f"{_memory(tuple(words))} asked"] = dict(words)


def say(words: Mapping[str, str]) -> None:
    """Make the address say ``words``, "" to take one away; a new entry in the history."""
    asked(words)
    for name, value in words.items():
        if not value:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value


def _memory(names: tuple[str, ...]) -> str:
    return f"address {' '.join(sorted(names))}"
