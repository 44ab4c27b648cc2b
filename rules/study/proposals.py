"""Trials of alternative limits over a record, and the choice of the limit to propose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, Literal

from plant import Point
from rules.engine.event import Event
from rules.spec.decimals import minus
from rules.spec.features import FEATURES
from rules.spec.rule import Limit
from rules.spec.ruleset import RuleSet
from rules.spec.tolerance import comparison_of
from rules.study.comparison import Comparison, Incident, compare
from rules.study.episodes import Pair
from rules.study.noise import Noise

A_DAY: Final = 3.0
"""Largest number of alarms of a proposed rate limit. [1/d]"""
FEW: Final = 4
"""Fewer alarms than this do not show the effect of a proposal. [1]"""
LONGER: Final = 2.0
"""Largest factor by which a proposal may lengthen the time in alarm. [1]"""
TrialVerdict = Literal["halved", "not_halved", "noise", "nothing"]


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a proposal on the record. Pairs are (limit in force, proposal).

    Attributes
    ----------
    alarms : (int, int)
        Raises. [1]
    minutes : (float, float)
        Time in alarm. [min]
    per_hour : (float, float)
        Alarms an hour. [1/h]
    stands_on : int
        Longest time that the proposal stands on after the limit in force cleared, until it clears as well or the limit
        is raised again. [ns]
    later : int
        Longest delay of a raise. [ns]
    lost : int
        Alarms that are never raised, and not joined to a standing alarm either. [1]

    """

    alarms: tuple[int, int]
    minutes: tuple[float, float]
    per_hour: tuple[float, float]
    stands_on: int
    later: int
    lost: int

    @property
    def halves(self) -> bool:
        """Whether it removes half of the alarms or more."""
        return 2 * self.alarms[1] <= self.alarms[0]

    @property
    def is_free(self) -> bool:
        """Whether no warning is later or lost, and the time in alarm stays within bounds."""
        return self.later == 0 and self.lost == 0 and self.minutes[1] <= LONGER * self.minutes[0]


@dataclass(frozen=True, slots=True)
class Trial:
    """An alternative limit and its effect."""

    limit: Limit
    effect: Effect


@dataclass(frozen=True, slots=True)
class Proposal:
    """A limit in force, its trials, the chosen one or None, and the reason of the choice."""

    limit: Limit
    trials: tuple[Trial, ...]
    chosen: Trial | None
    verdict: TrialVerdict


@dataclass(frozen=True, slots=True)
class RateTrial:
    """A new rate limit, the number of alarms of another limit that it warned of, and its median lead. [ns]."""

    limit: Limit
    effect: Effect
    warned: int
    of: int
    lead: int | None


def trial_rules(rules: RuleSet, limits: Iterable[Limit]) -> RuleSet:
    """Return a rule-set of all these limits, with their numbers as ids, so that one replay tries all."""
    numbered = (limit.model_copy(update={"id": str(number)}) for number, limit in enumerate(limits))
    return RuleSet(rules.points, numbered, (), ())


def events_by_limit(events: Iterable[Event], limits: Sequence[Limit]) -> list[list[Event]]:
    """Return the events of each limit of a trial, with the id of the limit."""
    of_limit: list[list[Event]] = [[] for _ in limits]
    for event in events:
        if event.condition.isdecimal():
            number = int(event.condition)
            of_limit[number].append(replace(event, condition=limits[number].id))
    return of_limit


Played = tuple[Limit, Sequence[Event]]
"""A limit and its events."""


def propose(
    point: Point, noise: Noise, current: Played, tried: Sequence[Played], *, start: int, end: int
) -> Proposal:  # fmt: skip
    """Return the effects of alternatives on [start, end), and the first that is worth it. [ns, UTC]."""
    trials = tuple(
        Trial(limit, effect(_compared(point, current, (limit, events), start, end))) for limit, events in tried
    )
    chosen, verdict = _choice(point, noise, current[0], trials)
    return Proposal(current[0], trials, chosen, verdict)


def propose_rate(
    point: Point, watched: Played, tried: Sequence[Played], *, start: int, end: int
) -> tuple[tuple[RateTrial, ...], RateTrial | None]:  # fmt: skip
    """Return the effects of rate limits on [start, end), and the lowest with few enough alarms. [ns, UTC]."""
    alarms = compare((_alone(point, watched[0]), watched[1]), None, start=start, end=end).current.episodes
    # The alarms of the watched limit are the incidents that a rate limit should warn of.
    incidents = [
        Incident(episode.hazard_source, episode.start, end if episode.end is None else episode.end, watched[0].id)
        for episode in alarms
    ]
    trials = tuple(_rate_trial(point, rate, incidents, start, end) for rate in tried)
    worth = (t for t in trials if t.effect.alarms[1] > 0 and t.effect.per_hour[1] * 24 <= A_DAY)
    return trials, next(worth, None)


def _rate_trial(point: Point, rate: Played, incidents: Sequence[Incident], start: int, end: int) -> RateTrial:
    nothing = (RuleSet((point,), (), (), ()), ())
    compared = compare(nothing, (_alone(point, rate[0]), rate[1]), start=start, end=end, incidents=incidents)
    leads = [item.candidate for item in compared.incidents if item.candidate is not None and item.candidate > 0]
    return RateTrial(
        rate[0], effect(compared), len(leads), len(compared.incidents), round(median(leads)) if leads else None
    )


def _alone(point: Point, limit: Limit) -> RuleSet:
    return RuleSet((point,), (limit,), (), ())


def _compared(point: Point, current: Played, other: Played, start: int, end: int) -> Comparison:
    sides = [(_alone(point, limit), events) for limit, events in (current, other)]
    return compare(sides[0], sides[1], start=start, end=end)


def effect(compared: Comparison) -> Effect:
    """Return the effect that a comparison of one limit shows."""
    old, new = compared.current.performance, compared.candidate.performance
    return Effect(
        alarms=(old.alarms, new.alarms),
        minutes=(old.minutes, new.minutes),
        per_hour=(old.per_hour, new.per_hour),
        stands_on=max((_stands_on(pair, compared.end) for pair in compared.pairs), default=0),
        later=max((pair.shift or 0 for pair in compared.pairs), default=0),
        lost=sum(len(pair.current) for pair in compared.pairs if pair.difference == "removed"),
    )


def _stands_on(pair: Pair, end: int) -> int:
    raised_again = [*(episode.start for episode in pair.current[1:]), end]
    return max(
        (
            min(end if new.end is None else new.end, again) - old.end
            for old, again in zip(pair.current, raised_again, strict=False)
            for new in pair.candidate
            if old.end is not None and new.stands_in(old.end, old.end)
        ),
        default=0,
    )


def _choice(
    point: Point, noise: Noise, limit: Limit, trials: Sequence[Trial]
) -> tuple[Trial | None, TrialVerdict]:  # fmt: skip
    """Choose the first trial that removes half of the alarms or more and costs no warning."""
    if not trials:
        return None, "nothing"
    if trials[0].effect.alarms[0] >= FEW:
        chosen = next((trial for trial in trials if trial.effect.halves and trial.effect.is_free), None)
        return chosen, "halved" if chosen else "not_halved"
    # Too few alarms to judge by: only a deadband below the noise is a reason to change the limit.
    step, numbers = noise.step(point), comparison_of(limit, point)
    deadband = abs(minus(numbers.setpoint, numbers.clear))
    if FEATURES[limit.feature].noise_moves_it and step is not None and deadband < step:
        return next((trial for trial in trials if trial.limit.clear != limit.clear), None), "noise"
    return None, "nothing"
