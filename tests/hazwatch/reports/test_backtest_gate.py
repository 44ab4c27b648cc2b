"""The gate of a back-test names what stands against a candidate: rules that are gone, regulations, missing records."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hazwatch.cli.exit_codes import OK, REFUSED, UNAVAILABLE, USAGE
from hazwatch.cli.main import main
from hazwatch.reports.backtest.words import effect
from hazwatch.words import text
from hazwatch.words.numbers import minutes_of
from plant import Text
from rules import Incident, Warned
from tests import sites
from tests.hazwatch.live.live_runs import BEGIN, S


def alarm(point: str, high: float) -> str:
    return "\n" + sites.limit(f"{point}.alarm", point, high=high, level="orange")


SENSOR = {"quantity": "CH4", "unit": "%", "range": [0.0, 4.0], "resolution": 0.01}
T1, T2 = ("\n" + sites.point(name, **SENSOR) for name in ("T1", "T2"))
PROFILE = 'profile = "ch4.face"\n'
SITE = sites.HEAD + T1 + PROFILE + T2 + alarm("T2", 1.0)
STRICT = SITE + '\n[[limit]]\nid = "T1.alarm"\nclear = 0.9\noff_delay = "5m"\n'
CO = "\n" + sites.point("CO", quantity="CO", unit="ppm", range=[0.0, 500.0], resolution=1.0, profile="co.return")
LOOSE = SITE + CO + '\n[[limit]]\nid = "CO.alarm"\nhigh = 25.0\nbasis = "总工程师 <张工>"\n'
TOO_HIGH = SITE + '\n[[limit]]\nid = "T1.alarm"\nhigh = 3.0\nbasis = "总工程师 <张工>"\n'
CUT = alarm("T1", 1.5).replace("T1.alarm", "T1.cut") + "clear = 1.0\n"
FREED = SITE.replace(PROFILE, "") + CUT + alarm("T1", 1.2)


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Ask":
    """Let a test back-test a candidate on 100 s of a trace."""
    monkeypatch.chdir(tmp_path)
    Path("site.toml").write_text(SITE, encoding="utf-8")
    rows = [f"{BEGIN + second * S},{1.3 if 10 <= second < 20 else 0.5},0.5" for second in range(100)]
    Path("trace.csv").write_text("\n".join(["time,T1,T2", *rows]), encoding="utf-8")
    return Ask()


class Ask:
    """Back-tests."""

    def __call__(self, candidate: str | None, *words: object) -> tuple[int, dict[str, Any]]:
        """Return the exit code, and the gate of the JSON report by the names of its rows."""
        more: list[object] = []
        if candidate is not None:
            Path("new.toml").write_text(candidate, encoding="utf-8")
            more = ["--candidate", "new.toml"]
        code = backtest("site.toml", *more, "--alarms-per-hour", 9999, "--json", "report.json", *words)
        gate = json.loads(Path("report.json").read_bytes())["gate"]
        return code, {check["name"]: check for check in gate["checks"]} if gate else {}


def backtest(*words: object) -> int:
    try:
        return main(["backtest", "--trace", "trace.csv", *map(str, words)])
    except SystemExit as stop:
        return int(stop.code or 0)


def incidents(*spans: tuple[int, int], source: str = "gas") -> str:
    rows = [f"{source},{BEGIN + begin * S},{BEGIN + end * S},瓦斯超限" for begin, end in spans]
    Path("incidents.csv").write_text("\n".join(["hazard_source,start,end,what", *rows]), encoding="utf-8")
    return "incidents.csv"


def shown(capsys: pytest.CaptureFixture[str], title: str) -> str:
    """Return the row of the gate with this title, with what stands below it."""
    gate = capsys.readouterr().out.partition("审核条件 / Gate")[2]
    found = re.search(rf"^  {title}.*\n(    .*\n)*", gate, re.MULTILINE)
    return found[0] if found else ""


LAW = "不低于规程要求 / Not looser than the regulation"


def test_a_stricter_candidate_keeps_the_regulation_that_is_quoted(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    code, gate = ask(STRICT, "--gate")
    assert code == OK
    row = shown(capsys, LAW)
    assert row.split("\n")[0].endswith("通过 / pass")
    assert "煤矿安全规程(2025) 第五百三十六条" in row
    assert "T1.alarm ≥ 1.0 %，解除 < 1.0 %；T1.cut ≥ 1.5 %，解除 < 1.0 %" in row
    assert "0.9 %（规程 1.0 %）；解除延时 5 min（规程 0 s）；更严，允许" in row
    assert "0.9 % (regulation 1.0 %); off-delay 5 min (regulation 0 s); stricter, permitted" in row
    assert "No regulation known for 1 point: T2" in row
    assert gate["law"]["unknown"] == ["T2"]
    assert [limit["stricter"] for limit in gate["law"]["limits"]] == [["clear", "off_delay"], []]


def test_a_looser_limit_with_a_basis_passes_and_is_seen(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    Path("site.toml").write_text(SITE + CO, encoding="utf-8")
    code, gate = ask(LOOSE, "--gate", "--html", "page.html")
    assert code == OK
    row = shown(capsys, LAW)
    assert row.split("\n")[0].endswith("注意 / warning")
    assert "setpoint 25.0 ppm (regulation 24.0 ppm)" in row
    assert (gate["looser"]["keys"], gate["looser"]["warning"]) == ([], False)
    assert "looser, on the basis of: 总工程师 <张工>" in row
    assert (gate["law"]["passed"], gate["law"]["warning"]) == (True, True)
    page = Path("page.html").read_text(encoding="utf-8")
    assert "looser, on the basis of: 总工程师 &lt;张工&gt;" in page
    assert '<b class="warn"><span lang="zh">1 处宽于规程，有依据</span>' in page


def test_no_basis_raises_the_methane_alarm_of_a_face(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FileNotFoundError):
        ask(TOO_HIGH, "--gate")
    assert "no `basis` permits another" in capsys.readouterr().err


@pytest.mark.parametrize(
    "basis",
    ['basis = "总工程师"\n', "", 'basis = "煤矿安全规程(2025) 第五百三十六条"\n'],
    ids=["somebody", "nobody", "the article that forbids it"],
)
def test_a_point_that_drops_its_profile_is_held_to_it(
    ask: Ask, capsys: pytest.CaptureFixture[str], *, basis: str
) -> None:
    code, gate = ask(FREED + basis, "--gate")
    assert (code, gate["law"]["passed"]) == (REFUSED, False)
    assert [one["looser"] for one in gate["law"]["limits"]] == [["high"], []]
    said = "no longer held by what the article says must: refused, whatever the basis"
    assert shown(capsys, LAW).count(said) == 2, "also of the limit that is as strict as before"


@pytest.mark.parametrize(
    ("place", "override", "passes"),
    [
        ("ch4.return", "", True),
        ("ch4.total-return", "", False),
        ("ch4.bunker", "", False),
        ("ch4.stopped-area", 'id = "T1.seal"\nbasis = "测点移到停工区"\n', False),
        ("ch4.charging-point", 'id = "T1.cut-above"\nhigh = 3.0\nbasis = "me"\n', False),
    ],
)
def test_a_point_that_names_another_place_keeps_what_must_be_at_the_old_one_whatever_the_basis(
    ask: Ask, *, place: str, override: str, passes: bool
) -> None:
    moved = SITE.replace("ch4.face", place) + (f"\n[[limit]]\n{override}" if override else "")
    names = ("T1.alarm", "T1.cut") if override or place == "ch4.total-return" else ()
    code, gate = ask(moved, "--gate", *(word for name in names for word in ("--allow-removed", name)))
    assert (code == OK, gate["law"]["passed"]) == (passes, passes)


def test_a_legal_limit_that_is_gone_is_looser_although_it_is_allowed(ask: Ask) -> None:
    without = SITE.replace(PROFILE, "") + alarm("T1", 1.0)
    code, gate = ask(without, "--gate", "--allow-removed", "T1.cut")
    assert (code, gate["law"]["passed"]) == (REFUSED, False)
    code, gate = ask(sites.HEAD + T2 + alarm("T2", 1.0), "--gate", "--allow-removed", "T1")
    assert (code, gate["law"]["passed"]) == (OK, True)


def test_a_limit_that_should_be_kept_may_go_if_it_is_named(ask: Ask) -> None:
    road = "\n" + sites.point("V", quantity="V", unit="m/s", range=[0.0, 15.0], profile="air.main-road")
    Path("site.toml").write_text(SITE + road, encoding="utf-8")
    without = SITE + road.replace('profile = "air.main-road"\n', "")
    assert not ask(without)[1]["law"]["passed"]
    code, gate = ask(without, "--gate", "--allow-removed", "V.high")
    assert code == OK
    assert (gate["law"]["passed"], gate["law"]["warning"]) == (True, True)


def test_the_air_around_a_place_holds_it_when_it_drops_its_profile(ask: Ask) -> None:
    Path("site.toml").write_text(SITE + CO, encoding="utf-8")
    by_hand = CO.replace('profile = "co.return"\n', "") + alarm("CO", 24.0)
    code, gate = ask(SITE + by_hand, "--gate")
    assert (code, gate["law"]["passed"]) == (REFUSED, False)
    code, gate = ask(SITE + CO.replace("co.return", "co.belt-intake"), "--gate")
    assert (code, gate["law"]["passed"]) == (OK, True)


@pytest.mark.parametrize(
    ("keys", "passes"),
    [
        ({}, False),
        ({"quantity": "foo"}, False),
        ({"profile": "ch4.return"}, True),
        ({"quantity": "温度", "unit": "℃"}, True),
    ],
    ids=["the same quantity", "an unknown quantity", "with a profile", "something else"],
)
def test_a_new_id_is_no_way_out_of_a_profile(
    ask: Ask, capsys: pytest.CaptureFixture[str], keys: dict[str, str], passes: bool
) -> None:
    other = "\n" + sites.point("T9", **SENSOR | keys)
    code, gate = ask(sites.HEAD + other + T2 + alarm("T2", 1.0), "--gate", "--allow-removed", "T1")
    assert (code == OK, gate["looser"]["passed"]) == (passes, passes)
    assert ('T9 takes the place of T1, whose profile "ch4.face" must be kept' in capsys.readouterr().out) != passes


def test_what_no_regulation_is_known_of_is_no_silent_pass(ask: Ask) -> None:
    Path("site.toml").write_text(SITE.replace(PROFILE, ""), encoding="utf-8")
    _, gate = ask(SITE.replace(PROFILE, ""))
    assert gate["law"]["warning"]
    assert gate["law"]["unknown"] == ["T1", "T2"]


NEVER = SITE.replace("[0.0, 4.0]", '[0.0, 4.0]\nstale_after = "never"', 1)
GONE = sites.HEAD + T1 + PROFILE + T2
MOVED = GONE + alarm("T2", 1.0).replace('point = "T2"', 'point = "T1"')


@pytest.mark.parametrize(
    ("candidate", "name", "kind"),
    [
        pytest.param(GONE, "T2.alarm", "removed", id="rule"),
        pytest.param(MOVED, "T2.alarm", "moved", id="moved"),
        pytest.param(sites.HEAD + T1 + PROFILE, "T2", "removed", id="point"),
        pytest.param(NEVER, "stale:T1", "off", id="health"),
    ],
)  # fmt: skip
def test_a_rule_that_is_gone_fails_the_gate_until_it_is_named(
    ask: Ask, capsys: pytest.CaptureFixture[str], candidate: str, name: str, kind: str
) -> None:
    code, gate = ask(candidate, "--gate")
    assert code == REFUSED
    assert [(one["name"], one["kind"]) for one in gate["removed"]["removals"]] == [(name, kind)]
    assert f"--allow-removed {name}" in shown(capsys, "删除的规则 / Rules removed")
    for allowed in (name, "gas"):
        code, gate = ask(candidate, "--gate", "--allow-removed", allowed)
        assert (code, gate["removed"]["warning"]) == (OK, True)
    assert ask(candidate, "--gate", "--allow-removed", "T1.alarm")[0] == REFUSED


def test_what_may_be_removed_must_be_there(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    del ask
    assert backtest("site.toml", "--allow-removed", "T9.alarm") == REFUSED
    assert "no rule, point or hazard source with the id T9.alarm" in capsys.readouterr().err


def test_incidents_beyond_the_period_are_counted(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    given = incidents((12, 18), (5000, 6000), (7000, 8000))
    code, gate = ask(STRICT, "--incidents", given, "--gate")
    assert code == OK
    assert (gate["missed"]["of"], gate["missed"]["left_out"], gate["missed"]["warning"]) == (1, 2, True)
    assert "2 of 3 left out" in shown(capsys, "标注事件漏报")


def test_the_gate_does_not_pass_on_incidents_of_another_time(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    given = incidents((5000, 6000))
    _, gate = ask(STRICT, "--incidents", given)
    assert not gate["missed"]["passed"]
    assert backtest("site.toml", "--incidents", given, "--gate") == REFUSED
    assert "none of 1 incident touches the period 2027-01-15 16:00:00" in capsys.readouterr().err
    assert backtest("site.toml", "--incidents", incidents(), "--gate") == REFUSED
    assert backtest("site.toml", "--incidents", incidents((12, 18), source="water"), "--gate") == REFUSED


def test_a_short_record_is_a_warning_of_the_gate(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    _, gate = ask(STRICT)
    assert re.search(
        r"只有 1.65 min / only 1.65 min +注意 / warning",
        shown(capsys, "历史记录至少 30 天 / At least 30 days of record"),
    )
    assert (gate["days"]["least"], gate["days"]["passed"], gate["days"]["warning"]) == (30, True, True)


def test_rules_alone_have_a_gate_where_it_was_asked_for(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(None)[1] == {}
    assert "门禁" not in capsys.readouterr().out
    assert list(ask(None, "--gate")[1]) == ["missed", "lead_loss", "alarms_per_hour", "law", "days"]


def test_what_check_warns_of_is_said_of_both_files(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    Path("site.toml").write_text(NEVER, encoding="utf-8")
    ask(NEVER, "--html", "page.html")
    found = json.loads(Path("report.json").read_bytes())["warnings"]
    assert [warning.partition(":")[0] for warning in found] == ["site.toml", "new.toml"]
    printed, page = capsys.readouterr().out, Path("page.html").read_text(encoding="utf-8")
    assert all(warning in printed for warning in found)
    assert page.count("nobody will notice when the point falls silent") == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--alarms-per-hour", "nan"), ("--alarms-per-hour", "-1"), ("--alarms-per-hour", "inf"),
        ("--alarms-per-hour", "x"), ("--lead-loss", "5"), ("--lead-loss", "nans"), ("--from", "yesterday"),
    ],
)  # fmt: skip
def test_numbers_that_say_nothing_are_wrong_usage(ask: Ask, words: tuple[str, str]) -> None:
    del ask
    assert backtest("site.toml", *words) == USAGE


def test_a_report_that_cannot_be_written_is_said_before_the_play(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    del ask
    Path("folder.json").mkdir()
    Path("kept.json").write_text("kept", encoding="utf-8")
    for words in (("--html", "no/page.html"), ("--json", "folder.json")):
        assert backtest("site.toml", *words) == UNAVAILABLE
    assert capsys.readouterr().out == ""
    assert backtest("no.toml", "--json", "kept.json", "--html", "new.html") == REFUSED
    assert Path("kept.json").read_text(encoding="utf-8") == "kept"
    assert not Path("new.html").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", BEGIN + 200 * S), "no record of this period; the record is from 2027-01-15 16:00:00 to"),
        (("--to", BEGIN - 1), "no record of this period"),
        (("--from", BEGIN + 9 * S, "--to", BEGIN + 8 * S), "give --from before --to"),
    ],
)
def test_a_period_without_a_record_is_said(
    ask: Ask, capsys: pytest.CaptureFixture[str], words: tuple[object, ...], said: str
) -> None:
    del ask
    assert backtest("site.toml", *words) == (USAGE if "--to" in words and "--from" in words else REFUSED)
    assert said in capsys.readouterr().err


def test_warning_that_is_gained_is_said_where_a_graver_alarm_comes_as_before() -> None:
    item = Warned(Incident("gas", 0, S, ""), current=2 * S, candidate=5 * S, graver=((2 * S, 2 * S),))
    assert text(effect(item)) == Text("多 3 s", "3 s gained")


def test_a_period_is_no_longer_than_what_was_recorded_of_it(ask: Ask) -> None:
    month = 30 * 86_400 * S
    labelled = incidents((-9000, -8000), (12, 18))
    _, gate = ask(STRICT, "--from", BEGIN - month, "--to", BEGIN + month, "--incidents", labelled)
    assert gate["days"]["warning"]
    assert gate["alarms_per_hour"]["found"] > 30
    assert (gate["missed"]["of"], gate["missed"]["left_out"]) == (1, 1)


def test_a_trace_may_hold_points_that_one_of_both_does_not_have(ask: Ask) -> None:
    assert ask(sites.HEAD + T2 + alarm("T2", 0.4))[1]["removed"]["removals"][0]["name"] == "T1"
    report = json.loads(Path("report.json").read_bytes())
    assert report["samples"] == 200
    assert [episode["condition"] for episode in report["candidate"]["episodes"]] == ["T2.alarm"]
    Path("site.toml").write_text(sites.HEAD + T2, encoding="utf-8")
    ask(SITE)
    report = json.loads(Path("report.json").read_bytes())
    assert "T1.alarm" in [episode["condition"] for episode in report["candidate"]["episodes"]]


@pytest.mark.parametrize(
    ("nanoseconds", "written"),
    [
        (0, "0 s"), (30, "30 ns"), (1_500, "1.5 µs"), (999_700_000, "1,000 ms"), (S, "1 s"), (59 * S, "59 s"),
        (90 * S, "1.5 min"), (945 * 60 * S, "945 min"), (5999 * 60 * S, "5,999 min"), (400 * 3600 * S, "400 h"),
    ],
)  # fmt: skip
def test_durations_are_written_in_the_unit_that_people_would_use(nanoseconds: int, written: str) -> None:
    assert minutes_of(nanoseconds) == written


def test_on_a_narrow_page_the_gate_comes_first_and_wide_rows_carry_their_headings(ask: Ask) -> None:
    ask(FREED.replace("1.2", "1.4"), "--html", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")
    narrow = page.partition("@media (max-width:640px)")[2].partition("</style>")[0]
    assert "order:-1" in page.partition("@media (max-width:1100px)")[2].partition("@media")[0]
    assert ".wide tr{display:grid" in narrow
    pairs = page.partition('<div class="wide">')[2].partition("</div>")[0]
    assert '<td class="n"><small><span lang="zh">起点差</span><span lang="en">Shift</span></small>' in pairs


LAXER = SITE.replace("high = 1.0", "high = 3.0").replace('level = "orange"', 'level = "blue"')
EXPLAINED = LAXER + 'basis = "总工程师，2026-11-30：测点移到密闭内"\n'


def test_what_is_looser_than_in_force_is_named_each_key_once(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    code, gate = ask(EXPLAINED, "--gate")
    assert code == OK
    assert gate["looser"]["warning"]
    keys = [(item["key"], item["old"], item["new"]) for item in gate["looser"]["keys"]]
    assert keys == [("T2.alarm.high", "1.0", "3.0"), ("T2.alarm.level", "orange", "blue")]
    printed = capsys.readouterr().out
    assert printed.count("T2.alarm.high") == 1, "it is alike in both languages"
    assert not ask(STRICT, "--gate")[1]["looser"]["warning"]


def test_a_looser_limit_of_a_known_quantity_without_profile_needs_a_new_reason(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    code, gate = ask(LAXER, "--gate")
    assert (code, gate["looser"]["passed"], gate["looser"]["unexplained"]) == (REFUSED, False, ["T2.alarm"])
    assert "T2.alarm has no profile: refused, until its `basis`, or that of the" in capsys.readouterr().out
    Path("site.toml").write_text(SITE + 'basis = "总工程师，2026-11-30：测点移到密闭内"\n', encoding="utf-8")
    assert ask(EXPLAINED, "--gate")[0] == REFUSED, "the reason of the limit in force is none for a looser one"
    other = [text.replace('quantity = "CH4"', 'quantity = "P"').replace(PROFILE, "") for text in (SITE, LAXER)]
    Path("site.toml").write_text(other[0], encoding="utf-8")
    assert ask(other[1], "--gate")[0] == OK


TOLD = SITE + 'ticket = true\nmessage = "甲烷超限"\n'


@pytest.mark.parametrize(
    ("old", "new", "code", "key"),
    [
        ("ticket = true", "ticket = false", REFUSED, "T2.alarm.ticket"),
        ('grade = "II"', 'grade = "IV"', REFUSED, "gas.grade"),
        ("甲烷超限", "一切正常", OK, "T2.alarm.message"),
    ],
)
def test_what_people_are_told_otherwise_is_shown_and_less_is_refused(
    ask: Ask, capsys: pytest.CaptureFixture[str], old: str, new: str, code: int, key: str
) -> None:
    Path("site.toml").write_text(TOLD, encoding="utf-8")
    assert old in TOLD
    found, gate = ask(TOLD.replace(old, new), "--gate")
    row = gate["presentation"]
    assert (found, row["passed"], row["warning"]) == (code, code == OK, code == OK)
    assert [item["key"] for item in row["keys"]] == [key]
    assert key in shown(capsys, "告知内容不变 / People are told the same")
    assert ask(TOLD, "--gate")[1]["presentation"]["keys"] == []


@pytest.mark.parametrize(
    ("old", "new", "name"), [("ticket = true", "ticket = false", "T2.alarm"), ('grade = "II"', 'grade = "IV"', "gas")]
)
def test_less_may_be_told_where_somebody_names_it(
    ask: Ask, capsys: pytest.CaptureFixture[str], old: str, new: str, name: str
) -> None:
    Path("site.toml").write_text(TOLD, encoding="utf-8")
    lower = TOLD.replace(old, new)
    assert ask(lower, "--gate")[0] == REFUSED
    assert f"--allow-lowered {name}" in shown(capsys, "告知内容不变 / People are told the same")
    code, gate = ask(lower, "--gate", "--allow-lowered", name)
    assert (code, gate["presentation"]["warning"]) == (OK, True)
    assert [key["allowed"] for key in gate["presentation"]["keys"]] == [True]
    assert ask(lower, "--gate", "--allow-lowered", {"gas": "T2.alarm"}.get(name, "gas"))[0] == REFUSED
    capsys.readouterr()
    assert backtest("site.toml", "--allow-lowered", "T9") == REFUSED
    assert "site.toml has no rule or hazard source with the id T9" in capsys.readouterr().err


def test_rules_in_force_that_an_edit_would_be_refused_for_are_a_baseline(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("site.toml").write_text(TOO_HIGH, encoding="utf-8")
    code, gate = ask(SITE, "--gate")
    assert (code, gate["law"]["passed"]) == (OK, True)
    assert "3.0 is looser than 1.0" in capsys.readouterr().out
    assert ask(None, "--gate")[0] == REFUSED, "without a candidate they are judged themselves"
    capsys.readouterr()
    assert main(["replay", "--trace", "trace.csv", "--site", "site.toml", "--events", "events.jsonl"]) == OK
    assert "3.0 is looser than 1.0" in capsys.readouterr().err
    Path("new.toml").write_text(TOO_HIGH.replace("3.0", "2.9"), encoding="utf-8")
    assert backtest("site.toml", "--candidate", "new.toml") == REFUSED, "an edit must mend it"


def test_the_gate_names_both_versions_of_the_rules(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    ask(STRICT)
    report = json.loads(Path("report.json").read_bytes())
    versions = [report[side]["rules"] for side in ("current", "candidate")]
    assert report["gate"]["versions"] == versions
    assert len(set(versions)) == 2
    assert f"{versions[0]} -> {versions[1]}" in capsys.readouterr().out.partition("审核条件 / Gate")[2].splitlines()[0]


def test_a_signal_that_is_exchanged_is_named(ask: Ask) -> None:
    other = SITE.replace('resolution = 0.01\nprofile = "ch4.face"', 'resolution = 0.01\nexpression = "0 * T2"', 1)
    _, gate = ask(other, "--gate")
    assert "T1.expression" in {item["key"] for item in gate["looser"]["keys"]}


def test_a_time_without_any_sample_is_no_record(ask: Ask) -> None:
    month = 31 * 86_400 * S
    rows = [
        f"{BEGIN + begin + second * S},{1.3 if 10 <= second < 20 else 0.5},0.5"
        for begin in (0, month)
        for second in range(600)
    ]
    Path("trace.csv").write_text("\n".join(["time,T1,T2", *rows]), encoding="utf-8")
    _, gate = ask(STRICT)
    assert gate["days"]["warning"]
    assert gate["days"]["found"] == pytest.approx(1200 / 86_400, rel=0.01)
    report = json.loads(Path("report.json").read_bytes())
    assert report["recorded"] == pytest.approx(1200 * S, rel=0.01)
    assert report["current"]["per_hour"] == pytest.approx(report["current"]["alarms"] * 3, rel=0.01)
