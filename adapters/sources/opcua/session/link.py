"""The nodes of one connection to an OPC UA server: monitors them and reads them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

import numpy as np
from asyncua import ua

from adapters.sources.opcua.access import SafeClient
from adapters.sources.opcua.answer import read_values
from adapters.sources.opcua.config import OpcUaSource
from adapters.sources.opcua.decode import DataValues
from adapters.sources.opcua.held import Held
from adapters.sources.opcua.requests import Pairs, RequestSizes
from adapters.sources.opcua.session.read_requests import ReadRequests, values_of
from adapters.sources.opcua.session.stream import Stream

OPERATION_LIMITS: Final = tuple(
    ua.NodeId(ua.Int32(limit))
    for limit in (
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData,
    )
)
NAMESPACES: Final = ua.NodeId(ua.Int32(ua.ObjectIds.Server_NamespaceArray))


class OpcUaLink:
    """An open connection: subscribes to nodes, delivers their changes in its `stream`, and reads nodes."""

    def __init__(
        self, client: SafeClient, spec: OpcUaSource, sizes: RequestSizes, held: Held[SafeClient], stream: Stream
    ) -> None:
        self.stream: Final = stream
        self.session: Final = client.uaclient.session
        self._spec: Final = spec
        self._sizes: Final = sizes
        self._held: Final = held
        self._reads: Final = ReadRequests()

    async def learn_limits(self) -> None:
        """Read how many nodes the server takes in one request."""
        # Numbers below 0: none of the source's nodes has one.
        limits = {-1 - place: limit for place, limit in enumerate(OPERATION_LIMITS)}
        read, monitor, history = (await self.read(limits)).value
        self._sizes.read.announced(read)
        self._sizes.monitor.announced(monitor)
        self._sizes.history.announced(history)

    async def namespaces(self) -> list[str]:
        """Return the URIs of the server's namespaces, in the order of their indexes."""
        answer = (await self.session.read(values_of([NAMESPACES])))[0].Value
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
                        self._held.items[node] = result.MonitoredItemId
                        self._held.revise(result)
                    else:
                        refused[node] = result.StatusCode.name
                pairs = pairs[len(results) :]
        except ua.uaerrors.BadTooManyMonitoredItems as full:
            # Not even a single node more: the server has no room for the others either.
            refused |= {node: type(full).__name__ for node, _ in pairs}
        return refused

    def subscribed(self, *, whole: bool) -> None:
        """Note whether all nodes are monitored: only then can another connection go on with the subscription."""
        self._held.is_whole = whole

    async def unsubscribe(self, nodes: Iterable[int]) -> None:
        """Delete the monitored items of these nodes, as far as the server still has them."""
        items = [self._held.items.pop(node) for node in nodes if node in self._held.items]
        while items:
            piece, items = items[: self._sizes.monitor.most], items[self._sizes.monitor.most :]
            with suppress(ua.UaError):
                await self.session.delete_monitored_items(
                    ua.DeleteMonitoredItemsParameters(SubscriptionId=self._held.subscription, MonitoredItemIds=piece)
                )

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
        return read_values(await self.stream.ask(self._reads.of(piece)))

    async def _monitor(self, piece: Pairs) -> list[ua.MonitoredItemCreateResult]:
        return await self.session.create_monitored_items(
            ua.CreateMonitoredItemsParameters(
                SubscriptionId=self._held.subscription,
                TimestampsToReturn=ua.TimestampsToReturn.Both,
                ItemsToCreate=[self._item(node, address) for node, address in piece],
            )
        )

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
