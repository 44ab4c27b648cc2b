"""Connects to an OPC UA server, and keeps for the next connection what the server holds if this one breaks."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from asyncua import ua

from adapters.sources.cancellation import within
from adapters.sources.opcua.access import Access, SafeClient
from adapters.sources.opcua.config import OpcUaSource
from adapters.sources.opcua.held import LIFETIME, Held
from adapters.sources.opcua.refusals import LINK_ERRORS
from adapters.sources.opcua.requests import RequestSizes
from adapters.sources.opcua.session.link import OpcUaLink
from adapters.sources.opcua.session.stream import Stream
from plant.units import SECOND

WATCHDOG: Final = 60.0


@asynccontextmanager
async def connect(
    spec: OpcUaSource, access: Access, sizes: RequestSizes, held: Held[SafeClient]
) -> AsyncIterator[OpcUaLink]:
    """Connect, yield the link, and close it; the session of a connection that broke is kept for the next one."""
    client = await _client(spec, held)
    ended = False
    try:
        async with within(2 * spec.timeout / SECOND):
            same_session = await _open(client, access, held)
        held.client, held.until = client, math.inf
        async with _publishing(client, spec, sizes, held, same_session=same_session) as link:
            ended = True
            yield link
    except LINK_ERRORS as error:
        # What cannot be read would come again with the same subscription.
        ended = isinstance(error, ua.uaerrors.UaStructParsingError)
        raise
    finally:
        await _leave(client, held, politely=ended)


@asynccontextmanager
async def session(spec: OpcUaSource, access: Access) -> AsyncIterator[SafeClient]:
    """Open a session without a subscription, and close it."""
    client, opened = SafeClient(spec, WATCHDOG), False
    try:
        async with within(2 * spec.timeout / SECOND):
            await access.connect(client)
        opened = True
        yield client
    finally:
        await _close(client, politely=opened)


async def _client(spec: OpcUaSource, held: Held[SafeClient]) -> SafeClient:
    """Return the client whose session the server may still hold, or else a new one."""
    now = asyncio.get_running_loop().time()
    # A server that was stopped has lost no time: it still counts the session, and perhaps has no room for another one.
    if held.client is not None and (now < held.until or not held.client.was_refused):
        return held.client
    if held.client is not None:
        await _close(held.client, politely=False)
        held.forget()
    # asyncua's watchdog cannot tell a stall of this process from a stall of the server; `published` can. The long
    # interval makes the watchdog practically inactive.
    client = SafeClient(spec, WATCHDOG)
    client.session_timeout = int(LIFETIME * 1000)
    return client


async def _open(client: SafeClient, access: Access, held: Held[SafeClient]) -> bool:
    """Open a session; return whether it is the one of the connection before."""
    if held.client is not client:
        await access.connect(client)
        return False
    try:
        return await access.resume(client)
    except ua.UaError:
        # Perhaps certificates or passwords have changed: the next attempt begins with those in force then.
        held.until, client.was_refused = 0.0, True
        raise


@asynccontextmanager
async def _publishing(
    client: SafeClient, spec: OpcUaSource, sizes: RequestSizes, held: Held[SafeClient], *, same_session: bool
) -> AsyncIterator[OpcUaLink]:
    """Open a link on a connected client, and keep its publish loop running."""
    stream = Stream(client, spec, held)
    link = OpcUaLink(client, spec, sizes, held, stream)

    async def lost(error: Exception) -> None:
        stream.fail(error)

    client.connection_lost_callback = lost
    await stream.open(same_session=same_session)
    if not stream.resumed:
        await link.learn_limits()
    publishing = asyncio.create_task(stream.publish(), name="opcua publish")
    try:
        yield link
    finally:
        publishing.cancel()
        await asyncio.wait([publishing])


async def _leave(client: SafeClient, held: Held[SafeClient], *, politely: bool) -> None:
    """End a connection: with its session, or so that the next connection can go on with it."""
    if held.client is not client or politely:
        held.forget()
        await _close(client, politely=politely)
        return
    # A subscription that delivered nothing since it was taken up is perhaps no longer served.
    if not held.is_proved:
        held.is_whole = False
    await client.let_go()
    if held.until == math.inf:
        held.until = asyncio.get_running_loop().time() + LIFETIME


async def _close(client: SafeClient, *, politely: bool) -> None:
    if politely:
        with suppress(*LINK_ERRORS):
            async with within(1.0):
                await client.disconnect()
    protocol = client.uaclient.protocol
    if protocol is not None and protocol.transport is not None:
        protocol.transport.abort()
    await asyncio.sleep(0)
    # The socket is gone, so this call only ends the tasks of the library; without it they would outlive the link.
    await client.close_session()
    await asyncio.sleep(0)
