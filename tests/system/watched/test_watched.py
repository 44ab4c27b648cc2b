"""Programs that watch the engine see what it sees: metrics with the right values, health, rules that find a series."""

import json
import re
import subprocess
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.stores import HistoryReader, JournalReader
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import load
from plant import SampleBatch, write_trace
from plant.units import SECOND
from tests import sites
from tests.conftest import require
from tests.docs.pages import LANGUAGES
from tests.ports import free_port
from tests.repository import ROOT
from tests.system.processes import answers, listens, running, wait_until

BEGIN = 1_700_000_000 * SECOND
PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "hazwatch.json"
LATER = {"hazwatch_source_skew_seconds", "hazwatch_source_transit_median_seconds", "hazwatch_store_blocked"}
"""Series that come once there is something to say."""
Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def site(folder: Path, field: int) -> Path:
    point = sites.point("T1", source="ua", address="ns=2;s=T1", stale_after="5m", resolution=0.01)
    limit = sites.limit("T1.alarm", "T1", high=1.0, level="orange", ticket=True)
    store = sites.table("store", kind="influxdb", url=f"http://127.0.0.1:{free_port()}", org="m", bucket="b")
    path = folder / "site.toml"
    source = sites.opcua(field, publishing="100ms", timeout="1s")
    path.write_text(sites.text(sites.HEAD, source, store, point, limit), encoding="utf-8")
    return path


def scraped(url: str) -> Values:
    """Return the value of every series."""
    with urlopen(f"{url}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }


def status(url: str) -> int:
    try:
        with urlopen(url, timeout=10) as answer:
            code: int = answer.status
            return code
    except HTTPError as error:
        return error.code


def names(queries: str) -> set[str]:
    return set(re.findall(r"\b(?:hazwatch|process)_[a-z_]+", queries))


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Values:
    """What a run with one alarm and a field that went away says of itself; the other facts are asserted on the way."""
    folder = tmp_path_factory.mktemp("watched")
    field, page = free_port(), free_port()
    file, data = site(folder, field), DataFolder(folder / "data")
    trace = folder / "trace.csv"
    seconds = np.arange(3000)
    samples = SampleBatch.of(seconds * 0, BEGIN + seconds * SECOND, 0.5 + seconds / 200)
    with trace.open("w", encoding="utf-8") as out:
        out.writelines(write_trace(samples, load(file).points))
    clock, url = ("--rate", 10, "--origin", BEGIN, "--epoch", wall()), f"http://127.0.0.1:{page}"
    with running("run", file, "--data", data.path, "--port", page, *clock, log=folder / "run.log"):
        with running("simulate", file, "--trace", trace, *clock, log=folder / "field.log"):
            wait_until(lambda: listens(field), "the simulator listens")
            wait_until(lambda: answers(f"{url}/-/ready"), "the engine is ready")
            link = ("hazwatch_source_connected", frozenset({("source", "ua")}))
            level = ("hazwatch_hazard_source_level", frozenset({("hazard_source", "gas")}))
            wait_until(lambda: scraped(url)[link] == 1, "the link stands")
            wait_until(lambda: scraped(url)[level] == 3, "the alarm is raised")
            wait_until(lambda: {name for name, _ in scraped(url)} >= LATER, "clock, way and copy are known")
            known = scraped(url)
        wait_until(lambda: scraped(url)[link] == 0, "the link is seen to be lost")
        assert (status(f"{url}/-/healthy"), status(f"{url}/-/ready")) == (200, 200)
        values = known | scraped(url)
        records = JournalReader(data.journal).head()[0]
    received = HistoryReader(data.history, load(file).points).samples("T1", 0, 2**62)
    count = values["hazwatch_source_samples_total", frozenset({("source", "ua"), ("outcome", "received")})]
    assert 0 < count <= len(received)
    assert values["hazwatch_journal_records_total", frozenset()] <= records
    return values


def test_alarms_and_levels_are_those_of_the_run(watched: Values) -> None:
    of_alarm = frozenset({("hazard_source", "gas"), ("level", "orange"), ("state", "unacked")})
    assert watched["hazwatch_alarms", of_alarm] == 1
    assert watched["hazwatch_hazard_source_level", frozenset({("hazard_source", "gas")})] == 3
    assert watched["hazwatch_tickets", frozenset({("hazard_source", "gas"), ("state", "registered")})] == 1
    assert watched["hazwatch_store_blocked", frozenset({("store", "influxdb")})] == 1
    assert watched["hazwatch_stores_unwritable", frozenset()] == 0


def test_every_query_of_rules_and_dashboard_finds_a_series(watched: Values) -> None:
    known = {name for name, _ in watched}
    rules = (PROMETHEUS / "hazwatch.rules.yml").read_text(encoding="utf-8")
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    queries = "\n".join(target["expr"] for panel in panels for target in panel["targets"])
    assert len(names(rules)) > 8
    assert len(names(queries)) > 12
    assert names("\n".join(re.findall(r"expr: (.*)", rules)) + queries) - known == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_documents_name_every_metric_and_no_other(watched: Values, language: str) -> None:
    page = (ROOT / "docs" / language / "metrics.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`(hazwatch_[a-z_]+)`", page))
    shown = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name, _ in watched if name.startswith("hazwatch_")}
    assert documented == shown


def test_promtool_accepts_the_rules_and_what_they_do() -> None:
    promtool = require("promtool", "apt-get install prometheus")
    for words in ("check rules hazwatch.rules.yml", "test rules hazwatch.test.yml", "check config prometheus.yml"):
        asked = (promtool, *words.split())
        outcome = subprocess.run(asked, cwd=PROMETHEUS, capture_output=True, text=True, check=False)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_service_is_hardened() -> None:
    analyze = require("systemd-analyze", "apt-get install systemd")
    unit = ROOT / "deploy" / "systemd" / "hazwatch.service"
    words = (analyze, "security", "--offline=true", "--threshold=20", str(unit))
    outcome = subprocess.run(words, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout
    assert "MemoryDenyWriteExecute=" not in unit.read_text(encoding="utf-8")
