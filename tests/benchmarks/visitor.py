"""One user without a browser: a WebSocket client that speaks Streamlit's own protocol.

It opens a page as Streamlit's front end does, keeps the state of every widget that it is shown,
and answers for the digit pad: it draws a digit, and sends report after report of the growing
stroke, each with the state of all widgets, just as the browser sends them, asking for the fragment
that the pad stands in.
"""

import base64
import json
import time
from collections.abc import Iterator
from functools import cache
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

from explorer.data import ink

PAD = "cnn_explorer.digit_pad"
BRUSH = 20
DIGITS = (
    ((70, 70), (120, 66), (190, 70), (165, 120), (140, 170), (120, 230)),  # 7
    ((90, 80), (140, 55), (185, 90), (150, 150), (90, 215), (195, 220)),  # 2
    ((150, 50), (145, 100), (140, 150), (136, 190), (133, 230)),  # 1
    ((180, 60), (110, 60), (100, 130), (170, 140), (180, 195), (95, 220)),  # 5
)
"""Strokes on the 280×280 sheet; reported point by point."""


class RefusedError(RuntimeError):
    """The app answered with an error, or not as it should."""


@cache
def _report(digit: int, points: int) -> dict[str, Any]:
    stroke = ink.Stroke(BRUSH, DIGITS[digit][:points])
    grey = ink.rasterise((stroke,)).tobytes()
    return {
        "brush": BRUSH,
        "drawing": points < len(DIGITS[digit]),
        "strokes": [[BRUSH, *(xy for point in stroke.points for xy in point)]],
        "ink": base64.b64encode(grey).decode(),
    }


def reports() -> Iterator[dict[str, Any]]:
    """What a pad says while digits are drawn on it, one after the other, without end."""
    while True:
        for digit, points in enumerate(DIGITS):
            yield from (_report(digit, n + 1) for n in range(len(points)))


class Visitor:
    """One session of the app; `await Visitor.open(address)`, then `await visitor.draw()`."""

    def __init__(self, socket: Any, address: str) -> None:
        self._socket = socket
        self._address = address
        self._widgets: dict[str, WidgetState] = {}
        self._query = ""
        self._page_hash = ""
        self._fragment = ""
        self._pad = ""
        self._reset = 0
        self._echo = 0
        self._seq = 0
        self._reports = reports()
        self.received = 0
        """Bytes of all answers so far."""

    @classmethod
    async def open(cls, address: str, query: str = "", patience: float = 60) -> Self:
        """Connect and see the page's first run through.

        Raises:
            RefusedError: the page shows an error, or no digit pad.
        """
        stream = address.replace("http", "ws", 1) + "/_stcore/stream"
        socket = await connect(
            stream,
            origin=Origin(address),
            subprotocols=[Subprotocol("streamlit")],
            compression=None,
            max_size=None,
            open_timeout=patience,
        )
        visitor = cls(socket, address)
        visitor._query = query
        await visitor._rerun(fragment=False)
        if not visitor._pad:
            raise RefusedError("the page shows no digit pad")
        return visitor

    async def draw(self) -> float:
        """Report one more point of the stroke; seconds until its run has finished.

        Raises:
            RefusedError: an error on the page, or an answer to something else.
        """
        self._seq = max(self._seq, self._echo) + 1
        report = {"seq": self._seq, "reset": self._reset, **next(self._reports)}
        state = json.dumps({"report": report}, separators=(",", ":"))
        self._widgets[self._pad] = WidgetState(id=self._pad, json_value=state)
        start = time.perf_counter()
        await self._rerun(fragment=True)
        took = time.perf_counter() - start
        if self._echo != self._seq:
            raise RefusedError(f"report {self._seq} was answered with {self._echo}")
        return took

    async def close(self) -> None:
        """Leave."""
        await self._socket.close()

    async def _rerun(self, *, fragment: bool) -> None:
        message = BackMsg()
        ask = message.rerun_script
        ask.query_string = self._query
        ask.page_script_hash = self._page_hash
        ask.widget_states.widgets.extend(self._widgets.values())
        ask.context_info.timezone = "UTC"
        ask.context_info.locale = "en-US"
        ask.context_info.url = self._address + "/"
        ask.context_info.color_scheme = "light"
        if fragment:
            ask.fragment_id = self._fragment
        await self._socket.send(message.SerializeToString())
        while not self._is_last(await self._socket.recv()):
            pass

    def _is_last(self, raw: bytes) -> bool:
        """Take in one message; whether it ends a script's run."""
        self.received += len(raw)
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "delta":
            self._take(message.delta)
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "new_session":
            self._page_hash = message.new_session.page_script_hash or self._page_hash
        elif kind == "script_finished":
            ended = message.script_finished
            if ended == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise RefusedError(ForwardMsg.ScriptFinishedStatus.Name(ended))
            # A callback may ask for other panels than the one that the report belongs to.
            return bool(ended != ForwardMsg.FINISHED_EARLY_FOR_RERUN)
        return False

    def _take(self, delta: Any) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception" or (kind == "alert" and element.alert.format == element.alert.ERROR):
            raise RefusedError(str(getattr(element, kind))[:300])
        if kind == "bidi_component" and element.bidi_component.component_name == PAD:
            data = json.loads(element.bidi_component.json)
            self._pad, self._fragment = element.bidi_component.id, delta.fragment_id
            self._reset, self._echo = data["reset"], data["echo"]
        elif kind == "button_group":
            shown = element.button_group
            state = WidgetState(id=shown.id)
            state.string_array_value.data.extend(shown.raw_values)
            if shown.set_value or shown.id not in self._widgets:
                self._widgets[shown.id] = state
        elif kind == "number_input" and element.number_input.id not in self._widgets:
            shown = element.number_input
            self._widgets[shown.id] = WidgetState(id=shown.id, int_value=int(shown.default))
