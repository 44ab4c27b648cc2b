"""Random rule sets and random logs for differential tests, the same for the same seed."""

import math
import random
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

from plant import Point, Quality, Site
from rules.spec.rule import Interlock, Limit, Vote
from tests.logs.reference_log import Batch, Entry, Sample, Start, Tick, order_batches, order_trace

S = 1_000_000_000
BEGIN = 1_400_000_000 * S

FEATURES = frozenset(
    ("value", "mean", "min", "max", "range", "std", "sum", "count", "delta", "slope", "projected", "ewma")
)
RULES = FEATURES | {
    "stale", "fault", "over_range", "calibration_overrun", "flatline", "step", "discrepancy", "vote", "interlock",
    "calculated",
}  # fmt: skip
"""What a rule set may hold."""
DISORDER = frozenset(("late", "backfilled", "duplicate", "equal", "setback", "skew", "arrival", "starts"))
"""What may befall a log: late samples, history, duplicates, other values at one time, clocks, restarts."""
ALL = RULES | DISORDER
FIRST = frozenset(("value", "slope", "stale", "fault", "late", "duplicate", "equal"))
"""A first milestone."""


@dataclass(frozen=True)
class Case:
    """A rule set, and one run of it as it arrived."""

    seed: int
    site: Site
    points: list[Point]
    limits: list[Limit]
    votes: list[Vote]
    interlocks: list[Interlock]
    arrival_timed: frozenset[str]
    batches: list[Batch]
    starts: list[int]
    stops: list[int]
    end: int
    restarts: bool = False
    trace_ticks: list[Tick] = field(default_factory=list)

    def live(self) -> list[Entry]:
        """Return the log of the live run."""
        return order_batches(
            self.points, self.site, self.arrival_timed, self.batches, self.starts, self.end, self.stops
        )

    def rows(self) -> list[Sample]:
        """Return the samples as they came, without arrivals."""
        return [sample for _, samples in self.batches for sample in samples]

    def arrivals(self) -> list[int]:
        """Return the arrival of every row."""
        return [arrival for arrival, samples in self.batches for _ in samples]

    def trace(self) -> list[Entry]:
        """Return the log of a replay without arrivals, with ticks of the trace's own."""
        return order_trace(self.points, self.site, self.arrival_timed, [*self.rows(), *self.trace_ticks])

    def stamped_trace(self) -> list[Entry]:
        """Return the log of a replay with arrivals."""
        return order_trace(self.points, self.site, self.arrival_timed, self.rows(), self.arrivals())

    def as_logged(self) -> list[Entry]:
        """Return the rows in the order in which they came, between ticks that nobody put in order."""
        chance = random.Random(self.seed)
        entries: list[Entry] = []
        for row in self.rows():
            if chance.random() < 0.3:
                entries.append(Tick(row.time + chance.choice((-3 * S, -S, 0, 0, S // 2, S, 3 * S))))
            if self.restarts and chance.random() < 0.02:
                entries.append(Start(row.time - chance.choice((0, S, 9 * S))))
            entries.append(row)
        return entries


def random_case(seed: int, kinds: Set[str] = ALL, *, seconds: int = 60) -> Case:
    """Return the case of a seed; nothing in it is of a kind that is not in `kinds`."""
    unknown = kinds - ALL
    if unknown:
        raise ValueError(f"expected kinds of {sorted(ALL)}, found {sorted(unknown)}")
    return _Maker(random.Random(seed), kinds).case(seed, seconds)


class _Maker:
    def __init__(self, chance: random.Random, kinds: Set[str]) -> None:
        self.chance = chance
        self.kinds = kinds
        self.points: list[dict[str, Any]] = []
        self.limits: list[dict[str, Any]] = []
        self.votes: list[dict[str, Any]] = []
        self.interlocks: list[dict[str, Any]] = []
        self.grid: dict[str, float] = {}
        self.centre: dict[str, int] = {}
        self.feeds: set[str] = set()

    def has(self, kind: str, probability: float = 1.0) -> bool:
        return kind in self.kinds and self.chance.random() < probability

    def delay(self) -> str:
        return self.chance.choice(("0s", "0s", "0s", "1s", "2s", "2.5s", "5s"))

    # rules

    def case(self, seed: int, seconds: int) -> Case:
        chance = self.chance
        site = Site.model_validate(
            {
                "id": "s",
                "name": "s",
                "timezone": "UTC",
                "allowance": chance.choice(("0s", "1s", "2s", "2s", "3.25s")),
                "tick_period": chance.choice(("1s", "1s", "500ms", "3s")),
                "max_clock_skew": chance.choice(("0s", "5s", "5s")) if "skew" in self.kinds else "1h",
            }
        )
        for number in range(chance.randint(1, 4)):
            self.point(f"P{number}")
        measured = [given["id"] for given in self.points]
        if self.has("discrepancy", 0.7) and len(measured) > 1:
            own, sister = chance.sample(measured, 2)
            self.points[measured.index(own)]["discrepancy"] = {
                "with": sister, "limit": self.step(own, 0, 4), "on_delay": self.delay(), "off_delay": self.delay(),
            }  # fmt: skip
        if self.has("calculated", 0.7):
            self.calculated(measured)
        for given in self.points:
            for _ in range(chance.randint(1, 3)):
                self.limit(given)
        cuts = [given["id"] for given in self.limits]
        for number in range(chance.randint(1, 2) if cuts and self.has("interlock", 0.8) else 0):
            self.interlock(f"I{number}", chance.choice(cuts))
        chance.shuffle(self.points)
        for number in range(chance.randint(1, 3) if self.has("vote", 0.8) else 0):
            self.vote(f"V{number}")
        timed = [given["id"] for given in self.points if "expression" not in given and self.has("arrival", 0.25)]
        starts, stops, end, batches = self.log(seconds, site)
        return Case(
            seed=seed,
            site=site,
            points=[Point.model_validate(given) for given in self.points],
            limits=[Limit.model_validate(given) for given in self.limits],
            votes=[Vote.model_validate(given) for given in self.votes],
            interlocks=[Interlock.model_validate(given) for given in self.interlocks],
            arrival_timed=frozenset(timed),
            batches=batches,
            starts=starts,
            stops=stops,
            end=end,
            restarts="starts" in self.kinds,
            trace_ticks=[Tick(BEGIN + chance.randrange(seconds * 10) * S // 10) for _ in range(chance.randint(0, 5))],
        )

    def point(self, name: str) -> None:
        chance = self.chance
        resolution = chance.choice((0.01, 0.01, 0.1, 0.05, None))
        self.grid[name] = resolution or 0.01
        self.centre[name] = 100
        given: dict[str, Any] = {
            "id": name,
            "hazard_source": "h",
            "name": name,
            "stale_after": chance.choice(("4s", "6s", "10s", "never")) if "stale" in self.kinds else "never",
            "health_level": chance.choice(("blue", "yellow")),
        }
        if resolution is not None:
            given["resolution"] = resolution
        if self.has("over_range", 0.7):
            given["range"] = [0.0, self.step(name, 112, 120)]
            given["over_range"] = {"on_delay": self.delay(), "off_delay": self.delay()}
            if chance.random() < 0.5:
                given["range_margin"] = self.step(name, 0, 3)
        if self.has("fault"):
            given["fault"] = {"on_delay": self.delay(), "off_delay": self.delay()}
        if self.has("calibration_overrun"):
            given["calibration_limit"] = chance.choice(("0s", "2s", "5s"))
        if self.has("flatline", 0.6):
            given["flatline"] = {"window": chance.choice(("2s", "3s", "5.5s")), "epsilon": self.step(name, 0, 6)}
        if self.has("step", 0.6):
            given["step"] = self.step(name, 0, 8)
        self.points.append(given)

    def step(self, name: str, low: int, high: int) -> float:
        """Return a number on the grid of the point."""
        return round(self.chance.randint(low, high) * self.grid[name], 9)

    def calculated(self, measured: list[str]) -> None:
        first, second = self.chance.choice(measured), self.chance.choice(measured)
        forms = (
            f"{first} + {second}", f"{first} - {second} + 1.0", f"where({first} > {second}, {first}, nan)",
            f"max({first}, abs({second}))", f"{first} * 2 / {second}", f"sqrt({first} - {second})",
        )  # fmt: skip
        self.grid["C"] = 0.01
        self.centre["C"] = 100
        self.points.append(
            {
                "id": "C", "hazard_source": "h", "name": "C", "expression": self.chance.choice(forms),
                "stale_after": "6s" if "stale" in self.kinds else "never",
            }
        )  # fmt: skip

    def limit(self, given: dict[str, Any]) -> None:
        chance, name = self.chance, given["id"]
        features = sorted(FEATURES & self.kinds)
        if not features:
            return
        feature = chance.choice(features)
        grid, centre = self.grid[name], self.centre[name]
        made: dict[str, Any] = {
            "id": f"L{len(self.limits)}", "point": name, "feature": feature, "on_delay": self.delay(),
            "off_delay": self.delay(), "level": chance.choice(("red", "orange", "yellow", "blue")),
        }  # fmt: skip
        window = chance.choice((2, 3, 5, 8))
        if feature not in ("value", "ewma"):
            made["window"] = f"{window}s"
        if feature == "ewma":
            made["tau"] = chance.choice(("1s", "3s"))
        if feature == "projected":
            made["horizon"] = chance.choice(("2s", "10s"))
        if feature == "slope" and chance.random() < 0.5:
            made["per"] = chance.choice(("1s", "1h"))
        high = chance.random() < 0.7
        off = chance.randint(-4, 4)
        setpoint = {
            "range": abs(off) * grid,
            "std": abs(off) * grid / 2,
            "sum": (centre + off) * grid * window,
            "count": float(window + chance.randint(-1, 1)),
            "delta": off * grid,
            "slope": off * grid * {"1s": 1, "1h": 3600}.get(made.get("per", ""), 60) / 2,
        }.get(feature, (centre + off) * grid)
        gap = chance.randint(0, 4) * grid
        made["high" if high else "low"] = round(setpoint, 9)
        match chance.randint(0, 2):
            case 0:
                made["deadband"] = round(gap, 9)
            case 1:
                made["clear"] = round(setpoint - gap if high else setpoint + gap, 9)
        self.limits.append(made)

    def interlock(self, name: str, cut: str) -> None:
        feed = f"F{name}"
        self.feeds.add(feed)
        stale = self.chance.choice(("5s", "never")) if "stale" in self.kinds else "never"
        self.points.append({"id": feed, "hazard_source": "h2", "name": feed, "stale_after": stale})
        within = self.chance.choice(("0s", "1s", "2s", "2s", "3.5s"))
        self.interlocks.append({"id": name, "cut": cut, "feed": feed, "within": within, "level": "red"})

    def vote(self, name: str) -> None:
        members = [given["id"] for given in (*self.limits, *self.interlocks, *self.votes)]
        for given in self.points:
            members += [f"{kind}:{given['id']}" for kind in ("fault", "over_range", "calibration_overrun")]
            members += [f"{kind}:{given['id']}" for kind in ("flatline", "step", "discrepancy") if kind in given]
            if given["stale_after"] != "never":
                members.append(f"stale:{given['id']}")
        limits = [given["id"] for given in self.limits]
        chosen = self.chance.sample(members, min(len(members), self.chance.randint(1, 3)))
        if limits:
            chosen = list(dict.fromkeys([*chosen, self.chance.choice(limits)]))
        least = self.chance.randint(1, len(chosen))
        self.votes.append({"id": name, "hazard_source": "h", "at_least": least, "of": chosen, "level": "orange"})

    # samples

    def log(self, seconds: int, site: Site) -> tuple[list[int], list[int], int, list[Batch]]:
        chance = self.chance
        end = BEGIN + seconds * S + chance.choice((0, 250_000_000, 7 * S))
        starts, stops = [BEGIN - chance.choice((0, S, 2 * S + 1))], [end]
        if self.has("starts", 0.7):
            stop = BEGIN + chance.randrange(5, max(6, seconds - 5)) * S + chance.choice((0, 1, 300_000_000))
            again = stop + max(site.allowance, 1) + chance.choice((1, S, 5 * S, 20 * S))
            if again < end:
                starts, stops = [*starts, again], [stop, end]
        by_arrival: dict[int, list[Sample]] = {}
        for given in self.points:
            if "expression" not in given:
                for arrival, sample in self.samples(given["id"], seconds):
                    by_arrival.setdefault(arrival, []).append(sample)
        batches: list[Batch] = []
        for arrival in sorted(by_arrival):
            runs = zip(starts, stops, strict=True)
            if any(start < arrival <= stop for start, stop in runs):
                samples = by_arrival[arrival]
                chance.shuffle(samples)
                batches.append((arrival, samples))
        return starts, stops, end, batches

    def samples(self, name: str, seconds: int) -> list[tuple[int, Sample]]:
        """Return samples with their arrivals: a walk near the setpoints, and what befalls it."""
        chance = self.chance
        period = chance.choice((5, 10, 10, 20))
        now = chance.randrange(0, 20)
        offset = 0
        level = self.centre.get(name, 1)
        found: list[tuple[int, Sample]] = []
        while now < seconds * 10:
            level, value = self.walk(name, level)
            quality, state, value = self.doubt(name, value)
            if self.has("setback", 0.01):
                offset = chance.choice((0, -30, -100))
            time = BEGIN + (now + offset) * S // 10
            if self.has("skew", 0.03):
                time += chance.choice((5, 6, 20)) * S
            arrival = BEGIN + now * S // 10 + chance.choice((0, 0, 0, 2, 5, 10, 20, 40)) * S // 10
            sample = Sample(name, time, value, quality, state, self.has("backfilled", 0.02))
            found.append((arrival, sample))
            found += [(arrival + chance.choice((0, 0, S)), extra) for extra in self.more(name, sample)]
            now += chance.choice((period, period, period, period + 1, max(period - 3, 1)))
            if chance.random() < 0.03:
                now += chance.choice((30, 60, 120))
        return found

    def walk(self, name: str, level: int) -> tuple[int, float]:
        chance = self.chance
        if name in self.feeds:
            if chance.random() < 0.2:
                level = 1 - level
            return level, float(level)
        if chance.random() < 0.6:
            level += chance.choice((-3, -2, -1, -1, 1, 1, 2, 3))
        if chance.random() < 0.05:
            level = self.centre[name] + chance.choice((-8, 8))
        centre = self.centre[name]
        level = max(centre - 9, min(centre + 9, level))
        half = 0.5 if chance.random() < 0.1 else 0.0
        value = (level + half) * self.grid[name]
        return level, value if chance.random() < 0.2 else round(value, 9)

    def doubt(self, name: str, value: float) -> tuple[int, int, float]:
        """Return quality, state and value after what may befall a sensor."""
        chance = self.chance
        quality, state = int(Quality.GOOD), 0
        if chance.random() < 0.05:
            quality = int(Quality.UNCERTAIN)
        if chance.random() < 0.05:
            state |= chance.choice((1, 2))
        if self.has("fault", 0.06):
            match chance.randint(0, 3):
                case 0:
                    quality = int(Quality.BAD)
                case 1:
                    value = chance.choice((math.nan, math.inf))
                case _:
                    state |= chance.choice((16, 32, 64, 128))
        if self.has("calibration_overrun", 0.05):
            state |= 4
        if self.has("over_range", 0.06):
            grid = self.grid.get(name, 1.0)
            match chance.randint(0, 2):
                case 0:
                    state |= 8
                case 1:
                    value = chance.choice((-20, -3, -1, 121, 123, 140)) * grid
                case _:
                    state |= 8
                    value, quality = chance.choice(((math.nan, int(Quality.BAD)), (value, int(Quality.BAD))))
        return quality, state, value

    def more(self, name: str, sample: Sample) -> list[Sample]:
        chance = self.chance
        extra: list[Sample] = []
        if self.has("duplicate", 0.05):
            extra.append(sample)
        if self.has("equal", 0.05):
            step = self.grid.get(name, 1.0) * chance.choice((0, 1, 5))
            extra.append(sample._replace(value=sample.value + step, quality=chance.choice((0, 1))))
        if self.has("late", 0.04):
            extra.append(sample._replace(time=sample.time - chance.choice((1, S, 3 * S)), value=sample.value + 1))
        return extra
