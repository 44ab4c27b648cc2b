"""A second engine, written from the specification alone, slow and plain: the oracle of the differential tests."""

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, NamedTuple

from plant import HEALTH_KINDS, NEVER_STALE, Point, Quality
from rules.spec.rule import Interlock, Limit, Vote
from tests.logs.reference_features import (
    Evidence,
    Feature,
    Formula,
    before_window,
    beyond,
    ends,
    thresholds,
    window_of,
)
from tests.logs.reference_log import Entry, Sample, Start, Tick

Verdict = Literal["in", "out", "between", "none"]
SILENT = 4 | 16 | 32 | 64 | 128
OVER = 8
CALIBRATING = 4
FAULTY = 16 | 32 | 64 | 128


class Mode(Enum):
    """States of a condition."""

    NORMAL = 0
    PENDING = 1
    ACTIVE = 2
    RETURNING = 3


@dataclass(eq=False)
class Condition:
    """The state of one limit, health rule, vote or interlock."""

    id: str
    kind: str
    hazard_source: str
    point: "PointState | None"
    level: str
    setpoint: float | int | None
    key: tuple[int, ...] = ()
    on_delay: int = 0
    off_delay: int = 0
    mode: Mode = Mode.NORMAL
    since: int = 0
    value: float | int | None = None
    raised: int = 0
    last_event: int | None = None
    counts: Counter[tuple[int, str]] = field(default_factory=Counter)

    @property
    def stands(self) -> bool:
        return self.mode in (Mode.ACTIVE, Mode.RETURNING)


class Came(NamedTuple):
    """A sample that came: its source time, the time that it took, and what is compared for a duplicate."""

    source: int
    time: int
    value: float
    quality: int
    state: int

    def same(self, value: float, quality: int, state: int) -> bool:
        equal = value == self.value or (math.isnan(value) and math.isnan(self.value))
        return equal and quality == self.quality and state == self.state


class PointState:
    """What is known of one point."""

    def __init__(self, number: int, point: Point) -> None:
        self.number = number
        self.point = point
        self.formula = None if point.expression is None else Formula(point.expression)
        self.ends = ends(point)
        self.last: Came | None = None
        self.came: Came | None = None
        self.two_sided = False
        self.had_evidence = False
        self.latest: float | None = None
        self.latest_raw: float | None = None
        self.history: list[Evidence] = []
        self.stale_changes = 0
        self.limits: list[tuple[Condition, Limit, Feature, tuple[float, float]]] = []
        self.health = {kind: self._health(kind) for kind in HEALTH_KINDS if self._has(kind)}

    def _has(self, kind: str) -> bool:
        if kind == "stale":
            return self.point.stale_after != NEVER_STALE
        if kind in ("flatline", "step", "discrepancy"):
            return getattr(self.point, kind) is not None
        return True

    def _health(self, kind: str) -> Condition:
        point = self.point
        made = Condition(f"{kind}:{point.id}", kind, point.hazard_source, self, str(point.health_level), None)
        made.key = (self.number, 1, [str(name) for name in HEALTH_KINDS].index(kind))
        if kind in ("fault", "over_range", "discrepancy"):
            delays = getattr(point, kind)
            made.on_delay, made.off_delay = delays.on_delay, delays.off_delay
        if kind == "calibration_overrun":
            made.on_delay = point.calibration_limit
        if kind == "flatline" and point.flatline is not None:
            made.setpoint = point.flatline.epsilon
        if kind == "step":
            made.setpoint = point.step
        if kind == "discrepancy" and point.discrepancy is not None:
            made.setpoint = point.discrepancy.limit
        return made

    @property
    def stale(self) -> bool:
        return "stale" in self.health and self.health["stale"].stands

    @property
    def in_doubt(self) -> bool:
        if self.stale:
            return True
        if self.point.stale_after == NEVER_STALE and not self.had_evidence:
            return True
        return self.last is not None and not self.two_sided

    @property
    def quality(self) -> int:
        return int(Quality.BAD) if self.stale or self.last is None else self.last.quality

    @property
    def conditions(self) -> list[Condition]:
        """Its own, in the order in which timers of one time fire."""
        return [*(limit[0] for limit in self.limits), *self.health.values()]

    def admit(self, sample: Sample, quality: int) -> Came | None:
        """Return the sample with the time that it takes, or None for a late one; the memory starts anew if it must."""
        source, value, state = sample.time, float(sample.value), sample.state
        reference = self.came if self.stale else self.last
        late = sample.backfilled or (
            reference is not None
            and (source < reference.source or (source == reference.source and reference.same(value, quality, state)))
        )
        time = source
        last = self.last
        if last is not None and not late:
            if source == last.source and not last.same(value, quality, state):
                time = last.time + 1
            elif not self.stale:
                time = max(source, last.time + 1)
            if time <= last.time:
                self._forget()
        self.came = Came(source, time, value, quality, state)
        return None if late else self.came

    def _forget(self) -> None:
        self.history.clear()
        for _, _, feature, _ in self.limits:
            feature.forget()


