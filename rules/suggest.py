"""What could be written for a limit instead, from the noise of its point and its episodes, and what each would do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Final, Literal

import numpy as np

from plant import Level, Point
from plant.profiles import profiles
from rules.backtest import Comparison, Incident, compare
from rules.comparison import comparison_of
from rules.decimals import EXACT, minus, plus
from rules.episode import Episode, Pair
from rules.event import Event
from rules.noise import Noise
from rules.ruleset import RuleSet
from rules.spec import Limit
from rules.strictness import looser_keys

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
ROUND: Final = tuple(
    [k * SECOND for k in (1, 2, 3, 5, 10, 15, 20, 30)] + [k * MINUTE for k in (1, 2, 3, 5, 10)]
)  # fmt: skip
"""Delays that people would write, the longest that is proposed last. [ns]"""
LONGEST_ON_DELAY: Final = MINUTE
DEADBANDS: Final = (1, 2, 3, 4)
"""In steps of the signal."""
RISES: Final = (2, 3, 4, 5, 6, 8, 10, 15, 20)
"""In steps of the signal within the window of a rate limit."""
WINDOW: Final = 5 * MINUTE
SAMPLES: Final = 10
"""So many samples are in the window of a rate limit at least."""
A_DAY: Final = 3.0
"""More alarms than this a rate limit should not bring. [1/d]"""
FEW: Final = 4
"""Fewer alarms than this do not show what a proposal does."""
LONGER: Final = 2.0
"""A proposal may make the time in alarm so many times as long."""
RATES: Final = frozenset(("delta", "slope", "projected"))
OWN_UNIT: Final = frozenset(("value", "mean", "min", "max", "range", "delta", "projected", "ewma"))
"""Features in the unit of the point, on which its noise is a step at most."""
LEVELS: Final = frozenset(("value", "mean", "min", "max", "ewma"))
"""Features that lie among the values of the point."""
METHANE: Final = ("CH4", "甲烷", "瓦斯")

Verdict = Literal["halved", "not_halved", "noise", "nothing"]


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
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class RateTrial:
    """A new rate limit, and before how many alarms of another limit it warned, and for how long. [ns]."""

    limit: Limit
    effect: Effect
    warned: int
    of: int
    lead: int | None


def alternatives(
    limit: Limit, point: Point, noise: Noise, found: Sequence[Episode], legal: Limit | None
) -> list[Limit]:
    """Return what could be written instead: first other clears, then off-delays, then both, then on-delays.

    None of them is looser than the regulation in what it changes, and none gives methane an on-delay.

    Parameters
    ----------
    limit : Limit
        In force.
    point : Point
        That of the limit.
    noise : Noise
        Of this point.
    found : sequence of Episode
        Those of the limit in force, by their start.
    legal : Limit or None
        The same limit as its profile gives it.

    """
    clears: list[dict[str, object]] = [{"clear": clear, "deadband": None} for clear in _clears(limit, point, noise)]
    gaps = [
        after.start - before.end + limit.off_delay for before, after in pairwise(found) if before.end is not None
    ]  # fmt: skip
    offs: list[dict[str, object]] = [
        {"off_delay": delay} for delay in _delays(gaps, noise, ROUND[-1]) if delay > limit.off_delay
    ]
    changes = [*clears, *offs, *(clear | off for clear in clears[:2] for off in offs)]
    if not may_be_methane(point):
        lasting = [episode.end - episode.start + limit.on_delay for episode in found if episode.end is not None]
        changes += [
            {"on_delay": delay} for delay in _delays(lasting, noise, LONGEST_ON_DELAY) if delay > limit.on_delay
        ]
    tried = [(change, limit.model_copy(update=change)) for change in changes]
    return [
        other for change, other in tried if is_right(other, point) and not _is_looser(change, other, legal, point)
    ]  # fmt: skip


def may_be_methane(point: Point) -> bool:
    """Tell whether a point measures methane, or does not say what it measures: it then gets no on-delay."""
    names = {name for profile in profiles().values() if "CH4" in profile.quantities for name in profile.quantities}
    told = point.quantity.upper()
    return not told or point.expression is not None or told in names or any(word in told for word in METHANE)


def is_right(limit: Limit, point: Point) -> bool:
    """Tell whether an engine takes the limit."""
    return not any(problem.path[0] == "limit" for problem in RuleSet((point,), (limit,), (), ()).problems())


def _is_looser(change: Iterable[str], limit: Limit, legal: Limit | None, point: Point) -> bool:
    keys = set(change)
    return legal is not None and any(
        found.key in keys or found.key == "feature" for found in looser_keys(limit, legal, point)
    )


def _clears(limit: Limit, point: Point, noise: Noise) -> list[float]:
    """Return clears further and further on the safe side, as far as the record goes."""
    numbers = comparison_of(limit, point)
    step = noise.step(point)
    if limit.feature not in OWN_UNIT:
        step = abs(numbers.setpoint) / 10
    if not step:
        return []
    move = minus if limit.direction == "high" else plus
    clears = [float(move(numbers.clear, EXACT.multiply(step, Decimal(k)))) for k in DEADBANDS]
    if limit.feature not in LEVELS:
        return clears
    high = limit.direction == "high"
    return [clear for clear in clears if (noise.lowest < clear if high else clear < noise.highest)]


def _delays(times: Sequence[int], noise: Noise, longest: int) -> list[int]:
    """Return delays that bridge a half, three quarters and nine tenths of these times, and two samples at least."""
    wanted = [2 * noise.period]
    if times:
        wanted += np.quantile(np.array(times, np.int64), (0.5, 0.75, 0.9)).astype(np.int64).tolist()
    rounded = {next((delay for delay in ROUND if delay >= max(time, wanted[0])), longest) for time in wanted}
    return sorted({int(min(delay, longest)) for delay in rounded})


def rate_limits(rules: RuleSet, point: Point, noise: Noise) -> list[Limit]:
    """Return limits of the rise of a point, or of its fall, that it could have besides; none where it has one.

    Parameters
    ----------
    rules : RuleSet
        In force.
    point : Point
        To be watched.
    noise : Noise
        Of this point.

    """
    step = noise.step(point)
    watched = guarded(rules, point)
    if step is None or watched is None:
        return []
    direction = watched.direction
    own = (limit for limit in rules.limits if limit.point == point.id and limit.feature in RATES)
    if any(limit.direction == direction for limit in own):
        return []
    high = direction == "high"
    window = -(-max(WINDOW, SAMPLES * noise.period) // MINUTE) * MINUTE
    found = [
        Limit.model_validate(
            {
                "id": f"{point.id}.{'rise' if high else 'fall'}",
                "point": point.id,
                "feature": "delta",
                "window": f"{window // MINUTE}m",
                direction: float(step * k if high else -step * k),
                "clear": float(step * (k // 2) if high else -step * (k // 2)),
                "level": Level.YELLOW,
                "message": "上升过快" if high else "下降过快",
                "message_en": "Rises fast" if high else "Falls fast",
            }
        )
        for k in RISES
        if float(step * k) <= noise.highest - noise.lowest
    ]
    taken = {rule.id for table in (rules.points, rules.limits, rules.votes, rules.interlocks) for rule in table}
    return [limit for limit in found if limit.id not in taken and is_right(limit, point)]


def guarded(rules: RuleSet, point: Point) -> Limit | None:
    """Return the limit before which a rate limit can warn: of the value, and reached first; a high one if there is."""
    own = [limit for limit in rules.limits if limit.point == point.id and limit.feature == "value"]
    high = [limit for limit in own if limit.direction == "high"]
    if high:
        return min(high, key=lambda limit: limit.setpoint)
    return max(own, key=lambda limit: limit.setpoint, default=None)


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
) -> tuple[Trial | None, Verdict]:  # fmt: skip
    """Choose the first trial that cuts the alarms by more than half and costs no warning."""
    if not trials:
        return None, "nothing"
    if trials[0].effect.alarms[0] >= FEW:
        chosen = next((trial for trial in trials if trial.effect.halves and trial.effect.is_free), None)
        return chosen, "halved" if chosen else "not_halved"
    step, numbers = noise.step(point), comparison_of(limit, point)
    if limit.feature in OWN_UNIT and step is not None and abs(minus(numbers.setpoint, numbers.clear)) < step:
        return next((trial for trial in trials if trial.limit.clear != limit.clear), None), "noise"
    return None, "nothing"
