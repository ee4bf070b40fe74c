"""What a run has to say reaches the browser in one burst, which renders it once.

Streamlit sends what a run has to say as it says it: that it began, that it is running, what it
draws, that it ended. The browser renders the page's whole tree for each of these that comes alone,
some 10 ms every time. That a run began is sent at once, and rendered while the run computes; the
rest waits until the run has ended, or until :data:`HOLD` is over. All of it arrives in its order,
but for a status that another one in the same burst takes back.

It takes the place of a method of a class that is Streamlit's own affair (1.67; `requirements.txt`
pins it).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession, AppSessionState

HOLD = 0.1
"""Seconds that messages wait for the end of their run; then they leave as they are."""


@dataclass
class Waiting:
    """The messages of a session that wait, in their order, and since when."""

    since: float
    messages: list[ForwardMsg] = field(default_factory=list)


_waiting: "WeakKeyDictionary[AppSession, Waiting]" = WeakKeyDictionary()
_unsent = AppSession.flush_browser_queue


def install() -> None:
    """Hold the messages of every session of this process from now on."""
    AppSession.flush_browser_queue = flush  # type: ignore[assignment, method-assign]


def flush(session: AppSession) -> list[ForwardMsg]:
    """The messages to send now; few or none while they wait for the rest of their run."""
    messages, before = _unsent(session), _waiting.pop(session, None)
    if not (messages or before):
        return []
    loop = asyncio.get_running_loop()
    waiting = before or Waiting(loop.time())
    waiting.messages += messages
    if not _goes_on(session, waiting.messages) or loop.time() - waiting.since >= HOLD:
        return _news(waiting.messages)
    _waiting[session] = waiting
    ready = waiting.messages[: _ready(waiting.messages)]
    del waiting.messages[: len(ready)]
    if ready or not before:
        waiting.since = loop.time()
        if session._message_enqueued_callback:  # asks for another look
            loop.call_later(HOLD, session._message_enqueued_callback)
    return _news(ready)


def _ready(messages: Sequence[ForwardMsg]) -> int:
    """How many messages need not wait: those of whole runs, and that the next one began."""
    kinds = [_kind(message) for message in messages]
    count = 0
    for i, (kind, message) in enumerate(zip(kinds, messages, strict=True), 1):
        if kind == _END and message.script_finished != _EARLY:
            count = i + (kinds[i : i + 1] == [_STATUS])
    return count + (kinds[count : count + 1] == ["new_session"])


def _news(messages: Sequence[ForwardMsg]) -> list[ForwardMsg]:
    """The messages without each status that a later one takes back."""
    statuses = [message for message in messages if _kind(message) == _STATUS]
    return [m for m in messages if all(m is not old for old in statuses[:-1])]


def _goes_on(session: AppSession, messages: Sequence[ForwardMsg]) -> bool:
    """Whether a run is under way, or the last one ended for another, which is about to begin."""
    ends = [m.script_finished for m in messages if _kind(m) == _END]
    return ends[-1:] == [_EARLY] or session._state is AppSessionState.APP_IS_RUNNING


_STATUS, _END = "session_status_changed", "script_finished"
_EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN


def _kind(message: ForwardMsg) -> str | None:
    return message.WhichOneof("type")
