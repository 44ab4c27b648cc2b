"""Back-test: a log, one rule-set or two, and what the second would have changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ingest import Log
from plant import HEALTH_KINDS, Level
from plant.units import HOUR
from rules.engine.engine import Engine
from rules.engine.event import Event
from rules.spec.conditions import health_kind
from rules.spec.ruleset import RuleSet
from rules.study.episodes import NEAR, Episode, Pair, episodes, pairs
from rules.study.performance import Guideline, Performance, performance

AHEAD: Final = HOUR
"""A warning counts for this long before an incident, even if it stood longer. [ns]"""
SETTLES: Final = 5
"""So many time constants are the window of an `ewma`."""


@dataclass(frozen=True, slots=True)
class Incident:
    """What people know to have happened at a hazard source, from start to end. [ns, UTC]."""

    hazard_source: str
    start: int
    end: int
    what: str

    def touches(self, start: int, end: int) -> bool:
        """Tell whether any of it is in the period [start, end). [ns, UTC]."""
        return self.start < end and self.end >= start


@dataclass(frozen=True, slots=True)
class Warned:
    """How long before an incident each rule-set warned: negative after its beginning, None not at all. [ns].

    Attributes
    ----------
    incident : Incident
    current, candidate : int or None
        Of the first alarm of any level.
    graver : tuple
        The same of the first alarm that is at least as grave as each level above the lowest: (current, candidate).

    """

    incident: Incident
    current: int | None
    candidate: int | None
    graver: tuple[tuple[int | None, int | None], ...] = ()

    @property
    def is_missed(self) -> bool:
        """Whether the candidate does not warn at all, or no more as gravely as the rules in force, however late."""
        return self.candidate is None or any(old is not None and new is None for old, new in self.graver)

    @property
    def lost(self) -> int:
        """How much warning the candidate costs, at the level at which it costs most; negative where it gains. [ns].

        So an early warning does not hide that the alarm itself comes later, or not at all: then its whole lead is lost.
        0 where one of both did not warn at all.
        """
        if self.current is None or self.candidate is None:
            return 0
        losses = [old - new if new is not None else max(old, 0) for old, new in self.graver if old is not None]
        return max([self.current - self.candidate, *losses])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule-set made of the period."""

    rules: str
    episodes: tuple[Episode, ...]
    performance: Performance


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rule-set in force against a candidate; without a candidate both are the same, and there are no pairs.

    Attributes
    ----------
    start, end : int
        The period. [ns, UTC]
    recorded : int
        How much of it was recorded. [ns]
    guideline : Guideline
    current, candidate : Outcome
    pairs : tuple of Pair
        By their start.
    incidents : tuple of Warned
        Those of the period.
    left_out : int
        How many incidents are not of the period. [1]

    """

    start: int
    end: int
    recorded: int
    guideline: Guideline
    current: Outcome
    candidate: Outcome
    pairs: tuple[Pair, ...]
    incidents: tuple[Warned, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Gate:
    """What a candidate must keep to: most warning time lost [ns], most alarms an hour [1]."""

    lead_loss: int
    alarms_per_hour: float


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the gate: what was found, and the most that passes; [1], [ns] or [1/h]."""

    name: Literal["missed", "lead_loss", "alarms_per_hour"]
    found: float
    most: float

    @property
    def passed(self) -> bool:
        """Whether the candidate keeps to it."""
        return self.found <= self.most


def play(rules: RuleSet, log: Iterable[Log]) -> list[Event]:
    """Return the events of a log that comes in pieces."""
    engine = Engine(rules)
    return [event for piece in log for event in engine.evaluate(piece)]


