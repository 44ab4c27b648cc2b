"""Measures the engine: nanoseconds per sample, for values alone and with windows, on one core."""

import resource
from time import perf_counter

import numpy as np

from ingest import Log
from plant import Point, SampleBatch
from rules import Engine, Limit, RuleSet

S = 1_000_000_000


def rules_of(count: int, features: tuple[str, ...]) -> RuleSet:
    """Return sensors with an alarm and a cut limit each, and one limit per feature."""
    points = [
        Point(id=f"P{n}", hazard_source="h", name="p", range=(0.0, 4.0), resolution=0.01, stale_after="20s")
        for n in range(count)
    ]
    limits = []
    for point in points:
        limits.append(
            Limit(id=f"{point.id}.alarm", point=point.id, feature="value", high=1.0, clear=0.9, level="orange")
        )
        limits.append(
            Limit(id=f"{point.id}.cut", point=point.id, feature="value", high=1.5, on_delay="2s", level="red")
        )
        limits.extend(
            Limit(id=f"{point.id}.{feature}", point=point.id, feature=feature, window="60s", high=2.0, level="blue")
            for feature in features
        )
    return RuleSet(points, limits, [], [])


def log_of(count: int, seconds: int) -> Log:
    """Return every point once a second, quantised, 0.1 % of them above the alarm limit."""
    random = np.random.default_rng(1)
    pieces = []
    for second in range(seconds):
        value = np.round(random.normal(0.5, 0.16, count), 2)
        batch = SampleBatch.of(np.arange(count), np.full(count, second * S), value)
        pieces += [Log.of_samples(batch, batch.time, batch.quality), Log.of_ticks(np.array([second * S]))]
    return Log.concatenate(pieces)


def main() -> None:
    for count, seconds in ((1_000, 1_000), (10_000, 150), (100_000, 15)):
        for features in ((), ("slope",), ("mean", "max", "slope")):
            log = log_of(count, seconds)
            engine = Engine(rules_of(count, features))
            engine.evaluate(log[: count + 1])
            begin = perf_counter()
            events = engine.evaluate(log[count + 1 :])
            elapsed = perf_counter() - begin
            each = elapsed * 1e9 / (len(log) - count - 1)
            print(f"{count:>7} points, value x 2 {' '.join(features):<15} {each:7.1f} ns/sample  {len(events)} events")
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
