"""History that a mine has in InfluxDB becomes a trace or a history that limits are tuned on."""

import json
from pathlib import Path

import pytest

from adapters.stores import HistoryReader
from hazwatch.cli.main import main
from hazwatch.site.config import load
from hazwatch.site.traces import read_trace
from plant import Quality
from plant.units import MINUTE, SECOND
from tests import sites
from tests.system.influx.flux import FluxServer, Row

BEGIN = 1_777_593_600 * SECOND
PERIOD = ("--from", str(BEGIN), "--to", str(BEGIN + 60 * MINUTE))


def site(folder: Path, port: int, setpoint: float = 1.0) -> Path:
    store = sites.table("store", kind="influxdb", url=f"http://127.0.0.1:{port}", org="mine", bucket="field")
    sensor = {"unit": "%", "resolution": 0.01, "stale_after": "5m"}
    path = folder / f"site-{setpoint}.toml"
    path.write_text(
        sites.text(
            sites.HEAD, sites.opcua(1), sites.modbus(1), store,
            sites.point("T1", source="ua", address="ns=2;s=3101.T1", **sensor),
            sites.point("W1", source="mb", address="unit=1;holding=1", unit="m", stale_after="5m"),
            sites.limit("T1.alarm", "T1", high=setpoint, level="orange"),
        ),
        encoding="utf-8",
    )  # fmt: skip
    return path


def telegraf() -> list[Row]:
    """Return an hour as Telegraf writes it: methane at 1.2 for five minutes, one bad value, and a level."""
    rows: list[Row] = []
    node, good = {"id": "ns=2;s=3101.T1", "host": "edge"}, "The operation succeeded. StatusGood (0x0)"
    for minute in range(60):
        time = BEGIN + minute * MINUTE + 1
        rows.append(("opcua", node, "甲烷", time, "1.2" if 20 <= minute < 25 else "0.5"))
        rows.append(("opcua", node, "Quality", time, "Bad (0x80000000)" if minute == 40 else good))
        rows.append(("modbus", {"name": "mb", "type": "holding_register"}, "W1", time, str(minute)))
    return rows


@pytest.fixture
def server() -> FluxServer:
    return FluxServer(telegraf())


def imported(site: Path, *words: str) -> int:
    return main(["import", "influx", str(site), *PERIOD, *words])


def test_the_names_of_telegraf_give_a_trace_with_qualities_and_nanoseconds(tmp_path: Path, server: FluxServer) -> None:
    with server.serve():
        path = site(tmp_path, server.port)
        assert imported(path, "--naming", "telegraf", "--out", str(tmp_path / "may.csv")) == 0
    samples = read_trace(tmp_path / "may.csv", load(path).points).samples
    methane = samples.take(samples.point == 0)
    assert len(methane) == 60
    assert (methane.time % MINUTE == 1).all()
    assert methane.value[[0, 20]].tolist() == [0.5, 1.2]
    assert methane.quality.tolist() == [Quality.BAD if minute == 40 else Quality.GOOD for minute in range(60)]
    assert samples.take(samples.point == 1).value.tolist() == list(range(60))


def test_our_own_names_give_value_quality_and_state_back(tmp_path: Path, server: FluxServer) -> None:
    tags = {"mine": "1", "point": "T1", "kind": "gas", "source": "ua"}
    server.rows[:] = [
        ("hz_sample", tags, name, BEGIN + second * SECOND, text)
        for second, texts in enumerate((("0.68", "0", "0"), (None, "2", "128"), ("0.7", "1", "4")))
        for name, text in zip(("value", "quality", "state"), texts, strict=True)
        if text is not None
    ]
    with server.serve():
        path = site(tmp_path, server.port)
        assert imported(path, "--out", str(tmp_path / "t.csv")) == 0
    samples = read_trace(tmp_path / "t.csv", load(path).points).samples
    assert (samples.quality.tolist(), samples.state.tolist()) == ([0, 2, 1], [0, 128, 4])
    assert samples.value[[0, 2]].tolist() == [0.68, 0.7]


def test_other_names_come_from_a_table(tmp_path: Path, server: FluxServer) -> None:
    server.rows[:] = [("scada", {"unit": "3101", "kind": "x"}, "v", BEGIN, "0.4")]
    table = tmp_path / "map.csv"
    table.write_text("point,measurement,field,tags\nT1,scada,v,unit=3101|kind=x\n", encoding="utf-8")
    with server.serve():
        path = site(tmp_path, server.port)
        assert imported(path, "--map", str(table), "--out", str(tmp_path / "t.csv")) == 0
    assert read_trace(tmp_path / "t.csv", load(path).points).samples.value.tolist() == [0.4]


def test_a_limit_is_tuned_on_imported_history(tmp_path: Path, server: FluxServer) -> None:
    with server.serve():
        path, candidate = site(tmp_path, server.port), site(tmp_path, server.port, setpoint=1.5)
        assert imported(path, "--naming", "telegraf", "--data", str(tmp_path / "data")) == 0
    report = tmp_path / "report.json"
    compared = ("--candidate", str(candidate), "--data", str(tmp_path / "data"), "--json", str(report))
    assert main(["backtest", str(path), *compared]) == 0
    played = json.loads(report.read_text(encoding="utf-8"))
    # The bad value at minute 40 is in doubt under both limits; only the old one is exceeded.
    assert [each["condition"] for each in played["current"]["episodes"]] == ["T1.alarm", "fault:T1"]
    assert [each["condition"] for each in played["candidate"]["episodes"]] == ["fault:T1"]


def test_history_is_only_continued(tmp_path: Path, server: FluxServer, capsys: pytest.CaptureFixture[str]) -> None:
    with server.serve():
        path = site(tmp_path, server.port)
        words = ("--naming", "telegraf", "--data", str(tmp_path / "data"))
        assert imported(path, *words) == 0
        assert imported(path, *words) != 0
    assert "only ever continued" in capsys.readouterr().err
    assert len(HistoryReader(tmp_path / "data" / "history").samples("T1", 0, 2**62)) == 60


@pytest.mark.parametrize(
    ("status", "error", "problem"),
    [(200, "out of memory", "amid its answer"), (401, None, "token"), (404, None, "bucket")],
)
def test_a_query_that_fails_writes_nothing(
    tmp_path: Path, server: FluxServer, capsys: pytest.CaptureFixture[str], status: int, error: str | None, problem: str
) -> None:
    server.status, server.error = status, error
    with server.serve():
        assert imported(site(tmp_path, server.port), "--naming", "telegraf", "--out", str(tmp_path / "t.csv")) != 0
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize("page", ["<html>login</html>\n", ",result\n,a\n", "a,_time,_value\n,x\n", "\0"])
def test_an_answer_of_another_program_is_named(
    tmp_path: Path, server: FluxServer, capsys: pytest.CaptureFixture[str], page: str
) -> None:
    server.page = page
    with server.serve():
        assert imported(site(tmp_path, server.port), "--naming", "telegraf", "--out", str(tmp_path / "t.csv")) != 0
    assert "check the url" in capsys.readouterr().err
