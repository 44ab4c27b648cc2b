"""Translates OPC UA data values into readings with the plant's quality and state."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from asyncua import ua

from plant import Quality, State

# Bits of a StatusCode (OPC 10000-4, 7.39):
#   31..30 severity   31..16 code (with severity)   11..10 type of the info bits: 01 = of a data value
#   9..8   limits: 00 none, 01 low, 10 high, 11 constant                7 queue overflow
CODE: Final = 0xFFFF0000
INFO_TYPE: Final = 0xC00
DATA_VALUE: Final = 0x400
OVERFLOW: Final = 0x80
LIMIT_BITS: Final = 0x300
HIGH: Final = 0x200
WAITING: Final = ua.StatusCodes.BadWaitingForInitialData

SEVERITY: Final[tuple[Quality, ...]] = (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.BAD)
"""Quality by the severity bits of a StatusCode; the fourth severity is reserved and counts as Bad."""

STATE_OF_STATUS: Final[Mapping[int, State]] = {
    ua.StatusCodes.BadCommunicationError: State.SUBSTATION_FAULT,
    ua.StatusCodes.BadNoCommunication: State.SUBSTATION_FAULT,
    ua.StatusCodes.BadDeviceFailure: State.SUBSTATION_FAULT,
    ua.StatusCodes.UncertainNoCommunicationLastUsableValue: State.SUBSTATION_FAULT,
    ua.StatusCodes.BadNotConnected: State.NOT_SCANNED,
    ua.StatusCodes.UncertainLastUsableValue: State.NOT_SCANNED,
    ua.StatusCodes.UncertainInitialValue: State.NOT_SCANNED,
    ua.StatusCodes.BadOutOfService: State.PAUSED,
    ua.StatusCodes.BadSensorFailure: State.SENSOR_FAULT,
    ua.StatusCodes.UncertainSensorCalibration: State.SENSOR_FAULT,
    ua.StatusCodes.GoodLocalOverride: State.CALIBRATING,
    ua.StatusCodes.UncertainSubstituteValue: State.CALIBRATING,
    ua.StatusCodes.UncertainSimulatedValue: State.CALIBRATING,
    ua.StatusCodes.UncertainTransducerInManual: State.CALIBRATING,
    ua.StatusCodes.UncertainOverRange: State.OVER_RANGE,
}
"""Run state by StatusCode.

A last usable value is stale, and a value that a person or a device put in the place of the measured one says nothing
about the gas. Neither may be evidence; Good or Uncertain alone would allow it.
A server that answers but cannot reach the device reports a broken link behind it. The bit mask of MT/T 1201 has no bit
for a link, so these codes keep bit 16: the substation does not answer, whose advice names its power and communication.
"""

AT_A_LIMIT: Final = frozenset(
    (ua.StatusCodes.UncertainSensorNotAccurate, ua.StatusCodes.UncertainEngineeringUnitsExceeded)
)
"""Codes that mean over range if the limit bits are "high"."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2262, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class NodeValue(NamedTuple):
    """One data value of a node.

    Attributes
    ----------
    node : int
        Number of the node within its source.
    source, server : int or None
        Source and server timestamp; None if the server sent none. [ns, UTC]
    value : float
        NaN if the value is not a number. [unit of the point]
    status : int
        StatusCode reduced to its code and limit bits.
    overflow : bool
        The server's queue overflowed and lost rows before this one.

    """

    node: int
    source: int | None
    server: int | None
    value: float
    status: int
    overflow: bool


def decode(node: int, answer: ua.DataValue) -> NodeValue:
    """Return the reading of a data value; booleans and integers become floats, anything else NaN."""
    status = 0 if answer.StatusCode is None else int(answer.StatusCode.value)
    value = None if answer.Value is None else answer.Value.Value
    return reading(node, value, status, nanoseconds(answer.SourceTimestamp), nanoseconds(answer.ServerTimestamp))


def reading(node: int, value: object, raw: int, source: int | None, server: int | None) -> NodeValue:
    """Return the reading of a raw value and a raw StatusCode."""
    # The limit and overflow bits are defined only if the info type says that they belong to a data value.
    informed = raw & INFO_TYPE == DATA_VALUE
    return NodeValue(
        node,
        source,
        server,
        float(value) if isinstance(value, int | float) else math.nan,
        raw & (CODE | LIMIT_BITS) if informed else raw & CODE,
        informed and bool(raw & OVERFLOW),
    )


def quality(reading: NodeValue) -> Quality:
    """Return the quality of a reading; NaN and infinities are BAD whatever their StatusCode."""
    return SEVERITY[reading.status >> 30] if math.isfinite(reading.value) else Quality.BAD


def state(reading: NodeValue) -> State:
    """Return the run state that corresponds to a reading's StatusCode."""
    if reading.status == ua.StatusCodes.Good:
        return State.NORMAL
    code = reading.status & CODE
    if code in AT_A_LIMIT and reading.status & LIMIT_BITS == HIGH:
        return State.OVER_RANGE
    return STATE_OF_STATUS.get(code, State.NORMAL)


def nanoseconds(stamp: datetime | None) -> int | None:
    """Return a timestamp; None if it is missing or outside 1970 to 2262. [ns, UTC]."""
    if stamp is None:
        return None
    # A naive datetime of asyncua is UTC, and a time that the server never set is 1601.
    stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    return (stamp - _EPOCH) // _MICROSECOND * 1000 if _EPOCH < stamp < _LATEST else None
