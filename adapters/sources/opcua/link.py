"""One connection to an OPC UA server; `published` raises the error that breaks it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Final

import numpy as np
from asyncua import Client, ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary

from adapters.sources.opcua.access import Access, SafeClient
from adapters.sources.opcua.answer import read_answer, read_values
from adapters.sources.opcua.config import OpcUaSource
from adapters.sources.opcua.decode import DataValues
from adapters.sources.opcua.refusals import LINK_ERRORS
from adapters.sources.opcua.requests import Pairs, RequestSizes
from plant import Message
from plant.units import SECOND

MOST_UNDELIVERED: Final = 16
"""Largest number of undelivered answers. Beyond it the link stops asking, and the server's queues hold the changes."""
OPERATION_LIMITS: Final = tuple(
    ua.NodeId(ua.Int32(limit))
    for limit in (
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    )
)
NAMESPACES: Final = ua.NodeId(ua.Int32(ua.ObjectIds.Server_NamespaceArray))
LIFETIME: Final = 30.0
"""Time for which a server keeps the session and the subscription of a client that vanished. [s]"""
WATCHDOG: Final = 60.0

# asyncua logs tracebacks for a lost server, and repeats them every second. The source logs one line instead.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)


class OpcUaLink:
    """An open connection: subscribes to nodes, delivers their changes, and reads nodes."""

    def __init__(self, client: Client, spec: OpcUaSource, sizes: RequestSizes) -> None:
        self._client: Final = client.uaclient
        self._session: Final = client.uaclient.session
        self._spec: Final = spec
        self._timeout: Final = spec.timeout / SECOND
        self._quiet = self._timeout
        self._sizes: Final = sizes
        self._results: Final[asyncio.Queue[DataValues | Exception]] = asyncio.Queue()
        self._room: Final = asyncio.Semaphore(MOST_UNDELIVERED)
        self._subscription = 0
        self.sent: int | None = None
        """Time at which the server sent its latest answer, by its own clock. [ns, UTC]"""
        self.sampling = 0.0
        """The longest revised sampling interval of any node; 0 if the server sends every change. [ms]"""

    async def open(self) -> None:
        """Create an empty subscription, and read the server's limits."""
        interval = self._spec.publishing / 1e6
        # The library's own create_subscription would start its publish loop and decode every answer itself.
        request = ua.CreateSubscriptionRequest()
        request.Parameters = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=interval,
            RequestedLifetimeCount=max(10, int(LIFETIME * 1000 / interval)),
            # An unchanged value yields no notification, so keep-alives are the only sign of life: one per interval.
            RequestedMaxKeepAliveCount=1,
            PublishingEnabled=True,
        )
        response = struct_from_binary(ua.CreateSubscriptionResponse, await self._ask(request, self._timeout))
        response.ResponseHeader.ServiceResult.check()
        revised = response.Parameters
        self._subscription = revised.SubscriptionId
        self._quiet = revised.RevisedPublishingInterval * revised.RevisedMaxKeepAliveCount / 1000 + self._timeout / 2
        read, monitor = (await self.read(dict(enumerate(OPERATION_LIMITS)))).value
        self._sizes.read.announced(read)
        self._sizes.monitor.announced(monitor)

    async def namespaces(self) -> list[str]:
        """Return the URIs of the server's namespaces, in the order of their indexes."""
        answer = (await self._session.read(_values_of([NAMESPACES])))[0].Value
        uris = None if answer is None else answer.Value
        return [str(uri) for uri in uris] if isinstance(uris, list) else []

    async def subscribe(self, nodes: Mapping[int, ua.NodeId]) -> dict[int, str]:
        """Subscribe to the changes of these nodes; return the refused nodes and the server's reasons."""
        refused: dict[int, str] = {}
        pairs = list(nodes.items())
        try:
            while pairs:
                results = await self._sizes.monitor.ask(pairs, self._monitor)
                for (node, _), result in zip(pairs, results, strict=False):
                    if result.StatusCode.is_good():
                        self.sampling = max(self.sampling, result.RevisedSamplingInterval)
                    else:
                        refused[node] = result.StatusCode.name
                pairs = pairs[len(results) :]
        except ua.uaerrors.BadTooManyMonitoredItems as full:
            # Not even a single node more: the server has no room for the others either.
            refused |= {node: type(full).__name__ for node, _ in pairs}
        return refused

    async def published(self) -> DataValues:
        """Return the changes in the next answer to a publish request; a keep-alive has none.

        Raises
        ------
        OSError, asyncua.ua.UaError
            The connection is lost, or the server was silent for longer than its keep-alive interval.

        """
        result = await self._next()
        if isinstance(result, Exception):
            raise result
        self._room.release()
        return result

    async def publish(self) -> None:
        """Keep one publish request waiting at the server, and queue the answers for `published`."""
        request = ua.PublishRequest()
        while True:
            await self._room.acquire()
            try:
                answer = read_answer(await self._ask(request, 0))
            except ua.uaerrors.BadTimeout:
                # The server's own time-out of a waiting request: it is not a fault, and the next request replaces it.
                self._room.release()
                request = ua.PublishRequest()
                continue
            except LINK_ERRORS as error:
                self.fail(error)
                return
            self.sent = answer.sent
            self._results.put_nowait(answer.values)
            request = ua.PublishRequest()
            if answer.sequence is not None:
                seen = ua.SubscriptionAcknowledgement(self._subscription, answer.sequence)
                request.Parameters.SubscriptionAcknowledgements = [seen]

    async def read(self, nodes: Mapping[int, ua.NodeId]) -> DataValues:
        """Read the current values of these nodes."""
        parts: list[DataValues] = []
        pairs = list(nodes.items())
        while pairs:
            values = await self._sizes.read.ask(pairs, self._read)
            parts.append(replace(values, node=np.array([node for node, _ in pairs[: len(values)]], np.int64)))
            pairs = pairs[len(values) :]
        return DataValues.concatenate(parts)

    async def _read(self, piece: Pairs) -> DataValues:
        request = ua.ReadRequest()
        request.Parameters = _values_of([address for _, address in piece])
        return read_values(await self._ask(request, self._timeout))

    async def _monitor(self, piece: Pairs) -> list[ua.MonitoredItemCreateResult]:
        return await self._session.create_monitored_items(
            ua.CreateMonitoredItemsParameters(
                SubscriptionId=self._subscription,
                TimestampsToReturn=ua.TimestampsToReturn.Both,
                ItemsToCreate=[self._item(node, address) for node, address in piece],
            )
        )

    def fail(self, error: Exception) -> None:
        """Make `published` raise this error after it has returned all earlier answers."""
        self._results.put_nowait(error)

    async def _ask(self, request: object, within: float) -> Buffer:
        if self._client.protocol is None:
            raise ConnectionError(Message("the connection is closed"))
        return await self._client.protocol.send_request(request, within)

    async def _next(self) -> DataValues | Exception:
        # If this process was suspended, the first time-out may expire although the answer has arrived meanwhile.
        # The second attempt takes that answer; only a silent server lets it expire, too.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._quiet):
                return await self._results.get()
        async with asyncio.timeout(self._quiet):
            return await self._results.get()

    def _item(self, node: int, address: ua.NodeId) -> ua.MonitoredItemCreateRequest:
        return ua.MonitoredItemCreateRequest(
            ItemToMonitor=ua.ReadValueId(NodeId=address, AttributeId=ua.AttributeIds.Value),
            MonitoringMode=ua.MonitoringMode.Reporting,
            RequestedParameters=ua.MonitoringParameters(
                ClientHandle=node,
                # 0 asks for every change. asyncua's default (50 ms, queue of 1) loses changes silently.
                SamplingInterval=0.0,
                # The other triggers silently drop rows that differ only in their timestamp.
                Filter=ua.DataChangeFilter(Trigger=ua.DataChangeTrigger.StatusValueTimestamp),
                QueueSize=self._spec.queue,
                DiscardOldest=True,
            ),
        )


