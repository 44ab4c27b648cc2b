"""The recording of a real longwall face, over real servers at 200 times real time, gives the events of its replay."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from adapters.stores import HistoryReader, JournalReader
from alarms import RecordKind, events_of
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from plant.units import SECOND
from tests.longwall import RECORDING, site
from tests.ports import free_port
from tests.system.processes import hazwatch, listens, running, wait_until

ROWS = 700
RATE = 200
"""A row lasts 150 ms of real time: a loaded machine still polls within it."""
LEAD = 12 * RATE * SECOND
"""What the clock shows before the first row when the processes are started: 12 s of real time."""

OPC_UA = ("MM116.alarm", "MM116.cut", "MM31.alarm", "PD.on")
MODBUS = ("AS038.low", "BA13.high")


def events(text: str, conditions: tuple[str, ...]) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines()]
    return [event for event in found if event["condition"] in conditions]


EVENTS: Final[tuple[RecordKind, ...]] = ("event",)


def is_journaled(data: Path, event: str) -> bool:
    journal = DataFolder(data).journal
    return journal.is_file() and event in {made.id for made in events_of(JournalReader(journal).read(kinds=EVENTS))}


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    if not RECORDING.is_file():
        pytest.skip(f"the recording is not beside the project: {RECORDING}")
    trace = tmp_path / "longwall.csv"
    with RECORDING.open(encoding="utf-8") as file:
        trace.write_text("".join(line for _, line in zip(range(ROWS + 1), file, strict=False)), encoding="utf-8")
    return trace


@pytest.mark.timeout(600)
def test_a_live_run_journals_the_events_of_the_replay(tmp_path: Path, cut: Path) -> None:
    ua, mb = free_port(), free_port()
    (tmp_path / "site.toml").write_text(site(ua, mb), encoding="utf-8")
    replayed = hazwatch("replay", "--site", tmp_path / "site.toml", "--trace", cut, "--events", "-")
    assert replayed.returncode == 0, replayed.stderr
    begin = 1_393_718_400 * SECOND
    clock = ("--rate", RATE, "--origin", begin - LEAD, "--epoch", wall())
    data = tmp_path / "data"
    arguments = (tmp_path / "site.toml", "--data", data, "--no-page", *clock)
    with (
        running("simulate", tmp_path / "site.toml", "--trace", cut, *clock, log=tmp_path / "field.log"),
        running("run", *arguments, log=tmp_path / "engine.log") as engine,
    ):
        wait_until(lambda: listens(ua) and listens(mb), "simulators listen", LEAD / RATE / SECOND - 2)
        last = events(replayed.stdout, OPC_UA)[-1]["id"]
        wait_until(lambda: is_journaled(data, last), "the last event", 300)
        assert engine.poll() is None
    live = hazwatch("events", "--data", data).stdout

    assert events(live, OPC_UA) == _renumbered(events(replayed.stdout, OPC_UA), events(live, OPC_UA))
    expected, found = events(replayed.stdout, MODBUS), events(live, MODBUS)
    history = HistoryReader(DataFolder(data).history)
    for condition in MODBUS:
        rows = [event for event in expected if event["condition"] == condition]
        polls = [event for event in found if event["condition"] == condition]
        assert [event["transition"] for event in polls] == [event["transition"] for event in rows]
        read = history.samples(condition.partition(".")[0], begin, 2**62).time
        for row, poll in zip(rows, polls, strict=True):
            between = np.searchsorted(read, [row["time"], poll["time"]], side="right")
            assert row["time"] <= poll["time"]
            assert between[1] - between[0] <= 2, "more than two polls after its row"


def _renumbered(expected: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the expected events the numbers of the found ones: a live run has further events, of health, between."""
    assert len(expected) == len(found)
    return [event | {"seq": other["seq"]} for event, other in zip(expected, found, strict=True)]


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_the_cut_into_batches_changes_no_byte(tmp_path: Path, cut: Path, batch: int) -> None:
    (tmp_path / "site.toml").write_text(site(4840, 1502), encoding="utf-8")
    whole = ("replay", "--site", tmp_path / "site.toml", "--trace", cut, "--events")
    assert hazwatch(*whole, tmp_path / "all.jsonl").returncode == 0
    assert hazwatch(*whole, tmp_path / "cut.jsonl", "--batch", batch).returncode == 0
    assert (tmp_path / "cut.jsonl").read_bytes() == (tmp_path / "all.jsonl").read_bytes() != b""
