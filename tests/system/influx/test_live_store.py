"""A running engine copies into a store beside its work; neither a kill nor an outage costs the store a sample."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from adapters.stores import HistoryReader
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import load
from plant import SampleBatch, write_trace
from plant.units import SECOND
from tests import sites
from tests.ports import free_port
from tests.system.influx.double import Answer, InfluxDouble
from tests.system.processes import answers, get, listens, running, wait_until

POINTS = 5
BEGIN = 1_700_000_000 * SECOND
RATE = 20


def site(folder: Path, field: int, store: int) -> Path:
    token = folder / "influx.token"
    token.write_text("secret\n", encoding="utf-8")
    token.chmod(0o600)
    kept = {"url": f"http://127.0.0.1:{store}", "org": "mine", "bucket": "field", "token_file": str(token)}
    tables = [sites.HEAD, sites.opcua(field, publishing="100ms"), sites.table("store", kind="influxdb", **kept)]
    sensor = {"resolution": 0.01, "stale_after": "5m", "source": "ua"}
    for number in range(POINTS):
        tables.append(sites.point(f"P{number}", **sensor, address=f"ns=2;s=P{number}"))
        tables.append(sites.limit(f"P{number}.alarm", f"P{number}", high=1.0, level="orange"))
    path = folder / "site.toml"
    path.write_text(sites.text(*tables), encoding="utf-8")
    return path


def sawtooth(seconds: int) -> SampleBatch:
    """Return a trace in which every point crosses 1.0 every twenty seconds."""
    second, point = np.divmod(np.arange(seconds * POINTS), POINTS)
    return SampleBatch.of(point, BEGIN + second * SECOND, 0.5 + second % 20 / 20)


def in_history(folder: DataFolder) -> set[tuple[str, int]]:
    """Return point and source time of every sample in the history of a data folder."""
    reader = HistoryReader(folder.history)
    batches = [entry for entry in reader.stretches() if isinstance(entry, SampleBatch)]
    samples = SampleBatch.concatenate(batches)
    return {(reader.id(point), at) for point, at in zip(samples.point.tolist(), samples.time.tolist(), strict=True)}


def in_store(server: InfluxDouble) -> set[tuple[str, int]]:
    """Return point and time of every sample in the store."""
    samples = (key for key in list(server.points) if key[0].startswith("hz_sample"))
    return {(series.split("point=")[1].split(",")[0], at) for series, at in samples}


@pytest.mark.timeout(300)
def test_kills_and_outages_cost_the_store_nothing(tmp_path: Path) -> None:
    field, page, server = free_port(), free_port(), InfluxDouble(port=free_port())
    file, trace = site(tmp_path, field, server.port), tmp_path / "trace.csv"
    with trace.open("w", encoding="utf-8") as out:
        out.writelines(write_trace(sawtooth(2000), load(file).points))
    folder = DataFolder(tmp_path / "data")
    clock = ("--rate", RATE, "--origin", BEGIN, "--epoch", wall())
    run = partial(running, "run", file, "--data", folder.path, "--port", page, *clock)
    url = f"http://127.0.0.1:{page}/api/snapshot"

    def complains() -> bool:
        return answers(url) and "InfluxDB" in str(get(url)["snapshot"]["notices"])

    with running("simulate", file, "--trace", trace, *clock, log=tmp_path / "field.log"):
        wait_until(lambda: listens(field), "the simulator listens")
        with server.serve(server.port), run(log=tmp_path / "0.log") as engine:
            server.faults.extend([Answer(503, "busy", stored=2)] * 2)
            wait_until(lambda: len(in_store(server)) > 50, "samples reach the store")
            engine.kill()
        with run(log=tmp_path / "1.log") as engine:
            wait_until(complains, "the page names the outage")
            engine.kill()
        known = in_store(server)
        with run(log=tmp_path / "2.log"):
            wait_until(complains, "the page names the outage again")
            with server.serve(server.port):
                wait_until(lambda: not complains(), "the notice goes")
                wait_until(lambda: len(in_store(server)) > len(known) + 50, "the store gets what it lacked")
        # The copy ended with its engine. The next run brings what was stored last.
        before = in_history(folder)
        with server.serve(server.port), run(log=tmp_path / "3.log"):
            wait_until(lambda: before <= in_store(server), "the store has the whole history")
    assert len(before) > len(known)
    assert any(series.startswith("hz_alarm") for series, _ in server.points)
    assert set(server.tokens) == {"Token secret"}
