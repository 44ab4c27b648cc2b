"""The connections of the server: their number and the time for a request are bounded, and none survives the stop."""

import asyncio
from collections import Counter
from logging import getLogger
from typing import Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from console.limits import ANSWER_TIME, CLIENT_CONNECTIONS, IDLE_TIME, REQUEST_TIME, STREAM_BYTES
from console.pace import Bucket
from plant import Message

logger = getLogger(__name__)

CUTS_LOGGED_EVERY: Final = 10.0
"""Shortest time between two log lines about connections that were cut off. [s]"""


class Connections(ServerState):
    """The open connections of one server.

    A connection that has no complete request gives way to a newcomer when there are too many, the oldest first. So
    requests that are never finished shut nobody out.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.closing = False
        self.cut_off = 0
        self._most: Final = most
        self._clients: Final[dict[asyncio.BaseTransport, str]] = {}
        self._numbers: Final[Counter[str]] = Counter()
        self._without_request: Final[dict[asyncio.Transport, None]] = {}
        self._reported = -CUTS_LOGGED_EVERY

    def admit(self, transport: asyncio.Transport, client: str) -> None:
        """Count a connection, or cut it off: the server stops, or no other connection can give way."""
        self._clients[transport] = client
        self._numbers[client] += 1
        if self.closing:
            transport.abort()
        elif self._numbers[client] > CLIENT_CONNECTIONS:
            self.cut(next((other for other in self._without_request if self._clients[other] == client), transport))
        elif len(self._clients) > self._most:
            self.cut(next(iter(self._without_request), transport))

    def has_request(self, transport: asyncio.Transport) -> None:
        """Note that a connection has a complete request: it does not give way."""
        self._without_request.pop(transport, None)

    def awaits_request(self, transport: asyncio.Transport) -> None:
        """Note that a connection has no complete request."""
        if transport in self._clients:
            self._without_request.setdefault(transport)

    def forget(self, transport: asyncio.BaseTransport) -> None:
        """Note that a connection has ended."""
        client = self._clients.pop(transport, None)
        if client is not None:
            self._numbers[client] -= 1
            if not self._numbers[client]:
                del self._numbers[client]
        if isinstance(transport, asyncio.Transport):
            self._without_request.pop(transport, None)

    def cut(self, transport: asyncio.Transport) -> None:
        """Cut a connection off, and count it."""
        self.cut_off += 1
        now = asyncio.get_running_loop().time()
        if now >= self._reported + CUTS_LOGGED_EVERY:
            self._reported = now
            logger.warning("%s total=%d open=%d", Message("connections cut off"), self.cut_off, len(self._clients))
        # The end is told to the protocol only in a later step of the loop, and the next newcomer must not wait for it.
        self.forget(transport)
        transport.abort()

    def abort(self) -> None:
        """Close the connections that did not end in time."""
        for connection in list(self.connections):
            connection.transport.abort()


class HttpConnection(H11Protocol):
    """A connection that speaks HTTP, until it ends or becomes a stream."""

    server_state: Connections  # uvicorn keeps what it is made with
    _timer: asyncio.TimerHandle | None = None
    _timed = 0.0

    # asyncio accepts a connection some steps before it calls this method. uvicorn does not close a connection that was
    # accepted in the steps before the stop: a browser would go on asking the engine of the past.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, if there is room and the server is not stopping."""
        super().connection_made(transport)
        self.server_state.admit(transport, self.client[0] if self.client else "")
        self.server_state.awaits_request(transport)
        self._within(REQUEST_TIME)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._within(0)
        self.server_state.forget(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.transport.get_protocol() is self:
            self._look()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Become a stream."""
        self._within(0)
        self.server_state.has_request(self.transport)
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """Await the next request."""
        super().on_response_complete()
        self._look()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection without a request; it may still hold an answer that nobody reads."""
        super().timeout_keep_alive_handler()
        self._within(IDLE_TIME)

    def _look(self) -> None:
        """Set the time that is left for what the connection does now."""
        whole = self.conn.their_state not in (h11.IDLE, h11.SEND_BODY)
        if whole and self.cycle is not None and not self.cycle.response_complete:
            self.server_state.has_request(self.transport)
            self._within(ANSWER_TIME)
            return
        self.server_state.awaits_request(self.transport)
        if self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0] and not self.transport.is_closing():
            self._within(0)  # uvicorn's own time-out for an idle connection runs
        else:
            self._within(REQUEST_TIME)

    def _within(self, seconds: float) -> None:
        """Cut the connection off after a time, unless something else is set; 0 sets nothing."""
        if self._timer is not None and seconds == self._timed:
            return  # more bytes of the same request give it no more time
        if self._timer is not None:
            self._timer.cancel()
        self._timed = seconds
        self._timer = self.loop.call_later(seconds, self.server_state.cut, self.transport) if seconds else None


class StreamConnection(WebSocketsSansIOProtocol):
    """A connection that has become a stream."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: Connections,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._all: Final = server_state
        self._sent: Final = Bucket(STREAM_BYTES, 2 * STREAM_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._all.forget(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what a page sends; a page that sends without end is cut off."""
        if self.handshake_initiated and not self._sent.take(len(data), self.loop.time()):
            self._all.cut(self.transport)
        else:
            super().data_received(data)

    def on_task_complete(self, task: "asyncio.Task[None]") -> None:
        """End when the stream has ended, although the page may not read what is left."""
        super().on_task_complete(task)
        self.loop.call_later(IDLE_TIME, self.transport.abort)
