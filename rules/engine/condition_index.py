"""Conditions: what events say about the rows of the engine's memory."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plant import HEALTH_KINDS, Level, Point
from rules.engine import records as layout
from rules.spec.ruleset import RuleSet

KINDS: Final[dict[str, int]] = {name: number for number, name in enumerate(HEALTH_KINDS, start=layout.STALE)}
"""Kinds of health conditions."""


AT_HAND: Final = 10_000
"""So many conditions are kept as objects."""


class Condition(NamedTuple):
    """What is the same in all events of a condition."""

    id: str
    hazard_source: str
    point: str | None
    level: Level
    setpoint: float | int | None


class Conditions:
    """The conditions of a rule-set by their row, told from the rule-set as they are asked for.

    Parameters
    ----------
    rules : RuleSet
    kind : (rows,) uint8
        As in `layout`.
    point : (rows,) int32
        Column number of the point; that of a vote says nothing.
    origin : (rows,) int32
        Which limit, interlock or vote of the rule-set it is.

    """

    def __init__(
        self, rules: RuleSet, kind: NDArray[np.uint8], point: NDArray[np.int32], origin: NDArray[np.int32]
    ) -> None:
        self._rules: Final = rules
        self._kind: Final = kind
        self._point: Final = point
        self._origin: Final = origin
        self._known: Final[dict[int, Condition]] = {}

    def of(self, row: int) -> Condition:
        """Return the condition of a row; those that were asked for last are at hand."""
        known = self._known.get(row)
        if known is None:
            if len(self._known) >= AT_HAND:
                self._known.clear()
            known = self._known[row] = self._told(row)
        return known

    def _told(self, row: int) -> Condition:
        kind, rules, origin = int(self._kind[row]), self._rules, int(self._origin[row])
        if kind == layout.VOTE:
            vote = rules.votes[origin]
            return Condition(vote.id, vote.hazard_source, None, vote.level, vote.at_least)
        point = rules.points[self._point[row]]
        if kind == layout.LIMIT:
            limit = rules.limits[origin]
            return Condition(limit.id, point.hazard_source, point.id, limit.level, limit.setpoint)
        if kind == layout.INTERLOCK:
            interlock = rules.interlocks[origin]
            return Condition(interlock.id, point.hazard_source, point.id, interlock.level, None)
        name = HEALTH_KINDS[kind - layout.STALE]
        return Condition(f"{name}:{point.id}", point.hazard_source, point.id, point.health_level, _number(name, point))

    def rows(self) -> dict[str, int]:
        """Return the row of every condition by its id."""
        return {self._told(row).id: row for row in range(len(self._kind))}


def _number(name: str, point: Point) -> float | None:
    """Return what events of a health condition have as their setpoint."""
    if name == "flatline" and point.flatline is not None:
        return point.flatline.epsilon
    if name == "discrepancy" and point.discrepancy is not None:
        return point.discrepancy.limit
    return point.step if name == "step" else None
