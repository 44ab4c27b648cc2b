"""Suggestions come from noise and episodes, say what the engine would do, and are never looser than the regulation."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant import SampleBatch
from rules import (
    Episode,
    Limit,
    Noise,
    Proposal,
    alternatives,
    episodes,
    events_by_limit,
    guarded,
    looser_keys,
    noise_of,
    propose,
    propose_rate,
    rate_limits,
    trial_rules,
)
from tests.rules.play import S, limit, play, point, rule_set, series

QUIET = Noise(1000, S, 0.01, 0.005, 0.6, 0.0, 2.0)
GAPS = [Episode("T1.alarm", "gas", "T1", "orange", t * S, (t + 3) * S) for t in range(0, 200, 20)]


def batch(values: list[float], **columns: Any) -> SampleBatch:
    return SampleBatch.of([0] * len(values), [n * S for n in range(len(values))], values, **columns)


def test_noise_is_measured_on_evidence_alone() -> None:
    found = noise_of(
        batch([0.5, 0.5, 9.0, 0.7, float("nan"), 0.6, 7.0], quality=[0, 0, 2, 0, 0, 1, 0], state=[0] * 6 + [4])
    )
    assert (found.samples, found.period, found.quantum) == (4, 2 * S, 0.1)
    assert found.unchanged == pytest.approx(1 / 3)
    assert found.deviation == pytest.approx(0.1247, abs=1e-4)
    assert (found.lowest, found.highest) == (0.5, 0.7)


@pytest.mark.parametrize("values", [[], [0.5]])
def test_too_little_has_no_noise(values: list[float]) -> None:
    assert noise_of(batch(values)).step(point("T1", resolution=None)) is None


@pytest.mark.parametrize(
    ("quantum", "deviation", "resolution", "expected"),
    [
        pytest.param(0.1, 0.045, 0.1, "0.1", id="the-step-of-the-sensor"),
        pytest.param(0.01, 0.016, 0.01, "0.04", id="twice-the-deviation-in-whole-steps"),
        pytest.param(0.1, 0.0, 0.01, "0.1", id="coarser-than-it-says"),
        pytest.param(None, 0.0, 0.01, "0.01", id="it-never-moved"),
        pytest.param(0.1, 0.045, None, "0.1", id="no-resolution"),
        pytest.param(1e-9, 0.013, None, "0.05", id="a-round-number"),
    ],
)
def test_a_step_is_what_noise_does_not_cross(
    quantum: float | None, deviation: float, resolution: float | None, expected: str
) -> None:
    noise = Noise(100, S, quantum, deviation, 0.5, 0.0, 2.0)
    assert noise.step(point("T1", resolution=resolution)) == Decimal(expected)


def test_clears_go_to_the_safe_side_as_far_as_the_record_goes() -> None:
    noise = Noise(1000, S, 0.1, 0.0, 0.6, 0.75, 2.0)
    found = alternatives(limit(), point(resolution=0.1), noise, [], None)
    assert [one.clear for one in found if one.off_delay == one.on_delay == 0] == [0.9, 0.8]
    low = alternatives(limit(low=1.0, deadband=0.1), point(resolution=0.1), noise, [], None)
    assert [one.clear for one in low if one.off_delay == one.on_delay == 0] == [1.2, 1.3, 1.4, 1.5]


def test_off_delays_bridge_the_gaps_between_episodes() -> None:
    found = {one.off_delay for one in alternatives(limit(), point(), QUIET, GAPS, None)}
    assert found == {0, 2 * S, 20 * S}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"quantity": "CH4"},
        {"quantity": "激光甲烷"},
        {"quantity": "ch4 emission"},
        {"quantity": "0043"},
        {"quantity": "T", "expression": "T2 * 2"},
    ],
    ids=str,
)
def test_what_may_be_methane_gets_no_on_delay(fields: dict[str, Any]) -> None:
    assert not any(one.on_delay for one in alternatives(limit(), point(**fields), QUIET, GAPS, None))


def test_a_temperature_gets_an_on_delay_of_a_minute_at_most_but_not_where_a_regulation_has_none() -> None:
    long = [Episode("T1.alarm", "gas", "T1", "orange", t, t + 500 * S) for t in (0, 10**12)]
    warm = point(quantity="T")
    assert {one.on_delay for one in alternatives(limit(), warm, QUIET, long, None)} == {0, 2 * S, 60 * S}
    assert {one.on_delay for one in alternatives(limit(), warm, QUIET, long, limit())} == {0}


steps = st.integers(20, 300).map(lambda n: n / 100)


@given(steps, steps, steps, steps, st.sampled_from(["high", "low"]), st.integers(0, 40), st.integers(0, 40))
def test_nothing_is_ever_looser_than_the_regulation(
    setpoint: float, clear: float, legal_setpoint: float, legal_clear: float, side: str, off: int, legal_off: int
) -> None:
    current, legal = _limit(side, setpoint, clear, off), _limit(side, legal_setpoint, legal_clear, legal_off)
    of = point(quantity="T")
    for other in alternatives(current, of, QUIET, GAPS, legal):
        changed = {key for key in ("clear", "on_delay", "off_delay") if getattr(other, key) != getattr(current, key)}
        assert not changed & {found.key for found in looser_keys(other, legal, of)}
        assert other.setpoint == current.setpoint


def _limit(side: str, setpoint: float, clear: float, off: int) -> Limit:
    safe = min(setpoint, clear) if side == "high" else max(setpoint, clear)
    given: dict[str, Any] = {side: setpoint, "clear": safe, "off_delay": f"{off}s"}
    return limit(**given)


def test_an_approved_looser_limit_gets_clears_that_the_regulation_allows() -> None:
    found = alternatives(limit(high=1.2, clear=1.1), point(resolution=0.1), Noise(9, S, 0.1, 0, 0.5, 0, 2), [], limit())
    assert {one.clear for one in found if one.off_delay == 0} == {1.0, 0.9, 0.8, 0.7}


def tried(text: str, **fields: Any) -> Proposal:
    """Play a series to an alarm limit at 1.0 and to what could be written instead."""
    of, now = point(resolution=0.1, **fields), limit()
    rows = series(text)
    noise = noise_of(batch([row[2] for row in rows]))
    end = round(rows[-1][1] * S) + 1
    current = play(trial_rules(rule_set([of]), [now]), rows)
    events = events_by_limit(current, [now])[0]
    others = alternatives(now, of, noise, episodes(events, 0, end), None)
    played = events_by_limit(play(trial_rules(rule_set([of]), others), rows), others)
    return propose(of, noise, (now, events), list(zip(others, played, strict=True)), start=0, end=end)


CHATTER = "0.8x20 " + "1.0x2 0.9x1 " * 8 + "0.8x50"


def test_a_clear_that_cuts_the_alarms_by_more_than_half_is_proposed_with_its_price() -> None:
    found = tried(CHATTER)
    assert found.verdict == "halved"
    assert found.chosen is not None
    assert (found.chosen.limit.clear, found.chosen.limit.off_delay) == (0.9, 0)
    effect = found.chosen.effect
    assert effect.alarms == (8, 1)
    assert effect.minutes == pytest.approx((16 / 60, 24 / 60))
    assert (effect.stands_on, effect.later, effect.lost) == (1 * S, 0, 0)


def test_what_doubles_the_time_in_alarm_is_not_proposed() -> None:
    found = tried("0.8x20 " + "1.0x1 0.9x30 " * 8 + "0.8x5")
    assert found.chosen is None or found.chosen.effect.minutes[1] <= 2 * found.chosen.effect.minutes[0]
    assert found.verdict == "not_halved"


def test_an_on_delay_says_what_it_costs_and_is_not_proposed() -> None:
    found = tried("0.8x20 " + "1.0x9 0.5x200 1.0x1 0.5x200 " * 4, quantity="T")
    costs = [
        (trial.limit.on_delay // S, trial.effect.later // S, trial.effect.lost)
        for trial in found.trials
        if trial.limit.on_delay
    ]
    assert costs == [(2, 2, 4), (5, 5, 4), (10, 0, 8)]
    assert found.chosen is None


def test_too_few_alarms_leave_the_noise() -> None:
    found = tried("0.8x20 0.9x20 0.8x20 0.7x5")
    assert found.verdict == "noise"
    assert found.chosen is not None
    assert found.chosen.limit.clear == 0.9


def test_a_point_gets_a_rate_limit_where_it_has_none_of_that_side() -> None:
    of = point(resolution=0.1)
    noise = Noise(1000, 60 * S, 0.1, 0.0, 0.6, 0.0, 1.0)
    found = rate_limits(rule_set([of], [limit(), limit("T1.low", low=0.2)]), of, noise)
    assert [(one.id, one.high, one.clear) for one in found[:3]] == [
        ("T1.rise", 0.2, 0.1),
        ("T1.rise", 0.3, 0.1),
        ("T1.rise", 0.4, 0.2),
    ]
    assert {one.window for one in found} == {600 * S}
    assert max(one.setpoint for one in found) == 1.0
    falling = rate_limits(rule_set([of], [limit("T1.low", low=0.2)]), of, noise)
    assert (falling[0].id, falling[0].low, falling[0].clear) == ("T1.fall", -0.2, -0.1)
    slope = limit("T1.slope", feature="slope", window="5m", high=0.08)
    assert rate_limits(rule_set([of], [limit(), slope]), of, noise) == []
    assert rate_limits(rule_set([of], [limit(), limit("T1.rise", high=1.5)]), of, noise) == []
    assert rate_limits(rule_set([of]), of, noise) == []


def test_a_rate_limit_says_before_how_many_alarms_it_warned() -> None:
    of, now = point(resolution=0.1, stale_after="1h"), limit()
    rules = rule_set([of], [now])
    rows = series("0.3x2000 0.5x3 0.7x3 0.9x3 1.1x9 0.3x2000", period=30.0)
    noise = noise_of(batch([row[2] for row in rows]))
    rates = rate_limits(rules, of, noise)
    assert guarded(rules, of) == now
    events = events_by_limit(play(trial_rules(rules, [now, *rates]), rows), [now, *rates])
    trials, chosen = propose_rate(
        of, (now, events[0]), list(zip(rates, events[1:], strict=True)), start=0, end=round(rows[-1][1] * S) + 1
    )
    assert chosen is trials[0]
    assert (chosen.effect.alarms, chosen.warned, chosen.of) == ((0, 1), 1, 1)
    assert chosen.lead is not None
    assert 60 * S <= chosen.lead <= 270 * S
