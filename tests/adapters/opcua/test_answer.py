"""What is read of an answer to a publish request is what the library reads of it."""

import struct
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime

import numpy as np
import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.opcua.answer import MALFORMED, Answer, changes, read_answer, read_values
from adapters.sources.opcua.decode import DataValues, data_values, nanoseconds, number
from adapters.sources.opcua.memory import warm_up
from hazwatch.live.clock import wall
from plant.units import SECOND

warm_up()  # hypothesis would take the compilation for a slow example
FIELDS = [field.name for field in fields(DataValues)]
OURS, ANOTHER = 7, 8
TICKS = (1_400_000_000 + 11_644_473_600) * 10_000_000
"""2014-05-13T16:53:20Z. [100 ns since 1601]"""
NUMBERS = {
    ua.VariantType.Boolean: st.booleans(),
    ua.VariantType.SByte: st.integers(-(2**7), 2**7 - 1),
    ua.VariantType.Byte: st.integers(0, 2**8 - 1),
    ua.VariantType.Int16: st.integers(-(2**15), 2**15 - 1),
    ua.VariantType.UInt16: st.integers(0, 2**16 - 1),
    ua.VariantType.Int32: st.integers(-(2**31), 2**31 - 1),
    ua.VariantType.UInt32: st.integers(0, 2**32 - 1),
    ua.VariantType.Int64: st.integers(-(2**63), 2**63 - 1),
    ua.VariantType.UInt64: st.integers(0, 2**64 - 1),
    ua.VariantType.Float: st.floats(width=32),
    ua.VariantType.Double: st.floats(),
}
OTHERS = [ua.Variant("text"), ua.Variant([1.0, 2.0], ua.VariantType.Double), ua.Variant(b"\x0b\x0f")]

numbers = st.sampled_from(list(NUMBERS)).flatmap(lambda kind: NUMBERS[kind].map(lambda value: ua.Variant(value, kind)))
statuses = st.none() | st.integers(0, 2**32 - 1).map(lambda code: ua.StatusCode(ua.UInt32(code)))
stamps = st.none() | st.datetimes(datetime.fromisoformat("1601-01-01"), timezones=st.just(UTC))


def rows(values: st.SearchStrategy[ua.Variant]) -> st.SearchStrategy[list[ua.MonitoredItemNotification]]:
    held = st.builds(ua.DataValue, values, statuses, stamps, stamps)
    return st.lists(st.builds(ua.MonitoredItemNotification, st.integers(0, 2**32 - 1), held), max_size=8)


def answer(*parts: object) -> Buffer:
    result = ua.PublishResponse()
    result.TypeId = ua.FourByteNodeId(ua.Int32(ua.ObjectIds.PublishResponse_Encoding_DefaultBinary))
    result.Parameters.SubscriptionId = OURS
    result.Parameters.AvailableSequenceNumbers = [40, 41]
    result.Parameters.NotificationMessage.SequenceNumber = 42
    result.Parameters.NotificationMessage.NotificationData = list(parts)
    return Buffer(struct_to_binary(result))


def ours(data: Buffer) -> Answer:
    read = read_answer(data, OURS)
    assert read is not None
    return read


def by_the_library(nodes: Sequence[int], values: Sequence[ua.DataValue]) -> DataValues:
    """The same rows, from the data values that the library makes."""
    return data_values(
        np.array(nodes, np.int64),
        np.array([nanoseconds(value.SourceTimestamp) for value in values], np.int64),
        np.array([nanoseconds(value.ServerTimestamp) for value in values], np.int64),
        np.array([number(value) for value in values], np.float64),
        np.array([0 if value.StatusCode is None else value.StatusCode.value for value in values], np.uint32),
    )


def same(left: DataValues, right: DataValues) -> bool:
    return all(np.array_equal(getattr(left, name), getattr(right, name), equal_nan=name == "value") for name in FIELDS)


@given(rows(numbers | st.just(ua.Variant()) | st.sampled_from(OTHERS)) | rows(numbers))
def test_rows_are_read_as_the_library_reads_them(items: list[ua.MonitoredItemNotification]) -> None:
    body = struct_to_binary(ua.DataChangeNotification(MonitoredItems=items))
    read = struct_from_binary(ua.DataChangeNotification, Buffer(body)).MonitoredItems
    assert same(changes(body), by_the_library([item.ClientHandle for item in read], [item.Value for item in read]))


