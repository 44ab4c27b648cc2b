"""Events: one raise or clear each with its exact text, and all events of one call of the engine as columns."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from typing import Final, Literal, overload

from plant.columns.rows import Rows
from plant.quality import QUALITY_NAMES, QualityName
from rules.engine.memory import codes
from rules.engine.memory.records import EventRecord
from rules.engine.memory.row_index import RowIndex

Transition = Literal["raise", "clear"]

EVENT_COLUMNS: Final = ("time", "raised", "value", "row", "repeats", "transition", "quality")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the event stream; fields in the order of the text.

    Attributes
    ----------
    seq : int
        From 1, without gaps, in the order of the log.
    id : str
        16 hexadecimal digits; the same log gives the same ids everywhere (see `event_id`).
    time : int
        Event time. [ns, UTC]
    hazard_source, point : str
        Hazard source and point of the condition; a vote has no point.
    condition : str
        Id of the limit, vote or interlock, or `stale:POINT`, `fault:POINT` ...
    transition, level : str
        `raise` or `clear`; level of the rule, also on a clear.
    value, setpoint : float or int or None
        Value of the feature and setpoint of the rule. [unit of the feature]
    quality : str
        Quality of the point's last accepted sample; BAD while the point is stale.
    rules : str
        Version of the rule-set in force, 12 hexadecimal digits.

    """

    seq: int
    id: str
    time: int
    hazard_source: str
    point: str | None
    condition: str
    transition: Transition
    level: str
    value: float | int | None
    setpoint: float | int | None
    quality: QualityName
    rules: str

    def to_json(self) -> str:
        """Return the line, without its line feed."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def event_id(condition: str, raised: int, transition: Transition, repeats: int) -> str:
    """Return the id of an event.

    Parameters
    ----------
    condition : str
        Id of the condition.
    raised : int
        Time of the raise of this episode. [ns, UTC]
    transition : str
        `raise` or `clear`.
    repeats : int
        Number of earlier events of this condition with the same three.

    """
    return sha256(f"{condition}|{raised}|{transition}|{repeats}".encode()).hexdigest()[:16]


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
        columns = (block[name].tolist() for name in EVENT_COLUMNS)
        return map(self._event, range(first, stop), zip(*columns, strict=True))

    def _event(self, number: int, record: tuple[int, int, float, int, int, int, int]) -> Event:
        time, raised, value, row, repeats, transition, quality = record
        condition = self._conditions.of(row)
        name: Transition = "raise" if transition == codes.RAISE else "clear"
        shown: float | int | None = value if isfinite(value) else None
        if shown is not None and isinstance(condition.setpoint, int):
            shown = int(value)  # a vote counts its members
        return Event(
            self._before + number + 1,
            event_id(condition.id, raised, name, repeats),
            time,
            condition.hazard_source,
            condition.point,
            condition.id,
            name,
            condition.level.value,
            shown,
            condition.setpoint,
            QUALITY_NAMES[quality],
            self._rules,
        )
