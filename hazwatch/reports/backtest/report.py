"""The report: a comparison, and the derived figures that readers need."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hazwatch.reports.backtest.forecasts import Known, Scores, scores
from hazwatch.reports.backtest.gate import ENOUGH, GateRow, days_row, law_row, looser_row, number_rows, removed_row
from hazwatch.reports.backtest.law import Asked, asked_of, unknown_points
from hazwatch.reports.backtest.presented_row import presented_row
from hazwatch.reports.backtest.record import PlayableRecord
from hazwatch.reports.backtest.rule_rows import rule_rows
from hazwatch.reports.backtest.words import differing
from hazwatch.reports.presentation_changes import presentation_changes
from hazwatch.site.config import Config
from hazwatch.site.law.limits_in_force import LimitsInForce
from hazwatch.site.law.unexplained import substitutes, unexplained
from hazwatch.site.presentation import Presentation
from plant import Message
from rules import Check, Comparison, Pair, Performance, changes, performance, removals


class Side(NamedTuple):
    """A site file of a report."""

    title: Message
    config: Config

    @property
    def rules(self) -> str:
        """Version of its rules."""
        return self.config.rules.version

    @property
    def presentation(self) -> str:
        """Version of what it tells people."""
        return Presentation.of(self.config).version


@dataclass(frozen=True)
class Report:
    """A comparison with its site files and its record.

    Attributes
    ----------
    config, candidate : Config
        Site files of the two rule-sets; the candidate is None if one rule-set was played.
    record : Record
    comparison : Comparison
    checks : sequence of Check
        Figures with a limit in the gate.
    is_gated : bool
        Whether the caller asked for the gate.
    allowed : frozenset of str
        Rules, points and hazard sources whose rules may be removed.
    allowed_lowered : frozenset of str
        Rules that may open no ticket any more, and hazard sources that may have a lower grade.
    samples : int
        Number of samples played.
    seconds : float
        Duration of the run. [s]

    """

    config: Config
    candidate: Config | None
    record: PlayableRecord
    comparison: Comparison
    checks: Sequence[Check]
    is_gated: bool
    allowed: frozenset[str]
    allowed_lowered: frozenset[str]
    samples: int
    seconds: float

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the site."""
        return ZoneInfo(self.config.site.timezone)

    @property
    def judged(self) -> Config:
        """Site file with the rules that the gate judges."""
        return self.candidate or self.config

    @property
    def versions(self) -> list[str]:
        """Versions of the rules in force and of the candidate, if there is one."""
        sides = (self.comparison.current, self.comparison.candidate) if self.candidate else (self.comparison.current,)
        return [side.rules for side in sides]

    @property
    def warnings(self) -> list[str]:
        """Warnings of `hazwatch check` for the site files, and why an edit of the one in force would be refused."""
        configs = [config for config in (self.config, self.candidate) if config]
        return [str(warning) for config in configs for warning in (*config.warnings, *config.judgements)]

    @cached_property
    def sides(self) -> list[Side]:
        """What was played: the rules in force, then the candidate."""
        sides = [Side(Message("current"), self.config)]
        return [*sides, Side(Message("candidate"), self.candidate)] if self.candidate else sides

    @cached_property
    def asked(self) -> list[Asked]:
        """Required limits of the rules that the gate judges."""
        return asked_of(self.config, self.candidate, self.allowed)

    @cached_property
    def gate(self) -> list[GateRow]:
        """Rows of the gate; empty without a candidate unless the caller asked for it."""
        if self.candidate is None and not self.is_gated:
            return []
        # In the order of gravity: what happened on the record, what is watched no longer, what the law requires.
        rows = list(number_rows(self.checks, self.comparison))
        if self.candidate:
            new, old = self.candidate.rules, self.config.rules
            rows.append(removed_row(removals(new, old), self.allowed))
            edits = changes(new.content, old.content)
            named = {(item.legal.id, looser.key) for item in self.asked for looser in item.looser}
            before = LimitsInForce.of(self.config)
            released = unexplained(self.candidate, before, self.allowed)
            rows.append(looser_row(edits, released, named, list(substitutes(self.candidate, before))))
            texts = (Presentation.of(config) for config in (self.candidate, self.config))
            legal = self.candidate.statutory
            of_profiles = {
                limit.id for limit in new.limits if limit.id in legal and limit.ticket == legal[limit.id].ticket
            }
            rows.append(presented_row(presentation_changes(*texts), of_profiles, self.allowed_lowered))
        return [*rows, law_row(self.asked, unknown_points(self.judged, self.asked)), days_row(self.comparison)]

    @property
    def passed(self) -> bool:
        """Whether the gate passes."""
        return all(row.ruling != "refused" for row in self.gate)

    @property
    def is_short(self) -> bool:
        """Whether the record is too short for figures defined over 30 days."""
        return self.comparison.recorded < ENOUGH

    @cached_property
    def by_condition(self) -> dict[str, list[Pair]]:
        """Pairs of episodes by condition."""
        pairs: dict[str, list[Pair]] = defaultdict(list)
        for pair in self.comparison.pairs:
            pairs[pair.condition].append(pair)
        return pairs

    @cached_property
    def forecasts(self) -> tuple[Scores, Scores]:
        """Scores of the forecasts of both rule-sets."""
        known: Known = {}
        both = self.comparison
        return (
            scores(self.record, self.config, both.current, known),
            scores(self.record, self.judged, both.candidate, known),
        )

    def of(self, condition: str) -> tuple[Performance, Performance]:
        """Return the figures of a condition under both rule-sets."""
        both = self.comparison
        current, candidate = (
            performance(
                [e for e in side.episodes if e.condition == condition],
                both.start,
                both.end,
                both.guideline,
                both.recorded,
            )
            for side in (both.current, both.candidate)
        )  # fmt: skip
        return current, candidate

    @cached_property
    def changed(self) -> list[str]:
        """Conditions whose rules differ, in the order of the site files."""
        if self.candidate is None:
            return []
        sides = (self.config, self.candidate)
        names = dict.fromkeys(condition.id for side in sides for condition in side.rules.conditions.possible)
        return [name for name in names if rule_rows(self.config, name) != rule_rows(self.candidate, name)]

    @cached_property
    def shown(self) -> list[str]:
        """Conditions to show: changed rules, then rules with different episodes, most alarms first."""
        counts: dict[str, int] = defaultdict(int)
        for side in (self.comparison.current, self.comparison.candidate):
            for episode in side.episodes:
                counts[episode.condition] += 1
        differ = [name for name, pairs in self.by_condition.items() if differing(pairs)]
        ranked = sorted(differ if self.candidate else counts, key=lambda name: -counts[name])
        changed = sorted(self.changed, key=lambda name: -counts[name])
        return list(dict.fromkeys([*changed, *ranked]))
