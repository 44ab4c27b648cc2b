"""Faults on request: what a broken sensor, a calibration or a cut cable makes of the samples of a plant.

A fault is written as `POINT KIND FROM..TO`, in times since the trace began: `T1 freeze 10m..20m`, `T1 drop 90s..2m`,
`T1 spike 10m..10m2s 4.0`, `T1 calibration 10m..14m [unflagged]`, and for a whole source `kj-ua lost_link 10m..20m`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from plant import PointTable, SampleBatch, State, parse_duration

EXPECTED: Final = 'expected "POINT KIND FROM..TO", such as "T1 freeze 10m..20m"'
PLATEAUS: Final = (1.0, 2.0, 0.0)
"""Standard gas that is put on a sensor, each for a third of a calibration. [%]"""


class Kind(StrEnum):
    """What may go wrong."""

    DROP = "drop"
    FREEZE = "freeze"
    SPIKE = "spike"
    CALIBRATION = "calibration"
    LOST_LINK = "lost_link"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a point, or of a source where the link is lost.

    Attributes
    ----------
    target : str
        Id of the point, or of the source.
    kind : Kind
        What goes wrong.
    start, end : int
        From `start` on, before `end`, since the trace began. [ns]
    value : float
        What a spike shows; NaN for the other kinds. [unit of the point]
    flagged : bool
        Whether a calibration is marked by its state bit.

    """

    target: str
    kind: Kind
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
            What is wrong, and what to write instead.

        """
        words = text.split()
        if len(words) < 3:
            raise ValueError(f"{text!r}: {EXPECTED}")
        target, kind, span, *rest = words
        if kind not in list(Kind):
            raise ValueError(f"{text!r}: {kind!r}: expected one of {', '.join(Kind)}")
        start, end = _span(text, span)
        if kind == Kind.SPIKE:
            return cls(target, Kind.SPIKE, start, end, value=_value(text, rest))
        if kind == Kind.CALIBRATION and rest == ["unflagged"]:
            return cls(target, Kind.CALIBRATION, start, end, flagged=False)
        if rest:
            raise ValueError(f"{text!r}: nothing may follow but {rest[0]!r} does; {EXPECTED}")
        return cls(target, Kind(kind), start, end)


def _span(text: str, span: str) -> tuple[int, int]:
    first, found, last = span.partition("..")
    if not found:
        raise ValueError(f"{text!r}: {span!r}: expected FROM..TO, such as 10m..20m")
    try:
        start, end = parse_duration(first), parse_duration(last)
    except ValueError as error:
        raise ValueError(f"{text!r}: {span!r}: {error}") from None
    if start >= end:
        raise ValueError(f"{text!r}: {span!r}: expected FROM before TO")
    return start, end


def _value(text: str, rest: Sequence[str]) -> float:
    try:
        (value,) = rest
        return float(value)
    except ValueError:
        raise ValueError(f'{text!r}: expected the value of the spike, as in "T1 spike 10m..10m2s 4.0"') from None


class LostLink(NamedTuple):
    """A source that cannot be reached for a time; its server has to see to it. [ns, UTC]."""

    source: str
    start: int
    end: int


@dataclass(slots=True)
class Faults:
    """Faults of a trace that begins at `origin`: takes its samples as they come, in order of time, cut in any way."""

    origin: int
    faults: Sequence[tuple[int, Fault]]
    lost_links: Sequence[LostLink]
    _held: dict[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, faults: Sequence[Fault], points: PointTable, sources: Sequence[str], *, origin: int) -> Self:
        """Bind faults to the points and sources of a site.

        Raises
        ------
        ValueError
            A point or a source that the site does not have.

        """
        links = [fault for fault in faults if fault.kind == Kind.LOST_LINK]
        others = [fault for fault in faults if fault.kind != Kind.LOST_LINK]
        for fault in links:
            if fault.target not in sources:
                raise ValueError(f"{fault.target!r}: expected a source of the site file: {', '.join(sources)}")
        for fault in others:
            if fault.target not in points:
                raise ValueError(f"{fault.target!r}: expected a point of the site file")
        return cls(
            origin,
            [(points.column(fault.target), fault) for fault in others],
            [LostLink(fault.target, origin + fault.start, origin + fault.end) for fault in links],
        )

    def apply(self, batch: SampleBatch) -> SampleBatch:
        """Return the samples as the faulty plant would have given them; faults act in the order in which they stand.

        Times, arrivals and the order of the rows stay. A frozen point repeats its last value from before the fault
        (nothing happens to one that had none); a calibration shows its three plateaus.
        """
        values, states = batch.value.copy(), batch.state.copy()
        kept = np.ones(len(batch), np.bool_)
        since = batch.time - self.origin
        for number, (column, fault) in enumerate(self.faults):
            mine = batch.point == column
            rows = mine & (since >= fault.start) & (since < fault.end)
            if fault.kind == Kind.DROP:
                kept &= ~rows
            elif fault.kind == Kind.FREEZE:
                self._freeze(number, values, rows, mine & (since < fault.start))
            elif fault.kind == Kind.SPIKE:
                values[rows] = fault.value
            else:
                values[rows] = _plateaus(since[rows], fault)
                states[rows] |= np.uint16(State.CALIBRATING if fault.flagged else State.NORMAL)
        changed = SampleBatch.of(
            batch.point,
            batch.time,
            values,
            quality=batch.quality,
            state=states,
            backfilled=batch.backfilled,
            arrival=batch.arrival,
        )
        return changed.take(kept)

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
