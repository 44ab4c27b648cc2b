"""A trace is read exactly, or refused whole with every line that is wrong."""

import csv
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant import NO_ARRIVAL, Point, PointTable, Quality, SampleBatch, TraceError, parse_trace, write_trace
from plant.bounds import MOST_WRONG_LINES
from plant.columns.sample import SAMPLE_COLUMNS
from plant.trace.problems import SHOWN, TraceProblem
from plant.trace.reader import ROWS_AT_ONCE

IDS = ("T1", "KG-1011, 进线", 'a "b"', "测点")
POINTS = PointTable([Point(id=name, hazard_source="h", name=name) for name in IDS])


def rows(text: str) -> list[str]:
    return text.strip().split("\n")


def wrong(lines: Sequence[str]) -> list[str]:
    with pytest.raises(TraceError) as raised:
        parse_trace(lines, POINTS)
    return str(raised.value).split("\n")


def test_a_long_trace_gives_samples_and_ticks_in_the_order_of_its_rows() -> None:
    trace = parse_trace(
        rows("""
time,point,value,quality,state
1970-01-01T00:00:02Z,T1,1.5,GOOD,0
300000000,,,,
1970-01-01T08:00:01.000000001+08:00,测点,,BAD,132
5,T1,nan,UNCERTAIN,
"""),
        POINTS,
    )
    samples = trace.samples
    assert samples.point.tolist() == [0, 3, 0]
    assert samples.time.tolist() == [2_000_000_000, 1_000_000_001, 5]
    assert samples.value[0] == 1.5
    assert np.isnan(samples.value[1:]).all()
    assert samples.quality.tolist() == [Quality.GOOD, Quality.BAD, Quality.UNCERTAIN]
    assert samples.state.tolist() == [0, 132, 0]
    assert (samples.arrival == NO_ARRIVAL).all()
    assert (trace.ticks.tolist(), trace.tick_rows.tolist(), trace.has_arrivals) == ([300_000_000], [1], False)


def test_columns_may_be_missing_and_stand_in_any_order() -> None:
    trace = parse_trace(["value,point,time", "0.5,T1,7"], POINTS)
    assert (trace.samples.value.tolist(), trace.samples.time.tolist()) == ([0.5], [7])
    assert (trace.samples.quality.tolist(), trace.samples.state.tolist()) == ([0], [0])


def test_arrivals_are_read_where_every_row_has_one_also_of_ticks() -> None:
    trace = parse_trace(rows("time,point,value,arrival\n1,T1,2,5\n3,,,6\n1,T1,2,6"), POINTS)
    assert trace.has_arrivals
    assert trace.samples.arrival.tolist() == [5, 6]
    assert (trace.tick_arrivals.tolist(), trace.tick_rows.tolist()) == ([6], [1])


def test_an_empty_column_of_arrivals_is_none() -> None:
    assert not parse_trace(["time,point,value,arrival", "1,T1,2,"], POINTS).has_arrivals


def test_arrivals_in_some_rows_only_are_an_error_with_the_lines_that_lack_one() -> None:
    found = wrong(rows("time,point,value,arrival\n1,T1,2,5\n3,,,\n1,T1,2,"))
    assert [line.split(":")[0] for line in found] == ["line 3", "line 4"]


def test_a_wide_trace_gives_its_cells_row_by_row_and_an_empty_cell_is_no_sample() -> None:
    trace = parse_trace(['测点,time,"KG-1011, 进线"', "1.0,10,", ",20,2.0", "nan,30,4"], POINTS)
    assert trace.samples.point.tolist() == [3, 1, 3, 1]
    assert trace.samples.time.tolist() == [10, 20, 30, 30]
    assert repr(trace.samples.value.tolist()) == "[1.0, 2.0, nan, 4.0]"
    assert len(trace.ticks) == 0


@pytest.mark.parametrize("header", ["time", "time,point,value", "time,T1", "\ufefftime,T1\r\n"])
def test_a_trace_without_rows_is_empty(header: str) -> None:
    assert len(parse_trace([header], POINTS).samples) == 0


