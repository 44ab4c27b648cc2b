"""The command `backtest` says what a candidate would change, in text, JSON and a page that needs nothing else."""

import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hazwatch.cli.exit_codes import OK, REFUSED, UNAVAILABLE, USAGE
from hazwatch.cli.main import main
from hazwatch.live.data_folder import DataFolder
from hazwatch.reports.backtest import IncidentsError, read_incidents
from hazwatch.reports.backtest.chart import Axis, decimals_of, lane, scale, steps, times
from plant import messages_of
from rules import Episode, Incident
from tests.hazwatch.live.live_runs import BEGIN, SITE, S, Step, config_in, run
from tests.longwall import RECORDING
from tests.longwall import site as longwall

HOUR = 3600 * S


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE, encoding="utf-8")
    return path


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    path = tmp_path / "new.toml"
    changed = SITE.replace('off_delay = "2s"', 'on_delay = "2s"\noff_delay = "5s"\nticket = true\nbasis = "第 <1> 条"')
    path.write_text(changed, encoding="utf-8")
    return path


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """T1 exceeds 1.0 from 10 s to 20 s and from 35 s to 36 s; T2 and KG are there all the time."""
    rows = ["time,T1,T2,KG"]
    for second in range(120):
        t1 = 1.2 if 10 <= second < 20 or second == 35 else 0.5
        rows.append(f"{BEGIN + second * S},{t1},0.5,0")
    path = tmp_path / "trace.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def backtest(*words: object) -> int:
    return main(["backtest", *map(str, words)])


def report(tmp_path: Path, *words: object) -> dict[str, Any]:
    out = tmp_path / "report.json"
    backtest(*words, "--json", out)
    found: dict[str, Any] = json.loads(out.read_bytes())
    return found


