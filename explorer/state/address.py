"""What the page's address says, and whether that is news.

What a page shows is kept in the session, and the address follows it: settings, a drawing, a test
image, a kernel. The address leads only where it is *news*: on the first run of a page, and when it
is neither what it was in the run before nor what the app itself asked for. Then a person has
followed a link or gone back in the history; what only redraws a panel brings no news, its message
may have left the browser before the address was changed.

Someone who comes from another page finds an address without any words: what the session keeps is
then in force, and the address is told so. That must add nothing to the history, or the back button
would stop at each page twice; so it is *owed*, until :func:`settle` hands it to the browser.
"""

from collections.abc import Iterable, Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.view.components import address_bar

_VISIT, _WANTED = "address visit", "address wanted"


def news(*names: str, partly: bool = False) -> dict[str, str] | None:
    """What the address says of ``names`` ("" for nothing), or None where that is no news.

    On coming from another page it is news only where it says something. Ask once in a run: the
    answer is then remembered as seen.

    Args:
        names: query parameters that belong together.
        partly: on coming from another page, leave out those of which the address says nothing.
    """
    context = get_script_run_ctx()
    memory, here = _memory(names), visit()
    seen, wanted = st.session_state.get(memory, (None,)), st.session_state.get(f"{memory} asked")
    arrived = seen[0] != here
    if context and context.fragment_ids_this_run and not arrived:
        return None
    said = {name: st.query_params.get(name, "") for name in names}
    st.session_state[memory] = (here, said)
    named = {name: word for name, word in said.items() if word}
    went_back = context is not None and context.is_history_navigation
    known = said == wanted or (said == seen[-1] and not went_back)
    if (arrived and not named) or (not arrived and known):
        return None
    owe(said)
    return named if arrived and partly else said


def say(words: Mapping[str, str]) -> None:
    """Make the address say ``words``, "" to take one away; a new entry in the history."""
    owe(words)
    now = st.query_params.to_dict()
    if any(now.get(name, "") != word for name, word in words.items()):
        wanted = now | owed()
        st.query_params.from_dict({name: word for name, word in wanted.items() if word})


def owe(words: Mapping[str, str]) -> None:
    """Have the address say ``words``, "" to take one away, without a new entry in the history.

    It is paid by :func:`settle` or by the next :func:`say`.
    """
    st.session_state[f"{_memory(words)} asked"] = dict(words)
    _wanted().update(words)


def owed() -> dict[str, str]:
    """The words that the address should say and does not, as far as is known."""
    words = _wanted().items()
    return {name: word for name, word in words if st.query_params.get(name, "") != word}


def settle() -> None:
    """Hand the browser what is owed; at the end of a page's run."""
    if words := owed():
        address_bar.show(words)


def _wanted() -> dict[str, str]:
    """All that the address of this page should say, as far as the app leads."""
    visit()
    wanted: dict[str, str] = st.session_state[_WANTED]
    return wanted


def visit() -> int:
    """How many pages were opened before this one; what the last page wanted is forgotten."""
    context = get_script_run_ctx()
    page = context.page_script_hash if context else ""
    last, count = st.session_state.get(_VISIT, (None, -1))
    if page != last:
        count += 1
        st.session_state[_VISIT] = (page, count)
        st.session_state[_WANTED] = {}
    return int(count)


def _memory(names: Iterable[str]) -> str:
    return f"address {' '.join(sorted(names))}"