def test_points_may_be_called_as_columns_are() -> None:
    points = PointTable([Point(id=name, hazard_source="h", name=name) for name in ("line", "arrival", "value")])
    assert parse_trace(["time,line,arrival,value", "1,2,,3"], points).samples.point.tolist() == [0, 2]


def test_blank_lines_say_nothing_but_are_counted() -> None:
    lines = ["time,T1\r\n", "1,2.0\r\n", "\r\n", "3,4.0\r\n", "\r\n"]
    assert parse_trace(lines, POINTS).samples.time.tolist() == [1, 3]
    assert wrong([*lines, "x,1"])[0].startswith("line 6: time")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], 'line 1: expected a column "time"'),
        (["time,point"], 'line 1: expected a column "value"'),
        (["time,T1,T1"], 'line 1: column "T1" occurs twice'),
        (["time,T9"], 'line 1: column "T9": expected a point of the site file'),
        (["time,point,value,qualty"], 'line 1: column "qualty": expected one of time, point'),
        (["time,T1", "1"], "line 2: expected 2 fields; found 1"),
        (["time,T1", "1,2,3"], "line 2: expected 2 fields; found 3"),
        (["time;T1", "1;2"], 'line 1: the columns are separated by ";"; expected ","'),
        (["time，T1", "1，2"], 'line 1: the columns are separated by "，"; expected ","'),
        (["time\tT1", "1\t2"], 'line 1: the columns are separated by "Tab"; expected ","'),
        (["sep=,", "time,T1", "1,2"], 'line 1: found "sep=,", which only Excel reads; delete this line'),
        (
            ["time,T1", "1;2"],
            'line 2: expected 2 fields; found 1; the columns are separated by ";"; expected ","',
        ),
        (
            ["time,T1", "1；2"],
            'line 2: expected 2 fields; found 1; the columns are separated by "；"; expected ","',
        ),
        (["time,,T1", "1,,2"], "line 1: expected the name of a column between two commas"),
        (["time,T1,", "1，2,"], 'line 2: expected 2 fields; found 1; found the full-width "，"; write ","'),
        (["time,T1", "1,０.5"], 'line 2: T1 "０.5": expected a number; found the full-width "０"; write "0"'),
        (
            ["time,point,value", "1,Ｔ1,0.5"],
            'line 2: point "Ｔ1": expected a point of the site file; found the full-width "Ｔ"; write "T"',
        ),
        (["time,T1", "1,zwei"], 'line 2: T1 "zwei": expected a number'),
        (["time,T1", "1,1_0"], 'line 2: T1 "1_0": expected a number'),
        (["time,T1", "1,１"], 'line 2: T1 "１": expected a number'),
        (["time,T1", "2026-03-02T00:00:00,1"], 'line 2: time "2026-03-02T00:00:00": expected ISO 8601'),
        (["time,point,value", "1,T9,2"], 'line 2: point "T9": expected a point'),
        (["time,point,value", '1,"T1,2'], "line 2: expected comma-separated values"),
        (["time,point,value", '1,"T1', '",2'], "line 2: expected comma-separated values"),
        (["time,point,value,quality", "1,T1,2,FINE"], 'line 2: quality "FINE": expected GOOD'),
        (["time,point,value,state", "1,T1,2,-1"], 'line 2: state "-1": expected the bit mask'),
        (["time,point,value,state", "1,T1,2,65536"], 'line 2: state "65536": expected the bit mask'),
        (["time,point,value,state", "1,T1,2," + "9" * 30], "line 2: state"),
        (["time,point,value,arrival", "1,T1,2,soon"], 'line 2: arrival "soon": expected ISO'),
        (["time,point,value,backfilled", "1,T1,2,yes"], 'line 2: backfilled "yes": expected 0 or 1'),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(lines: list[str], expected: str) -> None:
    assert wrong(lines)[0].startswith(expected)


