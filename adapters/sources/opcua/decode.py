"""What an OPC UA server says of a node, in the words of the plant."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from asyncua import ua

from plant import Quality, State

CODE: Final = 0xFFFF0000
INFO_TYPE: Final = 0xC00
DATA_VALUE: Final = 0x400
OVERFLOW: Final = 0x80
LIMITS: Final = 0x300
HIGH: Final = 0x200
WAITING: Final = ua.StatusCodes.BadWaitingForInitialData

SEVERITY: Final[tuple[Quality, ...]] = (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.BAD)
"""By the two top bits of a StatusCode (OPC 10000-4, 7.39); the fourth is reserved and counts as Bad."""

STATES: Final[Mapping[int, State]] = {
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
    ua.StatusCodes.UncertainTransducerInManual: State.CALIBRATING,
    ua.StatusCodes.UncertainOverRange: State.OVER_RANGE,
}
"""The run state that a StatusCode means. A last usable value is no evidence, though OPC UA calls it uncertain only."""

AT_A_LIMIT: Final = frozenset(
    (ua.StatusCodes.UncertainSensorNotAccurate, ua.StatusCodes.UncertainEngineeringUnitsExceeded)
)
"""Over range where the limit bits say high."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2262, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Reading(NamedTuple):
    """What a server says of a node at one time.

    Attributes
    ----------
    node : int
        Which of the source's nodes.
    source, server : int or None
        Source and server timestamp, where there is one. [ns, UTC]
    value : float
        NaN where there is no number. [unit of the point]
    status : int
        StatusCode without the bits that say nothing of the value.
    overflow : bool
        The server's queue ran over: rows before this one were lost there.

    """

    node: int
    source: int | None
    server: int | None
    value: float
    status: int
    overflow: bool


def decode(node: int, answer: ua.DataValue) -> Reading:
    """Return what the server says; booleans and integers become floats, what is no number becomes NaN."""
    status = 0 if answer.StatusCode is None else int(answer.StatusCode.value)
    value = None if answer.Value is None else answer.Value.Value
    return reading(node, value, status, nanoseconds(answer.SourceTimestamp), nanoseconds(answer.ServerTimestamp))


def reading(node: int, value: object, raw: int, source: int | None, server: int | None) -> Reading:
    """Return a reading of a value and a StatusCode as they were sent."""
    informed = raw & INFO_TYPE == DATA_VALUE
    return Reading(
        node,
        source,
        server,
        float(value) if isinstance(value, int | float) else math.nan,
        raw & (CODE | LIMITS) if informed else raw & CODE,
        informed and bool(raw & OVERFLOW),
    )


def quality(reading: Reading) -> Quality:
    """Return the quality of a reading; NaN and infinities are BAD whatever the server says."""
    return SEVERITY[reading.status >> 30] if math.isfinite(reading.value) else Quality.BAD


def state(reading: Reading) -> State:
    """Return the run state that a reading's StatusCode means."""
    if reading.status == ua.StatusCodes.Good:
        return State.NORMAL
    code = reading.status & CODE
    if code in AT_A_LIMIT and reading.status & LIMITS == HIGH:
        return State.OVER_RANGE
    return STATES.get(code, State.NORMAL)


def nanoseconds(stamp: datetime | None) -> int | None:
    """Return a timestamp, None where it is missing or none that a running server sends. [ns, UTC]."""
    if stamp is None:
        return None
    stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    return (stamp - _EPOCH) // _MICROSECOND * 1000 if _EPOCH < stamp < _LATEST else None
