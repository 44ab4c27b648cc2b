"""Parts of a rule-set that know nothing of each other: hazard sources, linked by what looks at several of them."""

from collections.abc import Iterator, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.spec.problems import condition_ids
from rules.spec.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Part:
    """Some hazard sources of a rule-set, with all that is evaluated of them.

    Attributes
    ----------
    rules : RuleSet
        Theirs alone.
    columns : (n,) int32
        Column number in the whole rule-set of each of its points.

    """

    rules: RuleSet
    columns: NDArray[np.int32]

    def conditions(self) -> frozenset[str]:
        """Return the ids of all its conditions."""
        rules = self.rules
        named = {limit.id for limit in rules.limits} | {vote.id for vote in rules.votes}
        named |= {interlock.id for interlock in rules.interlocks}
        return frozenset(named.union(*(condition_ids(point) for point in rules.points)))


def parts(rules: RuleSet) -> list[Part]:
    """Return the parts of a rule-set without problems, in the order of the site file."""
    owner = _Owner(rules)
    group = {point.hazard_source: point.hazard_source for point in rules.points}
    for one, other in owner.links():
        old, new = group.setdefault(one, one), group.setdefault(other, other)
        group = {name: new if head == old else head for name, head in group.items()}
    return [
        _part(rules, owner, {name for name in group if group[name] == head}) for head in dict.fromkeys(group.values())
    ]


class _Owner:
    """Which hazard source every point and every condition belongs to."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self.point = {point.id: point.hazard_source for point in rules.points}
        self.condition = {name: point.hazard_source for point in rules.points for name in condition_ids(point)}
        self.condition |= {limit.id: self.point[limit.point] for limit in rules.limits}
        self.condition |= {interlock.id: self.point[interlock.feed] for interlock in rules.interlocks}
        self.condition |= {vote.id: vote.hazard_source for vote in rules.votes}

    def links(self) -> Iterator[tuple[str, str]]:
        """Yield the hazard sources of which one looks at the other."""
        for point in self._rules.points:
            if point.discrepancy is not None:
                yield point.hazard_source, self.point[point.discrepancy.with_]
        for interlock in self._rules.interlocks:
            yield self.point[interlock.feed], self.condition[interlock.cut]
        for vote in self._rules.votes:
            for member in vote.of:
                yield vote.hazard_source, self.condition[member]


def _part(rules: RuleSet, owner: _Owner, inside: Set[str]) -> Part:
    columns = [number for number, point in enumerate(rules.points) if point.hazard_source in inside]
    kept = RuleSet(
        (rules.points[column] for column in columns),
        (limit for limit in rules.limits if owner.condition[limit.id] in inside),
        (vote for vote in rules.votes if owner.condition[vote.id] in inside),
        (interlock for interlock in rules.interlocks if owner.condition[interlock.id] in inside),
    )
    return Part(kept, np.array(columns, dtype=np.int32))
