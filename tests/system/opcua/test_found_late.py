"""An excursion while the link was down is found late in the server's history, with its own times."""

import asyncio
from pathlib import Path

import pytest

from alarms import LateEvent
from hazwatch.cli.kernel import compile_kernel
from hazwatch.live.clock import ScaledClock
from tests.field_sites import OPC_UA, point, site
from tests.system.live_engine import LiveEngine, live
from tests.system.opcua.cable import cable
from tests.system.opcua.listening import MS, S
from tests.system.opcua.node_peer.peer import Peer, peer

pytestmark = pytest.mark.live

T1 = "ns=1;s=T1"
OUTAGE, BEGIN, END = 5.0, 1.5, 3.5
"""Length of the outage, begin and end of the excursion in it. [s]"""


async def play(server: Peer, clock: ScaledClock, seconds: float, value: float) -> tuple[int, int]:
    """Have the node hold a value that is new every 50 ms; return the times of the first and the last row."""
    first = last = 0
    end = clock.now() + round(seconds * S)
    while last == 0 or clock.now() < end:
        last = clock.now() // MS * MS
        first = first or last
        await server.put((T1, value, last))
        await asyncio.sleep(0.05)
    return first, last


async def test_two_seconds_above_the_limit_in_an_outage_of_five_are_found_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hazwatch.live.late.queue.SETTLE", S)
    monkeypatch.setattr("adapters.sources.opcua.session.connection.LIFETIME", 0.0)
    clock = ScaledClock()
    async with peer(tmp_path, {T1: "Double"}, history=10_000) as server, cable(server.endpoint) as laid:
        port = int(laid.endpoint.rsplit(":", 1)[1])
        config = site(tmp_path, OPC_UA.format(port=port), point("T1", T1))
        compile_kernel(config)
        async with live(config, tmp_path, clock) as engine:
            await play(server, clock, 0.2, 0.5)
            await engine.until(lambda: engine.said("fault:T1") != ["raise"] and len(engine.recorded("T1")) > 3)
            await play(server, clock, 0.5, 0.5)
            laid.cut()
            await play(server, clock, BEGIN, 0.5)
            raised, _ = await play(server, clock, END - BEGIN, 3.0)
            cleared, _ = await play(server, clock, OUTAGE - END, 0.5)
            laid.mend()
            playing = asyncio.create_task(play(server, clock, 60, 0.5))
            await engine.until(lambda: len(found(engine)) == 2)
            await engine.settled()
            playing.cancel()
            (shown,) = engine.desk.snapshot()["found"]
            (gap,) = engine.runtime.report("field").gaps
            assert engine.said("T1.alarm") == []
    assert [(event.event.transition, event.event.time, event.event.value) for event in found(engine)] == [
        ("raise", raised, 3.0),
        ("clear", cleared, 0.5),
    ]
    assert (shown["condition"], shown["since"]) == ("T1.alarm", raised // MS)
    assert gap.how == "history"
    assert gap.until - gap.start > OUTAGE * S


def found(engine: LiveEngine) -> list[LateEvent]:
    return [record.entry for record in engine.published if isinstance(record.entry, LateEvent)]
