"""What each limit that could be written instead would do on the record, and which of them is proposed."""

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
"""More alarms than this a rate limit should not bring. [1/d]"""
FEW: Final = 4
"""Fewer alarms than this do not show what a proposal does."""
LONGER: Final = 2.0
"""A proposal may make the time in alarm so many times as long."""
TrialVerdict = Literal["halved", "not_halved", "noise", "nothing"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a proposal does on the record; of each pair the limit in force and the proposal.

    Attributes
    ----------
    alarms : (int, int)
        Raises. [1]
    minutes : (float, float)
        Time in alarm. [min]
    per_hour : (float, float)
        Alarms an hour. [1/h]
    stands_on : int
        The longest time for which it still stands after the limit in force cleared, until it clears or that one is
        raised again. [ns]
    later : int
        The longest time by which a raise comes later. [ns]
    lost : int
        Alarms that are not raised at all, not joined to one that stands. [1]

    """

    alarms: tuple[int, int]
    minutes: tuple[float, float]
    per_hour: tuple[float, float]
    stands_on: int
    later: int
    lost: int

    @property
    def halves(self) -> bool:
        """Whether it cuts the alarms by more than half."""
        return 2 * self.alarms[1] < self.alarms[0]

    @property
    def is_free(self) -> bool:
        """Whether it costs no warning, and the time in alarm stays in bounds."""
        return self.later == 0 and self.lost == 0 and self.minutes[1] <= LONGER * self.minutes[0]


@dataclass(frozen=True, slots=True)
class Trial:
    """A limit that could be written, and what it does."""

    limit: Limit
    effect: Effect


@dataclass(frozen=True, slots=True)
class Proposal:
    """A limit in force, what was tried in its place, which of these is proposed, and why that one or none."""

    limit: Limit
    trials: tuple[Trial, ...]
    chosen: Trial | None
    verdict: TrialVerdict


@dataclass(frozen=True, slots=True)
class RateTrial:
    """A new rate limit, and before how many alarms of another limit it warned, and for how long. [ns]."""

    limit: Limit
    effect: Effect
    warned: int
    of: int
    lead: int | None


def trial_rules(rules: RuleSet, limits: Iterable[Limit]) -> RuleSet:
    """Return a rule-set in which all these limits stand beside each other, named by their numbers."""
    numbered = (limit.model_copy(update={"id": str(number)}) for number, limit in enumerate(limits))
    return RuleSet(rules.points, numbered, (), ())


def events_by_limit(events: Iterable[Event], limits: Sequence[Limit]) -> list[list[Event]]:
    """Return the events of each limit of a trial, under its own name."""
    found: list[list[Event]] = [[] for _ in limits]
    for event in events:
        if event.condition.isdecimal():
            number = int(event.condition)
            found[number].append(replace(event, condition=limits[number].id))
    return found


Played = tuple[Limit, Sequence[Event]]
"""A limit, and the events that the engine gave for it."""


def propose(
    point: Point, noise: Noise, current: Played, tried: Sequence[Played], *, start: int, end: int
) -> Proposal:  # fmt: skip
    """Say what each alternative does on [start, end), and choose the first that is worth it. [ns, UTC]."""
    trials = tuple(
        Trial(limit, effect(_compared(point, current, (limit, events), start, end))) for limit, events in tried
    )
    chosen, verdict = _choice(point, noise, current[0], trials)
    return Proposal(current[0], trials, chosen, verdict)


def propose_rate(
    point: Point, watched: Played, tried: Sequence[Played], *, start: int, end: int
) -> tuple[tuple[RateTrial, ...], RateTrial | None]:  # fmt: skip
    """Say what each rate limit does on [start, end), and choose the lowest that warns and does not annoy. [ns, UTC]."""
    alarms = compare((_alone(point, watched[0]), watched[1]), None, start=start, end=end).current.episodes
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
    """Return what a comparison of one limit shows."""
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
    """Choose the first trial that cuts the alarms by more than half and costs no warning."""
    if not trials:
        return None, "nothing"
    if trials[0].effect.alarms[0] >= FEW:
        chosen = next((trial for trial in trials if trial.effect.halves and trial.effect.is_free), None)
        return chosen, "halved" if chosen else "not_halved"
    step, numbers = noise.step(point), comparison_of(limit, point)
    deadband = abs(minus(numbers.setpoint, numbers.clear))
    if FEATURES[limit.feature].noise_moves_it and step is not None and deadband < step:
        return next((trial for trial in trials if trial.limit.clear != limit.clear), None), "noise"
    return None, "nothing"
