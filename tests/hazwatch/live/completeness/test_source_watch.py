"""Every period of a source without a value is counted, and so is every sample that came."""

from pathlib import Path

import numpy as np
import pytest

from adapters.sources import SourceReport
from hazwatch.live.completeness.outages import NO_VALUES, NOT_RUNNING
from hazwatch.live.completeness.source_watch import SourceWatch
from hazwatch.site.config import Config
from plant import NO_ARRIVAL, Message, Quality, SampleBatch
from plant.units import HOUR, MINUTE, MS, SECOND
from rules import Counts
from tests.hazwatch.live.live_runs import BEGIN, config_in

GONE = Message("no answer in time")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


def nothing(config: Config, late: int = 0) -> Counts:
    zero = np.zeros(len(config.points), np.int64)
    return Counts(zero, zero + late, zero)


@pytest.fixture
def watch(config: Config) -> SourceWatch:
    made = SourceWatch(config.points, config.sources, nothing(config), lambda _: SourceReport(trouble=GONE))
    made.start(BEGIN, NO_ARRIVAL)
    return made


def give(watch: SourceWatch, config: Config, point: str, at: float, value: float = 0.5, **columns: object) -> None:
    """Give a sample that arrives some seconds after the start, at its source time unless another is said."""
    arrival = BEGIN + round(at * SECOND)
    time = arrival - round(float(str(columns.pop("age", 0))) * SECOND)
    watch.take(SampleBatch.of([config.points.column(point)], [time], [value], arrival=[arrival], **columns))


def unknown(watch: SourceWatch, config: Config, point: str, at: float) -> int:
    tally = watch.counts.tally(nothing(config), BEGIN + round(at * SECOND))
    return int(tally.unknown[config.points.column(point)])


def test_a_poll_that_comes_in_time_leaves_nothing_unknown(watch: SourceWatch, config: Config) -> None:
    for second in range(1, 20):
        give(watch, config, "KG", second + 0.4 * (second % 2))
    assert unknown(watch, config, "KG", 20) == 0


def test_each_poll_without_a_value_is_unknown_whether_the_silence_lasts_or_is_over(
    watch: SourceWatch, config: Config
) -> None:
    give(watch, config, "KG", 1)
    assert unknown(watch, config, "KG", 7.2) == 5
    give(watch, config, "KG", 7.2, np.nan, quality=Quality.BAD)
    assert unknown(watch, config, "KG", 8.2) == 6
    give(watch, config, "KG", 9)
    give(watch, config, "KG", 10)
    assert unknown(watch, config, "KG", 10) == 7


def test_history_that_comes_later_makes_no_period_known(watch: SourceWatch, config: Config) -> None:
    give(watch, config, "KG", 1)
    give(watch, config, "KG", 9, age=4, backfilled=True)
    tally = watch.counts.tally(nothing(config, late=1), BEGIN + 9 * SECOND)
    column = config.points.column("KG")
    assert (tally.unknown[column], tally.backfilled[column], tally.late[column]) == (7, 1, 0)


def test_several_samples_of_a_point_in_one_batch_are_one_reading(watch: SourceWatch, config: Config) -> None:
    column = config.points.column("KG")
    arrival = BEGIN + 4 * SECOND
    watch.take(SampleBatch.of([column] * 3, [arrival] * 3, [1, 2, 3], arrival=[arrival] * 3))
    assert unknown(watch, config, "KG", 4) == 3


def test_an_outage_has_its_begin_its_reason_and_the_rows_of_the_rate_before(watch: SourceWatch, config: Config) -> None:
    for second in range(1, 62):
        give(watch, config, "T1", second)
    give(watch, config, "T2", 61.2, np.nan, quality=Quality.BAD)
    assert watch.outages.of("ua") == []
    give(watch, config, "T1", 61.4, np.nan, quality=Quality.BAD)
    [lasts] = watch.outages.of("ua")
    assert (lasts.begin, lasts.end, lasts.reason) == (BEGIN + 61 * SECOND, None, GONE)
    give(watch, config, "T1", 91)
    give(watch, config, "T1", 92, age=11, backfilled=True)
    [over] = watch.outages.of("ua")
    assert (over.end, over.expected, over.filled) == (BEGIN + 91 * SECOND, 30, 1)


def test_the_time_without_an_engine_is_an_outage_of_every_source(config: Config) -> None:
    watch = SourceWatch(config.points, config.sources, nothing(config), lambda _: SourceReport())
    watch.start(BEGIN, BEGIN - HOUR)
    give(watch, config, "KG", 2)
    assert [(one.begin, one.end, one.reason) for one in watch.outages.of("mb")] == [
        (BEGIN - HOUR, BEGIN + 2 * SECOND, NOT_RUNNING)
    ]
    assert [one.end for one in watch.outages.of("ua")] == [None]


def test_the_way_from_source_to_engine_is_that_of_changed_values_on_a_right_clock(
    watch: SourceWatch, config: Config
) -> None:
    for second in range(1, 100):
        give(watch, config, "T1", second, second % 2, age=HOUR / SECOND + (0.04 if second % 3 else 0.02))
        give(watch, config, "T2", second, 0.5, age=HOUR / SECOND + 7)
    transit = watch.transit.of("ua")
    assert transit is not None
    assert transit.median == pytest.approx(20 * MS, rel=0.25)
    assert transit.longest < MINUTE
    assert watch.transit.of("mb") is None


@pytest.mark.parametrize(
    ("server", "age", "skew"),
    [
        pytest.param(-MS, 2.52, -MS, id="an exact clock, whatever the scan"),
        pytest.param(-MS, -8 * HOUR / SECOND, 8 * HOUR, id="a device whose clock is ahead of its server's"),
        pytest.param(-HOUR, HOUR / SECOND + 2.5, -HOUR, id="a server whose clock is behind"),
        pytest.param(None, 2.5, round(-2.5 * SECOND), id="a server that does not say the time"),
    ],
)
def test_the_clock_of_a_source(config: Config, server: int | None, age: float, skew: int) -> None:
    watch = SourceWatch(config.points, config.sources, nothing(config), lambda _: SourceReport(skew=server))
    watch.start(BEGIN, NO_ARRIVAL)
    for scan in range(1, 5):
        give(watch, config, "T1", scan * 10, age=age)
    assert watch.skew("ua") == skew


def test_an_outage_behind_a_link_that_stands_says_so(config: Config) -> None:
    watch = SourceWatch(config.points, config.sources, nothing(config), lambda _: SourceReport())
    watch.start(BEGIN, NO_ARRIVAL)
    give(watch, config, "KG", 1)
    give(watch, config, "KG", 2, np.nan, quality=Quality.BAD)
    assert [outage.reason for outage in watch.outages.of("mb")] == [NO_VALUES]
