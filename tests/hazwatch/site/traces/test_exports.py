"""Exported tables of other systems are read as they are, or refused with the line and what is wrong."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hazwatch.site.traces.export_cells import read_value, time_reader
from hazwatch.site.traces.exports import Export, ExportForm, read_export
from hazwatch.site.traces.trace_files import TraceFileError
from plant import Point, PointTable, Quality
from plant.instant import parse_instant

ZONE = ZoneInfo("Asia/Shanghai")
POINTS = PointTable(
    [
        Point(id="T1", hazard_source="gas", name="工作面甲烷", source="ua", address="ns=2;s=1"),
        Point(id="T2", hazard_source="gas", name="上隅角甲烷", source="ua", address="ns=2;s=2"),
    ]
)
EIGHT = parse_instant("2026-05-01T08:00:00+08:00")


def read(tmp_path: Path, content: str, written: str = "utf-8", **form: Any) -> Export:
    path = tmp_path / "export.csv"
    path.write_bytes(content.encode(written))
    return read_export(path, ExportForm(time="时间", zone=ZONE, **form), POINTS)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01 08:00:00", "2026/5/1 8:00", "2026-5-1T8:00:00.000", "2026年5月1日 8时00分00秒", "2026.05.01 08:00",
        "20260501080000", "202605010800", "2026-05-01T00:00:00Z", "1777593600000000000", "2026-05-01T08:00:00+08:00",
    ],
)  # fmt: skip
def test_a_time_that_begins_with_the_year_is_read(text: str) -> None:
    assert time_reader(None, ZONE)(text) == EIGHT


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("01.05.2026 08:00", "%d.%m.%Y %H:%M"), ("5/1/2026 8:00:00 AM", "%m/%d/%Y %I:%M:%S %p"),
        ("1777593600", "epoch-s"), ("1777593600000", "epoch-ms"), ("2026-05-01 02:00+0200", "%Y-%m-%d %H:%M%z"),
    ],
)  # fmt: skip
def test_a_time_of_another_form_is_read_if_the_form_is_named(text: str, form: str) -> None:
    assert time_reader(form, ZONE)(text) == EIGHT


@pytest.mark.parametrize(
    "text", ["01.05.2026 08:00", "5/1/2026", "2026-13-01", "1777593600", "8:00", "", "2026-05-01 25:00"]
)
def test_a_time_that_must_be_guessed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|seconds"):
        time_reader(None, ZONE)(text)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("9999-12-31 00:00", None), ("1601/1/1", None), ("0001-01-01", None), ("1777593600000000", "epoch-s"),
        ("1e999999999", "epoch-s"), ("99999999999999999999", "epoch-ms"), ("01.01.9999", "%d.%m.%Y"),
    ],
)  # fmt: skip
def test_a_time_that_no_clock_can_show_is_refused(text: str, form: str | None) -> None:
    with pytest.raises(ValueError, match=r"time|count"):
        time_reader(form, ZONE)(text)


def test_decimals_of_seconds_are_exact() -> None:
    assert time_reader(None, ZONE)("2026-05-01 08:00:00.123456789") == EIGHT + 123456789
    assert time_reader("epoch-s", ZONE)("1777593600.000000001") == EIGHT + 1


@pytest.mark.parametrize("text", ["断线", "-", "Bad", "N/A", "NaN", "inf"])
def test_words_in_the_place_of_a_number_are_no_value(text: str) -> None:
    assert read_value(text, decimal_comma=False) is None


@pytest.mark.parametrize("text", ["1e999", "-1e999", "1,5", "0x10", "1.5%", "１", "1 000", "1.2.3"])
def test_what_has_digits_and_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        read_value(text, decimal_comma=False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_of_one_row_per_value_is_read_in_every_encoding(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = (("测点", "时间", "数值"), ("上隅角甲烷", "2026/5/1 8:00:01", "0.7"), ("T1", "2026/5/1 8:00", "0.68"))
    content = "\n".join(separator.join(row) for row in rows)
    samples = read(tmp_path, content, encoding, point="测点", value="数值").samples
    assert (samples.point.tolist(), samples.value.tolist()) == ([0, 1], [0.68, 0.7])
    assert samples.time.tolist() == [EIGHT, EIGHT + 10**9]


def test_a_table_of_one_column_per_point_is_read_by_id_name_and_given_title(tmp_path: Path) -> None:
    content = "时间,工作面甲烷,M7,别的\n2026/5/1 8:00,0.68,,3\n2026/5/1 8:01,,0.9,4"
    export = read(tmp_path, content, titles={"M7": "T2"})
    assert (export.samples.point.tolist(), export.samples.value.tolist()) == ([0, 1], [0.68, 0.9])
    assert export.unknown == {"别的": 2}


def test_words_become_bad_samples_and_are_counted(tmp_path: Path) -> None:
    export = read(tmp_path, "时间,T1\n2026/5/1 8:00,断线\n2026/5/1 8:01,1")
    assert export.samples.quality.tolist() == [Quality.BAD, Quality.GOOD]
    assert np.isnan(export.samples.value[0])
    assert export.words == {"断线": 1}


def test_a_value_is_good_where_the_table_says_so_alone(tmp_path: Path) -> None:
    content = "时间,T1,状态\n2026/5/1 8:00,1,正常\n2026/5/1 8:01,2,标校\n2026/5/1 8:02,3"
    samples = read(tmp_path, content, quality="状态", good=frozenset(("正常",))).samples
    assert samples.quality.tolist() == [Quality.GOOD, Quality.BAD, Quality.BAD]
    assert samples.value.tolist() == [1, 2, 3]


def test_a_comma_is_the_sign_of_decimals_where_a_semicolon_separates(tmp_path: Path) -> None:
    assert read(tmp_path, "时间;T1\n2026/5/1 8:00;0,68").samples.value.tolist() == [0.68]


def test_every_wrong_row_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(TraceFileError) as error:
        read(tmp_path, "报表\n时间,T1\n1/5/2026,1\n2026/5/1 8:00,1x\n2026/5/1 8:01,1", skip=1)
    assert [str(each).split(": ")[1] for each in error.value.args] == ["line 3", "line 4"]


@pytest.mark.parametrize(
    ("content", "form", "problem"),
    [
        ("", {}, "empty"), ("时间,T1,T1\n", {}, "occurs twice"),
        ("a,b\n1,2", {}, "expected a column"), ("时间,T1\n", {"encoding": "no"}, "no encoding"),
        ("时间,T1\n", {"encoding": "ascii"}, "none of these"),
    ],
)  # fmt: skip
def test_a_table_of_another_form_is_refused(tmp_path: Path, content: str, form: dict[str, Any], problem: str) -> None:
    with pytest.raises(TraceFileError, match=problem):
        read(tmp_path, content, **form)
