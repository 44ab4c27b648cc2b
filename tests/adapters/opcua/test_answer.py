"""What is read of an answer to a publish request is what the library reads of it."""

from datetime import UTC, datetime

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.opcua.answer import Answer, changes, read_answer
from adapters.sources.opcua.decode import decode

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
    result.Parameters.SubscriptionId = 7
    result.Parameters.AvailableSequenceNumbers = [40, 41]
    result.Parameters.NotificationMessage.SequenceNumber = 42
    result.Parameters.NotificationMessage.NotificationData = list(parts)
    return Buffer(struct_to_binary(result))


def same(left: object, right: object) -> bool:
    return repr(left) == repr(right)  # NaN is NaN


@given(rows(numbers | st.just(ua.Variant()) | st.sampled_from(OTHERS)) | rows(numbers))
def test_rows_are_read_as_the_library_reads_them(items: list[ua.MonitoredItemNotification]) -> None:
    body = struct_to_binary(ua.DataChangeNotification(MonitoredItems=items))
    read = struct_from_binary(ua.DataChangeNotification, Buffer(body)).MonitoredItems
    assert same(changes(body), [decode(item.ClientHandle, item.Value) for item in read])


def test_all_parts_of_an_answer_are_read_and_its_number_is_told() -> None:
    items = [ua.MonitoredItemNotification(node, ua.DataValue(ua.Variant(float(node)))) for node in range(3)]
    parts = [ua.DataChangeNotification(MonitoredItems=items[:2]), ua.DataChangeNotification(MonitoredItems=items[2:])]
    assert read_answer(answer(*parts)) == Answer([decode(item.ClientHandle, item.Value) for item in items], 42)


def test_an_answer_that_only_shows_that_the_server_lives_needs_no_acknowledgement() -> None:
    assert read_answer(answer()) == Answer([], None)


def test_a_subscription_that_the_server_ended_is_an_error() -> None:
    ended = ua.StatusChangeNotification(Status=ua.StatusCode(ua.UInt32(ua.StatusCodes.BadTimeout)))
    with pytest.raises(ua.uaerrors.BadTimeout):
        read_answer(answer(ended))


@given(st.integers(0, 200))
def test_an_answer_that_is_cut_off_is_an_error(length: int) -> None:
    items = [ua.MonitoredItemNotification(node, ua.DataValue(ua.Variant(1.0))) for node in range(20)]
    whole = bytes(answer(ua.DataChangeNotification(MonitoredItems=items)))
    with pytest.raises(ua.UaError):
        read_answer(Buffer(whole[:length]))
