"""Events of one call of the engine, as columns; each is made into an object when it is looked at."""

from collections.abc import Sequence
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from rules import layout
from rules.conditions import Conditions
from rules.event import Event, QualityName, Transition, event_id

QUALITIES: Final[tuple[QualityName, ...]] = ("GOOD", "UNCERTAIN", "BAD")


class Events(Sequence[Event]):
    """Consecutive events.

    Parameters
    ----------
    block : (n,) record of EVENT
    conditions : Conditions
        Of which the block has the rows.
    rules : str
        Version of the rule-set.
    before : int
        `seq` of the event before the first.

    """

    def __init__(self, block: NDArray[Any], conditions: Conditions, rules: str, before: int) -> None:
        self._block: Final = block
        self._conditions: Final = conditions
        self._rules: Final = rules
        self._before: Final = before

    def __len__(self) -> int:
        return len(self._block)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        """Make an event, or several."""
        if isinstance(index, slice):
            return [self._event(number) for number in range(*index.indices(len(self)))]
        return self._event(range(len(self))[index])

    def __eq__(self, other: object) -> bool:
        """Compare with any sequence of events."""
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        """Return the hash of its events."""
        return hash(tuple(self))

    def _event(self, number: int) -> Event:
        time, raised, value, row, repeats, transition, quality = self._block[number].item()
        condition = self._conditions.of(row)
        name: Transition = "raise" if transition == layout.RAISE else "clear"
        counted = isinstance(condition.setpoint, int)
        return Event(
            seq=self._before + number + 1,
            id=event_id(condition.id, raised, name, repeats),
            time=time,
            hazard_source=condition.hazard_source,
            point=condition.point,
            condition=condition.id,
            transition=name,
            level=condition.level.value,
            value=(int(value) if counted else value) if np.isfinite(value) else None,
            setpoint=condition.setpoint,
            quality=QUALITIES[quality],
            rules=self._rules,
        )
