"""`hazwatch test`: which files it plays, what it prints, its exit code and its JUnit XML."""

import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from hazwatch.cli.main import main
from simulators.demo import SITE as DEMO
from tests.docs.preamble import PREAMBLE

ROOT = Path(__file__).parents[3]
GOOD = """
[[case]]
name = "甲烷 <尖峰> & 报警"
series.T1 = "0.6x5 1.2x2 0.6x6"
expect = [
  { at = "5s", condition = "T1.alarm", transition = "raise" },
  { at = "12s", condition = "T1.alarm", transition = "clear" },
]
"""
FAILING = """
[[case]]
name = "没有报警 \\u0007"
series.T1 = "0.6x5 1.2x2"
expect = [{ at = "6s", condition = "T1.alarm", transition = "raise", level = "red" }]
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return Path(shutil.copy(DEMO, tmp_path / "site.toml"))


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main(["test", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_cases_of_the_demo_pass(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, DEMO)
    assert code == 0
    assert re.fullmatch(r"(\d+) 通过，0 失败 / \1 passed, 0 failed\n", out)


def test_case_files_beside_the_site_file_are_found(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("cases.toml", "t1.cases.toml", "cases/a.toml", "cases/b.toml", "other.toml", "cases/deep/c.toml"):
        written(site.parent / name, GOOD)
    assert run(capsys, site)[1].endswith("4 passed, 0 failed\n")


def test_files_and_folders_can_be_named_instead(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(site.parent / "cases.toml", FAILING)
    one, folder = written(site.parent / "one.toml", GOOD), written(site.parent / "more" / "a.toml", GOOD).parent
    assert run(capsys, site, one, folder)[:2] == (0, "2 通过，0 失败 / 2 passed, 0 failed\n")


def test_a_failure_is_printed_as_one_time_line(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(site.parent / "cases.toml", GOOD + FAILING)
    code, out, err = run(capsys, site)
    assert code == 1
    assert out.splitlines() == [
        f"失败 / FAILED {file}:10: 没有报警 \u0007",
        "     时间 / time  期望 / expected     实际 / actual",
        "  +           5s                      T1.alarm raise orange 1.2",
        "  -           6s  T1.alarm raise red",
        "",
        "- 应有而未发生 / expected, did not happen    + 发生而未期望 / happened, not expected",
        "1 通过，1 失败 / 1 passed, 1 failed",
    ]
    assert err == ""


def test_junit_names_every_case_and_holds_the_time_line(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, report = written(site.parent / "cases.toml", GOOD + FAILING), site.parent / "report.xml"
    assert run(capsys, site, "--junit", report)[0] == 1
    top = ET.parse(report).getroot()
    assert (top.tag, top.get("tests"), top.get("failures"), top.get("errors")) == ("testsuites", "2", "1", "0")
    (suite,) = top
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == (str(file), "2", "1")
    good, failing = suite.findall("testcase")
    assert (good.get("name"), good.get("classname"), good.get("line")) == ("甲烷 <尖峰> & 报警", "cases", "2")
    assert len(good) == 0
    assert failing.get("name") == "没有报警 \ufffd"
    assert float(failing.get("time", "")) >= 0
    (failure,) = failing
    assert failure.get("message") == "2 处不符 / 2 differences"
    assert "+           5s                      T1.alarm raise orange 1.2" in (failure.text or "")


BAD = """
[[case]]
name = "a"
period = "1x"
series.T1 = "0.6x5 1.2y2 abc"
series.T9 = "0.6"
expect = [
  { at = "5s", condition = "T1.alarm", transition = "rise" },
  { at = "7s", condition = "T1.alrm", transition = "clear" },
]

[[case]]
name = "a"
series.T1 = "0.6x5"
series.ZJ.45 = "1"
untl = "10s"
expect = [{ at = "5", condition = "T1.alarm", transition = "raise" }]

