"""`hazwatch import csv` takes exported tables over, says what it left out, and writes nothing if a row is wrong."""

from pathlib import Path

import pytest

from adapters.stores import HistoryReader
from hazwatch.cli.main import main
from hazwatch.site.config import load
from hazwatch.site.traces import read_trace
from tests import sites

ROWS = "时间,甲烷 T1,风速\n2026/5/1 8:00,0.68,3\n2026/5/1 8:01,断线,3\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(
        sites.text(sites.HEAD, sites.opcua(1), sites.point("T1", source="ua", address="ns=2;s=1")), encoding="utf-8"
    )
    return path


def imported(site: Path, text: str, *words: str) -> int:
    table = site.parent / "export.csv"
    table.write_text(text, encoding="gb18030")
    return main(["import", "csv", str(site), str(table), "--time", "时间", *words])


def test_a_table_becomes_a_trace_and_what_was_left_out_is_named(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(site, ROWS, "--out", str(tmp_path / "t.csv")) == 0
    samples = read_trace(tmp_path / "t.csv", load(site).points).samples
    assert samples.quality.tolist() == [0, 2]
    said = capsys.readouterr().out
    assert "已导入 2 个样本 / 2 samples taken over" in said
    assert "'断线' 1 time" in said
    assert "--column 风速=POINT" in said


def test_several_tables_become_one_history(site: Path, tmp_path: Path) -> None:
    assert imported(site, ROWS, "--data", str(tmp_path / "data")) == 0
    later = "时间,T1\n2026/5/2 8:00,0.7\n"
    assert imported(site, later, "--data", str(tmp_path / "data")) == 0
    samples = HistoryReader(tmp_path / "data" / "history").samples("T1", 0, 2**62)
    assert samples.value[[0, 2]].tolist() == [0.68, 0.7]
    assert samples.arrival.tolist() == samples.time.tolist()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--point", "测点"), "belong together"), (("--quality", "状态"), "belong together"),
        (("--zone", "Mars/Base"), "no time zone"), (("--column", "a=b"), "TITLE=POINT"), (("--good", "1"), "belong"),
    ],
)  # fmt: skip
def test_options_that_do_not_fit_are_refused(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], problem: str
) -> None:
    assert imported(site, ROWS, "--out", str(tmp_path / "t.csv"), *words) == 2
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "t.csv").exists()


def test_a_wrong_row_leaves_nothing_behind(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported(site, ROWS + "1/5/2026,1,1\n", "--data", str(tmp_path / "data")) == 1
    assert "line 4" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("text", ["时间,风速\n2026/5/1 8:00,3\n", "时间,测点,数值\n2026/5/1 8:00,T1,无\n"])
def test_a_table_without_any_known_point_is_refused_with_the_hint(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    for target in ("--out", str(tmp_path / "t.csv")), ("--data", str(tmp_path / "data")):
        assert imported(site, text, *target) == 1
        said = capsys.readouterr().err
        assert "nothing is written" in said
        assert "--column" in said
    assert not (tmp_path / "t.csv").exists()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("words", [("--separator", ";;"), ("--skip", "-1")])
def test_a_separator_or_a_number_that_cannot_be_is_refused(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, str]
) -> None:
    assert imported(site, ROWS, "--out", str(tmp_path / "t.csv"), *words) == 2
    assert "expected" in capsys.readouterr().err
    assert not (tmp_path / "t.csv").exists()
