"""Samples of a point at rest change no condition, and everything else knows of them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import Engine, Limit, RuleSet
from rules.engine.calm_band import FURTHER, NEARER, STEEPEST
from tests.rules.play import Row, S, limit, log_of, play, point, rule_set, series, text


def test_readings_and_counts_know_what_came_at_rest() -> None:
    rules = rule_set(limits=[limit(clear=0.9)])
    engine = Engine(rules)
    assert not engine.evaluate(log_of(rules, series("0.5x9 0.7")))
    assert engine.readings().value[0] == 0.7
    assert engine.readings().time[0] == 9 * S
    assert engine.counts.accepted[0] == 10


def test_a_point_at_rest_becomes_stale_after_its_last_sample() -> None:
    rules = rule_set(limits=[limit(clear=0.9)])
    assert text(play(rules, [*series("0.5x9"), ("-", 40.0, 0, 0, 0)])) == "stale:T1+28"


def test_a_standing_alarm_rests_until_its_clear_is_passed() -> None:
    rules = rule_set(limits=[limit(clear=0.9)])
    assert text(play(rules, series("1.2 0.95x5 0.9x5 0.89 0.99x3 1.0"))) == "T1.alarm+0 T1.alarm-11 T1.alarm+15"


WINDOWED = ("mean", "min", "max", "range", "delta", "std", "slope", "projected")


LENGTH = 3000


def steady(seed: int) -> tuple[list[Limit], list[Row]]:
    """Return limits of windows, and a calm signal with slow ramps, small steps, gaps and bursts that may reach them."""
    random = np.random.default_rng(seed)
    values = 0.5 + 0.01 * random.integers(0, 2, LENGTH) * random.integers(0, 2)
    apart = np.ones(LENGTH) + 0.05 * random.random(LENGTH) * random.integers(0, 2)
    for begin in random.integers(200, LENGTH - 700, 6):
        length, height = (
            random.choice([2, int(random.integers(2, 200))]),
            random.uniform(0.01, 0.3) * random.choice([1, -1]),
        )
        shape = np.concatenate((np.linspace(0, 1, length), np.ones(random.integers(200)), np.linspace(1, 0, length)))
        values[begin : begin + len(shape)] += height * shape
        apart[begin - 50] += random.choice([0.0, 3.0, 9.0, 40.0])
        apart[begin - 30 : begin - 20] *= random.choice([1.0, 0.2, 3.0])
    limits = []
    for number in range(4):
        feature = str(random.choice(WINDOWED))
        around = {"range": 0.1, "delta": 0.1, "std": 0.03, "slope": 0.1}
        at = around[feature] * random.uniform(0.2, 2) if feature in around else 0.5 + random.uniform(-0.15, 0.15)
        side = "low" if random.random() < 0.4 and feature != "range" else "high"
        at = -at if side == "low" and feature in {"delta", "slope"} else at
        clear = at - 0.01 if side == "high" else at + 0.01
        fields: dict[str, Any] = {"feature": feature, "window": f"{random.choice([20, 60, 150])}s", side: at}
        fields |= {"horizon": "60s"} if feature == "projected" else {}
        limits.append(limit(f"T1.{number}", **fields, on_delay=random.choice(["0s", "5s"]), clear=clear))
    rows = zip(np.cumsum(apart), np.round(values, 2), strict=True)
    return limits, [("T1", float(time), float(value), 0, 0) for time, value in rows]


@pytest.mark.parametrize("seed", range(60))
def test_rest_changes_no_event(seed: int) -> None:
    limits, rows = steady(seed)
    rules = RuleSet([point(resolution=None)], limits, [], [])
    log = log_of(rules, rows)
    resting, awake = Engine(rules), Engine(rules, skip_calm=False)
    found, expected = resting.evaluate(log), awake.evaluate(log)
    assert [(e.time, e.condition, e.transition) for e in found] == [
        (e.time, e.condition, e.transition) for e in expected
    ]
    for one, other in zip(found, expected, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-9)


def test_a_calm_signal_with_windows_is_at_rest_most_of_the_time() -> None:
    rules = rule_set(
        [point(resolution=None)],
        [
            limit("T1.s", feature="slope", window="60s", high=0.5),
            limit("T1.p", feature="projected", window="60s", horizon="60s", high=1.5),
        ],
    )
    engine = Engine(rules)
    log = log_of(rules, [("T1", float(n), 0.5 + 0.01 * (n % 3), 0, 0) for n in range(1000)])
    resting = 0
    for n in range(len(log)):
        engine.evaluate(log[n : n + 1])
        resting += int(engine.calm_points()[0])
    assert resting > 800


@given(st.integers(0, 10_000), st.lists(st.integers(0, 700), max_size=4))
@settings(deadline=None, max_examples=60)
def test_rest_goes_on_over_cuts_and_snapshots_to_the_same_bytes(seed: int, cuts: list[int]) -> None:
    limits, rows = steady(seed)
    rules = RuleSet([point(resolution=None)], limits, [], [])
    log = log_of(rules, rows)
    expected = [event.to_json() for event in Engine(rules).evaluate(log)]
    engine, found, before = Engine(rules), list[str](), 0
    for cut in [*sorted(cuts), len(log)]:
        found += [event.to_json() for event in engine.evaluate(log[before:cut])]
        engine.readings()
        other = Engine(rules)
        other.resume(engine.snapshot())
        engine, before = other, cut
    assert found == expected


def test_over_range_without_a_value_raises_with_the_maximum_of_then() -> None:
    rules = rule_set([point(range=None, resolution=None)], [limit(feature="max", window="20s", high=2.0)])
    rows = [("T1", float(n), 0.5 + 0.001 * (n % 60), 0, 0) for n in range(160)]
    found = play(rules, [*rows, ("T1", 160.0, 0.5, 0, 8)])
    assert [(event.condition, event.value) for event in found if event.point == "T1"][-1] == ("T1.alarm", 0.5 + 0.039)


def drawn(*spells: tuple[int, float, float]) -> list[Row]:
    """Return rows of how many samples, how far apart [s], of which value."""
    apart = np.repeat([spell[1] for spell in spells], [spell[0] for spell in spells])
    values = [spell[2] for spell in spells for _ in range(spell[0])]
    return [("T1", float(time), value, 0, 0) for time, value in zip(np.cumsum(apart), values, strict=True)]


def edge(window: float, setpoint: float) -> float:
    """Return how far from the level a calm signal of one sample a second may go at rest, and a bit less than that.

    Half the band of a slope per second over a window [s].
    """
    return 0.99 * setpoint * window * (NEARER / FURTHER) / (2 * STEEPEST)


A, B, C = edge(20, 0.1), edge(200, 0.1), edge(6000, 0.01)


@pytest.mark.parametrize(
    ("window", "setpoint", "rows", "raised"),
    [
        pytest.param(4, 0.1, drawn((103, 1, 0.5), (2, 1, 0.373), (2, 1, 0.627)), 107, id="steps as steep as can be"),
        pytest.param(
            20,
            0.1,
            drawn(
                (2000, 0.01, 0.5),
                (700, 1, 0.5),
                (10, 1, 0.5 - A),
                (200, 0.01, 0.5 - A),
                (200, 0.01, 0.5 + A),
                (10, 1, 0.5 + A),
            ),
            737,
            id="nearer samples than before",
        ),
        pytest.param(
            200,
            0.1,
            drawn(
                (1000, 1, 0.5),
                (1, 200, 0.5 - B),
                (1, 31, 0.5 - B),
                (21, 0.9, 0.5 - B),
                (22, 0.9, 0.5 + B),
                (1, 31, 0.5 + B),
            ),
            1300.7,
            id="a gap",
        ),
        pytest.param(
            6000,
            0.01,
            drawn((1000, 1, 0.5), (200, 60, 0.5), (1, 6000, 0.5), (26, 1, 0.5), (1475, 1, 0.5 - C), (1700, 1, 0.5 + C)),
            22000,
            id="a window that is not full",
        ),
    ],
)
def test_no_slope_of_samples_in_the_band_is_missed(
    window: int, setpoint: float, rows: list[Row], raised: float
) -> None:
    slope = limit(feature="slope", window=f"{window}s", per="1s", high=setpoint, clear=-5.0)
    rules = rule_set([point(resolution=None, range=None, stale_after="never")], [slope])
    assert text(play(rules, rows)) == f"T1.alarm+{raised:g}"


def test_a_value_as_far_as_the_tolerance_goes_is_not_in_the_band() -> None:
    rules = rule_set(limits=[limit(feature="max", window="20s")])
    assert text(play(rules, series("0.5x100 0.995"))) == "T1.alarm+100"


def test_the_next_sample_after_staleness_wakes_a_point_that_no_tick_told_of_it() -> None:
    rules = rule_set([point(stale_after="5s")], [limit(clear=0.9)])
    assert text(play(rules, [*series("0.5x9"), *series("0.5", start=14)], as_logged=True)) == "stale:T1+13 stale:T1-14"
