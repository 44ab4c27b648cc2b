"""A data folder with a history, and the copy of it into a store."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from adapters.stores import Historian, Journal
from adapters.stores.influx import InfluxAddress, Sender, StorePosition
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.export.influx_export import InfluxExport
from hazwatch.site.config import Config, load
from plant import SampleBatch
from plant.units import HOUR, SECOND
from tests import sites

BEGIN = 490_000 * HOUR
"""Arrival of the first samples. [ns, UTC]"""
POINTS = 10


def site(folder: Path, naming: str = "hazwatch", port: int = 8086) -> Config:
    """Write and load the site file of ten points with a store."""
    store = sites.table(
        "store", kind="influxdb", url=f"http://127.0.0.1:{port}", org="mine", bucket="field", naming=naming
    )
    points = [sites.point(f"T{number}", source="ua", address=f"ns=2;s=T{number}", unit="%") for number in range(POINTS)]
    path = folder / "site.toml"
    path.write_text(sites.text(sites.HEAD, sites.opcua(1), store, *points), encoding="utf-8")
    return load(path)


def second(number: int, value: float = 0.5, delay: int = 0) -> SampleBatch:
    """Return a batch with one sample of each point at a second after the beginning, arriving after a delay. [ns]."""
    time = BEGIN + number * SECOND
    return SampleBatch.of(range(POINTS), [time] * POINTS, [value + number / 1000] * POINTS, arrival=time + delay)


def record(config: Config, folder: DataFolder, batches: Iterable[SampleBatch]) -> None:
    """Append batches to the history of a data folder."""
    with closing(Historian(folder.history, config.points, retention_days=None)) as historian:
        for batch in batches:
            historian.append(batch).result()


def empty_folder(config: Config, path: Path) -> DataFolder:
    """Return a new data folder with an empty journal."""
    folder = DataFolder(path)
    folder.stores.mkdir(parents=True)
    with closing(Journal(folder.journal, mine=config.site.id)):
        pass
    return folder


def beginning(config: Config, folder: DataFolder) -> InfluxExport:
    """Return a copy that begins with the first sample."""
    start = StorePosition(arrival=BEGIN - 1, record=0, minute=BEGIN, hour=BEGIN)
    return InfluxExport(config, folder, config.stores[0], start)


def sender(port: int) -> Sender:
    """Return a connection to a server of this machine."""
    return Sender(InfluxAddress(f"http://127.0.0.1:{port}", "mine", "field", "secret"))
