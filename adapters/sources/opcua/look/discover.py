"""Looks at a server, and lists its numbers and booleans as points: names, units and ranges as the server has them."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from asyncua import ua

from adapters.sources.cancellation import within
from adapters.sources.discovery import DiscoveredPoint, Discovery, DiscoveryError, SearchBounds
from adapters.sources.opcua.access import Access, SafeClient
from adapters.sources.opcua.config import OpcUaSource
from adapters.sources.opcua.look.browse import AddressSpace, AddressWalk, NodePlace
from adapters.sources.opcua.refusals import LINK_ERRORS, reason_of
from adapters.sources.opcua.requests import Pairs, RequestSize
from adapters.sources.opcua.session.connection import session
from adapters.sources.opcua.session.link import NAMESPACES
from adapters.sources.source import Installation
from plant import Message, check_line
from plant.address import split_node_id

NUMBERS: Final = frozenset(range(1, 12))
"""Built-in types of booleans and numbers (OPC 10000-6, 5.1.2)."""
KINDS_OF_NUMBERS: Final = NUMBERS | {26, 27, 28}
"""Data types of namespace 0 that are one of these types, or leave open which (Number, Integer, UInteger)."""
LONGEST_TEXT: Final = 120
READING: Final = 60.0
"""Longest time for connecting before the walk, and for reading values and properties after it. [s]"""


async def discover(spec: OpcUaSource, installation: Installation, bounds: SearchBounds) -> Discovery:
    """Return the points of a server.

    Raises
    ------
    DiscoveryError
        The server cannot be reached, or refuses us.

    """
    try:
        async with session(spec, Access(spec, installation)) as client, within(bounds.seconds + READING):
            return await _listed(spec, client, bounds)
    except LINK_ERRORS as error:
        raise DiscoveryError(reason_of(error)) from None


async def _listed(spec: OpcUaSource, client: SafeClient, bounds: SearchBounds) -> Discovery:
    space = await AddressWalk(client, bounds).go()
    reader = _Reader(client)
    numbers, uris = await reader.numbers(space.variables), await reader.namespaces()
    addresses = [(place, address) for place in numbers if (address := _address(place.node, uris)) is not None]
    described = await reader.properties(space, [place for place, _ in addresses])
    ids, names = _ids([place for place, _ in addresses]), _names([place for place, _ in addresses])
    points = tuple(
        DiscoveredPoint(id_, name, address, *described.get(place.node, ("", None)))
        for (place, address), id_, name in zip(addresses, ids, names, strict=True)
    )
    return Discovery(spec, points[: bounds.points], tuple(_remarks(space, numbers, addresses)))


def _remarks(space: AddressSpace, numbers: Sequence[NodePlace], addresses: Sequence[object]) -> Iterator[Message]:
    yield from space.remarks
    if others := len(space.variables) - len(numbers):
        yield Message("{count} {count:variable is|variables are} no single number: left out", count=others)
    if unwritten := len(numbers) - len(addresses):
        yield Message("{count} {count:address|addresses} cannot be written in a site file: left out", count=unwritten)


class _Reader:
    """Reads attributes of many nodes."""

    def __init__(self, client: SafeClient) -> None:
        self._session: Final = client.uaclient.session
        self._size: Final = RequestSize()

    async def numbers(self, places: Sequence[NodePlace]) -> list[NodePlace]:
        """Return the variables that hold a single number or a boolean."""
        values = await self._read([place.node for place in places], ua.AttributeIds.Value)
        is_number = {place.node: _is_number(answer.Value) for place, answer in zip(places, values, strict=True)}
        # A variable without a value at present may still be one that measures.
        silent = [node for node, verdict in is_number.items() if verdict is None]
        types = await self._read(silent, ua.AttributeIds.DataType)
        is_number |= {node: _is_kind_of_number(answer.Value) for node, answer in zip(silent, types, strict=True)}
        return [place for place in places if is_number[place.node]]

    async def namespaces(self) -> list[str]:
        """Return the URIs of the server's namespaces, in the order of their indexes."""
        (answer,) = await self._read([NAMESPACES], ua.AttributeIds.Value)
        uris = None if answer.Value is None else answer.Value.Value
        return [str(uri) for uri in uris] if isinstance(uris, list) else []

    async def properties(
        self, space: AddressSpace, places: Sequence[NodePlace]
    ) -> dict[ua.NodeId, tuple[str, tuple[float, float] | None]]:
        """Return the units and ranges of variables."""
        units = await self._of(space.units, places)
        ranges = await self._of(space.ranges, places)
        nodes = [place.node for place in places]
        return {node: (_unit(units.get(node)), _range(ranges.get(node))) for node in nodes}

    async def _of(
        self, known: Mapping[ua.NodeId, ua.NodeId], places: Sequence[NodePlace]
    ) -> dict[ua.NodeId, ua.DataValue]:
        """Return the values of a property of variables, where they have it."""
        having = [place.node for place in places if place.node in known]
        values = await self._read([known[node] for node in having], ua.AttributeIds.Value)
        return dict(zip(having, values, strict=True))

    async def _read(self, nodes: Sequence[ua.NodeId], attribute: ua.AttributeIds) -> list[ua.DataValue]:
        async def request(piece: Pairs) -> list[ua.DataValue]:
            wanted = [ua.ReadValueId(NodeId=node, AttributeId=attribute) for _, node in piece]
            return await self._session.read(ua.ReadParameters(NodesToRead=wanted))

        answers: list[ua.DataValue] = []
        pairs = list(enumerate(nodes))
        while pairs:
            results = await self._size.ask(pairs, request)
            answers += results
            pairs = pairs[len(results) :]
        return answers


