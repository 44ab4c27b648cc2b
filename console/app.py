"""The web application: gate, HTTP interface, stream, and the built page."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from console.access import AccessGate
from console.api import api_routes, refuse_malformed, refuse_unserved
from console.desk import Desk
from console.hub import Hub
from console.probes import Probes, probe_routes
from console.stream import stream_routes
from plant import Message

STATIC: Final = Path(__file__).parent / "static"


def create_app(
    desk: Desk,
    hub: Hub,
    *,
    hosts: Sequence[str],
    say: Callable[[Message], str] = str,
    probes: Probes | None = None,
) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    desk : Desk
        The engine.
    hub : Hub
        The hub to which the engine publishes changes; the application runs it for its own lifetime.
    hosts : sequence of str
        Host names that requests may use, without ports ("127.0.0.1", "localhost", "::1").
    say : callable
        Writes a refusal for a person in a browser; English by default.
    probes : Probes, optional
        What answers programs that watch the engine.

    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        beating = asyncio.create_task(hub.serve(desk.now))
        try:
            yield
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    # No OpenAPI pages: they would load scripts from another host, and mines have no internet.
    gate = Middleware(AccessGate, hosts=hosts, say=say)
    app = FastAPI(
        title="Hazwatch", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan, middleware=[gate]
    )
    app.add_exception_handler(RequestValidationError, refuse_malformed)
    app.add_exception_handler(HTTPException, refuse_unserved)
    app.include_router(api_routes(desk, hub))
    app.include_router(stream_routes(desk, hub, say))
    if probes is not None:
        app.include_router(probe_routes(probes))
    # Last: this mount matches every path, so it would hide routes that follow it.
    app.mount("/", StaticFiles(directory=STATIC, html=True))
    return app
