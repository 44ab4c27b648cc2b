"""What a page and `status` hear of the sources: counts, gaps, and that one is behind its scan."""

from pathlib import Path

import numpy as np
import pytest

from adapters.sources import SourceReport
from console import UnknownNameError
from hazwatch.live.clock import ScaledClock
from plant import Message, Quality, SampleBatch, Text
from tests.field_sites import BEGIN, OPC_UA, S, point, site
from tests.system.live_engine import Given, LiveEngine, live

QUICK = OPC_UA.format(port=4840).replace('scan = "10s"', 'scan = "1s"') + 'behind_after = "1s"\n'

ONE_UNREAD = "Source field is behind its scan: 1 of its 2 points was not read for longer than 1s"


def behind(engine: LiveEngine) -> list[str]:
    return [notice["message"].en for notice in engine.desk.snapshot()["notices"] if notice["id"] == "behind field"]


async def test_every_sample_is_counted_and_a_point_that_is_not_read_makes_its_source_fall_behind(
    tmp_path: Path,
) -> None:
    config = site(tmp_path, QUICK, point("T1", "ns=2;s=T1"), point("T2", "ns=2;s=T2"))
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        now = engine.clock.now()
        source.give(SampleBatch.of([0, 1], [now, now], [0.5, 0.5]))
        source.give(SampleBatch.of([0, 0, 0], [now, now - S, now - 2 * S], [0.5, 0.6, 0.7], backfilled=[0, 0, 1]))
        source.give(SampleBatch.of([0], [now + 1], [np.nan], quality=Quality.BAD))
        await engine.until(lambda: "2 of its 2" in "".join(behind(engine)))
        source.give(SampleBatch.of([0], [engine.clock.now()], [0.5]))
        await engine.until(lambda: behind(engine) == [ONE_UNREAD])
        [view] = engine.desk.sources()["sources"]
        assert [view[name] for name in ("late", "duplicate", "backfilled", "bad", "lost")] == [1, 1, 1, 1, 0]
        assert view["scan"]["times_behind"] >= 1
        points = {row["point"]: row for row in engine.desk.source_points("field")}
        assert (points["T1"]["received"], points["T2"]["received"]) == (6, 1)
        source.give(SampleBatch.of([0, 1], [engine.clock.now()] * 2, [0.5, 0.5]))
        await engine.until(lambda: behind(engine) == [])
        with pytest.raises(UnknownNameError):
            engine.desk.source_points("other")


async def test_what_a_source_warns_of_is_a_notice_in_both_languages_until_it_is_over(tmp_path: Path) -> None:
    config = site(tmp_path, QUICK, point("T1", "ns=2;s=T1"))
    source = Given()
    source.report = SourceReport(warnings=(Message("it expired on {day}", day="2026-11-01"),))
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        (notice,) = (each for each in engine.desk.snapshot()["notices"] if each["id"].startswith("warning"))
        assert notice["level"] == "yellow"
        assert notice["message"] == Text(
            "数据源 field：它已于 2026-11-01 过期", "Source field: it expired on 2026-11-01"
        )
        source.report = SourceReport()
        assert not [each for each in engine.desk.snapshot()["notices"] if each["id"].startswith("warning")]


async def test_the_time_between_two_runs_is_a_gap(tmp_path: Path) -> None:
    config = site(tmp_path, QUICK, point("T1", "ns=2;s=T1"))
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        source.give(SampleBatch.of([0], [BEGIN], [0.5]))
        await engine.until(engine.runtime.answered.any)
        await engine.settled()
        last = int(engine.runtime.arrivals[0])
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN + 60 * S), [source]) as engine:
        await engine.until(lambda: engine.desk.sources()["sources"][0]["gaps"])
        [gap] = engine.desk.sources()["sources"][0]["gaps"]
        assert (gap["start"], gap["until"]) == (last // 1_000_000, None)
        assert gap["reason"] is not None
        assert gap["reason"].zh == "监控主机没有运行"
        source.give(SampleBatch.of([0], [engine.clock.now()], [0.5]))
        await engine.until(lambda: engine.desk.sources()["sources"][0]["gaps"][0]["until"] is not None)
