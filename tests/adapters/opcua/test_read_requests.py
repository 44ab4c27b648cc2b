"""A read request whose nodes are encoded once is, byte for byte, the request of the library."""

from asyncua import ua
from asyncua.ua.ua_binary import struct_to_binary

from adapters.sources.opcua.session.read_requests import EncodedReadRequest, ReadRequests, values_of

NODES = [(7, ua.NodeId(ua.String("3101.T1"), ua.Int16(2))), (9, ua.NodeId(ua.Int32(2258)))]


def library_bytes(request: ua.ReadRequest | EncodedReadRequest) -> bytes:
    """The library's encoding of the same nodes under the header of this request."""
    same = ua.ReadRequest()
    same.RequestHeader = request.RequestHeader
    same.Parameters = values_of([address for _, address in NODES])
    return struct_to_binary(same)


def test_a_request_and_its_repetition_are_those_of_the_library() -> None:
    requests = ReadRequests()
    for _ in range(2):
        request = requests.of(NODES)
        assert isinstance(request, EncodedReadRequest)
        assert struct_to_binary(request) == library_bytes(request)


def test_nodes_are_encoded_once() -> None:
    requests = ReadRequests()
    first = requests.of(NODES).Parameters
    assert requests.of(NODES).Parameters is first
    assert requests.of(NODES[:1]).Parameters != first