def warm_up(rules: RuleSet) -> int:
    """Return for how long an engine must have seen the log until its windows are full and its timers are right. [ns].

    A condition that stood for longer than this between its clear and its setpoint cannot be known without more.
    """
    windows = [limit.window or SETTLES * (limit.tau or 0) for limit in rules.limits]
    delays = [max(limit.on_delay, limit.off_delay) for limit in rules.limits]
    delays += [interlock.within for interlock in rules.interlocks]
    for point in rules.points:
        for row in HEALTH_KINDS.values():
            windows.append(row.duration("window", point))
            delays += [row.duration("on_delay", point), row.duration("off_delay", point)]
    stale = max((point.stale_after for point in rules.points), default=0)
    return max(windows, default=0) + max(delays, default=0) + stale


def compare(
    current: tuple[RuleSet, Sequence[Event]],
    candidate: tuple[RuleSet, Sequence[Event]] | None,
    *,
    start: int,
    end: int,
    recorded: int | None = None,
    incidents: Sequence[Incident] = (),
    guideline: Guideline | None = None,
    near: int = NEAR,
    ahead: int = AHEAD,
) -> Comparison:
    """Compare what two rule-sets made of the same log.

    Parameters
    ----------
    current, candidate : (RuleSet, sequence of Event)
        Each with its events, from `warm_up` before the start on.
    start, end : int
        The period [start, end). [ns, UTC]
    recorded : int
        How much of it was recorded; all unless given. [ns]
    incidents : sequence of Incident
        What had to be warned of.
    guideline : Guideline
        What the alarms are to keep to; ISA-18.2 unless given.
    near : int
        Episodes that do not overlap belong together up to this distance. [ns]
    ahead : int
        The longest warning that counts. [ns]

    Raises
    ------
    ValueError
        A period without duration.

    """
    guideline = guideline or Guideline()
    recorded = recorded or end - start
    old = _outcome(current, (start, end, recorded), guideline)
    new = old if candidate is None else _outcome(candidate, (start, end, recorded), guideline)
    seen = [incident for incident in incidents if incident.touches(start, end)]
    return Comparison(
        start=start,
        end=end,
        recorded=recorded,
        guideline=guideline,
        current=old,
        candidate=new,
        pairs=() if candidate is None else tuple(pairs(old.episodes, new.episodes, near)),
        incidents=tuple(_warned(incident, old.episodes, new.episodes, ahead) for incident in seen),
        left_out=len(incidents) - len(seen),
    )


def judge(comparison: Comparison, gate: Gate) -> tuple[Check, ...]:
    """Ask whether the candidate may take the place of the rule-set in force."""
    warned = comparison.incidents
    return (
        Check("missed", sum(item.is_missed for item in warned), 0),
        Check("lead_loss", max([0, *(item.lost for item in warned)]), gate.lead_loss),
        Check("alarms_per_hour", comparison.candidate.performance.per_hour, gate.alarms_per_hour),
    )


def _outcome(
    played: tuple[RuleSet, Sequence[Event]], period: tuple[int, int, int], guideline: Guideline
) -> Outcome:  # fmt: skip
    rules, events = played
    start, end, recorded = period
    found = tuple(episodes(events, start, end))
    return Outcome(rules.version, found, performance(found, start, end, guideline, recorded))


def _warned(incident: Incident, old: Sequence[Episode], new: Sequence[Episode], ahead: int) -> Warned:
    leads = [
        (_lead(incident, old, ahead, level.rank), _lead(incident, new, ahead, level.rank))
        for level in sorted(Level, key=lambda level: level.rank, reverse=True)
    ]
    return Warned(incident, *leads[0], graver=tuple(leads[1:]))


def _lead(incident: Incident, found: Iterable[Episode], ahead: int, rank: int) -> int | None:
    """Return how long before the incident the first alarm of its hazard source that stood in it was raised. [ns].

    Alarms count that are at least as grave as a level of this rank.
    """
    starts = [
        episode.start
        for episode in found
        if episode.hazard_source == incident.hazard_source
        and health_kind(episode.condition) is None
        and episode.stands_in(incident.start, incident.end)
        and Level(episode.level).rank <= rank
    ]
    return min(ahead, incident.start - min(starts)) if starts else None
