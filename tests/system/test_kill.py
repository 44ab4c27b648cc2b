"""kill -9 at any moment: nothing that was journaled or recorded is lost, nothing happens twice."""

import random
import re
import time
from collections import defaultdict
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.stores import HistoryReader, JournalReader, StartEntry
from alarms import Ledger, TicketOpening, events_of
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.recorded_log import Past
from hazwatch.site.config import load
from plant import PointTable, SampleBatch, write_trace
from plant.units import SECOND
from tests import sites
from tests.hazwatch.live.walked_logs import journaled, rebuilt
from tests.ports import free_port
from tests.system.processes import answers, get, hazwatch, listens, running, wait_until

KILLS = 20
POINTS = 20
RATE = 20
"""Trace seconds in a second: 20 points change 20 times a second each."""


def site(port: int) -> str:
    sensor = {"resolution": 0.01, "stale_after": "5m", "source": "ua"}
    tables = [sites.HEAD, sites.opcua(port, publishing="100ms")]
    for name in (f"P{number}" for number in range(POINTS)):
        tables.append(sites.point(name, **sensor, address=f"ns=2;s={name}"))
        tables.append(sites.limit(f"{name}.alarm", name, high=1.0, level="orange", ticket=True))
        slow = {"high": 1.0, "on_delay": "3s", "off_delay": "4s", "level": "red"}
        tables.append(sites.limit(f"{name}.slow", name, **slow))
        mean = {"feature": "mean", "window": "15s", "high": 1.1, "on_delay": "2s", "level": "yellow"}
        tables.append(sites.limit(f"{name}.mean", name, **mean))
    return sites.text(*tables)


def sawtooth(begin: int, seconds: int) -> SampleBatch:
    """Every point crosses 1.0 up and down, each in its own rhythm."""
    rows = [
        (number, begin + second * SECOND, round(0.5 + ((second * (number + 3)) % 40) / 40, 2))
        for second in range(seconds)
        for number in range(POINTS)
    ]
    points, times, values = zip(*rows, strict=True)
    return SampleBatch.of(points, times, values)


def durable(log: Path) -> tuple[int, int]:
    """Return what the engine last said to be on disk: history up to an arrival, and records."""
    said = re.findall(r"durable history=(-?\d+) records=(\d+)", log.read_text(encoding="utf-8"))
    return (int(said[-1][0]), int(said[-1][1])) if said else (0, 0)


@pytest.mark.timeout(1200)
def test_twenty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    rng = random.Random(3101)
    field_port, page = free_port(), free_port()
    file = tmp_path / "site.toml"
    file.write_text(site(field_port), encoding="utf-8")
    config = load(file)
    begin = 1_700_000_000 * SECOND
    trace = tmp_path / "trace.csv"
    with trace.open("w", encoding="utf-8") as out:
        out.writelines(write_trace(sawtooth(begin, 600 * RATE), config.points))
    folder = DataFolder(tmp_path / "data")
    clock = ("--rate", RATE, "--origin", begin, "--epoch", wall())
    with running("simulate", file, "--trace", trace, *clock, log=tmp_path / "field.log"):
        wait_until(lambda: listens(field_port), "the simulator listens")
        for kill in range(KILLS):
            log = tmp_path / f"engine-{kill}.log"
            arguments = (file, "--data", folder.path, "--port", page, "--log", "debug", *clock)
            with running("run", *arguments, log=log) as engine:
                wait_until(lambda: answers(f"http://127.0.0.1:{page}/api/snapshot"), "the page answers")
                seen = get(f"http://127.0.0.1:{page}/api/snapshot")["snapshot"]
                time.sleep(rng.uniform(0.2, 2.5))
                shown = get(f"http://127.0.0.1:{page}/api/snapshot")["snapshot"]
                engine.kill()
                engine.wait()
            said = durable(log)
            assert "snapshot not used" not in log.read_text(encoding="utf-8")
            assert rebuilt(config, Past(config, folder).log()) == journaled(folder), "history and journal have parted"
            check(folder, config.points, said, kill)
            assert [ticket["number"] for ticket in seen["tickets"]] == [t["number"] for t in shown["tickets"]][
                : len(seen["tickets"])
            ]
    assert hazwatch("verify", "--data", folder.path).returncode == 0
    assert {name.split(".")[1] for name in raised(folder)} >= {"alarm", "slow", "mean"}


def raised(folder: DataFolder) -> set[str]:
    return {event.condition for event in events_of(JournalReader(folder.journal).read())}


def check(folder: DataFolder, points: PointTable, said: tuple[int, int], kill: int) -> None:
    """The journal is whole and consistent, and the history reaches as far as the engine had said."""
    reader = JournalReader(folder.journal)
    assert reader.verify() is None
    records = list(reader.read())
    assert len(records) >= said[1]
    ledger = Ledger({}, ZoneInfo("Asia/Shanghai"))
    for record in records:
        ledger.fold(record)
    events = list(events_of(records))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert len({event.id for event in events}) == len(events)
    transitions = defaultdict(list)
    for event in events:
        transitions[event.condition].append(event.transition)
    for condition, found in transitions.items():
        assert found == ["raise", "clear"] * (len(found) // 2) + ["raise"] * (len(found) % 2), condition
    opened = [record.entry.rule for record in records if isinstance(record.entry, TicketOpening)]
    assert len(set(opened)) == len(opened)
    assert sum(record.kind == "start" for record in records) == kill + 1
    history = HistoryReader(folder.history, points)
    span = history.span()
    assert span is not None
    assert span[1] >= said[0]
    rows: list[list[int]] = []
    for entry in history.log():
        if isinstance(entry, StartEntry):
            rows.append([])
        else:
            mine = entry.time[(entry.point == 0) & (entry.time % SECOND == 0)]
            rows[-1].extend(mine.tolist())
    assert len(rows) == kill + 1
    fed = [run for run in rows if run]
    assert len(fed) > len(rows) / 2 - 1  # one that is killed at once may have heard nothing yet
    for run in fed:
        seen = sorted(set(run))
        assert seen == list(range(seen[0], seen[-1] + 1, SECOND)), "a row of the trace is missing"
