"""Read requests whose nodes are encoded once; to encode thousands anew takes longer than to read the answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from asyncua import ua
from asyncua.ua.ua_binary import Primitives, struct_to_binary

from adapters.sources.opcua.requests import Pairs

MOST_ENCODED: Final = 1000
"""Largest number of requests that are kept; a source of 20,000 nodes needs 40."""


class EncodedParameters(bytes):
    """The encoded parameters of a request; as a primitive of asyncua's encoder they stand for themselves."""

    __slots__ = ()

    @staticmethod
    def pack(data: bytes) -> bytes:
        """Return the bytes as they are."""
        return data


@dataclass
class EncodedReadRequest:
    """A `ua.ReadRequest` with encoded parameters."""

    TypeId: ua.NodeId
    RequestHeader: ua.RequestHeader = field(default_factory=ua.RequestHeader)
    Parameters: EncodedParameters = field(default_factory=EncodedParameters)


class ReadRequests:
    """The read requests of one connection, on which each number means one node."""

    def __init__(self) -> None:
        self._encoded: Final[dict[tuple[int, ...], EncodedParameters]] = {}

    def of(self, piece: Pairs) -> ua.ReadRequest | EncodedReadRequest:
        """Return a request for the values of these nodes."""
        if not CAN_BE_ENCODED:
            return _plain([address for _, address in piece])
        key = tuple(node for node, _ in piece)
        if key not in self._encoded:
            if len(self._encoded) >= MOST_ENCODED:
                self._encoded.clear()
            parameters = values_of([address for _, address in piece])
            self._encoded[key] = EncodedParameters(struct_to_binary(parameters))
        return EncodedReadRequest(TYPE, Parameters=self._encoded[key])


def values_of(addresses: Sequence[ua.NodeId]) -> ua.ReadParameters:
    """Return the parameters of a request for the values of nodes, with both timestamps."""
    return ua.ReadParameters(
        TimestampsToReturn=ua.TimestampsToReturn.Both,
        NodesToRead=[ua.ReadValueId(NodeId=address, AttributeId=ua.AttributeIds.Value) for address in addresses],
    )


def _plain(addresses: Sequence[ua.NodeId]) -> ua.ReadRequest:
    request = ua.ReadRequest()
    request.Parameters = values_of(addresses)
    return request


def _can_be_encoded() -> bool:
    """Whether this asyncua encodes such a request as it encodes its own."""
    setattr(Primitives, EncodedParameters.__name__, EncodedParameters)
    addresses = [ua.NodeId(ua.Int32(2258)), ua.NodeId(ua.String("T1"), ua.Int16(2))]
    plain = _plain(addresses)
    parameters = EncodedParameters(struct_to_binary(plain.Parameters))
    encoded = EncodedReadRequest(TYPE, plain.RequestHeader, parameters)
    try:
        return struct_to_binary(encoded) == struct_to_binary(plain)
    except ua.UaError:
        return False


TYPE: Final = ua.ReadRequest().TypeId
CAN_BE_ENCODED: Final = _can_be_encoded()