def test_all_problems_are_counted_and_the_first_are_shown() -> None:
    found = wrong(["time,T1", *["1,x"] * 3, "2,2", *["y,z"] * 20])
    assert found[0].startswith("line 2:")
    assert found[3].startswith("line 6: time")
    assert len(found) == SHOWN + 1
    assert found[-1] == "and 23 more"


def test_a_wrong_row_is_found_in_a_long_trace() -> None:
    lines = ["time,T1", *["1,2.0"] * ROWS_AT_ONCE, "1,!", *["1,2.0"] * ROWS_AT_ONCE]
    assert wrong(lines) == [f'line {ROWS_AT_ONCE + 2}: T1 "!": expected a number, or nothing']


def columns(samples: SampleBatch) -> list[object]:
    return [repr(getattr(samples, name).tolist()) for name in SAMPLE_COLUMNS]


STAMPS = st.integers(-(2**62), 2**62)
SAMPLES = st.lists(
    st.tuples(
        st.integers(0, len(POINTS) - 1),
        STAMPS,
        st.floats(),
        st.sampled_from(Quality),
        st.integers(0, 65535),
        st.booleans(),
        STAMPS,
    ),
    max_size=10,
)


@given(SAMPLES, st.booleans())
def test_what_is_written_is_read_back_bit_by_bit(given_rows: list[tuple[object, ...]], stamped: bool) -> None:
    names = ("point", "time", "value", "quality", "state", "backfilled", "arrival")[: 7 if stamped else 6]
    written = SampleBatch.of(**{name: [row[place] for row in given_rows] for place, name in enumerate(names)})
    trace = parse_trace(list(write_trace(written, POINTS)), POINTS)
    assert columns(trace.samples) == columns(written)
    assert trace.has_arrivals == (stamped and len(written) > 0)


FIELDS = st.text(st.characters(codec="utf-8") | st.sampled_from('0123456789,"\n.-TZ:'), max_size=12)


@given(st.lists(st.lists(FIELDS, min_size=1, max_size=5), min_size=1, max_size=6))
def test_any_text_is_read_or_refused_as_a_trace(table: list[list[str]]) -> None:
    lines = ["time,point,value", *[",".join(row) for row in table]]
    problems: tuple[TraceProblem, ...] = ()
    try:
        parse_trace(lines, POINTS)
    except TraceError as error:
        problems = error.problems
    assert all(2 <= problem.line <= len(lines) for problem in problems)


def test_a_point_of_any_name_survives_a_spreadsheet() -> None:
    samples = SampleBatch.of([0, 1, 2, 3], [1, 2, 3, 4], [1.0, math.inf, -0.0, 1e-7])
    assert [row[1] for row in csv.reader(write_trace(samples, POINTS))] == ["point", *IDS]


def test_the_examples_of_the_page_about_traces_are_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "en" / "traces.md").read_text(encoding="utf-8")
    points = PointTable([Point(id=name, hazard_source="h", name=name) for name in ("T1", "T2", "ZJ-45")])
    long, wide = (
        parse_trace([line.strip() for line in block.strip().split("\n")], points)
        for block in re.findall(r"(?:^ {4}[^ ].*\n)+", page, re.MULTILINE)[:2]
    )
    assert (len(long.samples), long.ticks.tolist()) == (3, [1_772_431_203_500_000_000])
    assert np.diff(long.samples.time).tolist() == [10**9, 10**9]
    assert wide.samples.point.tolist() == [0, 1, 2, 0, 2]


def test_empty_columns_and_rows_of_a_spreadsheet_are_nothing() -> None:
    lines = ["time,T1,,\r\n", "1,2.0,,\r\n", ",,,\r\n", "3,4.0\r\n"]
    assert parse_trace(lines, POINTS).samples.time.tolist() == [1, 3]
    assert wrong(["time,T1,,", "1,2.0,,x"]) == ["line 2: expected 2 fields; found 4"]


def test_a_header_of_many_wrong_columns_is_refused_before_its_end() -> None:
    with pytest.raises(TraceError) as raised:
        parse_trace(["time" + ",x" * 2 * MOST_WRONG_LINES], POINTS)
    assert raised.value.count == MOST_WRONG_LINES + 1