def _is_number(variant: ua.Variant | None) -> bool | None:
    """Whether a value is a single number or a boolean; None if there is no value."""
    if variant is None or variant.Value is None:
        return None
    return variant.VariantType.value in NUMBERS and not isinstance(variant.Value, list)


def _is_kind_of_number(data_type: ua.Variant | None) -> bool:
    node = None if data_type is None else data_type.Value
    return isinstance(node, ua.NodeId) and node.NamespaceIndex == 0 and node.Identifier in KINDS_OF_NUMBERS


def _address(node: ua.NodeId, uris: Sequence[str]) -> str | None:
    """Return the address of a node, with the URI of its namespace where that can be written; None if nothing can."""
    identifier = ua.NodeId(node.Identifier, ua.Int16(0)).to_string()
    number = node.NamespaceIndex
    ways = [f"ns={number};{identifier}" if number else identifier]
    if 0 < number < len(uris):
        ways.insert(0, f"nsu={uris[number]};{identifier}")
    # An id may hold signs that a site file does not take, or that are read again as another node.
    for way in ways:
        try:
            read = ua.NodeId.from_string(f"ns={number};{split_node_id(check_line(way)).identifier}")
        except (ValueError, ua.UaError):
            continue
        if read == node:
            return way
    return None


def _ids(places: Sequence[NodePlace]) -> list[str]:
    """Return an id for each point: its name where no other has it, else the path of names, else with a number."""
    short = [_clean(place.path[-1]) for place in places]
    often = Counter(short)
    ids, taken = [], Counter[str]()
    for place, name in zip(places, short, strict=True):
        chosen = name if often[name] == 1 else _clean(".".join(place.path))
        taken[chosen] += 1
        while taken[chosen] > 1:
            chosen = f"{chosen}-{taken[chosen]}"
            taken[chosen] += 1
        ids.append(chosen)
    return ids


def _names(places: Sequence[NodePlace]) -> list[str]:
    """Return a name for each point, with that of the node above it where several have the same."""
    often = Counter(place.names[-1] for place in places)
    return [_clean(" ".join(place.names[-1 if often[place.names[-1]] == 1 else -2 :])) for place in places]


def _clean(text: str) -> str:
    """Return a text of a server as it may stand in a table: visible, not long, and no formula of a spreadsheet."""
    # The text comes from a server that nobody may know yet, and goes into a file that people open.
    visible = "".join(sign for sign in text if sign.isprintable()).strip().lstrip("=+-@")
    return visible[:LONGEST_TEXT].strip() or "?"


def _unit(answer: ua.DataValue | None) -> str:
    content = None if answer is None or answer.Value is None else answer.Value.Value
    text = content.DisplayName.Text if isinstance(content, ua.EUInformation) else None
    return _clean(text) if text else ""


def _range(answer: ua.DataValue | None) -> tuple[float, float] | None:
    content = None if answer is None or answer.Value is None else answer.Value.Value
    if not isinstance(content, ua.Range):
        return None
    low, high = float(content.Low), float(content.High)
    return (low, high) if low < high and math.isfinite(high - low) else None