@dataclass(frozen=True)
class Look:
    """One accepted sample, as conditions see it; `x` is None for no evidence, and for bit 8 without a range."""

    time: int
    quality: int
    state: int
    evidence: bool
    over: bool
    one_sided: bool
    x: float | None

    def verdict(self, *, is_in: bool, is_out: bool, one_sided: bool | None = None) -> Verdict:
        if is_in:
            return "in"
        if self.one_sided if one_sided is None else one_sided:
            return "none"
        return "out" if is_out else "between"


class Reference:
    """The engine: feed it entries, read its events."""

    def __init__(
        self, points: Sequence[Point], limits: Sequence[Limit], votes: Sequence[Vote], interlocks: Sequence[Interlock]
    ) -> None:
        self.points = {point.id: PointState(number, point) for number, point in enumerate(points)}
        self.conditions: dict[str, Condition] = {}
        for number, limit in enumerate(limits):
            owner = self.points[limit.point]
            made = Condition(
                limit.id, "limit", owner.point.hazard_source, owner, str(limit.level), limit.setpoint,
                (owner.number, 0, number), limit.on_delay, limit.off_delay,
            )  # fmt: skip
            owner.limits.append((made, limit, Feature(limit), thresholds(limit, owner.point)))
            self.conditions[made.id] = made
        for owner in self.points.values():
            self.conditions |= {made.id: made for made in owner.health.values()}
        self.interlocks: list[tuple[Condition, Interlock]] = []
        for number, interlock in enumerate(interlocks):
            feed = self.points[interlock.feed]
            made = Condition(
                interlock.id, "interlock", feed.point.hazard_source, feed, str(interlock.level), None,
                (feed.number, 2, number), interlock.within,
            )  # fmt: skip
            self.interlocks.append((made, interlock))
            self.conditions[made.id] = made
        self.votes: list[tuple[Condition, Vote]] = []
        for vote in votes:
            made = Condition(vote.id, "vote", vote.hazard_source, None, str(vote.level), vote.at_least)
            self.votes.append((made, vote))
            self.conditions[made.id] = made
        self.vote_of = {vote.id: vote for vote in votes}
        self.first: int | None = None
        self.last_start: int | None = None
        self.last_tick: int | None = None
        self.events: list[dict[str, Any]] = []

    # entries

    def feed(self, entry: Entry) -> None:
        if self.first is None:
            self.first = entry.time
        if isinstance(entry, Sample):
            self._sample(self.points[entry.point], entry)
            return
        if isinstance(entry, Start):
            self.last_start = entry.time
        self.last_tick = entry.time if self.last_tick is None else max(self.last_tick, entry.time)
        everything = [made for made in self.conditions.values() if made.kind != "vote"]
        self._fire_all(everything, lambda due: due <= entry.time)

    def _sample(self, owner: PointState, sample: Sample) -> None:
        quality = sample.quality if math.isfinite(sample.value) else int(Quality.BAD)
        came = owner.admit(sample, quality)
        if came is None:
            return
        fed = [made for made, interlock in self.interlocks if interlock.feed == owner.point.id]
        self._fire_all([*owner.conditions, *fed], lambda due: due < came.time)
        look = self._look(owner, came)
        for kind, made in owner.health.items():
            if kind == "stale":
                self._look_stale(owner, made, look)
            else:
                self._judge(made, self._health_verdict(owner, kind, made, look), look.time)
        for made, limit, feature, sides in owner.limits:
            self._judge(made, self._limit_verdict(owner, (made, limit, feature, sides), look), look.time)
        for made, vote in self.votes:
            if owner in self._points_of(vote.id):
                self._look_vote(made, vote, look.time)
        for made, interlock in self.interlocks:
            if interlock.feed == owner.point.id:
                self._look_interlock(made, interlock, look.time)
        if look.evidence:
            self._recompute(owner, look.time)

    def _recompute(self, source: PointState, time: int) -> None:
        for owner in self.points.values():
            if owner.formula is None or source.point.id not in owner.formula.inputs:
                continue
            inputs = {name: self.points[name] for name in owner.formula.inputs}
            value = owner.formula.value(
                {name: math.nan if other.latest is None else other.latest for name, other in inputs.items()}
            )
            quality = max(other.quality for other in inputs.values())
            if any(other.in_doubt or not other.had_evidence for other in inputs.values()):
                quality = int(Quality.BAD)
            self._sample(owner, Sample(owner.point.id, time, value, quality))

    def _look(self, owner: PointState, came: Came) -> Look:
        """Take the sample as the last accepted one, and say how it is looked at."""
        value, state = came.value, came.state
        evidence = not state & SILENT and (bool(state & OVER) or came.quality != Quality.BAD)
        over, x = False, None
        if evidence and state & OVER:
            over = True
            x = None if owner.point.range is None else owner.point.range[1]
        elif evidence:
            x = value
            if owner.ends is not None and owner.point.range is not None:
                if value < owner.ends[0]:
                    over, x = True, owner.point.range[0]
                elif value > owner.ends[1]:
                    over, x = True, owner.point.range[1]
        too_old = owner.stale and not self._ends_stale(owner, came.time)
        one_sided = evidence and (over or too_old)
        owner.last = came
        owner.two_sided = evidence and not one_sided
        if evidence:
            owner.had_evidence = True
            owner.latest_raw = value
        if x is not None:
            owner.latest = x
            changes = owner.stale_changes + (1 if owner.stale and not too_old else 0)
            owner.history.append(Evidence(came.time, x, one_sided, changes))
        return Look(came.time, came.quality, state, evidence, over, one_sided, x)

    # verdicts

    def _ends_stale(self, owner: PointState, time: int) -> bool:
        return self.last_tick is None or time + owner.point.stale_after > self.last_tick

    def _look_stale(self, owner: PointState, made: Condition, look: Look) -> None:
        if made.stands and self._ends_stale(owner, look.time):
            made.mode = Mode.NORMAL
            owner.stale_changes += 1
            self._emit(made, "clear", look.time)

    def _health_verdict(self, owner: PointState, kind: str, made: Condition, look: Look) -> Verdict:
        if kind == "fault":
            faulty = look.quality == Quality.BAD or bool(look.state & FAULTY)
            return self._or_none(look, is_in=not look.evidence and faulty, is_out=look.evidence)
        if kind == "over_range":
            if look.evidence:
                raw = owner.latest_raw
                made.value = raw if raw is not None and math.isfinite(raw) else None
            return self._or_none(look, is_in=look.over, is_out=look.evidence)
        if kind == "calibration_overrun":
            return self._or_none(look, is_in=bool(look.state & CALIBRATING), is_out=look.evidence)
        if look.x is None:
            return "none"
        if kind == "flatline":
            return self._flatline(owner, made, look)
        if kind == "step":
            if len(owner.history) < 2 or owner.point.step is None:
                return "none"
            return self._differs(owner, made, look, look.x - owner.history[-2].x, owner.point.step)
        assert owner.point.discrepancy is not None
        sister = self.points[owner.point.discrepancy.with_]
        if sister.latest is None or sister.in_doubt:
            return "none"
        return self._differs(owner, made, look, look.x - sister.latest, owner.point.discrepancy.limit)

    def _or_none(self, look: Look, *, is_in: bool, is_out: bool) -> Verdict:
        """A sample that is neither acts as no evidence."""
        return look.verdict(is_in=is_in, is_out=is_out) if is_in or is_out else "none"

    def _differs(self, owner: PointState, made: Condition, look: Look, difference: float, limit: float) -> Verdict:
        made.value = difference
        is_in = abs(difference) > beyond(owner.point, limit)
        return self._or_none(look, is_in=is_in, is_out=not is_in)

    def _flatline(self, owner: PointState, made: Condition, look: Look) -> Verdict:
        rule = owner.point.flatline
        assert rule is not None
        anchor = before_window(owner.history, look.time, rule.window)
        values = [evidence.x for evidence in window_of(owner.history, look.time, rule.window)]
        if anchor is not None:
            values.append(anchor.x)
        made.value = max(values) - min(values)
        moved = made.value > beyond(owner.point, rule.epsilon)
        whole = anchor is not None and not owner.stale and anchor.stale_changes == owner.stale_changes
        return self._or_none(look, is_in=whole and not moved, is_out=moved)

    def _limit_verdict(
        self, owner: PointState, parts: tuple[Condition, Limit, Feature, tuple[float, float]], look: Look
    ) -> Verdict:
        made, limit, feature, (in_side, out_side) = parts
        if not look.evidence:
            return "none"
        if look.x is None:
            return "in" if limit.direction == "high" and limit.feature in ("value", "max") else "none"
        value, one_sided = feature.at(owner.history)
        if value is None:
            return "none"
        made.value = value
        if limit.direction == "high":
            return look.verdict(is_in=value >= in_side, is_out=value < out_side, one_sided=one_sided)
        return look.verdict(is_in=value <= in_side, is_out=value > out_side, one_sided=one_sided)

    # votes and interlocks

    def _points_of(self, name: str) -> list[PointState]:
        if name in self.vote_of:
            return [point for member in self.vote_of[name].of for point in self._points_of(member)]
        point = self.conditions[name].point
        assert point is not None
        return [point]

    def _look_vote(self, made: Condition, vote: Vote, time: int) -> None:
        standing = {member for member in vote.of if self.conditions[member].stands}
        doubtful = {member for member in vote.of if all(point.in_doubt for point in self._points_of(member))}
        made.value = len(standing)
        holds = bool(standing) and len(standing | doubtful) >= vote.at_least
        self._judge(made, "in" if holds else "out", time)

    def _look_interlock(self, made: Condition, interlock: Interlock, time: int) -> None:
        feed = self.points[interlock.feed]
        known_off = not feed.in_doubt and feed.latest == 0
        holds = self.conditions[interlock.cut].stands and not known_off
        self._judge(made, "in" if holds else "out", time)

    # the table of states

    def _judge(self, made: Condition, verdict: Verdict, time: int) -> None:
        """Look at the condition; its own timer due at that very time comes directly after."""
        match made.mode, verdict:
            case Mode.NORMAL, "in":
                if made.on_delay == 0:
                    made.mode = Mode.ACTIVE
                    self._emit(made, "raise", time)
                else:
                    made.mode, made.since = Mode.PENDING, time
            case Mode.PENDING, "out" | "between":
                made.mode = Mode.NORMAL
            case Mode.ACTIVE, "out":
                if made.off_delay == 0:
                    made.mode = Mode.NORMAL
                    self._emit(made, "clear", time)
                else:
                    made.mode, made.since = Mode.RETURNING, time
            case Mode.RETURNING, "out":
                if time >= made.since + made.off_delay:
                    made.mode = Mode.NORMAL
                    self._emit(made, "clear", time)
            case Mode.RETURNING, _:
                made.mode = Mode.ACTIVE
        if made.mode is Mode.PENDING and self._due(made) == time:
            self._fire(made)

    def _due(self, made: Condition) -> int | None:
        if made.kind != "stale":
            return made.since + made.on_delay if made.mode is Mode.PENDING else None
        assert made.point is not None
        if made.stands:
            return None
        since = [self.first, self.last_start, None if made.point.last is None else made.point.last.time]
        return max(time for time in since if time is not None) + made.point.point.stale_after

    def _fire_all(self, conditions: Iterable[Condition], passed: Callable[[int], bool]) -> None:
        """Fire the timers that are passed, the earliest first, with those that begin by it."""
        watched = list(conditions)
        while True:
            due = [(due, made.key, made) for made in watched if (due := self._due(made)) is not None and passed(due)]
            if not due:
                return
            self._fire(min(due, key=lambda timer: timer[:2])[2])

    def _fire(self, made: Condition) -> None:
        due = self._due(made)
        assert due is not None
        made.mode = Mode.ACTIVE
        if made.kind == "stale":
            assert made.point is not None
            made.point.stale_changes += 1
            for other in made.point.conditions:
                if other.mode is Mode.RETURNING:
                    other.mode = Mode.ACTIVE
        self._emit(made, "raise", due)

    # events

    def _emit(self, made: Condition, transition: str, time: int) -> None:
        if made.last_event is not None:
            time = max(time, made.last_event)
        made.last_event = time
        if transition == "raise":
            made.raised = time
        repeats = made.counts[made.raised, transition]
        made.counts[made.raised, transition] += 1
        text = f"{made.id}|{made.raised}|{transition}|{repeats}"
        self.events.append(
            {
                "seq": len(self.events) + 1,
                "id": hashlib.sha256(text.encode()).hexdigest()[:16],
                "time": time,
                "hazard_source": made.hazard_source,
                "point": None if made.point is None else made.point.point.id,
                "condition": made.id,
                "transition": transition,
                "level": made.level,
                "value": made.point.latest if made.kind == "interlock" and made.point is not None else made.value,
                "setpoint": made.setpoint,
                "quality": self._quality(made),
                "rules": "000000000000",
            }
        )
        self._spread(made, transition, time)

    def _quality(self, made: Condition) -> str:
        if made.point is not None:
            return Quality(made.point.quality).name
        return "UNCERTAIN" if any(point.in_doubt for point in self._points_of(made.id)) else "GOOD"

    def _spread(self, made: Condition, transition: str, time: int) -> None:
        stale = made.point if made.kind == "stale" and transition == "raise" else None
        for vote_condition, vote in self.votes:
            if made.id in vote.of or (stale is not None and stale in self._points_of(vote.id)):
                self._look_vote(vote_condition, vote, time)
        for cut_condition, interlock in self.interlocks:
            if interlock.cut == made.id:
                due = self._due(cut_condition)
                if due is not None and due < time:
                    self._fire(cut_condition)
                self._look_interlock(cut_condition, interlock, time)
            elif stale is not None and cut_condition.point is stale:
                self._look_interlock(cut_condition, interlock, time)


