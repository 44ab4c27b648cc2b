"""Breaks the link to a foreign OPC UA server in every way, and writes what followed into docs/*/faults.md.

`python -m bench.faults [--runs N] [--write] [FAULT...]`; a foreign server must be installed (tests/system/opcua).
"""

import argparse
import asyncio
import logging
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from bench.fault_pages import Line, write_pages
from bench.fault_rig import NODES, Outcome, Rig, Tracebacks, megabytes, rigged
from hazwatch.live.clock import monotonic
from plant import Quality
from plant.units import HOUR, MINUTE
from tests.system.opcua.node_peer.peer import peer

Fault = Callable[[Rig], Awaitable[tuple[float, float]]]
"""Breaks something, and returns when it began and when it was over. [s, monotonic]"""


async def drop(rig: Rig, *, seconds: float) -> tuple[float, float]:
    """Cut all connections, and refuse new ones for a time."""
    assert rig.laid is not None
    begun = monotonic()
    rig.laid.cut()
    await asyncio.sleep(seconds)
    rig.laid.mend()
    return begun, monotonic()


async def freeze(rig: Rig, *, seconds: float) -> tuple[float, float]:
    """Carry nothing for a time, on old connections and on new ones: what a network that swallows packets does."""
    assert rig.laid is not None
    begun = monotonic()
    rig.laid.freeze()
    await asyncio.sleep(seconds)
    rig.laid.thaw()
    return begun, monotonic()


async def stop(rig: Rig, *, seconds: float) -> tuple[float, float]:
    """Send SIGSTOP to the server, and SIGCONT after a time."""
    assert rig.server is not None
    begun, server = monotonic(), rig.server
    server.stop()
    await asyncio.sleep(seconds)
    server.go_on()
    return begun, monotonic()


async def kill(rig: Rig) -> tuple[float, float]:
    """Send SIGKILL to the server, and start another one on its port after two seconds."""
    assert rig.server is not None
    begun, port = monotonic(), rig.server.port
    rig.server.kill()
    await asyncio.sleep(2.0)
    again = peer(rig.folder, rig.nodes(), port=port, history=rig.history)
    rig.stack.push_async_exit(again.__aexit__)
    rig.server = await again.__aenter__()
    return begun, monotonic()


async def clock(rig: Rig, *, offset: int) -> tuple[float, float]:
    """Set the clock by which the server measures. [ns]."""
    rig.offset = offset
    await asyncio.sleep(5.0)
    return monotonic(), monotonic()


async def bad(rig: Rig) -> tuple[float, float]:
    """Let a fifth of the nodes be bad for a time."""
    begun = monotonic()
    rig.bad = NODES // 5
    await asyncio.sleep(3.0)
    rig.bad = 0
    return begun, monotonic()


async def gone(rig: Rig) -> tuple[float, float]:
    """Delete a node, and create it again after three seconds."""
    assert rig.server is not None
    node, begun = next(iter(rig.nodes())), monotonic()
    rig.missing.add(node)
    await rig.server.delete(node)
    await asyncio.sleep(3.0)
    await rig.server.create(node, "Double")
    rig.missing.clear()
    return begun, monotonic()


FAULTS: Final[Mapping[str, tuple[str, Fault]]] = {
    "drop 0.5 s": ("断开 0.5 秒", partial(drop, seconds=0.5)),
    "drop 5 s": ("断开 5 秒", partial(drop, seconds=5)),
    "drop 60 s": ("断开 60 秒", partial(drop, seconds=60)),
    "freeze 2 s": ("冻结 2 秒", partial(freeze, seconds=2)),
    "black hole 20 s": ("黑洞 20 秒", partial(freeze, seconds=20)),
    "SIGSTOP 10 s": ("SIGSTOP 10 秒", partial(stop, seconds=10)),
    "SIGSTOP 60 s": ("SIGSTOP 60 秒", partial(stop, seconds=60)),
    "server kill -9 and return": ("服务器 kill -9 后重启", kill),
    "clock +8 h": ("时钟快 8 小时", partial(clock, offset=8 * HOUR)),
    "clock -8 h": ("时钟慢 8 小时", partial(clock, offset=-8 * HOUR)),
    "clock back 60 s": ("时钟倒拨 60 秒", partial(clock, offset=-MINUTE)),
    "20 % of nodes bad": ("20 % 节点无效", bad),
    "node gone and back": ("节点删除后重建", gone),
}


async def run(fault: Fault, folder: Path, *, history: bool) -> Outcome:
    """Run one fault once."""
    seen = Tracebacks()
    logging.getLogger().addHandler(seen)
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: seen.handle_context(context))
    before = megabytes()
    try:
        async with rigged(folder, history=history) as rig:
            begun, over = await fault(rig)
            until_data = await rig.until(Quality.GOOD, over)
            await rig.until_filled()
            until_bad = rig.first(Quality.BAD, begun)
            lost, twice = rig.rows()
            told = rig.told()
    finally:
        logging.getLogger().removeHandler(seen)
    return Outcome(until_bad, until_data, lost, twice, told, megabytes() - before, seen.count)


def line(name: str, outcomes: Sequence[Outcome], *, history: bool) -> Line:
    """Return the line of a fault: medians of the times, sums of what must be 0."""

    def median(values: Sequence[float | None]) -> str:
        known = [value for value in values if value is not None]
        return f"{statistics.median(known):.1f} s" if known else "-"

    return Line(
        name,
        FAULTS[name][0],
        history,
        len(outcomes),
        median([each.until_bad for each in outcomes]),
        median([each.until_data for each in outcomes]),
        f"{max(each.lost for each in outcomes)}",
        f"{max(each.twice for each in outcomes)}",
        outcomes[-1].told,
        f"{max(each.memory for each in outcomes):.0f} MB",
        f"{sum(each.tracebacks for each in outcomes)}",
    )


async def main(names: Sequence[str], runs: int, *, write: bool) -> None:
    """Run faults, one after the other, and print their lines; `write` also puts them into the pages."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            for history in (False, True):
                outcomes = [await run(FAULTS[name][1], Path(folder), history=history) for _ in range(runs)]
                shown = line(name, outcomes, history=history)
                print(shown.row("en"), flush=True)
                if write:
                    write_pages([shown])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faults", nargs="*", choices=[[], *FAULTS], default=[])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--write", action="store_true", help="add the lines to the pages")
    asked = parser.parse_args()
    asyncio.run(main(asked.faults or list(FAULTS), asked.runs, write=asked.write))
