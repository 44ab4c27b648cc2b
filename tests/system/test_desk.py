"""Several pages on one engine: what one of them asks for takes nothing away from the others."""

from functools import partial
from pathlib import Path

import orjson

from hazwatch.cli.kernel import compile_kernel
from hazwatch.live.clock import ScaledClock
from plant import SampleBatch
from tests.system.live_engine import BEGIN, OPC_UA, Given, LiveEngine, live, point, site


def shows(engine: LiveEngine, value: float) -> bool:
    return bool(engine.runtime.pipeline.engine.readings().value[0] == value)


async def test_a_page_that_opens_takes_no_reading_from_the_others(tmp_path: Path) -> None:
    config = site(tmp_path, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1"))
    compile_kernel(config)
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        with engine.hub.subscribed() as page:
            for value in (0.5, 0.6, 0.7):
                source.give(SampleBatch.of([0], [engine.clock.now()], [value]))
                await engine.until(partial(shows, engine, value))
                assert [reading["value"] for reading in engine.desk.snapshot()["readings"]] == [value]
                engine.hub.flush()
                messages = [orjson.loads(page.messages.get_nowait()) for _ in range(page.messages.qsize())]
                readings = [row for message in messages for row in message["change"].get("readings", ())]
                assert [reading["value"] for reading in readings][-1:] == [value]
