"""Messages of a run wait for its end, keep their order, and none is lost."""

from collections.abc import Callable

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from explorer.view import burst

RUNNING, RESTS = AppSessionState.APP_IS_RUNNING, AppSessionState.APP_NOT_RUNNING


class Session:
    """What of a session the queue of its messages needs."""

    def __init__(self) -> None:
        self._state = RUNNING
        self._browser_queue = ForwardMsgQueue()
        self._message_enqueued_callback: Callable[[], None] | None = lambda: None
        self.now = 0.0
        self.wakes: list[float] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        assert callback is self._message_enqueued_callback
        self.wakes.append(self.now + delay)

    def say(self, *words: str) -> "Session":
        """Messages: new, on, off, early, end; anything else is the path of an element."""
        for word in words:
            message = ForwardMsg()
            match word:
                case "new":
                    message.new_session.name = "page"
                case "on" | "off":
                    message.session_status_changed.script_is_running = word == "on"
                case "early":
                    message.script_finished = ForwardMsg.FINISHED_EARLY_FOR_RERUN
                case "end":
                    message.script_finished = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
                case path:
                    message.metadata.delta_path.extend(map(int, path))
                    message.delta.new_element.text.body = path
                    message.delta.fragment_id = "a panel"
            self._browser_queue.enqueue(message)
        return self

    def sent(self) -> list[str]:
        return [self._word(message) for message in burst.flush(self)]  # type: ignore[arg-type]

    def _word(self, message: ForwardMsg) -> str:
        match message.WhichOneof("type"):
            case "new_session":
                return "new"
            case "session_status_changed":
                return "on" if message.session_status_changed.script_is_running else "off"
            case "script_finished":
                early = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
                return "early" if early else "end"
            case _:
                return message.delta.new_element.text.body


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session, and in place of Streamlit's event loop one whose time stands still."""
    session = Session()
    monkeypatch.setattr(burst.asyncio, "get_running_loop", lambda: session)
    return session


def test_that_a_run_began_is_sent_at_once_and_the_rest_when_it_has_ended(session: Session) -> None:
    assert session.say("new", "on").sent() == ["new"]
    assert session.say("00", "01").sent() == []
    session._state = RESTS
    assert session.say("end", "off").sent() == ["00", "01", "end", "off"]
    assert session.sent() == []


def test_where_a_run_makes_way_for_another_both_are_sent_in_turn(session: Session) -> None:
    assert session.say("new", "on").sent() == ["new"]
    session._state = RESTS  # until the other one begins
    assert session.say("00", "early", "off").sent() == []
    session._state = RUNNING
    assert session.say("new", "on", "01").sent() == []
    session._state = RESTS
    assert session.say("end", "off").sent() == ["00", "early", "new", "01", "end", "off"]


def test_of_runs_without_a_gap_each_is_sent_when_it_has_ended(session: Session) -> None:
    assert session.say("new", "on").sent() == ["new"]
    session.now = burst.HOLD / 2
    # Before anybody looks the next one is under way.
    assert session.say("00", "end", "off", "new", "on", "01").sent() == ["00", "end", "off", "new"]
    session.now = burst.HOLD
    assert session.say("02").sent() == []  # it has its own time
    session._state = RESTS
    assert session.say("end", "off").sent() == ["01", "02", "end", "off"]


def test_outside_of_a_run_nothing_waits(session: Session) -> None:
    session._state = RESTS
    assert session.say("off", "00").sent() == ["off", "00"]


def test_a_long_run_is_shown_as_it_goes(session: Session) -> None:
    assert session.say("new", "on", "00").sent() == ["new"]
    session.now = burst.HOLD / 2
    assert session.say("01").sent() == []
    assert session.wakes == [burst.HOLD]
    session.now = burst.HOLD
    assert session.sent() == ["on", "00", "01"]
    assert session.say("02").sent() == []  # and holds again
    assert session.wakes == [burst.HOLD, 2 * burst.HOLD]


def test_what_waits_is_sent_although_another_run_begins(session: Session) -> None:
    assert session.say("new", "on").sent() == ["new"]
    assert session.say("00").sent() == []
    session._state = RESTS
    session.say("end", "off")
    assert session.sent() == ["00", "end", "off"]
    session._state = RUNNING
    assert session.say("new", "on").sent() == ["new"]
    assert session.say("00").sent() == []
    session._browser_queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["a panel"])
    assert session.say("new", "01").sent() == []
    session._state = RESTS
    # Each in its place: what a later run draws must not get into an earlier one's turn.
    assert session.say("end", "off").sent() == ["00", "new", "01", "end", "off"]


def test_it_takes_the_place_of_what_streamlit_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppSession, "flush_browser_queue", AppSession.flush_browser_queue)
    burst.install()
    assert AppSession.flush_browser_queue is burst.flush
