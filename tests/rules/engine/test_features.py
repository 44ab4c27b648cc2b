"""Features against plain arithmetic over the window, however long the engine has run."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import Limit
from rules.engine.engine import Engine
from tests.rules.play import Row, S, limit, log_of, play, point, rule_set, series, text

WINDOW = 10
NAMES = ("mean", "min", "max", "range", "std", "sum", "count", "delta", "slope", "projected")


def _limits() -> list[Limit]:
    """Limits of every windowed feature that no value reaches."""
    return [
        limit(
            f"T1.{name}",
            feature=name,
            window=f"{WINDOW}s",
            high=1e300,
            **({"horizon": "7s"} if name == "projected" else {"per": "1s"} if name == "slope" else {}),
        )
        for name in NAMES
    ]


def _exact(name: str, window: list[tuple[int, Fraction]]) -> Fraction | float | None:
    values = [value for _, value in window]
    n, (t, x) = len(window), window[-1]
    mean = sum(values, Fraction(0)) / n
    spans = 2 * (t - window[0][0]) >= WINDOW * S
    plain = {"mean": mean, "min": min(values), "max": max(values), "range": max(values) - min(values)}
    plain |= {"sum": sum(values, Fraction(0)), "count": Fraction(n)}
    if name in plain:
        return plain[name]
    if name == "std":
        return math.sqrt(sum(((value - mean) ** 2 for value in values), Fraction(0)) / n)
    if name == "delta":
        return x - window[0][1] if spans else None
    if n < 3 or not spans:
        return None
    middle = Fraction(sum(time for time, _ in window), n)
    slope = sum((time - middle) * (value - mean) for time, value in window) / sum(
        (time - middle) ** 2 for time, _ in window
    )
    return slope * S if name == "slope" else x + slope * 7 * S


def _check(steps: list[tuple[int, float]]) -> None:
    rules = rule_set([point(range=None, resolution=None, stale_after="never")], _limits())
    engine = Engine(rules)
    time, samples = 0, []
    rows: list[Row] = []
    for step, value in steps:
        time += step
        samples.append((time, value))
        rows.append(("T1", time / S, value, 0, 0))
    log = log_of(rules, rows)
    log = log[np.flatnonzero(log.kind == 0)]
    for number, (t, _) in enumerate(samples):
        assert log.time[number] == t
        engine.evaluate(log[number : number + 1])
        window = [(at, Fraction(value)) for at, value in samples[: number + 1] if t - WINDOW * S < at]
        largest = max(abs(value) for _, value in window)
        for name in NAMES:
            expected = _exact(name, window)
            if expected is not None:
                got = engine.feature(f"T1.{name}")
                scale = 1 / WINDOW if name == "slope" else 1 + 7 / WINDOW if name == "projected" else 1
                assert abs(float(Fraction(float(got)) - Fraction(expected))) <= 1e-9 * float(largest) * scale


@given(
    st.lists(
        st.tuples(
            st.sampled_from([S // 4, S, 3 * S, 11 * S]),
            st.one_of(st.sampled_from([0.0, 1.0, 1e9, -1e12]), st.floats(-10, 10)),
        ),
        min_size=1,
        max_size=60,
    )
)
@settings(deadline=None, max_examples=40)
def test_windowed_features_are_plain_arithmetic(steps: list[tuple[int, float]]) -> None:
    _check(steps)


def test_a_spike_that_left_the_window_leaves_no_trace() -> None:
    _check([(S // 4, 0.1)] * 50 + [(S // 4, 1e15)] + [(S // 4, 0.1 * k) for k in range(100)])


def test_a_window_grows_without_losing_a_sample() -> None:
    rules = rule_set([point(resolution=None)], [limit(feature="count", window="1h", high=3000.0)])
    assert text(play(rules, series("0.5x3100"))) == "T1.alarm+2999"


def test_a_slope_does_not_drift() -> None:
    slope = limit(feature="slope", window="1m", per="1m", high=0.5)
    rules = rule_set([point(resolution=None, range=None)], [slope])
    engine = Engine(rules)
    noise = np.random.default_rng(1).normal(1e3, 1.0, 200_000)
    log = log_of(rules, [("T1", float(second), float(value), 0, 0) for second, value in enumerate(noise)])
    engine.evaluate(log)
    time = np.arange(60.0)
    last = noise[-60:]
    expected = np.polyfit(time - time.mean(), last - last.mean(), 1)[0] * 60
    assert engine.feature("T1.alarm") == pytest.approx(expected, abs=1e-9 * 1e3)


def test_ewma_follows_its_definition_over_gaps() -> None:
    rules = rule_set([point(resolution=None)], [limit(feature="ewma", tau="10s", high=3.0)])
    engine = Engine(rules)
    engine.evaluate(log_of(rules, [*series("1.0 2.0"), *series("0.5", start=15)]))
    first = 1.0 + (1 - math.exp(-0.1)) * (2.0 - 1.0)
    assert engine.feature("T1.alarm") == pytest.approx(first + (1 - math.exp(-1.4)) * (0.5 - first), abs=1e-12)


@pytest.mark.parametrize(
    ("fields", "values", "expected"),
    [
        ({"feature": "slope", "window": "4s", "per": "1s", "high": 0.1}, "0.6 0.8 1.0", "T1.alarm+2"),
        ({"feature": "slope", "window": "6s", "per": "1s", "high": 0.1}, "0.6 0.8 1.0 1.2", "T1.alarm+3"),
        ({"feature": "projected", "window": "4s", "horizon": "5s"}, "0.2 0.3 0.4 0.5", "T1.alarm+3"),
        ({"feature": "delta", "window": "4s", "high": 0.3}, "0.6 0.7 0.9 0.9", "T1.alarm+2"),
        ({"feature": "mean", "window": "2s"}, "1.2 1.2 -0.5 0.6 0.6 0.6", None),
    ],
)
def test_limits_on_features(fields: dict[str, Any], values: str, expected: str | None) -> None:
    got = text(play(rule_set(limits=[limit(**fields)]), series(values)))
    assert got == (expected or "T1.alarm+0 over_range:T1+2 over_range:T1-3 T1.alarm-4")


def test_one_sided_evidence_in_the_window_never_clears() -> None:
    rules = rule_set(limits=[limit(feature="ewma", tau="1s", high=1.0)])
    assert text(play(rules, series("1.2 -0.5 0.1x6"))) == "T1.alarm+0 over_range:T1+1 over_range:T1-2 T1.alarm-6"
