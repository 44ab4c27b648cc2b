"""Reads traces, text tables of samples in long or wide form; docs/en/traces.md defines both.

`parse_trace` reads a trace completely or not at all, and `TraceError` lists all its errors.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice, repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plant.bounds import MOST_TRACE_SAMPLES, shown
from plant.columns.sample import NO_ARRIVAL, SAMPLE_COLUMNS, SampleBatch
from plant.full_width import with_advice
from plant.instant import parse_instants
from plant.message import Message, message_of
from plant.point import PointTable
from plant.quality import Quality
from plant.trace import cells
from plant.trace.cells import CELL, CellReader
from plant.trace.header import checked, read_header, separator_problem
from plant.trace.problems import Problems

# Large enough to hide the cost of each numpy call, small enough to keep a trace of millions of rows out of memory.
ROWS_AT_ONCE: Final = 1 << 14
"""Number of rows to read or write at once. [1]"""
CELLS_AT_ONCE: Final = 1 << 21
"""Number of cells to read at once: rows of wide traces may be long. [1]"""
TICK_ROW: Final = -1
"""Value of the column `point` for a row without a point: a tick."""

QUALITY_CODES: Final[Mapping[str, int]] = (
    {"": 0}
    | {quality.name: int(quality) for quality in Quality}
    | {str(int(quality)): int(quality) for quality in Quality}
)
FLAGS: Final[Mapping[str, int]] = {"": 0, "0": 0, "1": 1}


@dataclass(frozen=True, slots=True)
class Trace:
    """The samples and the ticks of a trace, each in the order of their rows.

    Attributes
    ----------
    samples : SampleBatch
        The rows with a point; stamped if the trace has arrivals.
    ticks : (m,) int64
        Times of the rows without a point. [ns, UTC]
    tick_arrivals : (m,) int64
        Arrivals of the rows without a point; NO_ARRIVAL if the trace has no arrivals. [ns, UTC]
    tick_rows : (m,) int64
        Number of samples before each tick. [1]
    has_arrivals : bool
        True if every row has an arrival, False if no row has.

    """

    samples: SampleBatch
    ticks: NDArray[np.int64]
    tick_arrivals: NDArray[np.int64]
    tick_rows: NDArray[np.int64]
    has_arrivals: bool


def parse_trace(lines: Iterable[str], points: PointTable) -> Trace:
    """Read a trace in long or in wide form.

    Parameters
    ----------
    lines : iterable of str
        The header and the rows, with or without line ends.
    points : PointTable
        The points that the trace may name.

    Raises
    ------
    TraceError
        The header or rows are malformed, points are unknown, or only some rows have arrivals. The error lists all of
        these with their lines.

    References
    ----------
    docs/en/traces.md.

    """
    problems = Problems()
    remaining = iter(lines)
    # Spreadsheets begin UTF-8 files with a byte order mark.
    first = next(remaining, "").removeprefix("\ufeff")
    if (problem := separator_problem(first)) is not None:
        problems.add(1, problem)
        problems.stop()
    header, width = read_header(first)
    readers = checked(header, _readers(header, points), problems)
    if width > len(header):
        remaining = _without_empty_ends(remaining, len(header), width)
    columns = _concatenated(_pieces(remaining, readers, problems), readers)
    long = "point" in readers
    if long and "arrival" in columns:
        _check_arrivals(columns, problems)
    problems.stop()
    return _trace(columns if long else _unfolded(columns, points))


TraceColumns = dict[str, NDArray[Any]]


def _pieces(lines: Iterator[str], readers: Mapping[str, CellReader], problems: Problems) -> list[TraceColumns]:
    """Read lines piece by piece; raise TraceError for too many lines that are wrong, and for too many samples."""
    at_once = max(1, min(ROWS_AT_ONCE, CELLS_AT_ONCE // max(1, len(readers))))
    values = 1 if "point" in readers else len(readers)
    pieces: list[TraceColumns] = []
    for number in count(2, at_once):
        piece = list(islice(lines, at_once))
        if not piece:
            return pieces
        pieces.append(_read(number, piece, readers, problems))
        if (number + at_once) * values > MOST_TRACE_SAMPLES:
            problems.add(number, Message("more than {most} samples; divide the trace", most=MOST_TRACE_SAMPLES))
        problems.stop_if_many()
    return pieces


# Spreadsheets write cells of columns that are empty now but had content once.
def _without_empty_ends(lines: Iterable[str], columns: int, width: int) -> Iterator[str]:
    """Yield lines without the commas of empty columns at their ends."""
    ends = "," * (width - columns)
    for line in lines:
        bare = line.rstrip("\r\n")
        yield bare[: -len(ends)] if bare.endswith(ends) else bare


def _readers(header: Sequence[str], points: PointTable) -> dict[str, CellReader]:
    """Return the reader of each column that a trace of this form may have."""
    ids = {point.id: column for column, point in enumerate(points.points)}
    if "point" not in header:
        return dict.fromkeys(ids, cells.wide_cells) | {"time": parse_instants}
    return {
        "time": parse_instants,
        "point": cells.one_of({"": TICK_ROW} | ids, np.int32, Message("expected a point of the site file")),
        "value": cells.values,
        "quality": cells.one_of(QUALITY_CODES, np.uint8, Message("expected GOOD, UNCERTAIN or BAD")),
        "state": cells.states,
        "arrival": cells.arrivals,
        "backfilled": cells.one_of(FLAGS, np.bool_, Message("expected 0 or 1")),
    }


def _read(number: int, lines: Sequence[str], readers: Mapping[str, CellReader], problems: Problems) -> TraceColumns:
    """Read lines, the first of which has this number.

    The fast way reads whole columns. If it fails, the slow way reads line by line and reports each error with its line.
    """
    try:
        return _columns(_split(lines, len(readers)), range(number, number + len(lines)), readers)
    except (ValueError, csv.Error):
        filled = ((line, text) for line, text in enumerate(lines, number) if text.strip("\r\n, "))
        good = {line: row for line, text in filled if (row := _row(line, text, readers, problems))}
    return _columns(list(zip(*good.values(), strict=True)), list(good), readers)


def _split(lines: Sequence[str], width: int) -> Sequence[Sequence[str]]:
    """Return the `width` columns of lines; raise ValueError if a line has another number of fields."""
    # Without quotes csv is nothing but a split at commas, and str.split is much quicker than the csv module.
    bare = [line.rstrip("\r\n") for line in lines]
    text = ",".join(bare)
    if '"' not in text and set(map(str.count, bare, repeat(","))) == {width - 1}:
        fields = text.split(",")
        return [fields[place::width] for place in range(width)]
    rows = list(csv.reader(lines, strict=True))
    if len(rows) != len(lines) or any(len(row) != width for row in rows):
        raise ValueError("blank lines, line breaks within a field, or rows of another length")
    return list(zip(*rows, strict=True))


def _columns(texts: Sequence[Sequence[str]], numbers: Sequence[int], readers: Mapping[str, CellReader]) -> TraceColumns:
    texts = texts or [()] * len(readers)
    columns = {name: read(column) for (name, read), column in zip(readers.items(), texts, strict=True)}
    # Only a missing arrival is found after all lines were read.
    long = {"point", "arrival"} <= readers.keys()
    return columns | ({"line": np.array(numbers, np.int64)} if long else {})


def _row(line: int, text: str, readers: Mapping[str, CellReader], problems: Problems) -> Sequence[str]:
    """Return the fields of a line; nothing if the line is blank or wrong."""
    try:
        row = next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        problems.add(line, Message("expected comma-separated values ({reason})", reason=error))
        return []
    if not any(row):
        # Spreadsheets write commas alone for rows that are empty now.
        return []
    if len(row) != len(readers):
        problem = Message("expected {expected} fields; found {count}", expected=len(readers), count=len(row))
        # A full-width comma is named with what to write instead.
        other = None if "，" in text else separator_problem(text)
        shown_problem = Message("{problems}", problems=(problem, other)) if other else with_advice(problem, text)
        problems.add(line, shown_problem)
        return []
    wrong = False
    for (name, read), field in zip(readers.items(), row, strict=False):
        try:
            read((field,))
        except ValueError as error:
            problem = with_advice(message_of(error), field)
            problems.add(line, Message('{name} "{field}": {problem}', name=name, field=shown(field), problem=problem))
            wrong = True
    return [] if wrong else row


def _check_arrivals(columns: TraceColumns, problems: Problems) -> None:
    missing = columns["arrival"] == NO_ARRIVAL
    if missing.all():
        return
    for line in columns["line"][missing].tolist():
        problems.add(
            line, Message("arrival: expected a time, as in other rows (all rows have an arrival, or no row has)")
        )


def _concatenated(pieces: Sequence[TraceColumns], readers: Mapping[str, CellReader]) -> TraceColumns:
    pieces = pieces or [_columns([], [], readers)]
    # Each column leaves its pieces as it is joined, so that a long trace never stands in memory twice.
    return {name: np.concatenate([piece.pop(name) for piece in pieces]) for name in tuple(pieces[0])}


def _unfolded(columns: TraceColumns, points: PointTable) -> TraceColumns:
    """Return the columns of a wide trace in long form, row by row."""
    names = [name for name in columns if name in points and name != "time"]
    cells = np.stack([columns[name] for name in names] or [np.empty(len(columns["time"]), CELL)[:0]], axis=-1)
    # nonzero goes row by row: samples of one time stay in the order of the columns.
    row, place = np.nonzero(cells["there"])
    ids = np.array([points.column(name) for name in names], np.int32)
    return {"time": columns["time"][row], "point": ids[place], "value": cells["value"][row, place]}


def _trace(columns: TraceColumns) -> Trace:
    tick = columns["point"] == TICK_ROW
    names = [name for name in columns if name in SAMPLE_COLUMNS]
    # Most traces have no ticks, and then the columns need no copy.
    kept = slice(None) if not tick.any() else ~tick
    samples = SampleBatch.of(**{name: columns[name][kept] for name in names})
    arrivals = columns.get("arrival", np.full(len(tick), NO_ARRIVAL))
    return Trace(
        samples=samples,
        ticks=columns["time"][tick],
        tick_arrivals=arrivals[tick],
        tick_rows=np.cumsum(~tick)[tick],
        has_arrivals=bool(len(arrivals)) and bool((arrivals != NO_ARRIVAL).all()),
    )
