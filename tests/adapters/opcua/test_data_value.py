"""Data values are decoded byte for byte as OPC 10000-6, 5.2.2.17 has them."""

import struct
from datetime import UTC, datetime

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary

from adapters.sources.opcua.answer import changes
from adapters.sources.opcua.data_value import data_value

SOURCE, SERVER = datetime(2027, 5, 14, 1, tzinfo=UTC), datetime(2027, 5, 14, 2, tzinfo=UTC)


def ticks(time: datetime) -> bytes:
    since = time - datetime(1601, 1, 1, tzinfo=UTC)
    return struct.pack("<q", (since.days * 86400 + since.seconds) * 10_000_000)


FIELDS = {
    1: b"\x0b" + struct.pack("<d", 0.5),
    2: struct.pack("<I", ua.StatusCodes.UncertainSubNormal),
    4: ticks(SOURCE),
    16: struct.pack("<H", 1234),
    8: ticks(SERVER),
    32: struct.pack("<H", 5678),
}
"""The bytes of each field by its bit of the mask, in their order."""


def encoded(mask: int) -> bytes:
    return bytes((mask,)) + b"".join(content for bit, content in FIELDS.items() if mask & bit)


@pytest.mark.parametrize("decoder", [data_value, lambda data: struct_from_binary(ua.DataValue, data)])
@pytest.mark.parametrize("mask", range(64))
def test_every_field_is_read_from_its_own_bytes(mask: int, decoder: object) -> None:
    data = Buffer(encoded(mask) + b"next")
    assert callable(decoder)
    read = decoder(data)
    assert bytes(data) == b"next"
    assert read.Value.Value == (0.5 if mask & 1 else None)
    assert read.StatusCode.value == (ua.StatusCodes.UncertainSubNormal if mask & 2 else 0)
    assert read.SourceTimestamp == (SOURCE if mask & 4 else None)
    assert read.ServerTimestamp == (SERVER if mask & 8 else None)
    assert read.SourcePicoseconds == (1234 if mask & 16 else None)
    assert read.ServerPicoseconds == (5678 if mask & 32 else None)


def test_a_text_with_picoseconds_bears_the_times_of_the_server() -> None:
    # The adapter reads numbers itself; what is no number the library's decoder reads.
    text = b"\x0c" + struct.pack("<i", 4) + b"text"
    rows = b"".join(struct.pack("<I", node) + encoded(63).replace(FIELDS[1], text) for node in range(3))
    values = changes(struct.pack("<i", 3) + rows + struct.pack("<i", 0))
    assert values.node.tolist() == [0, 1, 2]
    assert values.source.tolist() == [int(SOURCE.timestamp()) * 1_000_000_000] * 3
    assert values.server.tolist() == [int(SERVER.timestamp()) * 1_000_000_000] * 3
    assert values.status.tolist() == [ua.StatusCodes.UncertainSubNormal] * 3
