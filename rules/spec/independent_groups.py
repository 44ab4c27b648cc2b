"""Independent parts of a rule-set: groups of hazard sources that no condition links with the others."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plant import HEALTH_KINDS
from rules.spec.conditions import Rule
from rules.spec.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Part:
    """Some hazard sources of a rule-set with all their rules.

    Attributes
    ----------
    rules : RuleSet
        The rules and points of these hazard sources only.
    columns : (n,) int32
        Column number of each point in the whole rule-set.

    """

    rules: RuleSet
    columns: NDArray[np.int32]

    def conditions(self) -> frozenset[str]:
        """Return the ids of its evaluated conditions."""
        return frozenset(self.rules.conditions.evaluated)


def parts(rules: RuleSet) -> list[Part]:
    """Return the parts of a rule-set without problems, in the order of the site file."""
    sources = {name: rules.conditions.of_rule(rule).hazard_source for name, rule in rules.conditions.rules.items()}
    # Each hazard source starts as its own group; every link renames one group to the other's name.
    group = {point.hazard_source: point.hazard_source for point in rules.points}
    for source, other in _links(rules):
        old, new = group.setdefault(source, source), group.setdefault(other, other)
        group = {name: new if head == old else head for name, head in group.items()}
    return [
        _part(rules, sources, {name for name in group if group[name] == head}) for head in dict.fromkeys(group.values())
    ]


def _links(rules: RuleSet) -> Iterator[tuple[str, str]]:
    """Yield pairs of hazard sources; a condition of the first depends on a condition or point of the second."""
    conditions = rules.conditions
    for point in rules.points:
        for row in HEALTH_KINDS.values():
            sister = row.value("sister", point)
            if isinstance(sister, str):
                yield point.hazard_source, conditions.point_of[sister].hazard_source
    for name in conditions.rules:
        for member in conditions.members(name):
            yield conditions[name].hazard_source, conditions[member].hazard_source


def _part(rules: RuleSet, sources: Mapping[str, str], inside: Set[str]) -> Part:
    """Return the part in these hazard sources; `sources` has that of each limit, vote and interlock."""

    def is_inside(rule: Rule) -> bool:
        return sources[rule.id] in inside

    columns = [number for number, point in enumerate(rules.points) if point.hazard_source in inside]
    kept = RuleSet(
        (rules.points[column] for column in columns),
        filter(is_inside, rules.limits),
        filter(is_inside, rules.votes),
        filter(is_inside, rules.interlocks),
    )
    return Part(kept, np.array(columns, dtype=np.int32))
