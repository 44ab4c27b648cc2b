"""Faults on request: changes samples as a broken sensor, a calibration or a cut cable would.

The written form is `POINT KIND FROM..TO` with times since the start of the trace: `T1 freeze 10m..20m`,
`T1 drop 90s..2m`, `T1 spike 10m..10m2s 4.0`, `T1 calibration 10m..14m [unflagged]`. A lost link names a source instead
of a point: `kj-ua lost_link 10m..20m`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from plant import Message, PointTable, SampleBatch, State, message_of, parse_duration

EXPECTED_FAULT: Final = Message('expected "POINT KIND FROM..TO", such as "T1 freeze 10m..20m"')
PLATEAUS: Final = (1.0, 2.0, 0.0)
"""Concentrations of standard gas during a calibration, each for a third of it. [%]"""


class FaultKind(StrEnum):
    """The kinds of faults."""

    DROP = "drop"
    FREEZE = "freeze"
    SPIKE = "spike"
    CALIBRATION = "calibration"
    LOST_LINK = "lost_link"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a point, or a lost link of a source.

    Attributes
    ----------
    target : str
        Id of the point, or of the source.
    kind : Kind
        Kind of the fault.
    start, end : int
        The fault acts in [start, end), counted from the start of the trace. [ns]
    value : float
        Value of a spike; NaN for the other kinds. [unit of the point]
    flagged : bool
        True if the state bit marks the calibration.

    """

    target: str
    kind: FaultKind
    start: int
    end: int
    value: float = float("nan")
    flagged: bool = True

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form.

        Raises
        ------
        ValueError
            The message names the error and the expected form.

        """
        words = text.split()
        if len(words) < 3:
            raise _wrong(text, EXPECTED_FAULT)
        target, kind, span, *options = words
        if kind not in list(FaultKind):
            raise _wrong(text, Message("{kind!r}: expected one of {kinds}", kind=kind, kinds=tuple(FaultKind)))
        start, end = _span(text, span)
        if kind == FaultKind.SPIKE:
            return cls(target, FaultKind.SPIKE, start, end, value=_value(text, options))
        if kind == FaultKind.CALIBRATION and options == ["unflagged"]:
            return cls(target, FaultKind.CALIBRATION, start, end, flagged=False)
        if options:
            message = Message("{word!r} is one word too many; {expected}", word=options[0], expected=EXPECTED_FAULT)
            raise _wrong(text, message)
        return cls(target, FaultKind(kind), start, end)


def _wrong(text: str, problem: Message) -> ValueError:
    return ValueError(Message("{fault!r}: {problem}", fault=text, problem=problem))


def _span(text: str, span: str) -> tuple[int, int]:
    first, separator, last = span.partition("..")
    if not separator:
        raise _wrong(text, Message("{span!r}: expected FROM..TO, such as 10m..20m", span=span))
    try:
        start, end = parse_duration(first), parse_duration(last)
    except ValueError as error:
        raise _wrong(text, Message("{span!r}: {problem}", span=span, problem=message_of(error))) from None
    if start >= end:
        raise _wrong(text, Message("{span!r}: expected FROM before TO", span=span))
    return start, end


def _value(text: str, options: Sequence[str]) -> float:
    try:
        (value,) = options
        return float(value)
    except ValueError:
        message = Message('expected the value of the spike, as in "T1 spike 10m..10m2s 4.0"')
        raise _wrong(text, message) from None


class LostLink(NamedTuple):
    """A period in which a source is unreachable. The server must enact it, as samples cannot show it. [ns, UTC]."""

    source: str
    start: int
    end: int


@dataclass(slots=True)
class Faults:
    """Faults of a trace that starts at `origin`. The trace may come in any pieces, if they are in order of time."""

    origin: int
    faults: Sequence[tuple[int, Fault]]
    lost_links: Sequence[LostLink]
    # Last value of a frozen point before its fault, by the number of the fault: the value may be in an earlier piece.
    _held: dict[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, faults: Sequence[Fault], points: PointTable, sources: Sequence[str], *, origin: int) -> Self:
        """Bind faults to the points and sources of a site.

        Raises
        ------
        ValueError
            The site does not have a point or a source.

        """
        links = [fault for fault in faults if fault.kind == FaultKind.LOST_LINK]
        point_faults = [fault for fault in faults if fault.kind != FaultKind.LOST_LINK]
        for fault in links:
            if fault.target not in sources:
                message = Message("expected a source of the site file, one of {sources}", sources=tuple(sources))
                raise _wrong(fault.target, message)
        for fault in point_faults:
            if fault.target not in points:
                raise _wrong(fault.target, Message("expected a point of the site file"))
        return cls(
            origin,
            [(points.column(fault.target), fault) for fault in point_faults],
            [LostLink(fault.target, origin + fault.start, origin + fault.end) for fault in links],
        )

    def apply(self, batch: SampleBatch) -> SampleBatch:
        """Return the samples of the faulty plant; faults act in the order of `faults`.

        Times, arrivals and the order of rows do not change. A frozen point repeats its last value from before the
        fault; without such a value the fault has no effect. A calibration shows its three plateaus.
        """
        values, states = batch.value.copy(), batch.state.copy()
        kept = np.ones(len(batch), np.bool_)
        since = batch.time - self.origin
        for number, (column, fault) in enumerate(self.faults):
            mine = batch.point == column
            rows = mine & (since >= fault.start) & (since < fault.end)
            if fault.kind == FaultKind.DROP:
                kept &= ~rows
            elif fault.kind == FaultKind.FREEZE:
                self._freeze(number, values, rows, mine & (since < fault.start))
            elif fault.kind == FaultKind.SPIKE:
                values[rows] = fault.value
            else:
                values[rows] = _plateaus(since[rows], fault)
                # NORMAL is 0: an unflagged calibration looks like a measurement, which the rules must cope with.
                states[rows] |= np.uint16(State.CALIBRATING if fault.flagged else State.NORMAL)
        return replace(batch, value=values, state=states).take(kept)

    def _freeze(
        self, number: int, values: NDArray[np.float64], rows: NDArray[np.bool_], before: NDArray[np.bool_]
    ) -> None:
        if before.any():
            self._held[number] = float(values[before][-1])
        if number in self._held:
            values[rows] = self._held[number]


def _plateaus(since: NDArray[np.int64], fault: Fault) -> NDArray[np.float64]:
    third = (since - fault.start) * len(PLATEAUS) // (fault.end - fault.start)
    return np.array(PLATEAUS)[third]