def _values_of(addresses: Sequence[ua.NodeId]) -> ua.ReadParameters:
    return ua.ReadParameters(
        TimestampsToReturn=ua.TimestampsToReturn.Both,
        NodesToRead=[ua.ReadValueId(NodeId=address, AttributeId=ua.AttributeIds.Value) for address in addresses],
    )


@asynccontextmanager
async def connect(spec: OpcUaSource, access: Access, sizes: RequestSizes) -> AsyncIterator[OpcUaLink]:
    """Connect, yield the link, and close it; a lost connection is closed without a farewell to the server."""
    timeout = spec.timeout / SECOND
    # asyncua's watchdog cannot tell a stall of this process from a stall of the server; `published` can. The long
    # interval makes the watchdog practically inactive.
    client = SafeClient(spec, WATCHDOG)
    client.session_timeout = int(LIFETIME * 1000)
    polite = False
    try:
        async with asyncio.timeout(2 * timeout):
            await access.connect(client)
        async with _publishing(client, spec, sizes) as link:
            polite = True
            yield link
    except LINK_ERRORS:
        polite = False
        raise
    finally:
        await _close(client, politely=polite)


@asynccontextmanager
async def _publishing(client: Client, spec: OpcUaSource, sizes: RequestSizes) -> AsyncIterator[OpcUaLink]:
    """Open a link on a connected client, and keep its publish loop running."""
    link = OpcUaLink(client, spec, sizes)

    async def lost(error: Exception) -> None:
        link.fail(error)

    client.connection_lost_callback = lost
    await link.open()
    publishing = asyncio.create_task(link.publish(), name="opcua publish")
    try:
        yield link
    finally:
        publishing.cancel()
        await asyncio.wait([publishing])


async def _close(client: Client, *, politely: bool) -> None:
    if politely:
        with suppress(*LINK_ERRORS):
            async with asyncio.timeout(1.0):
                await client.disconnect()
    protocol = client.uaclient.protocol
    if protocol is not None and protocol.transport is not None:
        protocol.transport.abort()
    await asyncio.sleep(0)
    # The socket is gone, so this call only ends the tasks of the library; without it they would outlive the link.
    await client.close_session()
    await asyncio.sleep(0)
