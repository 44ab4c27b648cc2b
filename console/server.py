"""Serves the application on loopback, within the event loop of the engine."""

import asyncio
import contextlib
import errno
import ipaddress
import socket
from collections.abc import Iterator
from functools import partial
from typing import Final

import uvicorn
from fastapi import FastAPI

from console.accepting import accept
from console.connections import Connections, HttpConnection, StreamConnection
from console.limits import BACKLOG, CONNECTIONS, IDLE_TIME, LONGEST_HEAD, LONGEST_WORD
from plant import Message

GRACE: Final = 2
"""Time for open connections to end when the server stops. [s]"""
NEARBY: Final = 100
"""Number of ports to try in search of a free one."""


class PortTakenError(OSError):
    """Another program uses the port."""

    def __init__(self, port: int, next_free: int | None) -> None:
        message = (
            Message("port {port} is taken", port=port)
            if next_free is None
            else Message("port {port} is taken; {free} is free", port=port, free=next_free)
        )
        super().__init__(errno.EADDRINUSE, message)
        self.port: Final = port
        self.next_free: Final = next_free


class _Server(uvicorn.Server):
    """A server that leaves signals to the program that contains it, and ends with all of its connections."""

    def __init__(self, config: uvicorn.Config, connections: int) -> None:
        super().__init__(config)
        self._open: Final = Connections(connections)
        self.server_state = self._open
        self._accepting: list[asyncio.Task[None]] = []

    # uvicorn would replace the engine's signal handlers, and Ctrl-C would no longer stop the engine in order.

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        protocol = partial(HttpConnection, self.config, self._open, self.lifespan.state)
        self._accepting = [asyncio.create_task(accept(listener, protocol)) for listener in sockets or ()]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._open.closing = True
        for task in self._accepting:
            task.cancel()
        await asyncio.wait(self._accepting)
        await super().shutdown(sockets)
        self._open.abort()


def loopback(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address of a loopback host; raise ValueError for any other host, as there is no login yet."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise ValueError(Message("host {host}: expected a loopback address such as 127.0.0.1", host=host))
    return address


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free port.

    Raises
    ------
    ValueError
        The host is not loopback.
    PortTakenError
        The port is taken; the error names the next free port.

    """
    address = loopback(host)
    try:
        return _bound(address, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
    raise PortTakenError(port, _next_free(address, port))


async def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until cancelled, then close the connections. Raises the errors of `listen`."""
    await serve_on(app, listen(host, port))


async def serve_on(app: FastAPI, listener: socket.socket, *, connections: int = CONNECTIONS) -> None:
    """Serve on a socket of `listen` until cancelled, then close the connections and the socket."""
    server = _Server(_config(app), connections)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    # The shield keeps a cancellation from tearing connections down; should_exit ends them in order, within GRACE.
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
    finally:
        listener.close()


def _config(app: FastAPI) -> uvicorn.Config:
    # The page sends short words on the WebSocket, so LONGEST_WORD is ample. Compression would cost processor time and
    # save nothing on loopback.
    return uvicorn.Config(
        app,
        access_log=False,
        date_header=False,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        http=HttpConnection,
        lifespan="on",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=IDLE_TIME,
        ws=StreamConnection,
        ws_max_size=LONGEST_WORD,
        ws_per_message_deflate=False,
    )


def _bound(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        # Without SO_REUSEADDR a restart within a minute would find its own port taken (TIME_WAIT).
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(address), port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _next_free(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> int | None:
    for candidate in range(port + 1, min(port + 1 + NEARBY, 65536)):
        with contextlib.suppress(OSError), _bound(address, candidate):
            return candidate
    return None
