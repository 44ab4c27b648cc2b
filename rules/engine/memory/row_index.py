"""Which condition each row of the engine's memory is."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant import HEALTH_KINDS
from rules.spec.conditions import INTERLOCK, LIMIT, VOTE, Condition, Rule, health_condition
from rules.spec.ruleset import RuleSet

AT_HAND: Final = 10_000
"""How many conditions are kept as objects: a large mine has some hundred thousand, of which few have events. [1]"""
KIND_OF_NUMBER: Final = {row.number: kind for kind, row in HEALTH_KINDS.items()}


def condition_at(rules: RuleSet, kind: int, point: int, origin: int) -> Condition:
    """Return a condition of a rule-set.

    Parameters
    ----------
    rules : RuleSet
        To which the condition belongs.
    kind : int
        LIMIT, VOTE, INTERLOCK, or the number of a health kind.
    point : int
        Column number of the point; of a vote it says nothing.
    origin : int
        Which limit, interlock or vote of the rule-set it is; of a health condition it says nothing.

    """
    if kind in KIND_OF_NUMBER:
        return health_condition(KIND_OF_NUMBER[kind], rules.points[point])
    # A row keeps the number of its rule in the file, because ids would take too much memory: hence these tables.
    tables: dict[int, Sequence[Rule]] = {LIMIT: rules.limits, INTERLOCK: rules.interlocks, VOTE: rules.votes}
    return rules.conditions.of_rule(tables[kind][origin])


class RowIndex:
    """The conditions of a rule-set by their row, made when somebody asks for them.

    Parameters
    ----------
    rules : RuleSet
    kind : (rows,) uint8
    point, origin : (rows,) int32
        As in `condition_at`.

    """

    def __init__(
        self, rules: RuleSet, kind: NDArray[np.uint8], point: NDArray[np.int32], origin: NDArray[np.int32]
    ) -> None:
        self._rules: Final = rules
        self._kind: Final = kind
        self._point: Final = point
        self._origin: Final = origin
        self._at_hand: Final[dict[int, Condition]] = {}

    def of(self, row: int) -> Condition:
        """Return the condition of a row; the last ones that were asked for are at hand."""
        condition = self._at_hand.get(row)
        if condition is None:
            if len(self._at_hand) >= AT_HAND:
                self._at_hand.clear()
            condition = self._at_hand[row] = self._made(row)
        return condition

    def _made(self, row: int) -> Condition:
        return condition_at(self._rules, int(self._kind[row]), int(self._point[row]), int(self._origin[row]))

    def rows(self) -> dict[str, int]:
        """Return the row of every condition by its id."""
        return {self._made(row).id: row for row in range(len(self._kind))}
