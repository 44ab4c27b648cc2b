"""Thirty days in which ticks are lost, doubled or late, and the events of the same days with every tick in its place.

A tick that a clock did not bring is put in before the next batch, and one that a trace did not hold where it belongs:
so every event stays. Only a log that is taken as it stands can lack one. There, too, the events of each point stay: a
sample that comes within the allowance and stands behind tick K is later than K, so it fires itself what the tick would
have fired, at the same due time. Votes, interlocks and discrepancies look at several points in the order of the log:
without a tick at which a timer was due, samples of other points pass that timer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest import SAMPLE, TICK, Intake, Log, replay_log
from ingest.log import LOG_COLUMNS
from plant import PointTable, Quality, SampleBatch, Trace
from plant.point import Discrepancy
from rules import Engine, Event, Interlock, RuleSet, Vote
from tests.rules.play import Row, S, limit, play, point, rule_set, text
from tests.sites import MINE

pytestmark = pytest.mark.slow

PERIOD: Final = 8
ROWS: Final = 30 * 86_400 // PERIOD
METHANE: Final = ("T1", "T2", "T3")
ARRIVAL_TIMED: Final = np.zeros(4, dtype=np.bool_)
SEVERAL: Final = {"two", "cut", "discrepancy:T1"}
"""Conditions that look at several points."""


class Month(NamedTuple):
    """The samples as they arrived, their log, when each of its entries enters, and its events."""

    batch: SampleBatch
    log: Log
    enters: NDArray[np.int64]
    events: Sequence[Event]

    @property
    def ticks(self) -> NDArray[np.intp]:
        """All but the last, after which nothing comes."""
        return np.flatnonzero(self.log.kind == TICK)[:-1]


@cache
def rules() -> RuleSet:
    """Return three sensors with delays, their vote, and a cut with its feed."""
    delays: dict[str, Any] = {"stale_after": "20.7s", "fault": {"on_delay": "3.3s", "off_delay": "30s"}}
    other = Discrepancy.model_validate({"with": "T2", "limit": 0.4, "on_delay": "9.5s"})
    points = [point("T1", discrepancy=other, **delays), point("T2", **delays), point("T3", **delays)]
    points.append(point("KG", range=(0.0, 1.0), resolution=1.0, stale_after="31s"))
    limits = [limit(f"{name}.alarm", clear=0.9, on_delay="3.1s", off_delay="16s") for name in METHANE]
    limits += [limit(f"{name}.low", low=0.1, on_delay="11.9s") for name in METHANE]
    limits += [limit("T1.rise", feature="slope", window="60s", high=0.6, on_delay="1.5s")]
    limits += [limit("T2.cut", high=1.5, clear=1.0)]
    vote = Vote(id="two", hazard_source="gas", at_least=2, of=tuple(f"{name}.alarm" for name in METHANE), level="red")
    interlock = Interlock.model_validate({"id": "cut", "cut": "T2.cut", "feed": "KG", "level": "red", "within": "2.5s"})
    return rule_set(points, limits, [vote], [interlock])


def held(random: np.random.Generator, choices: NDArray[Any], chance: float) -> NDArray[Any]:
    """Return ROWS choices, each held until chance changes it."""
    changes = np.cumsum(random.random(ROWS) < chance)
    chosen: NDArray[Any] = random.choice(choices, changes[-1] + 1)
    return chosen[changes]


def samples() -> SampleBatch:
    """Return levels that hold for some minutes, with gaps and failures."""
    random = np.random.default_rng(30)
    series = []
    for column in range(len(rules().points)):
        time = np.arange(ROWS) * PERIOD * S + random.integers(0, 6 * S, ROWS)
        levels = np.array([0.0, 0.5, 0.5, 0.5, 1.2, 1.6] if column < len(METHANE) else [0.0, 1.0])
        quality = held(random, np.array([Quality.GOOD] * 30 + [Quality.UNCERTAIN, Quality.BAD]), 0.02)
        there = held(random, np.array([True] * 40 + [False]), 0.05)
        series.append(
            SampleBatch.of(np.full(ROWS, column), time, held(random, levels, 0.01), quality=quality).take(there)
        )
    return SampleBatch.concatenate(series)


def delivered(seed: int) -> Month:
    """Return the month as a network brings it, at once or later by less than the allowance."""
    taken = samples()
    delays = np.random.default_rng(seed).integers(1, MINE.allowance, len(taken))
    order = np.argsort(taken.time + delays, kind="stable")
    batch = replace(taken, arrival=taken.time + delays).take(order)
    log = brought(batch, np.empty(0, dtype=np.int64))
    enters = log.time + MINE.allowance
    enters[log.kind == SAMPLE] = batch.arrival
    return Month(batch, log, enters, Engine(rules()).evaluate(log))


def brought(batch: SampleBatch, calls: NDArray[np.int64]) -> Log:
    """Return the log of a run whose clock is looked at when it begins, at the given times, and a minute after all."""
    intake = Intake(PointTable(rules().points), MINE, ARRIVAL_TIMED)
    begin, end = int(batch.time.min()), int(batch.time.max()) + 60 * S
    pieces, done = [intake.start(begin)], 0
    for now, until in zip(calls.tolist(), np.searchsorted(batch.arrival, calls, side="right").tolist(), strict=True):
        pieces += [intake.accept_all(batch.take(slice(done, until))), intake.clock(now)]
        done = until
    return Log.concatenate((*pieces, intake.accept_all(batch.take(slice(done, None))), intake.clock(end)))


def history(month: Month, ticks: NDArray[np.int64], arrivals: NDArray[np.int64]) -> Sequence[Event]:
    """Return the events of the samples and ticks as a trace with arrivals."""
    rows = np.searchsorted(month.batch.arrival, arrivals, side="right")
    trace = Trace(month.batch, ticks, arrivals, rows, has_arrivals=True)
    starts = month.log.time[:1] + MINE.allowance
    log = replay_log(PointTable(rules().points), MINE, ARRIVAL_TIMED, trace, starts=starts)
    return Engine(rules()).evaluate(log)


@pytest.fixture(scope="module")
def month() -> Month:
    assert not rules().problems()
    return delivered(30)


def again(
    month: Month, *, lost: NDArray[np.intp], late: NDArray[np.intp], doubled: NDArray[np.intp]
) -> Sequence[Event]:
    """Return the events where some ticks are lost, some late, and some come twice, the second time late."""
    random = np.random.default_rng(31)
    enters = month.enters.copy()
    enters[late] += random.integers(1, MINE.allowance, len(late))
    rows = np.concatenate((np.delete(np.arange(len(month.log)), lost), doubled))
    enters = np.concatenate(
        (np.delete(enters, lost), enters[doubled] + random.integers(0, MINE.allowance, len(doubled)))
    )
    return Engine(rules()).evaluate(month.log[rows[np.argsort(enters, kind="stable")]])


def by_condition(events: Iterable[Event]) -> Mapping[str, list[Event]]:
    """Return the events of each condition that looks at one point; their place among the others does not count."""
    found = defaultdict(list)
    for event in events:
        if event.condition not in SEVERAL:
            found[event.condition].append(replace(event, seq=0))
    return found


def test_the_month_holds_what_is_claimed_of_it(month: Month) -> None:
    kinds = {event.condition for event in month.events}
    assert kinds >= SEVERAL | {"stale:T1", "fault:T1", "T1.alarm", "T1.low", "T1.rise", "T2.cut", "stale:KG"}
    raised = np.array([event.time for event in month.events if event.transition == "raise"])
    by_timer = ~np.isin(raised, month.log.time[month.log.kind == SAMPLE])
    assert by_timer.sum() > 3000


def test_a_clock_that_is_looked_at_late_twice_or_not_at_all_changes_no_entry_of_the_log(month: Month) -> None:
    random = np.random.default_rng(34)
    due = random.choice(month.log.time[month.ticks] + MINE.allowance + 1, 20_000, replace=False)
    kept, late, doubled = np.array_split(due, 3)
    calls = np.concatenate((kept, late + random.integers(1, MINE.allowance, len(late)), doubled, doubled))
    log = brought(month.batch, np.sort(calls))
    assert [getattr(log, name).tobytes() for name in LOG_COLUMNS] == [
        getattr(month.log, name).tobytes() for name in LOG_COLUMNS
    ]


def test_ticks_that_a_history_lacks_or_holds_twice_or_late_change_no_event(month: Month) -> None:
    random = np.random.default_rng(35)
    ticks = month.log.time[month.ticks]
    kept, _lost, late, doubled = np.array_split(random.permutation(ticks), 4)
    there = np.concatenate((kept, late, doubled, doubled))
    delays = np.concatenate((np.zeros_like(kept), random.integers(1, MINE.allowance, len(late) + len(doubled))))
    arrivals = there + MINE.allowance + np.concatenate((delays, np.zeros_like(doubled)))
    order = np.argsort(arrivals, kind="stable")
    whole = history(month, ticks, ticks + MINE.allowance)
    assert whole[: len(month.events)] == month.events
    assert history(month, there[order], arrivals[order]) == whole


def test_ticks_missing_from_a_log_as_it_stands_doubled_or_late_change_no_event_of_a_point(month: Month) -> None:
    lost, late, doubled = np.array_split(np.random.default_rng(32).permutation(month.ticks), 3)
    found = again(month, lost=lost, late=late, doubled=doubled)
    assert by_condition(found) == by_condition(month.events)


def test_samples_late_by_less_than_the_allowance_change_no_event_of_a_point(month: Month) -> None:
    assert by_condition(delivered(31).events) == by_condition(month.events)


def test_a_tick_that_comes_again_changes_nothing(month: Month) -> None:
    none = month.ticks[:0]
    assert again(month, lost=none, late=none, doubled=month.ticks[::2]) == month.events


def test_a_tick_at_which_nothing_was_due_may_be_lost_or_late(month: Month) -> None:
    due = -(-np.array([event.time for event in month.events]) // MINE.tick_period) * MINE.tick_period
    idle = month.ticks[~np.isin(month.log.time[month.ticks], due)]
    lost, late = np.array_split(np.random.default_rng(33).permutation(idle), 2)
    assert again(month, lost=lost, late=late, doubled=month.ticks[:0]) == month.events


@pytest.mark.parametrize(
    ("tick", "expected"),
    [
        ([("-", 2.0, 0.0, 0, 0)], "A.alarm+1.5 B.alarm+2.3 both+2.3"),
        ([], "B.alarm+2.3 A.alarm+1.5 both+1.5"),
    ],
)
def test_a_missed_tick_lets_a_sample_of_another_point_pass_the_timer_that_was_due(
    tick: list[Row], expected: str
) -> None:
    both = Vote(id="both", hazard_source="gas", at_least=2, of=("A.alarm", "B.alarm"), level="red")
    pair = rule_set([point("A"), point("B")], [limit("A.alarm", on_delay="1.5s"), limit("B.alarm")], [both])
    rows: list[Row] = [("A", 0.0, 1.2, 0, 0), *tick, ("B", 2.3, 1.2, 0, 0), ("A", 2.6, 1.2, 0, 0)]
    assert text(play(pair, rows, as_logged=True)) == expected
