"""One connection to an OPC UA server; what breaks it is raised where its changes are awaited."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

from asyncua import Client, ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary

from adapters.sources.opcua.answer import read_answer
from adapters.sources.opcua.config import OpcUaSource
from adapters.sources.opcua.decode import Reading, decode

LINK_ERRORS: Final = (OSError, ua.UaError)
PIECE: Final = 500
"""Most nodes in one request; fewer where the server says so."""
AHEAD: Final = 16
"""Answers that may wait to be taken; then the server is asked for no more, and its queues hold what changes."""
LIMITS: Final = tuple(
    ua.NodeId(ua.Int32(limit))
    for limit in (
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    )
)
LIFETIME: Final = 30.0
"""How long a server keeps the session and the subscription of a client that vanished. [s]"""
WATCHDOG: Final = 60.0

# It says in tracebacks, and again every second, what the source says in one line.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)


class Link:
    """What the source needs of a connection that stands."""

    def __init__(self, client: Client, spec: OpcUaSource) -> None:
        self._client: Final = client.uaclient
        self._session: Final = client.uaclient.session
        self._spec: Final = spec
        self._timeout: Final = spec.timeout / 1e9
        self._quiet = self._timeout
        self._piece = PIECE
        self._results: Final[asyncio.Queue[list[Reading] | Exception]] = asyncio.Queue()
        self._room: Final = asyncio.Semaphore(AHEAD)
        self._subscription = 0
        self.sampling = 0.0
        """The longest time between two looks of the server at a node; 0 where it sends every change. [ms]"""

    async def open(self) -> None:
        """Create the subscription, without any node yet."""
        interval = self._spec.publishing / 1e6
        # Not by the library's session, which would decode the answers itself.
        request = ua.CreateSubscriptionRequest()
        request.Parameters = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=interval,
            RequestedLifetimeCount=max(10, int(LIFETIME * 1000 / interval)),
            RequestedMaxKeepAliveCount=1,
            PublishingEnabled=True,
        )
        response = struct_from_binary(ua.CreateSubscriptionResponse, await self._ask(request, self._timeout))
        response.ResponseHeader.ServiceResult.check()
        made = response.Parameters
        self._subscription = made.SubscriptionId
        self._quiet = made.RevisedPublishingInterval * made.RevisedMaxKeepAliveCount / 1000 + self._timeout / 2
        limits = await self.read(dict(enumerate(LIMITS)))
        self._piece = min([PIECE, *(int(limit.value) for limit in limits if limit.value >= 1)])

    async def subscribe(self, nodes: Mapping[int, ua.NodeId]) -> dict[int, str]:
        """Have the changes of these nodes sent; return those that the server refused, with what it said."""
        refused: dict[int, str] = {}
        for piece in self._pieces(nodes):
            results = await self._session.create_monitored_items(
                ua.CreateMonitoredItemsParameters(
                    SubscriptionId=self._subscription,
                    TimestampsToReturn=ua.TimestampsToReturn.Both,
                    ItemsToCreate=[self._item(node, address) for node, address in piece],
                )
            )
            for (node, _), result in zip(piece, results, strict=True):
                if result.StatusCode.is_good():
                    self.sampling = max(self.sampling, result.RevisedSamplingInterval)
                else:
                    refused[node] = result.StatusCode.name
        return refused

    async def published(self) -> list[Reading]:
        """Return the changes of the next answer to a publish request, none if it only shows that the server lives.

        Raises
        ------
        OSError, asyncua.ua.UaError
            The connection is lost, or nothing came for longer than the server said.

        """
        result = await self._next()
        if isinstance(result, Exception):
            raise result
        self._room.release()
        return result

    async def publish(self) -> None:
        """Have one publish request wait at the server while its answers are taken, and keep them for `published`."""
        request = ua.PublishRequest()
        while True:
            await self._room.acquire()
            try:
                answer = read_answer(await self._ask(request, 0))
            except ua.uaerrors.BadTimeout:
                self._room.release()
                request = ua.PublishRequest()
                continue
            except LINK_ERRORS as error:
                self.fail(error)
                return
            self._results.put_nowait(answer.readings)
            request = ua.PublishRequest()
            if answer.sequence is not None:
                seen = ua.SubscriptionAcknowledgement(self._subscription, answer.sequence)
                request.Parameters.SubscriptionAcknowledgements = [seen]

    async def read(self, nodes: Mapping[int, ua.NodeId]) -> list[Reading]:
        """Return what the server says of these nodes now."""
        readings: list[Reading] = []
        for piece in self._pieces(nodes):
            wanted = [ua.ReadValueId(NodeId=address, AttributeId=ua.AttributeIds.Value) for _, address in piece]
            answers = await self._session.read(
                ua.ReadParameters(TimestampsToReturn=ua.TimestampsToReturn.Both, NodesToRead=wanted)
            )
            readings += [decode(node, answer) for (node, _), answer in zip(piece, answers, strict=True)]
        return readings

    def fail(self, error: Exception) -> None:
        """Have `published` raise this error when all that came before is taken."""
        self._results.put_nowait(error)

    async def _ask(self, request: object, within: float) -> Buffer:
        if self._client.protocol is None:
            raise ConnectionError("the connection is closed")
        return await self._client.protocol.send_request(request, within)

    async def _next(self) -> list[Reading] | Exception:
        # Twice, because one of them may run out while this process itself was held up and the answer is here.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._quiet):
                return await self._results.get()
        async with asyncio.timeout(self._quiet):
            return await self._results.get()

    def _pieces(self, nodes: Mapping[int, ua.NodeId]) -> list[list[tuple[int, ua.NodeId]]]:
        pairs = list(nodes.items())
        return [pairs[start : start + self._piece] for start in range(0, len(pairs), self._piece)]

    def _item(self, node: int, address: ua.NodeId) -> ua.MonitoredItemCreateRequest:
        return ua.MonitoredItemCreateRequest(
            ItemToMonitor=ua.ReadValueId(NodeId=address, AttributeId=ua.AttributeIds.Value),
            MonitoringMode=ua.MonitoringMode.Reporting,
            RequestedParameters=ua.MonitoringParameters(
                ClientHandle=node,
                SamplingInterval=0.0,
                # With another trigger, rows that differ in their time alone are lost in silence.
                Filter=ua.DataChangeFilter(Trigger=ua.DataChangeTrigger.StatusValueTimestamp),
                QueueSize=self._spec.queue,
                DiscardOldest=True,
            ),
        )


@asynccontextmanager
async def connect(spec: OpcUaSource) -> AsyncIterator[Link]:
    """Connect and close again, politely unless the connection is lost."""
    timeout = spec.timeout / 1e9
    # The library's watchdog takes a stall of this process for one of the server; `published` does not.
    client = Client(spec.endpoint, timeout=timeout, watchdog_intervall=WATCHDOG)
    client.session_timeout = int(LIFETIME * 1000)
    polite = False
    try:
        async with asyncio.timeout(2 * timeout):
            await client.connect()
        link = Link(client, spec)

        async def lost(error: Exception) -> None:
            link.fail(error)

        client.connection_lost_callback = lost
        await link.open()
        publishing = asyncio.create_task(link.publish(), name="opcua publish")
        polite = True
        try:
            yield link
        finally:
            publishing.cancel()
            await asyncio.wait([publishing])
    except LINK_ERRORS:
        polite = False
        raise
    finally:
        await _close(client, politely=polite)


async def _close(client: Client, *, politely: bool) -> None:
    if politely:
        with suppress(*LINK_ERRORS):
            async with asyncio.timeout(1.0):
                await client.disconnect()
    protocol = client.uaclient.protocol
    if protocol is not None and protocol.transport is not None:
        protocol.transport.abort()
    await asyncio.sleep(0)
    # Without a socket this only ends the library's tasks.
    await client.close_session()
    await asyncio.sleep(0)
