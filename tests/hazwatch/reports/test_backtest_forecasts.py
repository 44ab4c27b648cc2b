"""The command `backtest` says how often the crossing came inside the forecast, where there are projected limits."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from hazwatch.__main__ import main
from hazwatch.cli.exit_codes import OK
from hazwatch.reports.backtest import TraceRecord
from hazwatch.reports.backtest.forecast_rows import REASON_WORDS
from hazwatch.site.config import load
from rules import NoForecastReason
from tests.hazwatch.live.live_runs import BEGIN, SITE, S
from tests.longwall import RECORDING
from tests.longwall import site as longwall

SOON = """
[[limit]]
id = "T1.soon"
point = "T1"
feature = "projected"
window = "10m"
horizon = "10m"
high = 1.0
clear = 0.9
level = "yellow"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE.replace('"6s"', '"60s"') + SOON, encoding="utf-8")
    return path


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Return a trace: T1 rises three times from 0.5 to 1.1 within 50 min, each time after half an hour's rest."""
    random, rows = np.random.default_rng(5), ["time,T1"]
    shape = np.concatenate((np.full(180, 0.5), 0.5 + 0.002 * np.arange(300)))
    for row, value in enumerate(np.tile(shape, 3) + 0.004 * random.standard_normal(1440)):
        rows.append(f"{BEGIN + 10 * row * S},{value:.2f}")
    path = tmp_path / "trace.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def report(tmp_path: Path, *words: object) -> dict[str, Any]:
    out = tmp_path / "report.json"
    assert main(["backtest", *map(str, words), "--json", str(out)]) == OK
    found: dict[str, Any] = json.loads(out.read_bytes())
    return found


def test_crossings_inside_the_interval_are_counted(tmp_path: Path, site: Path, trace: Path) -> None:
    found = report(tmp_path, site, "--trace", trace)
    (score,) = found["current"]["forecasts"]
    assert score["limit"] == "T1.soon"
    assert score["crossed"] >= 3
    assert score["inside"] >= score["crossed"] - score["without"] - 1
    assert score["given"] == score["inside"] + score["earlier"] + score["later"] + score["unknown"]
    assert score["asked"] == score["given"] + sum(score["reasons"].values())


def test_both_rule_sets_have_their_own_scores(
    tmp_path: Path, site: Path, trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candidate, page = tmp_path / "new.toml", tmp_path / "page.html"
    text = site.read_text(encoding="utf-8").replace('horizon = "10m"\nhigh = 1.0', 'horizon = "5m"\nhigh = 2.0')
    candidate.write_text(text.replace("T1.soon", "T1.far"), encoding="utf-8")
    found = report(tmp_path, site, "--candidate", candidate, "--trace", trace, "--html", page)
    assert [score["limit"] for score in found["current"]["forecasts"]] == ["T1.soon"]
    assert [(score["limit"], score["asked"]) for score in found["candidate"]["forecasts"]] == [("T1.far", 0)]
    printed = capsys.readouterr().out
    assert re.search(r"预测 / Forecasts .*区间内 / inside", printed)
    assert re.search(r"T1\.soon +现行 / current +\d", printed)
    assert re.search(r"T1\.far +候选 / candidate +0 +0", printed)
    html = page.read_text(encoding="utf-8")
    assert "</small>T1.far</td>" in html
    assert html.count('lang="zh">') == html.count('lang="en">')


def test_every_reason_has_a_word_in_the_reports() -> None:
    assert set(REASON_WORDS) == set(get_args(NoForecastReason))


def test_nothing_is_said_of_forecasts_where_no_limit_has_any(
    tmp_path: Path, site: Path, trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.write_text(SITE, encoding="utf-8")
    page = tmp_path / "page.html"
    found = report(tmp_path, site, "--trace", trace, "--html", page)
    assert found["current"]["forecasts"] == []
    assert "Forecast" not in capsys.readouterr().out
    assert "Forecast" not in page.read_text(encoding="utf-8")


def test_windows_before_the_period_are_known_and_what_comes_after_it_is_not(
    tmp_path: Path, site: Path, trace: Path
) -> None:
    whole = report(tmp_path, site, "--trace", trace)
    raised = [e["start"] for e in whole["current"]["episodes"] if e["condition"] == "T1.soon"]
    begin, end = raised[0] - S, raised[0] + 60 * S
    (score,) = report(tmp_path, site, "--trace", trace, "--from", begin, "--to", end)["current"]["forecasts"]
    assert (score["asked"], score["crossed"]) == (1, 0)
    assert score["unknown"] + score["reasons"].get("far", 0) + score["reasons"].get("flat", 0) == 1
    assert "few" not in score["reasons"]
    record = TraceRecord([load(site)], trace, begin, end)
    times = record.samples(load(site), "T1", (BEGIN, BEGIN + 60 * S)).time
    assert times.tolist() == [BEGIN + 10 * k * S for k in range(6)]


def test_on_a_real_longwall_few_raises_carry_a_forecast_and_that_is_said(tmp_path: Path) -> None:
    if not RECORDING.is_file():
        pytest.skip(f"the recording is not beside the project: {RECORDING}")
    path = tmp_path / "longwall.toml"
    soon = SOON.replace("T1", "MM116").replace("10m", "5m")
    path.write_text(longwall(4840, 1502) + soon, encoding="utf-8")
    (score,) = report(tmp_path, path, "--trace", RECORDING)["current"]["forecasts"]
    assert score["asked"] > 50
    assert score["given"] < 0.15 * score["asked"], "steps of 0.1 % and rises that end: hardly anything is forecast"
    assert score["without"] > 0.8 * score["crossed"]
