"""Events of one call of the engine, as columns; each is made into an object when it is looked at."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final, overload

from rules.engine import records as layout
from rules.engine.event import Event, QualityName, Transition, event_id
from rules.engine.records import EventRecord, Rows
from rules.engine.row_index import RowIndex

FIELDS: Final = ("time", "raised", "value", "row", "repeats", "transition", "quality")
QUALITIES: Final[tuple[QualityName, ...]] = ("GOOD", "UNCERTAIN", "BAD")


class Events(Sequence[Event]):
    """Consecutive events.

    Parameters
    ----------
    block : array of EventRecord
    conditions : RowIndex
        Of which the block has the rows.
    rules : str
        Version of the rule-set.
    before : int
        `seq` of the event before the first.

    """

    def __init__(self, block: Rows[EventRecord], conditions: RowIndex, rules: str, before: int) -> None:
        self._block: Final = block
        self._conditions: Final = conditions
        self._rules: Final = rules
        self._before: Final = before

    def __len__(self) -> int:
        return len(self._block)

    def __iter__(self) -> Iterator[Event]:
        """Make one event after the other."""
        return self._made(0, len(self))

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        """Make an event, or several."""
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        return next(self._made(number, number + 1))

    def __eq__(self, other: object) -> bool:
        """Compare with any sequence of events."""
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        """Return the hash of its events."""
        return hash(tuple(self))

    def _made(self, first: int, stop: int) -> Iterator[Event]:
        """Make the events [first, stop), from whole columns: record by record takes several times as long."""
        block = self._block[first:stop]
        columns = (block[name].tolist() for name in FIELDS)
        return map(self._event, range(first, stop), zip(*columns, strict=True))

    def _event(self, number: int, record: tuple[int, int, float, int, int, int, int]) -> Event:
        time, raised, value, row, repeats, transition, quality = record
        condition = self._conditions.of(row)
        name: Transition = "raise" if transition == layout.RAISE else "clear"
        counted = isinstance(condition.setpoint, int)
        return Event(
            self._before + number + 1,
            event_id(condition.id, raised, name, repeats),
            time,
            condition.hazard_source,
            condition.point,
            condition.id,
            name,
            condition.level.value,
            (int(value) if counted else value) if isfinite(value) else None,
            condition.setpoint,
            QUALITIES[quality],
            self._rules,
        )
