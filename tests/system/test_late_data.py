"""What a substation kept while it was cut off is found late, by a process of its own, and told once."""

from functools import partial
from pathlib import Path

import numpy as np

from alarms import LateEvent, LateReview
from hazwatch.cli.kernel import compile_kernel
from hazwatch.live.clock import ScaledClock
from hazwatch.site.config import Config
from plant import SampleBatch
from rules import Event
from tests.field_sites import BEGIN, OPC_UA, S, point, site
from tests.system.live_engine import Given, LiveEngine, live

RATE = 200.0
"""A minute until a review takes a third of a second."""
KEPT = SampleBatch.of(
    [0] * 600, BEGIN - S * np.arange(600, 0, -1), [0.5] * 200 + [1.2] * 30 + [0.5] * 370, backfilled=True
)
"""Ten minutes up to BEGIN, with 30 s above the limit from second 200 on."""


def found(engine: LiveEngine) -> list[Event]:
    return [record.entry.event for record in engine.published if isinstance(record.entry, LateEvent)]


def reviews(engine: LiveEngine) -> int:
    return sum(isinstance(record.entry, LateReview) for record in engine.published)


def reviewed(engine: LiveEngine, samples: int) -> bool:
    return engine.runtime.pipeline.ledger.late.samples >= samples


async def give_kept(config: Config, folder: Path, begin: int, before: int) -> list[Event]:
    """Run an engine until what came late is reviewed; return what was found."""
    source = Given()
    async with live(config, folder, ScaledClock(RATE, origin=begin), [source]) as engine:
        source.give(SampleBatch.of([0], [begin], [0.5]))
        source.give(KEPT)
        await engine.until(partial(reviewed, engine, before + len(KEPT)))
        await engine.settled()
        assert engine.said("T1.alarm") == []
        assert engine.runtime.pipeline.ledger.tickets == {}
        assert not {"T1.alarm"} & set(engine.runtime.pipeline.ledger.alarms)
        shown = engine.desk.snapshot()["found"]
        assert [(one["condition"], one["since"], one["ticket"]) for one in shown] == [
            ("T1.alarm", BEGIN // 10**6 - 400_000, True)
        ]
        return found(engine)


async def test_a_peak_in_what_was_kept_is_found_and_told_once(tmp_path: Path) -> None:
    config = site(tmp_path, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1"))
    compile_kernel(config)
    events = await give_kept(config, tmp_path, BEGIN, 0)
    assert [(event.transition, event.time, event.value) for event in events] == [
        ("raise", BEGIN - 400 * S, 1.2),
        ("clear", BEGIN - 370 * S, 0.5),
    ]
    assert await give_kept(config, tmp_path, BEGIN + 3600 * S, len(KEPT)) == []


async def test_what_was_kept_and_not_reviewed_when_the_engine_ended_is_reviewed_by_the_next(tmp_path: Path) -> None:
    config = site(tmp_path, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1"))
    compile_kernel(config)
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        source.give(SampleBatch.of([0], [BEGIN], [0.5]))
        source.give(KEPT)
        await engine.until(lambda: len(engine.recorded("T1")) == len(KEPT) + 1)
    async with live(config, tmp_path, ScaledClock(RATE, origin=BEGIN + 60 * S), [Given()]) as engine:
        await engine.until(partial(reviewed, engine, len(KEPT)))
        await engine.settled()
        assert [event.time for event in found(engine)] == [BEGIN - 400 * S, BEGIN - 370 * S]
    async with live(config, tmp_path, ScaledClock(RATE, origin=BEGIN + 7200 * S), [Given()]) as engine:
        await engine.pass_by(180)
        assert reviews(engine) == 0