@given(st.lists(st.builds(ua.DataValue, numbers | st.sampled_from(OTHERS), statuses, stamps, stamps), max_size=8))
def test_values_are_read_as_the_library_reads_them(values: list[ua.DataValue]) -> None:
    response = ua.ReadResponse(Results=values)
    response.TypeId = ua.FourByteNodeId(ua.Int32(ua.ObjectIds.ReadResponse_Encoding_DefaultBinary))
    body = struct_to_binary(response)
    read = struct_from_binary(ua.ReadResponse, Buffer(body)).Results
    assert same(read_values(Buffer(body)), by_the_library(range(len(read)), read))


PLAIN = struct.pack("<BBdIqq", 0x0F, 11, 1.25, 0, TICKS, TICKS + 10_000_000)
FINE = struct.pack("<BBdqHqH", 0x3D, 11, 1.25, TICKS, 9999, TICKS + 10_000_000, 1)


def test_picoseconds_stand_behind_their_timestamp_and_change_none_of_them() -> None:
    rows = [struct.pack("<I", node) + row for node, row in enumerate((PLAIN, FINE, PLAIN))]
    values = changes(struct.pack("<i", 3) + b"".join(rows))
    assert values.source.tolist() == [1_400_000_000_000_000_000] * 3
    assert values.server.tolist() == [1_400_000_001_000_000_000] * 3
    assert values.value.tolist() == [1.25] * 3


@pytest.mark.parametrize("length", range(4, 4 + 4 + len(PLAIN)))
def test_a_row_that_is_cut_off_is_an_error(length: int) -> None:
    with pytest.raises((*MALFORMED, ua.UaError)):
        changes((struct.pack("<iI", 1, 0) + PLAIN)[:length])


def test_a_count_larger_than_the_answer_reserves_no_memory() -> None:
    with pytest.raises(MALFORMED):
        changes(struct.pack("<i", 2**31 - 1))


def test_all_parts_of_an_answer_are_read_and_its_number_is_told() -> None:
    items = [ua.MonitoredItemNotification(node, ua.DataValue(ua.Variant(float(node)))) for node in range(3)]
    parts = [ua.DataChangeNotification(MonitoredItems=items[:2]), ua.DataChangeNotification(MonitoredItems=items[2:])]
    read = ours(answer(*parts))
    assert read.sequence == 42
    assert same(read.values, by_the_library(range(3), [item.Value for item in items]))


def test_an_answer_that_only_shows_that_the_server_lives_needs_no_acknowledgement() -> None:
    read = ours(answer())
    assert len(read.values) == 0
    assert read.sequence is None


def test_an_answer_says_when_the_server_sent_it() -> None:
    earlier, later = (ours(answer()).sent or 0 for _ in range(2))
    assert abs(earlier - wall()) < SECOND
    assert earlier <= later


def test_a_subscription_that_the_server_ended_is_an_error() -> None:
    ended = ua.StatusChangeNotification(Status=ua.StatusCode(ua.UInt32(ua.StatusCodes.BadTimeout)))
    with pytest.raises(ua.uaerrors.BadTimeout):
        read_answer(answer(ended), OURS)


@pytest.mark.parametrize(
    "part",
    [
        ua.StatusChangeNotification(Status=ua.StatusCode(ua.UInt32(ua.StatusCodes.BadTimeout))),
        ua.DataChangeNotification(MonitoredItems=[ua.MonitoredItemNotification(0, ua.DataValue(ua.Variant(1.0)))]),
    ],
    ids=["its end", "its changes"],
)
def test_nothing_of_another_subscription_is_taken_for_ours(part: object) -> None:
    assert read_answer(answer(part), ANOTHER) is None


@given(st.integers(0, 200))
def test_an_answer_that_is_cut_off_is_an_error(length: int) -> None:
    items = [ua.MonitoredItemNotification(node, ua.DataValue(ua.Variant(1.0))) for node in range(20)]
    whole = bytes(answer(ua.DataChangeNotification(MonitoredItems=items)))
    with pytest.raises(ua.UaError):
        read_answer(Buffer(whole[:length]), OURS)
