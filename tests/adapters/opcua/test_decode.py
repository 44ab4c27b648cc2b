"""Status codes, values and timestamps of OPC UA, in the words of the plant."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.opcua.answer import read_values
from adapters.sources.opcua.decode import NO_TIME, DataValues, nanoseconds, quality, state
from plant import Quality, State

HIGH_LIMIT = 0x400 | 0x200
LOW_LIMIT = 0x400 | 0x100


def answer(value: object = 1.0, status: int = 0) -> ua.DataValue:
    return ua.DataValue(ua.Variant(value), StatusCode=ua.StatusCode(ua.UInt32(status)))


def decoded(value: ua.DataValue) -> DataValues:
    """The row that an answer to a read request with this value becomes."""
    return read_values(Buffer(struct_to_binary(ua.ReadResponse(Results=[value]))))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(StatusCodes.Good, (Quality.GOOD, 0), id="good"),
        pytest.param(StatusCodes.GoodClamped, (Quality.GOOD, 0), id="a subcode of good"),
        pytest.param(StatusCodes.GoodLocalOverride, (Quality.GOOD, State.CALIBRATING), id="a value set by hand"),
        pytest.param(
            StatusCodes.UncertainSubstituteValue, (Quality.UNCERTAIN, State.CALIBRATING), id="a substituted value"
        ),
        pytest.param(
            StatusCodes.UncertainSimulatedValue, (Quality.UNCERTAIN, State.CALIBRATING), id="a simulated value"
        ),
        pytest.param(StatusCodes.Uncertain, (Quality.UNCERTAIN, 0), id="uncertain"),
        pytest.param(StatusCodes.Bad, (Quality.BAD, 0), id="bad"),
        pytest.param(0xC0000000, (Quality.BAD, 0), id="the reserved severity"),
        pytest.param(StatusCodes.BadSensorFailure, (Quality.BAD, State.SENSOR_FAULT), id="sensor"),
        pytest.param(StatusCodes.BadDeviceFailure, (Quality.BAD, State.SUBSTATION_FAULT), id="device"),
        pytest.param(StatusCodes.BadNoCommunication, (Quality.BAD, State.SUBSTATION_FAULT), id="communication"),
        pytest.param(
            StatusCodes.BadCommunicationError, (Quality.BAD, State.SUBSTATION_FAULT), id="the link behind the server"
        ),
        pytest.param(StatusCodes.BadNotConnected, (Quality.BAD, State.NOT_SCANNED), id="not connected"),
        pytest.param(StatusCodes.BadOutOfService, (Quality.BAD, State.PAUSED), id="out of service"),
        pytest.param(
            StatusCodes.UncertainNoCommunicationLastUsableValue,
            (Quality.UNCERTAIN, State.SUBSTATION_FAULT),
            id="a last usable value is no evidence",
        ),
        pytest.param(
            StatusCodes.UncertainTransducerInManual, (Quality.UNCERTAIN, State.CALIBRATING), id="transducer in manual"
        ),
        pytest.param(StatusCodes.UncertainOverRange, (Quality.UNCERTAIN, State.OVER_RANGE), id="over range"),
        pytest.param(
            StatusCodes.UncertainSensorNotAccurate | HIGH_LIMIT,
            (Quality.UNCERTAIN, State.OVER_RANGE),
            id="at the sensor's upper limit",
        ),
        pytest.param(
            StatusCodes.UncertainSensorNotAccurate | LOW_LIMIT, (Quality.UNCERTAIN, 0), id="at the sensor's lower limit"
        ),
        pytest.param(StatusCodes.UncertainSensorNotAccurate | 0x200, (Quality.UNCERTAIN, 0), id="no limit bits"),
        pytest.param(StatusCodes.Good | 0x480, (Quality.GOOD, 0), id="overflow says nothing of the value"),
    ],
)
def test_a_status_code_gives_quality_and_state(status: int, expected: tuple[Quality, State]) -> None:
    row = decoded(answer(status=status))
    assert (quality(row).item(), state(row).item()) == expected


@pytest.mark.parametrize(
    ("value", "number"),
    [
        pytest.param(True, 1.0, id="true"),
        pytest.param(False, 0.0, id="false"),
        pytest.param(-7, -7.0, id="integer"),
        pytest.param(2**62 + 1, float(2**62), id="large integer"),
        pytest.param(0.1, 0.1, id="float"),
    ],
)
def test_booleans_and_numbers_become_floats(value: object, number: float) -> None:
    row = decoded(answer(value))
    assert row.value.tolist() == [number]
    assert quality(row).tolist() == [Quality.GOOD]


@pytest.mark.parametrize("value", ["1.0", None, [1.0, 2.0], b"1", datetime(2014, 1, 1, tzinfo=UTC)])
def test_what_is_no_number_is_bad(value: object) -> None:
    row = decoded(answer(value))
    assert math.isnan(row.value.item())
    assert quality(row).tolist() == [Quality.BAD]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_and_infinities_are_bad_whatever_the_server_says(value: float) -> None:
    assert quality(decoded(answer(value))).tolist() == [Quality.BAD]


def test_the_overflow_bit_is_seen_and_is_no_part_of_the_status() -> None:
    assert decoded(answer(status=0x480)).overflow.tolist() == [True]
    assert decoded(answer(status=0x80)).overflow.tolist() == [False]
    assert decoded(answer(status=0x480)).status.tolist() == decoded(answer()).status.tolist()


def test_a_value_without_status_is_good() -> None:
    assert quality(decoded(ua.DataValue(ua.Variant(1.0), StatusCode=None))).tolist() == [Quality.GOOD]


@given(st.datetimes(datetime(1970, 1, 1, 0, 0, 1), datetime(2261, 12, 31)))  # noqa: DTZ001
def test_a_timestamp_is_exact_in_any_zone_and_utc_without_one(moment: datetime) -> None:
    exact = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1) * 1000  # noqa: DTZ001
    shanghai = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=8)))
    assert nanoseconds(moment) == nanoseconds(moment.replace(tzinfo=UTC)) == nanoseconds(shanghai) == exact


@pytest.mark.parametrize(
    "stamp", [None, datetime(1601, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)]
)
def test_a_timestamp_that_no_running_server_sends_is_no_time(stamp: datetime | None) -> None:
    assert nanoseconds(stamp) == NO_TIME
