"""Addresses of nodes: a server may number its namespaces anew, so each namespace is known by its URI."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from asyncua import ua

from plant import Message
from plant.address import split_node_id


class Placed(NamedTuple):
    """The nodes of a source on a server, and why the others have no place on it."""

    nodes: dict[int, ua.NodeId]
    reasons: dict[int, Message]


class Addresses:
    """The addresses of a source's nodes, by the number of the node; they survive reconnections.

    An address names its namespace by URI (`nsu=urn:kj;s=T1`) or by index (`ns=2;s=T1`). For an index the URI that the
    server first gave is kept. If the index means another URI later, the same text would address another sensor. Such a
    node has no place until the old numbers are back.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._parts: Final = [split_node_id(text) for text in texts]
        self._texts: Final = tuple(texts)
        self._uris: Final[dict[int, str]] = {}

    def __len__(self) -> int:
        """Return the number of nodes."""
        return len(self._texts)

    def __getitem__(self, node: int) -> str:
        """Return the address as the site file has it."""
        return self._texts[node]

    def place(self, uris: Sequence[str]) -> Placed:
        """Return where the nodes are on a server with these namespaces, in the order of their indexes."""
        placed = Placed({}, {})
        for node, (index, uri, identifier) in enumerate(self._parts):
            reason = self._renumbered(index, uris) if uri is None else None
            if uri is not None and uri not in uris:
                reason = Message("the server has no namespace {uri}", uri=uri)
            if reason is not None:
                placed.reasons[node] = reason
                continue
            number = index if uri is None else uris.index(uri)
            placed.nodes[node] = ua.NodeId.from_string(f"ns={number};{identifier}")
        return placed

    def _renumbered(self, index: int, uris: Sequence[str]) -> Message | None:
        """Return what is wrong with an index that means another namespace than before; None if it means the same."""
        now = uris[index] if index < len(uris) else None
        before = self._uris.get(index) if now is None else self._uris.setdefault(index, now)
        if before == now:
            return None
        return Message(
            "namespace {index} was {before} and is {now}; to follow the namespace, write nsu={before} instead of "
            "ns={index}",
            index=index,
            before=before,
            now=now or Message("not there"),
        )
