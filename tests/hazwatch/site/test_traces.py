"""Trace files are opened by their names, and what is wrong with one is said with its path."""

import gzip
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet
import pytest

from hazwatch.site.traces import LINES_PER_LOOK, TraceFileError, read_trace
from plant import Point, PointTable
from plant.bounds import SMALL_TRACE
from plant.columns.sample import SAMPLE_COLUMNS

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
    assert wrong(latin).startswith("not UTF-8 but GBK")
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(TEXT.encode())[:-12])
    assert wrong(cut)
    cut.write_bytes(TEXT.encode())
    assert "gzip" in wrong(cut)
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert "directory" in wrong(folder)


def test_a_name_in_capitals_is_the_same_kind(tmp_path: Path) -> None:
    path = tmp_path / "A.CSV"
    path.write_text(TEXT)
    assert read_trace(path, POINTS).samples.time.tolist() == [1_000_000_000]


def parquet(path: Path, **columns: Any) -> Path:
    arrow.parquet.write_table(arrow.table(columns), path)
    return path


def test_parquet_is_read_as_the_same_csv(tmp_path: Path) -> None:
    times = arrow.array([1_719_792_000_123_456, 1_719_792_001_000_000], arrow.timestamp("us", "Asia/Shanghai"))
    path = parquet(tmp_path / "a.parquet", time=times, point=["T1", "T1"], value=[0.1, None], state=[0, 128])
    samples = read_trace(path, POINTS).samples
    assert samples.time.tolist() == [1_719_792_000_123_456_000, 1_719_792_001_000_000_000]
    assert samples.value[0] == 0.1
    assert samples.state.tolist() == [0, 128]


@pytest.mark.parametrize(
    ("times", "problem"),
    [
        ([1719792000], "looks like seconds"),
        ([1719792000.0], "looks like seconds"),
        ([1719792000000], "looks like milliseconds"),
        (arrow.array([0], arrow.timestamp("us")), 'column "time": expected times with a zone'),
    ],
)
def test_times_of_parquet_are_checked_as_those_of_csv(times: Any, problem: str, tmp_path: Path) -> None:
    assert problem in wrong(parquet(tmp_path / "a.parquet", time=times, T1=[0.5]))


def test_a_text_that_many_rows_of_parquet_share_fills_no_memory(tmp_path: Path) -> None:
    rows = 2000
    shared = arrow.DictionaryArray.from_arrays(arrow.array([0] * rows, arrow.int32()), arrow.array(["x" * 100_000]))
    path = parquet(tmp_path / "a.parquet", time=[0] * rows, point=shared, value=[0.5] * rows)
    assert path.stat().st_size < SMALL_TRACE / 1000
    tracemalloc.start()
    assert wrong(path) == f"more than {SMALL_TRACE} characters, unpacked; divide the trace"
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100 * rows * 1000


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no table")
    assert wrong(tmp_path / "a.parquet")


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet"])
def test_the_progress_of_reading_ends_near_the_whole(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    count = 3 * LINES_PER_LOOK
    if name == "a.parquet":
        parquet(path, time=list(range(count)), T1=[0.5] * count)
    else:
        text = "time,T1\n" + "".join(f"{time},0.5\n" for time in range(count))
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    shares: list[float] = []
    assert len(read_trace(path, POINTS, shares.append).samples) == count
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_a_long_trace_does_not_stand_in_memory_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    count = 200_000
    path.write_text("time,point,value\n" + "".join(f"{time},T1,0.5\n" for time in range(count)))
    tracemalloc.start()
    samples = read_trace(path, POINTS).samples
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    columns = sum(getattr(samples, name).nbytes for name in SAMPLE_COLUMNS)
    # Beside the columns there are those of one piece, and the column that is being joined.
    assert most < 2 * columns + 2**20


def test_a_small_file_that_unpacks_to_far_more_than_a_trace_would_is_refused(tmp_path: Path) -> None:
    for content in (b"0" * 100_000_000, b"time,T1\n" + (b"1," + b"0" * 500_000 + b"\n") * 100):
        path = tmp_path / "bomb.csv.gz"
        path.write_bytes(gzip.compress(content))
        tracemalloc.start()
        try:
            refusal = wrong(path)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert "longer than" in refusal or "unpacked" in refusal
        assert peak < 100_000_000


def test_a_pipe_is_no_trace(tmp_path: Path) -> None:
    for name in ("a.csv", "a.parquet"):
        os.mkfifo(tmp_path / name)
        assert "pipe" in wrong(tmp_path / name)


def test_a_header_of_many_columns_is_named_shortly(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"column-{number}" for number in range(4_000)) + "\n1\n")
    assert len(wrong(path)) < 5_000
    path.write_text("time,T1," + "x" * 200_000 + "\n1\n")
    assert "field larger than field limit" in wrong(path)
    path.write_text("time,T1," + "x" * 2_000_000 + "\n1\n")
    assert "line 1: longer than" in wrong(path)


def test_reading_stops_where_lines_without_number_are_wrong(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("time,T1\n" + "1,x\n" * 100_000)
    assert wrong(path).endswith("16364 more")
