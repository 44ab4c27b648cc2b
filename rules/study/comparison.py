"""Back-test: plays one log to two rule-sets and compares their alarms."""

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
"""Time constants after which an `ewma` has forgotten where it began. [1]"""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happened at a hazard source from start to end [ns, UTC], as people have recorded it."""

    hazard_source: str
    start: int
    end: int
    what: str

    def touches(self, start: int, end: int) -> bool:
        """Tell whether any part of it is in the period [start, end). [ns, UTC]."""
        return self.start < end and self.end >= start


@dataclass(frozen=True, slots=True)
class Warned:
    """Lead of the warning that each rule-set gave of an incident; negative after its beginning, None without. [ns].

    Attributes
    ----------
    incident : Incident
    current, candidate : int or None
        Lead of the first alarm of any level.
    graver : tuple
        (current, candidate) for each level above the lowest: lead of the first alarm of that level or a higher one.

    """

    incident: Incident
    current: int | None
    candidate: int | None
    graver: tuple[tuple[int | None, int | None], ...] = ()

    @property
    def is_missed(self) -> bool:
        """True if the candidate gives no warning, or only at a lower level than the rules in force."""
        return self.candidate is None or any(old is not None and new is None for old, new in self.graver)

    @property
    def lost(self) -> int:
        """Largest loss of lead over all levels; negative if the candidate gains at all levels. [ns].

        So an earlier warning of a low level does not hide a later alarm of a high level. An alarm that no longer comes
        loses its whole lead. 0 if one of the rule-sets gave no warning at all.
        """
        if self.current is None or self.candidate is None:
            return 0
        losses = [old - new if new is not None else max(old, 0) for old, new in self.graver if old is not None]
        return max([self.current - self.candidate, *losses])


@dataclass(frozen=True, slots=True)
class Outcome:
    """The alarms of one rule-set in the period."""

    rules: str
    episodes: tuple[Episode, ...]
    performance: Performance


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rule-set in force against a candidate. Without a candidate the two are the same, and there are no pairs.

    Attributes
    ----------
    start, end : int
        The period. [ns, UTC]
    recorded : int
        Recorded time within the period. [ns]
    guideline : Guideline
    current, candidate : Outcome
    pairs : tuple of Pair
        By their start.
    incidents : tuple of Warned
        Warnings of the incidents of the period.
    left_out : int
        Number of incidents outside the period. [1]

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
    """Limits for a candidate: largest loss of lead [ns], largest number of alarms per hour [1]."""

    lead_loss: int
    alarms_per_hour: float


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of the gate, and the largest value that passes; [1], [ns] or [1/h]."""

    name: Literal["missed", "lead_loss", "alarms_per_hour"]
    found: float
    most: float

    @property
    def passed(self) -> bool:
        """Whether the figure is small enough."""
        return self.found <= self.most


def play(rules: RuleSet, log: Iterable[Log]) -> list[Event]:
    """Return the events of a log, which comes in pieces."""
    engine = Engine(rules)
    return [event for piece in log for event in engine.evaluate(piece)]


def warm_up(rules: RuleSet) -> int:
    """Return how long an engine must see the log before its windows are full and its timers are right. [ns].

    One case needs more: a value that stays between clear and setpoint for longer than this, after a raise before it.
    """
    # In the worst case a window fills first, then a delay runs, and then the point must become stale.
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
    """Compare the alarms of two rule-sets over the same log.

    Parameters
    ----------
    current, candidate : (RuleSet, sequence of Event)
        Each rule-set with its events, from `warm_up` before the start on.
    start, end : int
        The period [start, end). [ns, UTC]
    recorded : int
        Recorded time within the period; the whole period by default. [ns]
    incidents : sequence of Incident
        Incidents that a rule-set should warn of.
    guideline : Guideline
        Figures that the alarms should keep to; ISA-18.2 by default.
    near : int
        Largest distance of two episodes of one pair that do not overlap. [ns]
    ahead : int
        Longest lead that counts. [ns]

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
    """Return the figures that decide whether the candidate may replace the rule-set in force."""
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
    standing = tuple(episodes(events, start, end))
    return Outcome(rules.version, standing, performance(standing, start, end, guideline, recorded))


def _warned(incident: Incident, old: Sequence[Episode], new: Sequence[Episode], ahead: int) -> Warned:
    leads = [
        (_lead(incident, old, ahead, level.rank), _lead(incident, new, ahead, level.rank))
        for level in sorted(Level, key=lambda level: level.rank, reverse=True)
    ]
    return Warned(incident, *leads[0], graver=tuple(leads[1:]))


def _lead(incident: Incident, alarms: Iterable[Episode], ahead: int, rank: int) -> int | None:
    """Return the lead of the first alarm of the hazard source that stood during the incident. [ns].

    Alarms of this rank or a graver one count, but no health conditions: a broken sensor is no warning.
    """
    starts = [
        episode.start
        for episode in alarms
        if episode.hazard_source == incident.hazard_source
        and health_kind(episode.condition) is None
        and episode.stands_in(incident.start, incident.end)
        and Level(episode.level).rank <= rank
    ]
    return min(ahead, incident.start - min(starts)) if starts else None
