"""Report: a comparison with what people need to read it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from hazwatch.backtest.forecasts import Known, Scores, scores
from hazwatch.backtest.record import Record
from hazwatch.backtest.rule_rows import all_rules, rule_rows
from hazwatch.backtest.words import differing
from hazwatch.config import Config
from plant import HEALTH_KINDS
from rules import Check, Comparison, Pair, Performance, performance

ENOUGH: Final = 30 * 86_400_000_000_000
"""Figures of ISA-18.2 are meant over this time at least. [ns]"""


@dataclass(frozen=True)
class Report:
    """What was compared, of which files, on which record.

    Attributes
    ----------
    config, candidate : Config
        Of the two rule-sets; candidate is None where one alone was played.
    record : Record
    comparison : Comparison
    checks : sequence of Check
        The answers of the gate.
    samples : int
        How many were played.
    seconds : float
        How long that took. [s]

    """

    config: Config
    candidate: Config | None
    record: Record
    comparison: Comparison
    checks: Sequence[Check]
    samples: int
    seconds: float

    @property
    def zone(self) -> ZoneInfo:
        """Of the site's wall clocks."""
        return ZoneInfo(self.config.site.timezone)

    @property
    def judged(self) -> Config:
        """The site file whose rules the gate looks at."""
        return self.candidate or self.config

    @property
    def passed(self) -> bool:
        """Whether the gate lets it pass."""
        return all(check.passed for check in self.checks)

    @property
    def is_short(self) -> bool:
        """Whether the record is too short for figures that are meant over 30 days."""
        return self.comparison.end - self.comparison.start < ENOUGH

    @cached_property
    def by_condition(self) -> dict[str, list[Pair]]:
        """The pairs of every condition that has any."""
        found: dict[str, list[Pair]] = defaultdict(list)
        for pair in self.comparison.pairs:
            found[pair.condition].append(pair)
        return found

    @cached_property
    def forecasts(self) -> tuple[Scores, Scores]:
        """What the forecasts of both rule-sets would have been worth."""
        known: Known = {}
        both = self.comparison
        return (
            scores(self.record, self.config, both.current, known),
            scores(self.record, self.judged, both.candidate, known),
        )

    def of(self, condition: str) -> tuple[Performance, Performance]:
        """Return the figures of one condition under both rule-sets."""
        both = self.comparison
        current, candidate = (
            performance(
                [e for e in side.episodes if e.condition == condition], both.start, both.end, both.guideline
            )
            for side in (both.current, both.candidate)
        )  # fmt: skip
        return current, candidate

    @cached_property
    def changed(self) -> list[str]:
        """The conditions whose rules differ, in the order of the site files."""
        if self.candidate is None:
            return []
        names = dict.fromkeys([*conditions(self.config), *conditions(self.candidate)])
        return [name for name in names if rule_rows(self.config, name) != rule_rows(self.candidate, name)]

    @cached_property
    def shown(self) -> list[str]:
        """The conditions worth a look: those that were changed, then those whose episodes differ, most alarms first."""
        counts: dict[str, int] = defaultdict(int)
        for side in (self.comparison.current, self.comparison.candidate):
            for episode in side.episodes:
                counts[episode.condition] += 1
        differ = [name for name, found in self.by_condition.items() if differing(found)]
        ranked = sorted(differ if self.candidate else counts, key=lambda name: -counts[name])
        changed = sorted(self.changed, key=lambda name: -counts[name])
        return list(dict.fromkeys([*changed, *ranked]))


def conditions(config: Config) -> list[str]:
    """Return all conditions of a site file."""
    health = (f"{kind}:{point.id}" for point in config.rules.points for kind in HEALTH_KINDS)
    return [*(rule.id for rule in all_rules(config)), *health]
