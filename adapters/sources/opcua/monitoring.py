"""Which nodes of a source are monitored, which are only read, and which are refused; each is tried again."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import Final

import numpy as np
from asyncua import ua

from adapters.sources.opcua.addresses import Addresses
from adapters.sources.opcua.decode import CODE, DataValues
from adapters.sources.opcua.memory import Memory
from adapters.sources.opcua.refusals import LINK_ERRORS
from adapters.sources.opcua.session.link import OpcUaLink
from adapters.sources.source import Clock
from plant import Message, SampleBatch, message_of
from plant.units import MINUTE

NOT_MONITORED: Final = frozenset((
    "BadTooManyMonitoredItems",
    "BadFilterNotAllowed",
    "BadMonitoredItemFilterUnsupported",
    "BadMonitoredItemFilterInvalid",
    "BadMonitoringModeInvalid",
    "BadNotSupported",
    "BadServiceUnsupported",
    "BadOutOfMemory",
))  # fmt: skip
"""Reasons of a server for not monitoring a node that it may well let us read."""
GONE: Final = {
    ua.StatusCodes.BadNodeIdUnknown: "BadNodeIdUnknown",
    ua.StatusCodes.BadNodeIdInvalid: "BadNodeIdInvalid",
    ua.StatusCodes.BadAttributeIdInvalid: "BadAttributeIdInvalid",
}
"""How a server says that it has no such node. When it has the node again, it is another one for the server."""
ANEW_EVERY: Final = 10 * MINUTE
"""Shortest time between two requests to monitor a node anew because nothing was notified. [ns]"""

_log = logging.getLogger(__name__)


class Monitoring:
    """The nodes of one source on its server.

    Parameters
    ----------
    name : str
        Id of the source.
    addresses : Addresses
        The addresses of the nodes in the site file.
    memory : Memory
        What is known of the nodes.
    clock : Clock
        The time of the log.
    emit : callable
        Takes batches of samples.

    """

    def __init__(
        self,
        name: str,
        addresses: Addresses,
        memory: Memory,
        clock: Clock,
        emit: Callable[[SampleBatch], Awaitable[None]],
    ) -> None:
        self.nodes: dict[int, ua.NodeId] = {}
        self._name: Final = name
        self._addresses: Final = addresses
        self._memory: Final = memory
        self._clock: Final = clock
        self._emit: Final = emit
        self._refused: dict[int, str | Message] = {}
        self._read_only: set[int] = set()
        self._anew: Final[dict[int, int]] = {}
        self._unread = False

    async def begin(self, link: OpcUaLink) -> None:
        """Monitor all nodes over a connection with an empty subscription."""
        placed = self._addresses.place(await link.namespaces())
        self.nodes = placed.nodes
        self._memory.subscribed(placed.nodes)
        refused: dict[int, str | Message] = {**placed.reasons}
        await self._refuse(range(len(self._addresses)), refused | await link.subscribe(placed.nodes))
        link.subscribed(whole=True)

    async def scan(self, link: OpcUaLink, *, again: bool) -> None:
        """Read all nodes; `again` also asks to monitor those that the server refused or only lets us read."""
        # A failed scan does not end the link. Only the subscription, which carries the changes, decides that.
        try:
            if again:
                await self._place_others(link)
                await self._monitor(link, [n for n in self.nodes if n in self._refused or n in self._read_only])
            values = await link.read({n: address for n, address in self.nodes.items() if n not in self._refused})
            await self._emit(self._memory.scanned(values, self._clock.now()))
            await self.look_for_gone(values)
            await self._monitor_anew(link)
            self._unread = False
        except OSError:
            pass
        except ua.UaError as error:
            if not self._unread:
                _log.warning("%s source=%s reason=%s", Message("scan refused"), self._name, message_of(error))
            self._unread = True
        await self._emit(self._memory.lost(self._refused, self._clock.now()))

    async def _place_others(self, link: OpcUaLink) -> None:
        """Look for the nodes that had no place: many servers listen before they have all their namespaces."""
        if len(self.nodes) < len(self._addresses):
            placed = self._addresses.place(await link.namespaces())
            self.nodes = placed.nodes | self.nodes

    async def read(self, link: OpcUaLink) -> None:
        """Read the nodes that the server does not monitor."""
        nodes = {n: address for n, address in self.nodes.items() if n in self._read_only}
        if nodes:
            # The scans say whether reading fails.
            with suppress(*LINK_ERRORS):
                await self._emit(self._memory.scanned(await link.read(nodes), self._clock.now()))

    async def look_for_returned(self, link: OpcUaLink) -> None:
        """Monitor nodes that the server did not know and knows now."""
        unknown = {n: self.nodes[n] for n, reason in self._refused.items() if reason in GONE.values()}
        if unknown:
            with suppress(*LINK_ERRORS):
                values = await link.read(unknown)
                codes = (values.status & np.uint32(CODE)).tolist()
                back = [node for node, code in zip(values.node.tolist(), codes, strict=True) if code not in GONE]
                await self._monitor(link, back)
                if back:
                    _log.warning("%s source=%s addresses=%d", Message("addresses are back"), self._name, len(back))

    # The monitored item of a deleted node stays dead when the node is back, and most servers say nothing about it.
    async def look_for_gone(self, values: DataValues) -> None:
        """Refuse the nodes that the server has no longer."""
        bad = np.flatnonzero(values.status)
        codes = dict(zip(values.node[bad].tolist(), (values.status[bad] & np.uint32(CODE)).tolist(), strict=True))
        gone = {node: GONE[code] for node, code in codes.items() if code in GONE and node in self.nodes}
        await self._refuse(gone, gone)

    async def _monitor_anew(self, link: OpcUaLink) -> None:
        """Monitor nodes anew whose monitored item is dead: the scan found what nobody notified."""
        # A node that was deleted and created again between two scans looks like this.
        now = self._clock.now()
        nodes = [n for n in self._memory.unnotified() if now >= self._anew.get(n, now - ANEW_EVERY) + ANEW_EVERY]
        self._anew.update(dict.fromkeys(nodes, now))
        await self._monitor(link, nodes)

    async def _monitor(self, link: OpcUaLink, numbers: Collection[int]) -> None:
        nodes = {n: self.nodes[n] for n in numbers}
        if nodes:
            # If the connection breaks here, the next one begins with an empty subscription.
            link.subscribed(whole=False)
            await link.unsubscribe(nodes)
            self._memory.subscribed(nodes)
            await self._refuse(nodes, await link.subscribe(nodes))
            link.subscribed(whole=True)

    async def _refuse(self, requested: Collection[int], results: Mapping[int, str | Message]) -> None:
        """Note which of the nodes that were requested are refused, and which can only be read; log what is new."""
        read_only = {node for node, reason in results.items() if reason in NOT_MONITORED}
        if read_only - self._read_only:
            event = Message("the server does not monitor all addresses: the others are read")
            status = results[min(read_only)]
            _log.warning("%s source=%s addresses=%d status=%s", event, self._name, len(read_only), status)
        self._read_only = self._read_only - set(requested) | read_only
        self._memory.read_only(self._read_only)
        refused = {node: reason for node, reason in results.items() if node not in read_only}
        for node in requested:
            if node in refused and self._refused.get(node) != refused[node]:
                event = Message("address refused")
                _log.error("%s source=%s address=%s status=%s", event, self._name, self._addresses[node], refused[node])
        new = {node: status for node, status in refused.items() if node not in self._refused}
        self._refused = {n: s for n, s in self._refused.items() if n not in requested} | refused
        await self._emit(self._memory.lost(new, self._clock.now()))
