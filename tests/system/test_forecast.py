"""A warning that stands: the page gets an interval from what is recorded, and none once that is in doubt."""

from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from adapters.stores import Historian
from console import ForecastView, UnknownNameError
from hazwatch.cli.kernel import compile_kernel
from hazwatch.live.clock import ScaledClock
from plant import SampleBatch, Text
from tests.field_sites import BEGIN, OPC_UA, S, point, site
from tests.system.live_engine import Given, LiveEngine, live

SOON = """
[[limit]]
id = "T1.soon"
point = "T1"
feature = "projected"
window = "10m"
horizon = "10m"
high = 1.0
clear = 0.9
level = "yellow"
"""


COUNT = 361


def ramp(last: float) -> SampleBatch:
    """A sample every 10 s up to BEGIN: 50 minutes of calm, and a rise of 10 minutes to a value."""
    steps = np.arange(1 - COUNT, 1)
    noise = 0.005 * np.random.default_rng(1).standard_normal(COUNT)
    values = (last + 0.004 * np.maximum(steps, -60) + noise).round(2)
    return SampleBatch.of([0] * COUNT, BEGIN + 10 * S * steps, values)


async def forecast(engine: LiveEngine) -> ForecastView:
    (found,) = await engine.desk.forecasts("T1")
    return found


async def test_a_warning_that_stands_is_forecast_until_its_point_is_in_doubt(tmp_path: Path) -> None:
    config = site(tmp_path, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1", SOON))
    compile_kernel(config)
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        assert await engine.desk.forecasts("T1") == []
        with pytest.raises(UnknownNameError):
            await engine.desk.forecasts("T9")
        source.give(ramp(0.8))
        await engine.until(partial(engine.stands, "T1.soon"))
        await engine.until(lambda: len(engine.recorded("T1")) == COUNT)
        found = await forecast(engine)
        assert (found["limit"], found["at"], found["samples"], found["reason"]) == ("T1.soon", BEGIN // 10**6, 60, None)
        assert found["early"] is not None
        assert found["late"] is not None
        reaches = BEGIN // 10**6 + round(0.195 / 0.004 * 10_000)
        assert BEGIN // 10**6 < found["early"] < reaches < found["late"] < BEGIN // 10**6 + 1_200_000
        assert "若照此发展，有 90 % 的可能在" in found["sentence"].zh
        assert "to reach 1.00 %" in found["sentence"].en
        source.give(SampleBatch.of([0], [engine.clock.now()], [float("nan")], quality=2))
        await engine.until(partial(engine.in_doubt, "T1"))
        found = await forecast(engine)
        assert (found["reason"], found["early"], found["late"]) == ("doubt", None, None)
        assert found["sentence"] == Text("无法预测：测点数据不可信。", "No forecast: the point is in doubt.")
        assert engine.said("T1.soon") == ["raise"]


async def test_after_the_clock_of_the_machine_was_set_back_only_what_came_since_is_forecast(tmp_path: Path) -> None:
    config = site(tmp_path, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1", SOON))
    compile_kernel(config)
    after = Given()
    with closing(Historian(tmp_path / "data" / "history", config.points, retention_days=None)) as historian:
        historian.start(BEGIN - 3600 * S)
        for time in range(BEGIN - 3590 * S, BEGIN + 1800 * S, 10 * S):
            historian.append(SampleBatch.of([0], time, 0.2, arrival=time))
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [after]) as engine:
        after.give(ramp(0.8))
        await engine.until(partial(engine.stands, "T1.soon"))
        await engine.until(lambda: len(engine.recorded("T1")) == 539 + COUNT)
        assert (await forecast(engine))["reason"] is None
