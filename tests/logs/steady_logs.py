"""Random logs of points that are at rest most of the time, the same for the same seed: long windows, a calm level, and
now and then what wakes a point, or should."""

import math
import random
from collections.abc import Iterator
from typing import Any, Final

from plant import Point, Quality, Site, State
from rules.spec.rule import Interlock, Limit, Vote
from tests.logs.random_logs import BEGIN, Case, S
from tests.logs.reference_log import Batch, Sample

GRID: Final = 0.01
LEVEL: Final = 0.5
WINDOWED: Final = ("mean", "std", "min", "max", "range", "delta", "slope", "slope", "projected", "projected")
SPREAD: Final = {"std": 0.004, "range": 0.01, "delta": 0.01, "slope": 0.006}
"""What a calm signal makes of the features that do not lie about its level."""
RARE: Final = {
    "bad": 0.15,
    "state": 0.1,
    "eight": 0.1,
    "over": 0.1,
    "late": 0.1,
    "equal": 0.1,
    "burst": 0.2,
    "gap": 0.25,
}
"""How often in a hundred samples of a point that is not calm."""


def steady_case(seed: int, *, seconds: int = 900) -> Case:
    """Return the case of a seed."""
    chance = random.Random(seed)
    names = [f"P{number}" for number in range(chance.choice((1, 2, 3)))]
    points = [_point(chance, name) for name in names]
    limits = [
        _limit(chance, f"L{number}", chance.choice(names) if number >= len(names) else names[number])
        for number in range(chance.randint(len(names), 2 * len(names) + 2))
    ]
    votes, interlocks, batches = list[Vote](), list[Interlock](), dict[int, list[Sample]]()
    if chance.random() < 0.5:
        of = [*chance.sample([limit.id for limit in limits], min(2, len(limits))), f"fault:{names[0]}"]
        votes.append(Vote(id="V", hazard_source="h", at_least=chance.randint(1, 2), of=tuple(of), level="red"))
    if chance.random() < 0.3:
        points.append(Point(id="F", hazard_source="h", name="F", stale_after="30s"))
        interlocks.append(Interlock(id="I", cut=limits[0].id, feed="F", within="2s", level="red"))
    end = BEGIN + seconds * S
    for point in points:
        for arrival, sample in _samples(chance, point, seconds):
            if arrival <= end:
                batches.setdefault(arrival, []).append(sample)
    found: list[Batch] = [(arrival, batches[arrival]) for arrival in sorted(batches)]
    site = Site(id="s", name="s", timezone="UTC", tick_period=chance.choice(("1s", "5s")))
    return Case(seed, site, points, limits, votes, interlocks, frozenset(), found, [BEGIN - S], [end], end)


def _point(chance: random.Random, name: str) -> Point:
    given: dict[str, Any] = {
        "id": name, "hazard_source": "h", "name": name, "stale_after": chance.choice(("8s", "30s", "never")),
        "fault": {"on_delay": chance.choice(("0s", "3s")), "off_delay": chance.choice(("0s", "20s"))},
    }  # fmt: skip
    if chance.random() < 0.6:
        given["range"] = (0.0, 4.0)
    if chance.random() < 0.4:
        given["resolution"] = GRID
    if chance.random() < 0.05:
        given["step"] = 0.05
    return Point.model_validate(given)


def _limit(chance: random.Random, name: str, point: str) -> Limit:
    feature = "ewma" if chance.random() < 0.04 else "value" if chance.random() < 0.2 else chance.choice(WINDOWED)
    made: dict[str, Any] = {"id": name, "point": point, "feature": feature, "level": "orange"}
    made |= {"on_delay": chance.choice(("0s", "0s", "4s")), "off_delay": chance.choice(("0s", "0s", "10s"))}
    if feature == "ewma":
        made["tau"] = "20s"
    elif feature != "value":
        made["window"] = chance.choice(("30s", "45s", "60s", "120s"))
    if feature == "projected":
        made["horizon"] = chance.choice(("30s", "2m"))
    side = chance.choice((1, 1, -1)) if feature not in ("std", "range") else 1
    near = chance.choice((2, 4, 8, 16))
    setpoint = side * near * SPREAD[feature] if feature in SPREAD else LEVEL + side * near * GRID
    gap = chance.choice((0, 1, 2)) * SPREAD.get(feature, GRID)
    made["high" if side > 0 else "low"] = round(setpoint, 9)
    made["deadband"] = round(min(gap, near * SPREAD.get(feature, GRID) / 2) if feature in SPREAD else gap, 9)
    if feature in ("range", "delta"):
        made["deadband"] = round(gap, 2)
    return Limit.model_validate(made)


def _samples(chance: random.Random, point: Point, seconds: int) -> Iterator[tuple[int, Sample]]:
    """Yield samples with their arrivals."""
    period = S if point.id == "F" else chance.choice((S, S, 2 * S, 5 * S))
    jitter = chance.choice((0, 0, period // 20, period // 5))
    now, level, burst = BEGIN + chance.randrange(S), LEVEL, 0
    ways, calm = _ways(chance), chance.choice((0.05, 0.2, 0.6))
    while now < BEGIN + seconds * S:
        level += next(ways) * period / S
        value = 1.0 if point.id == "F" else level
        sample = Sample(point.id, now, round(value, 2) if point.resolution or chance.random() < 0.5 else value)
        befalls = next((what for what, share in RARE.items() if chance.random() < calm * share / 100), "")
        sample, wait = _befallen(chance, sample, befalls)
        burst = 12 if befalls == "burst" else max(burst - 1, 0)
        arrival = now + chance.choice((0, 0, S // 10))
        yield arrival, sample
        if befalls == "late":
            yield arrival, sample._replace(time=now - 3 * S, value=LEVEL + 1)
        if befalls == "equal":
            yield arrival, sample._replace(value=sample.value + GRID, quality=Quality.UNCERTAIN)
        now += wait or (period // 10 if burst else period + (chance.randint(-jitter, jitter) if jitter else 0))


def _befallen(chance: random.Random, sample: Sample, what: str) -> tuple[Sample, int]:
    """Return a sample after what befell its sensor, and how long no other comes; 0 for as usual."""
    match what:
        case "bad":
            return sample._replace(value=chance.choice((math.nan, 0.0)), quality=Quality.BAD), 0
        case "state":
            return sample._replace(state=int(chance.choice((State.CALIBRATING, State.SENSOR_FAULT, State.ALARM)))), 0
        case "eight":
            return sample._replace(state=int(State.OVER_RANGE), value=chance.choice((sample.value, math.nan))), 0
        case "over":
            return sample._replace(value=chance.choice((-1.0, 5.0))), 0
        case "gap":
            return sample, chance.choice((3, 9, 40)) * S
    doubt = chance.random() < 0.02
    return sample._replace(quality=int(Quality.UNCERTAIN if doubt else Quality.GOOD)), 0


def _ways(chance: random.Random) -> Iterator[float]:
    """Yield how the level moves per second: noise about it, and at times a ramp there and back, or a step."""
    noise, before = chance.choice((0.0, 0.001, 0.004)), 0.0
    while True:
        for _ in range(chance.randint(100, 300)):
            here = chance.uniform(-noise, noise)
            yield here - before
            before = here
        height, length = chance.choice((1, -1)) * chance.uniform(0.005, 0.2), chance.choice((1, 1, 10, 60))
        for side in (1, 0, -1):
            for _ in range(length):
                yield side * height / length