[[case]]
series = { T1 = "0.6x5", T8 = "1" }
until = "2s"
conditions = ["T1.alarm", "T1.x"]
[[case.expect]]
at = "1s"
condition = "T1.alarm"
transition = "raise"
[[case.expect]]
at = "1s"
condition = "T1.cutt"
transition = "raise"
[limit]
"""


def test_all_mistakes_of_all_files_are_printed_with_their_lines(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = written(site.parent / "a.cases.toml", BAD), written(site.parent / "b.cases.toml", "[[case]")
    report = site.parent / "report.xml"
    code, out, err = run(capsys, site, "--junit", report)
    head, *lines = err.splitlines()
    assert (code, out) == (1, "")
    assert head == f"hazwatch: {len(lines)} 处错误 / {len(lines)} mistakes"
    expected = [
        (1, "limit: unknown table"),
        (4, 'case "a".period: expected a duration'),
        (5, 'case "a".series.T1: "1.2y2", "abc": expected a value and how often'),
        (6, 'case "a".series.T9: no [[point]] has the id "T9"'),
        (8, "case \"a\".expect.1.transition: expected one of 'raise', 'clear'; found 'rise'"),
        (9, 'case "a".expect.2.condition: no condition has the id "T1.alrm"; is "T1.alarm" meant?'),
        (13, 'case "a".name: duplicate name'),
        (15, 'case "a".series.ZJ: expected text; an id with dots is written in quotes'),
        (16, 'case "a".untl: unknown key; expected one of those in docs/en/cases.md'),
        (17, 'case "a".expect.1.at: expected a duration'),
        (19, "case number 3.name: missing"),
        (20, 'case number 3.series.T8: no [[point]] has the id "T8"'),
        (22, 'case number 3.conditions.2: no condition has the id "T1.x"'),
        (27, 'case number 3.expect.2.condition: no condition has the id "T1.cutt"; is "T1.cut" meant?'),
        (27, 'case number 3.expect.2.condition: "T1.cutt": expected one of those in `conditions`'),
    ]
    for line, message in expected:
        place, _, said = message.partition(": ")
        found = [text for text in lines if text.startswith(f"{a}:{line}: ") and f"{place}: " in text]
        assert any(said.rpartition(": ")[2] in text.partition(" / ")[2] for text in found), (line, message, err)
    assert f"{a}:19: 第 3 个 case 的 name：缺少此键，必须给出 / case number 3.name: missing; expected a value" in lines
    assert any(text.startswith(f"{b}:1: ") and "应写 [[case]]" in text for text in lines)
    assert len(lines) == len(expected) + 4  # the broken header of the other file, and the three keys of its case
    top = ET.parse(report).getroot()
    assert (top.get("errors"), top.get("failures")) == (str(len(lines)), "0")


def test_a_file_without_cases_is_a_mistake(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("", "case = 1\n", '[case]\nname = "a"\n', "case = [1]\n"):
        written(site.parent / "cases.toml", text)
        code, _, err = run(capsys, site)
        assert code == 1
        assert "expected tables [[case]]" in err or "expected [[case]]" in err


def test_no_case_file_at_all_is_said(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, site)
    assert code == 1
    assert "no case files in" in err
    assert run(capsys, site, site.parent / "nothing.toml")[0] == 1


def test_a_report_that_cannot_be_written_is_said(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(site.parent / "cases.toml", GOOD)
    code, _, err = run(capsys, site, "--junit", site.parent / "no" / "report.xml")
    assert code == 3
    assert "cannot be written" in err


@pytest.mark.parametrize("page", ["README.md", "docs/zh/cases.md"])
def test_the_examples_of_the_documentation_pass(page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    examples = re.findall(r"^~~~toml\n(.*?)^~~~$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert examples
    site = written(tmp_path / "site.toml", PREAMBLE)
    for number, example in enumerate(examples):
        written(tmp_path / "cases" / f"{number}.toml", example)
    code, out, _ = run(capsys, site)
    assert (code, out) == (0, f"{len(examples)} 通过，0 失败 / {len(examples)} passed, 0 failed\n")


def test_a_thousand_cases_take_seconds(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "".join(GOOD.replace("报警", f"报警 {number}") for number in range(1000))
    written(site.parent / "cases.toml", text)
    assert run(capsys, site)[1] == "1000 通过，0 失败 / 1000 passed, 0 failed\n"