def incidents(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "incidents.csv"
    path.write_text("\n".join(["hazard_source,start,end,what", *rows]), encoding="utf-8")
    return path


def test_the_text_says_what_changes_in_both_languages(
    site: Path, candidate: Path, trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert backtest(site, "--candidate", candidate, "--trace", trace) == OK
    printed = capsys.readouterr().out
    assert re.search(r"报警次数 / Alarms +4 +3 +−25 %", printed)
    assert re.search(r"T1\.alarm .*推迟 / later +\+2 s", printed)
    assert re.search(r"T1\.alarm .*取消 / removed", printed)
    assert "通过 / pass" in printed


def test_the_json_holds_figures_pairs_and_episodes(tmp_path: Path, site: Path, candidate: Path, trace: Path) -> None:
    found = report(tmp_path, site, "--candidate", candidate, "--trace", trace)
    assert (found["start"], found["end"]) == (BEGIN, BEGIN + 119 * S + 1)
    assert found["samples"] == 360
    assert found["changed"] == ["T1.alarm"]
    assert [(pair["difference"], pair["shift"]) for pair in found["pairs"] if pair["condition"] == "T1.alarm"] == [
        ("later", 2 * S),
        ("removed", None),
    ]
    assert found["current"]["alarms"] == len(found["current"]["episodes"])
    assert {rating["figure"]: rating["verdict"] for rating in found["current"]["ratings"]}["per_hour"] == "exceeded"


def test_a_site_alone_is_measured(tmp_path: Path, site: Path, trace: Path) -> None:
    found = report(tmp_path, site, "--trace", trace)
    assert found["candidate"] is None
    assert found["pairs"] == []


def test_a_period_counts_what_is_in_it_after_the_engine_saw_what_was_before(
    tmp_path: Path, site: Path, trace: Path
) -> None:
    found = report(tmp_path, site, "--trace", trace, "--from", BEGIN + 15 * S, "--to", BEGIN + 60 * S)
    alarms = [episode for episode in found["current"]["episodes"] if episode["condition"] == "T1.alarm"]
    assert [(episode["start"] - BEGIN) // S for episode in alarms] == [10, 35]
    assert found["current"]["levels"]["orange"] == 1


def test_the_gate_sets_the_exit_code(tmp_path: Path, site: Path, candidate: Path, trace: Path) -> None:
    begin, end = f"{BEGIN + 15 * S}", f"{BEGIN + 18 * S}"
    labelled = incidents(tmp_path, f"gas,{begin},{end},瓦斯超限")
    words = (site, "--candidate", candidate, "--trace", trace, "--incidents", labelled, "--alarms-per-hour", 10_000)
    assert backtest(*words, "--gate", "--lead-loss", "2s") == OK
    assert backtest(*words, "--gate", "--lead-loss", "1s") == REFUSED
    assert backtest(*words, "--lead-loss", "1s") == OK
    assert backtest(*words[:-1], 5, "--gate") == REFUSED
    found = report(tmp_path, *words)["incidents"][0]
    assert (found["current"], found["candidate"], found["lost"]) == (5 * S, 3 * S, 2 * S)


def test_a_missed_incident_is_refused(tmp_path: Path, site: Path, trace: Path) -> None:
    labelled = incidents(tmp_path, f"gas,{BEGIN + 80 * S},{BEGIN + 90 * S},没有报警")
    assert backtest(site, "--trace", trace, "--incidents", labelled, "--alarms-per-hour", 10_000, "--gate") == REFUSED


def test_incidents_are_read_with_all_their_mistakes(tmp_path: Path) -> None:
    good = incidents(tmp_path, "gas,2027-01-15T08:00:00Z,2027-01-15T16:00:00+08:00,a")
    assert read_incidents(good, {"gas"}) == [Incident("gas", BEGIN, BEGIN, "a")]
    bad = incidents(tmp_path, "water,5,4,x", "gas,noon,5,y", "gas,1")
    with pytest.raises(IncidentsError) as error:
        read_incidents(bad, {"gas"})
    lines = [str(message) for message in messages_of(error.value)]
    assert [re.search(r"line (\d)", line)[1] for line in lines if re.search(r"line (\d)", line)] == list("2234")  # type: ignore[index]
    with pytest.raises(IncidentsError, match="expected the columns"):
        read_incidents(_with(tmp_path, "a,b\n"), {"gas"})
    with pytest.raises(IncidentsError, match="cannot be read"):
        read_incidents(tmp_path / "none.csv", {"gas"})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("hazard_source;start;end;what\n", 'line 1: the columns are separated by ";"; expected ","'),
        (
            "hazard_source,start,end,what\ngas;5;6;x\n",
            'line 2: the columns are separated by ";"; expected ","',
        ),
        ("sep=,\nhazard_source,start,end,what\n", 'line 1: found "sep=,", which only Excel reads; delete this line'),
        ("hazard_source,start,end，what\n", 'found the full-width "，"; write ","'),
        ("hazard_source,start,end,what\ngas,1719792000,5,x\n", "it looks like seconds"),
        ("hazard_source,start,end,what\ngas,１,5,x\n", 'found the full-width "１"; write "1"'),
        ("hazard_source,start,end,wat\nwater,5,noon,x\n", 'line 2: end "noon": expected ISO 8601'),
    ],
)
def test_the_form_of_incidents_is_explained(content: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(IncidentsError) as error:
        read_incidents(_with(tmp_path, content), {"gas"})
    assert problem in "\n".join(messages_of(error.value))


def test_incidents_of_a_spreadsheet_may_be_gbk_or_have_empty_columns(tmp_path: Path) -> None:
    rows = "hazard_source,start,end,what,,\ngas,5,6,瓦斯,,\n,,,,,\n"
    assert read_incidents(_with(tmp_path, rows), {"gas"}) == [Incident("gas", 5, 6, "瓦斯")]
    path = tmp_path / "incidents.csv"
    path.write_bytes(rows.encode("gbk"))
    with pytest.raises(IncidentsError, match="not UTF-8 but GBK"):
        read_incidents(path, {"gas"})


def _with(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "other.csv"
    path.write_text(text, encoding="utf-8")
    return path


STEPS: list[Step] = [
    *[(1.0, "T1", [(0.0, 0)])] * 40,
    *[(1.0, "T1", [(0.0, 4)])] * 5,
    *[(1.0, "T1", [(0.0, 0)])] * 40,
]


def test_history_is_played_and_a_period_of_it_is_warmed_up(tmp_path: Path, site: Path, candidate: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    run(config_in(tmp_path), folder, STEPS, BEGIN)
    words = (site, "--candidate", candidate, "--data", folder.path)
    whole = report(tmp_path, *words)
    assert whole["samples"] == 85
    assert [p["difference"] for p in whole["pairs"] if p["condition"] == "T1.alarm"] == ["later"]
    found = report(tmp_path, *words, "--from", BEGIN + 42 * S, "--to", BEGIN + 60 * S)
    alarms = [episode for episode in found["current"]["episodes"] if episode["condition"] == "T1.alarm"]
    assert [(episode["start"] - BEGIN) // S for episode in alarms] == [41]
    assert "T1.alarm" not in [worst["condition"] for worst in found["current"]["worst"]]


@pytest.mark.parametrize("more", ["", '\nallowance = "4s"'], ids=["one log", "a log of its own"])
def test_a_candidate_gives_beside_the_rules_in_force_what_it_gives_alone(
    tmp_path: Path, site: Path, candidate: Path, more: str
) -> None:
    zone = 'timezone = "Asia/Shanghai"'
    candidate.write_text(candidate.read_text(encoding="utf-8").replace(zone, zone + more), encoding="utf-8")
    folder = DataFolder(tmp_path / "data")
    run(config_in(tmp_path), folder, STEPS, BEGIN)
    both = report(tmp_path, site, "--candidate", candidate, "--data", folder.path)
    for path, side in ((site, "current"), (candidate, "candidate")):
        alone = report(tmp_path, path, "--data", folder.path)
        assert both[side] == alone["current"]


def test_what_is_missing_is_said(tmp_path: Path, site: Path, trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert backtest(site, "--data", tmp_path / "nothing") == UNAVAILABLE
    assert backtest(site, "--trace", tmp_path / "nothing.csv") == REFUSED
    assert backtest(site, "--trace", trace, "--from", BEGIN + 9 * S, "--to", BEGIN) == USAGE
    assert backtest(site, "--trace", trace, "--html", tmp_path / "no" / "page.html") == UNAVAILABLE
    said = capsys.readouterr().err
    assert "no history" in said
    assert "no such file" in said
    assert "ends before it begins" in said
    assert "cannot be written" in said


@pytest.fixture
def page(tmp_path: Path, site: Path, candidate: Path, trace: Path) -> str:
    out = tmp_path / "page.html"
    labelled = incidents(tmp_path, f"gas,{BEGIN + 15 * S},{BEGIN + 18 * S},<b>突出</b>")
    assert backtest(site, "--candidate", candidate, "--trace", trace, "--incidents", labelled, "--html", out) == OK
    return out.read_text(encoding="utf-8")


def test_the_page_needs_nothing_from_elsewhere(page: str) -> None:
    assert not re.search(r"<script|<link|src=|@import|url\((?!#)|https?:", page)


def test_the_page_says_everything_in_both_languages(page: str) -> None:
    assert page.count('lang="zh">') == page.count('lang="en">') > 30


def test_the_page_takes_no_tags_from_names(page: str) -> None:
    assert "<b>突出" not in page
    assert "第 &lt;1&gt; 条" in page


def test_the_page_shows_limits_lanes_pairs_and_gate(page: str) -> None:
    assert '<tr class="chg"><td><span lang="zh">解除延时</span>' in page
    assert page.count('class="plot lane"') == 2 * page.count('class="plot times"')
    assert "推迟" in page
    assert 'class="verdict no"' in page


def test_a_curve_is_drawn_in_steps_with_the_span_of_each_pixel_and_holes() -> None:
    x = np.array([0.0, 10.0, 20.0, 30.0])
    low, high = np.array([5.0, 9.0, np.nan, 5.0]), np.array([5.0, 1.0, np.nan, 5.0])
    assert steps(x, low, high, np.array([5.0, 5.0, np.nan, 5.0])) == "M0 5H10V9V1V5H20M30 5H2000"
    assert steps(x[:0], low[:0], high[:0], low[:0]) == ""


@pytest.mark.parametrize(
    ("low", "high", "first", "last"),
    [
        (0.2, 2.2, 0.0, 2.5),
        (0.0, 0.0, 0.0, 0.2),
        (1075, 1078, 1075, 1078),
        (-3.0, 4.0, -4.0, 4.0),
        (0.99, 1.0, 0.99, 1.0),
    ],
)
def test_scales_are_round_and_hold_all_values(low: float, high: float, first: float, last: float) -> None:
    found = scale(low, high)
    assert 2 <= len(found) <= 9
    assert found[0] == pytest.approx(first)
    assert found[-1] == pytest.approx(last)


@pytest.mark.parametrize(("step", "digits"), [(0.25, 2), (0.2, 1), (0.5, 1), (1.0, 0), (2.5, 1), (25.0, 0), (0.025, 3)])
def test_a_scale_is_labelled_with_the_numbers_at_which_its_lines_stand(step: float, digits: int) -> None:
    assert decimals_of(step) == digits


def test_times_stand_at_round_times_of_the_mine() -> None:
    drawn = times(Axis(BEGIN, BEGIN + 24 * HOUR), ZoneInfo("Asia/Shanghai"))
    assert re.findall(r">([^<]+)</span>", drawn) == [
        "18:00",
        "21:00",
        "01-16",
        "03:00",
        "06:00",
        "09:00",
        "12:00",
        "15:00",
    ]


def test_a_short_episode_is_still_seen() -> None:
    drawn = lane([Episode("c", "h", None, "red", 5 * S, 5 * S)], Axis(0, 100 * HOUR), "e1", "")
    assert 'd="M0 0H1.5V10H0Z"' in drawn


def clear_at(text: str, clear: str, more: str = "") -> str:
    head, name, alarm = text.partition('id = "MM116.alarm"')
    assert "clear = 1.0\n" in alarm
    return head + name + alarm.replace("clear = 1.0\n", f"clear = {clear}\n{more}\n", 1)


@pytest.mark.parametrize(
    ("clear", "more", "expected"),
    [
        pytest.param("0.9", "", -0.59, id="a-deadband-of-0.1"),
        pytest.param("0.8", "", -0.87, id="a-deadband-of-0.2"),
        pytest.param("1.0", 'off_delay = "300s"', -0.53, id="an-off-delay"),
        pytest.param("0.9", 'off_delay = "300s"', -0.78, id="both"),
    ],
)
def test_on_a_real_longwall_deadbands_spare_the_alarms_that_they_spare_on_the_whole_record(
    tmp_path: Path, clear: str, more: str, expected: float
) -> None:
    if not RECORDING.is_file():
        pytest.skip(f"the recording is not beside the project: {RECORDING}")
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text(longwall(4840, 1502), encoding="utf-8")
    new.write_text(clear_at(longwall(4840, 1502), clear, more), encoding="utf-8")
    found = report(tmp_path, old, "--candidate", new, "--trace", RECORDING)
    current, candidate = (_alarms(found[side]["episodes"]) for side in ("current", "candidate"))
    assert candidate / current - 1 == pytest.approx(expected, abs=0.06)
    pairs = [pair for pair in found["pairs"] if pair["condition"] == "MM116.alarm"]
    assert {pair["difference"] for pair in pairs} == {"same"}, "none begins later: the hysteresis costs no warning"
    assert sum(len(pair["current"]) for pair in pairs) == current
    assert found["candidate"]["minutes"] > found["current"]["minutes"]


def _alarms(episodes: list[dict[str, Any]]) -> int:
    return sum(episode["condition"] == "MM116.alarm" for episode in episodes)
