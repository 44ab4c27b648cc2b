"""Serves the application on loopback, inside the event loop of the engine."""

import asyncio
import contextlib
import errno
import ipaddress
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from fastapi import FastAPI

GRACE: Final = 2
"""How long open pages may take to go when the server stops. [s]"""
NEARBY: Final = 100
"""How many ports are looked at for one that is free."""


class PortTakenError(OSError):
    """The port is in use by another program."""

    def __init__(self, port: int, next_free: int | None) -> None:
        free = "" if next_free is None else f"; {next_free} is free"
        super().__init__(errno.EADDRINUSE, f"port {port} is taken{free}")
        self.port: Final = port
        self.next_free: Final = next_free


class _Server(uvicorn.Server):
    """Leaves the signals to the program that it runs in."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def loopback(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address of a host that only this machine reaches; ValueError for any other: there is no login yet."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise ValueError(f"host {host}: expected a loopback address such as 127.0.0.1")
    return address


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes any that is free.

    Raises
    ------
    ValueError
        The host is not loopback.
    PortTakenError
        With the next port that is free.

    """
    address = loopback(host)
    try:
        return _bound(address, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
    raise PortTakenError(port, _next_free(address, port))


async def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until cancelled; then let the pages go. Raises as `listen` does."""
    await serve_on(app, listen(host, port))


async def serve_on(app: FastAPI, listener: socket.socket) -> None:
    """Serve on a socket of `listen` until cancelled; then let the pages go and close it."""
    config = uvicorn.Config(
        app,
        access_log=False,
        date_header=False,
        lifespan="on",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        ws="websockets-sansio",
        ws_max_size=4096,
        ws_per_message_deflate=False,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
    finally:
        listener.close()


def _bound(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(address), port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _next_free(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> int | None:
    for candidate in range(port + 1, min(port + 1 + NEARBY, 65536)):
        with contextlib.suppress(OSError), _bound(address, candidate):
            return candidate
    return None
