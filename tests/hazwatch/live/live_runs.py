"""Live runs played by hand, with their stores: what the tests of the past share."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from zoneinfo import ZoneInfo

from adapters.stores import Historian, HistoryReader, Journal, StartEntry
from alarms import Ledger
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.pipeline import Pipeline
from hazwatch.site.alarm_specs import alarm_specs
from hazwatch.site.config import Config, load
from ingest import LateWatch
from plant import SampleBatch
from tests import sites

S: Final = 1_000_000_000
BEGIN: Final = 1_800_000_000 * S
METHANE: Final = {"resolution": 0.01, "range": [0.0, 4.0], "stale_after": "6s", "source": "ua"}
SITE: Final = sites.text(
    sites.mine(),
    sites.gas(name="3101 工作面瓦斯", place="3101 工作面"),
    sites.opcua(4840),
    sites.modbus(1502, poll="1s", time="arrival"),
    sites.point("T1", **METHANE, address="ns=2;s=T1", discrepancy={"with": "T2", "limit": 0.3, "on_delay": "2s"}),
    sites.point("T2", **METHANE, address="ns=2;s=T2"),
    sites.point("KG", name="馈电", resolution=1, stale_after="9s", source="mb", address="unit=1;holding=0;type=int16"),
    sites.limit("T1.alarm", "T1", high=1.0, clear=0.9, off_delay="2s", level="orange"),
    sites.limit("T1.mean", "T1", feature="mean", window="5s", high=1.0, on_delay="2s", level="yellow"),
    sites.limit("T2.alarm", "T2", high=1.0, level="orange"),
    sites.table(
        "vote", id="both", hazard_source="gas", at_least=2, of=["T1.alarm", "T2.alarm", "fault:T1"], level="red"
    ),
    sites.table("interlock", id="cut", cut="T1.alarm", feed="KG", within="2s", level="red"),
)
VALUES: Final = (0.5, 0.8, 0.95, 1.0, 1.3, 4.5, float("nan"))


def config_in(folder: Path, site: str = SITE) -> Config:
    """Write a site file into a folder, and read it."""
    (folder / "site.toml").write_text(site, encoding="utf-8")
    return load(folder / "site.toml")


def pipeline_of(config: Config, journal: Journal) -> Pipeline:
    ledger = Ledger(alarm_specs(config), ZoneInfo(config.site.timezone))
    for record in journal.read():
        ledger.fold(record)
    return Pipeline(config, ledger)


Step = tuple[float, str, list[tuple[float, int]]]
"""How long after the one before it [s], which point, and the delays [s] and kinds of value of its samples."""


def batch_of(config: Config, point: str, samples: Sequence[tuple[float, int]], now: int) -> SampleBatch:
    """Return what a source delivers at a step."""
    times = [now - round(delay * S) for delay, _ in samples]
    values = [kind % 2 if point == "KG" else VALUES[kind] for _, kind in samples]
    return SampleBatch.of([config.points.column(point)] * len(samples), times, values)


def run(config: Config, folder: DataFolder, steps: Sequence[Step], now: int) -> int:
    """Play a live run by hand, with its stores; return when it ended."""
    with (
        Journal(folder.journal) as journal,
        closing(Historian(folder.history, config.points, retention_days=None)) as historian,
    ):
        pipeline = pipeline_of(config, journal)
        historian.start(now)
        journal.append(pipeline.start(now))
        for wait, point, samples in steps:
            now += round(wait * S)
            if point == "-":
                journal.append(pipeline.tick(now))
                continue
            stamped, records = pipeline.feed(batch_of(config, point, samples, now), now)
            historian.append(stamped)
            journal.append(records)
    return now


@dataclass
class Disorder:
    """How many samples of a history were late, and how many others entered behind a tick of their time."""

    late: dict[str, int]
    behind: dict[str, int]

    @classmethod
    def of(cls, config: Config, folder: DataFolder) -> Self:
        names = [point.id for point in config.points.points]
        watch = LateWatch(config.points, config.site, config.arrival_timed())
        late, behind = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
        for entry in HistoryReader(folder.history, config.points).log():
            if isinstance(entry, StartEntry):
                watch.start(entry.time)
                continue
            ticked = int(entry.arrival[0]) - config.site.allowance
            for point, time, was_late in zip(entry.point, entry.time, watch.take(entry), strict=True):
                late[names[point]] += bool(was_late)
                behind[names[point]] += bool(not was_late and time <= ticked // S * S)
        return cls(late, behind)
