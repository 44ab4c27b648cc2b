"""Trace files are opened by their names, and what is wrong with one is said with its path."""

import gzip
import importlib.util
from pathlib import Path

import pytest

from hazwatch.site.traces import TraceFileError, read_trace
from plant import Point, PointTable

POINTS = PointTable([Point(id="T1", hazard_source="h", name="T1")])
TEXT = "\ufefftime,T1\r\n1970-01-01T00:00:01Z,0.5\r\n"


def wrong(path: Path) -> str:
    with pytest.raises(TraceFileError) as raised:
        read_trace(path, POINTS)
    assert all(line.startswith(f"{path}: ") for line in str(raised.value).splitlines())
    return str(raised.value).removeprefix(f"{path}: ")


def test_a_csv_file_is_read_compressed_or_not(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_bytes(TEXT.encode())
    packed.write_bytes(gzip.compress(TEXT.encode()))
    for path in (plain, packed):
        assert read_trace(path, POINTS).samples.time.tolist() == [1_000_000_000]


def test_every_wrong_line_is_named_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,T1\n1,x\n2,y\n")
    assert wrong(path).splitlines()[1] == f'{path}: line 3: T1 "y": expected a number, or nothing'


def test_a_file_that_is_missing_damaged_or_of_another_kind_is_said_to_be_so(tmp_path: Path) -> None:
    assert wrong(tmp_path / "none.csv") == "there is no such file"
    assert wrong(tmp_path / "a.xlsx") == "expected a trace .csv, .csv.gz or .parquet"
    latin = tmp_path / "latin.csv"
    latin.write_bytes("time,测点\n".encode("gbk"))
    assert wrong(latin).startswith("expected UTF-8 text")
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(TEXT.encode())[:-12])
    assert wrong(cut)
    cut.write_bytes(TEXT.encode())
    assert "gzip" in wrong(cut)
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert "directory" in wrong(folder)


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is not None, reason="pyarrow is installed")
def test_parquet_says_what_to_install(tmp_path: Path) -> None:
    assert "pip install pyarrow" in wrong(tmp_path / "a.parquet")
