"""Translates OPC UA data values into columns, and their status into the plant's quality and state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, Self

import numpy as np
from asyncua import ua
from numpy.typing import NDArray

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
WAITING: Final = int(ua.StatusCodes.BadWaitingForInitialData)

SEVERITY: Final[NDArray[np.uint8]] = np.array(
    [Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.BAD], dtype=np.uint8
)
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
NO_TIME: Final = np.iinfo(np.int64).min
"""Instead of a timestamp that the server did not send, or that lies outside of 1970 to 2262."""


@dataclass(frozen=True, slots=True)
class DataValues:
    """Data values of nodes, as columns.

    Attributes
    ----------
    node : (n,) int64
        Number of the node within its source.
    source, server : (n,) int64
        Source and server timestamp, or NO_TIME. [ns, UTC]
    value : (n,) float64
        NaN if the value is not a number. [unit of the point]
    status : (n,) uint32
        StatusCode reduced to its code and limit bits.
    overflow : (n,) bool
        The server's queue overflowed and lost rows before this one.

    """

    node: NDArray[np.int64]
    source: NDArray[np.int64]
    server: NDArray[np.int64]
    value: NDArray[np.float64]
    status: NDArray[np.uint32]
    overflow: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.node)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Self:
        """Return the chosen rows."""
        return type(self)(*(getattr(self, name)[rows] for name in self.__slots__))

    @classmethod
    def concatenate(cls, parts: Sequence["DataValues"]) -> Self:
        """Return the rows of all parts in their order; none if there are no parts."""
        whole = [no_values(), *parts]
        return cls(*(np.concatenate([getattr(part, name) for part in whole]) for name in cls.__slots__))


def no_values() -> DataValues:
    """Return data values without a row."""
    numbers = np.zeros(0, np.int64)
    return DataValues(numbers, numbers, numbers, np.zeros(0), np.zeros(0, np.uint32), np.zeros(0, np.bool_))


def data_values(
    node: NDArray[np.int64],
    source: NDArray[np.int64],
    server: NDArray[np.int64],
    value: NDArray[np.float64],
    raw: NDArray[np.uint32],
) -> DataValues:
    """Return data values from columns with the StatusCodes that were sent, (n,) each."""
    # The limit and overflow bits are defined only if the info type says that they belong to a data value.
    informed = raw & INFO_TYPE == DATA_VALUE
    status = raw & np.where(informed, np.uint32(CODE | LIMIT_BITS), np.uint32(CODE))
    return DataValues(node, source, server, value, status, informed & (raw & OVERFLOW != 0))


def quality(values: DataValues) -> NDArray[np.uint8]:
    """Return the quality of each row; NaN and infinities are BAD whatever their StatusCode."""
    return np.where(np.isfinite(values.value), SEVERITY[values.status >> 30], np.uint8(Quality.BAD))


def state(values: DataValues) -> NDArray[np.uint16]:
    """Return the run state that corresponds to the StatusCode of each row."""
    states = np.zeros(len(values), np.uint16)
    # Nearly all rows are Good; a batch has few other codes.
    other = np.flatnonzero(values.status)
    for status in np.unique(values.status[other]):
        states[other[values.status[other] == status]] = _state_of(int(status))
    return states


@cache
def _state_of(status: int) -> State:
    code = status & CODE
    if code in AT_A_LIMIT and status & LIMIT_BITS == HIGH:
        return State.OVER_RANGE
    return STATE_OF_STATUS.get(code, State.NORMAL)


def number(value: ua.DataValue) -> float:
    """Return the value of the library's data value: booleans and integers become floats, anything else NaN."""
    held = None if value.Value is None else value.Value.Value
    return float(held) if isinstance(held, int | float) else np.nan


def nanoseconds(stamp: datetime | None) -> int:
    """Return a timestamp of the library, or NO_TIME. [ns, UTC]."""
    if stamp is None:
        return NO_TIME
    # A naive datetime of asyncua is UTC, and a time that the server never set is 1601.
    stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    return (stamp - _EPOCH) // _MICROSECOND * 1000 if _EPOCH < stamp < _LATEST else NO_TIME
