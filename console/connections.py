"""The connections of the server: when it stops, none of them survives it."""

import asyncio
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState


class Connections(ServerState):
    """The open connections of one server."""

    def __init__(self) -> None:
        super().__init__()
        self.closing = False

    def abort(self) -> None:
        """Close the connections that did not end in time."""
        for connection in list(self.connections):
            connection.transport.abort()


class HttpConnection(H11Protocol):
    """A connection that speaks HTTP, until it ends or becomes a WebSocket."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: Connections,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._all: Final = server_state

    # asyncio accepts a connection some steps before it calls this method. uvicorn does not close a connection that was
    # accepted in the steps before the stop: a browser would go on asking the engine of the past.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless the server is stopping."""
        super().connection_made(transport)
        if self._all.closing:
            transport.abort()