def reference_events(
    points: Sequence[Point],
    limits: Sequence[Limit],
    votes: Sequence[Vote],
    interlocks: Sequence[Interlock],
    log: Iterable[Entry],
) -> list[dict[str, Any]]:
    """Return the events of a log, with the fields of the specification in their order (`rules` means nothing)."""
    engine = Reference(points, limits, votes, interlocks)
    for entry in log:
        engine.feed(entry)
    return engine.events


def differences(expected: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]]) -> list[str]:
    """Return what differs, `rules` and the last digits of a value aside; empty where nothing does."""
    result: list[str] = []
    for number, (left, right) in enumerate(zip(expected, found, strict=False), 1):
        result += [
            f"event {number}, {name}: expected {left[name]!r}, found {right[name]!r} in {left['condition']}"
            for name in left
            if name != "rules" and not _alike(name, left[name], right[name])
        ]
    if len(expected) != len(found):
        result.append(f"expected {len(expected)} events, found {len(found)}")
    return result


def _alike(name: str, left: Any, right: Any) -> bool:
    if name in ("value", "setpoint") and isinstance(left, float) and isinstance(right, float):
        return left == right or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return type(left) is type(right) and bool(left == right)


__all__ = ["Entry", "Reference", "Sample", "Start", "Tick", "differences", "reference_events"]
