"""The time line of a case: what was expected beside what happened."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rules.engine.event import Event
from rules.study.cases.case import Case, Expected

SAME: Final = 1e-6
"""Values are equal up to this relative difference: engineers write six digits. [1]"""

SAME_TIME: Final = 1000
"""Events closer than this are at one time. A calculated point shifts samples of one time by a nanosecond each. [ns]"""


@dataclass(frozen=True, slots=True)
class Moment:
    """One row of the time line of a case.

    Attributes
    ----------
    time : int
        Since the start of the case. [ns]
    expected : Expected or None
        The expected event.
    actual : Event or None
        The event of the engine. A row has both only if they agree.

    """

    time: int
    expected: Expected | None
    actual: Event | None

    @property
    def agrees(self) -> bool:
        """Whether the expected event happened."""
        return self.expected is not None and self.actual is not None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The outcome of a case: its time line."""

    case: Case
    moments: tuple[Moment, ...]

    @property
    def passed(self) -> bool:
        """Whether all expected events happened, and no other."""
        return all(moment.agrees for moment in self.moments)


def time_line(case: Case, events: Iterable[Event]) -> tuple[Moment, ...]:
    """Pair expected and actual events. One without a partner stands alone; at one time, expected ones come first."""
    awaited: defaultdict[tuple[str, str], list[Expected]] = defaultdict(list)
    for expected in case.expect:
        awaited[expected.condition, expected.transition].append(expected)
    happened: list[Moment] = []
    for event in events:
        time = event.time - case.start
        candidates = awaited[event.condition, event.transition]
        partner = next((expected for expected in candidates if _fits(expected, event, time)), None)
        if partner is not None:
            candidates.remove(partner)
        happened.append(Moment(time if partner is None else partner.at, partner, event))
    missed = [Moment(expected.at, expected, None) for left in awaited.values() for expected in left]
    return tuple(sorted([*missed, *happened], key=lambda moment: moment.time))


def _fits(expected: Expected, event: Event, time: int) -> bool:
    if abs(expected.at - time) >= SAME_TIME:
        return False
    if expected.level is not None and expected.level != event.level:
        return False
    if expected.value is None:
        return True
    return event.value is not None and math.isclose(expected.value, event.value, rel_tol=SAME, abs_tol=SAME * SAME)
