"""Places the nodes of a simulated OPC UA server: namespaces that addresses name by URI follow those with an index."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from asyncua import ua

from plant.address import split_node_id

FIRST_OF_SITES: Final = 2
"""Every server has the namespaces 0 and 1: OPC UA's and its own."""


class Nodes(NamedTuple):
    """The node of each column, and the URIs of the namespaces from `FIRST_OF_SITES` on."""

    of_column: dict[int, ua.NodeId]
    namespaces: list[str]


def place(addresses: Mapping[int, str]) -> Nodes:
    """Return the nodes of these addresses, by column."""
    parts = {column: split_node_id(text) for column, text in addresses.items()}
    indexes = range(FIRST_OF_SITES, 1 + max((part.namespace for part in parts.values()), default=0))
    uris = [f"urn:hazwatch:simulator:{index}" for index in indexes]
    uris += dict.fromkeys(part.uri for part in parts.values() if part.uri is not None and part.uri not in uris)
    nodes = {}
    for column, (index, uri, identifier) in parts.items():
        number = index if uri is None else FIRST_OF_SITES + uris.index(uri)
        nodes[column] = ua.NodeId.from_string(f"ns={number};{identifier}")
    return Nodes(nodes, uris)
