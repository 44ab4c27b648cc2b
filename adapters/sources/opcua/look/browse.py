"""Walks the address space of a server within bounds, by browsing and reading alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from asyncua import ua

from adapters.sources.discovery import SearchBounds
from adapters.sources.opcua.access import SafeClient
from adapters.sources.opcua.requests import Pairs, RequestSize
from plant import Message

REFERENCES_AT_ONCE: Final = 1000
MOST_VISITED: Final = 20
"""Nodes to visit for each point that may be listed: servers keep properties and folders beside the points."""
OWN_STATE: Final = frozenset((ua.NodeId(ua.Int32(ua.ObjectIds.Server)),))
"""Objects that describe the server itself."""
PROPERTY: Final = ua.NodeId(ua.Int32(ua.ObjectIds.HasProperty))
UNITS, RANGE = "EngineeringUnits", "EURange"


class NodePlace(NamedTuple):
    """A node and the names on the way to it."""

    node: ua.NodeId
    path: tuple[str, ...]
    names: tuple[str, ...]
    """Names for people."""


@dataclass
class AddressSpace:
    """The variables of a server, with the nodes of their units and ranges."""

    variables: list[NodePlace] = field(default_factory=list)
    units: dict[ua.NodeId, ua.NodeId] = field(default_factory=dict)
    ranges: dict[ua.NodeId, ua.NodeId] = field(default_factory=dict)
    remarks: list[Message] = field(default_factory=list)


class AddressWalk:
    """A walk over the address space of a server, level by level."""

    def __init__(self, client: SafeClient, bounds: SearchBounds) -> None:
        self.space: Final = AddressSpace()
        self._session: Final = client.uaclient.session
        self._bounds: Final = bounds
        self._size: Final = RequestSize()
        self._seen: Final[set[ua.NodeId]] = set(OWN_STATE)
        self._until: Final = asyncio.get_running_loop().time() + bounds.seconds

    async def go(self) -> AddressSpace:
        """Return what is below the folder Objects, and remark what is left out."""
        level = [NodePlace(ua.NodeId(ua.Int32(ua.ObjectIds.ObjectsFolder)), (), ())]
        for _ in range(self._bounds.depth):
            level = await self._below(level)
            if not level or self.space.remarks:
                return self.space
        remark = Message("nodes deeper than {depth} steps are left out", depth=self._bounds.depth)
        self.space.remarks.append(remark)
        return self.space

    async def _below(self, level: Sequence[NodePlace]) -> list[NodePlace]:
        below: list[NodePlace] = []
        pairs = [(number, place.node) for number, place in enumerate(level)]
        while pairs and not self._is_enough():
            results = await self._size.ask(pairs, self._browse)
            for (number, _), result in zip(pairs, results, strict=False):
                below += self._take(level[number], await self._all_references(result))
            pairs = pairs[len(results) :]
        return below

    def _is_enough(self) -> bool:
        """Whether a bound is reached; remark it."""
        if len(self.space.variables) >= self._bounds.points or len(self._seen) > MOST_VISITED * self._bounds.points:
            remark = Message("more than {count} points or nodes: the others are left out", count=self._bounds.points)
        elif asyncio.get_running_loop().time() > self._until:
            remark = Message("not finished within {seconds:g} s: the others are left out", seconds=self._bounds.seconds)
        else:
            return False
        self.space.remarks.append(remark)
        return True

    async def _browse(self, piece: Pairs) -> list[ua.BrowseResult]:
        wanted = [
            ua.BrowseDescription(
                NodeId=node,
                BrowseDirection=ua.BrowseDirection.Forward,
                ReferenceTypeId=ua.NodeId(ua.Int32(ua.ObjectIds.HierarchicalReferences)),
                IncludeSubtypes=True,
                NodeClassMask=ua.NodeClass.Object | ua.NodeClass.Variable,
                ResultMask=ua.BrowseResultMask.All,
            )
            for _, node in piece
        ]
        return await self._session.browse(
            ua.BrowseParameters(RequestedMaxReferencesPerNode=REFERENCES_AT_ONCE, NodesToBrowse=wanted)
        )

    async def _all_references(self, result: ua.BrowseResult) -> list[ua.ReferenceDescription]:
        """Return the references of a node, those behind continuation points included."""
        references = list(result.References or ())
        while result.ContinuationPoint:
            enough = self._is_enough() or len(references) > self._bounds.points * MOST_VISITED
            # A server has few continuation points. One that is not used up must be released.
            (result,) = await self._session.browse_next(
                ua.BrowseNextParameters(ReleaseContinuationPoints=enough, ContinuationPoints=[result.ContinuationPoint])
            )
            if enough:
                break
            references += result.References or ()
        return references

    def _take(self, parent: NodePlace, references: Sequence[ua.ReferenceDescription]) -> list[NodePlace]:
        """Note the variables among the references of a node; return the nodes to visit next."""
        further = []
        for reference in references:
            node = _local(reference.NodeId)
            if node is None:
                continue
            name = str(reference.BrowseName.Name or "")
            # A property describes the node above it. Only units and ranges are of use, and none is a point.
            if reference.ReferenceTypeId == PROPERTY:
                known = {UNITS: self.space.units, RANGE: self.space.ranges}.get(name)
                if known is not None:
                    known[parent.node] = node
            # Address spaces have circles, and nodes with several parents: each is visited once.
            elif node not in self._seen:
                self._seen.add(node)
                place = NodePlace(node, (*parent.path, name), (*parent.names, str(reference.DisplayName.Text or name)))
                further.append(place)
                if reference.NodeClass == ua.NodeClass.Variable:
                    self.space.variables.append(place)
        return further


def _local(node: ua.NodeId) -> ua.NodeId | None:
    """Return the id of a node of this server; None for a node of another one."""
    if getattr(node, "ServerIndex", 0):
        return None
    return ua.NodeId(node.Identifier, node.NamespaceIndex)
