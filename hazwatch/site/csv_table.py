"""Reads small CSV tables as spreadsheets write them: the names of the columns, then rows with their lines."""

import csv
import re
from pathlib import Path
from typing import Final, NamedTuple

from hazwatch.site.bounded import read_text
from plant import Message, separator_problem
from plant.bounds import MOST_MISTAKES

MENDED_SEPARATORS: Final = re.compile("[;；，、\t]")


class CsvTable(NamedTuple):
    """The content of a file, and what is wrong with its form.

    Attributes
    ----------
    columns : list of str
        Names in the first line, without empty ones at the end.
    rows : list of (int, list of str)
        Rows that are not empty: the number of the line, and the cells without empty ones at the end.
    problems : list of (int, Message)
        Lines that are not CSV, or whose columns are separated by another sign than commas.
    mended : list of (int, list of str)
        What these lines probably mean, apart from the rows that are sure.

    """

    columns: list[str]
    rows: list[tuple[int, list[str]]]
    problems: list[tuple[int, Message]]
    mended: list[tuple[int, list[str]]]


def read_csv(path: Path) -> CsvTable:
    """Read a file in UTF-8, with or without a byte order mark.

    Raises
    ------
    OSError, ValueError
        The file cannot be read; UnicodeDecodeError if it is not UTF-8.

    """
    table = CsvTable([], [], [], [])
    text = read_text(path)
    problem = separator_problem(text.partition("\n")[0])
    if problem is not None:
        table.problems.append((1, problem))
        return table
    written = text.splitlines(keepends=True)
    begin, before = 1, 0
    lines = csv.reader(written, strict=True)
    while len(table.problems) <= MOST_MISTAKES:
        try:
            cells = _without_end(next(lines))
        except StopIteration:
            return table
        except csv.Error as error:
            table.problems.append((begin, Message("expected comma-separated values ({reason})", reason=error)))
            table.mended.append((begin, _without_end(written[begin - 1].replace('"', "").split(","))))
            # A quote that is not closed takes in all rows below it: they are read for themselves.
            lines, before = csv.reader(written[begin:], strict=True), begin
            begin += 1
            continue
        last = before + lines.line_num
        if begin == 1:
            table.columns.extend(cells)
        else:
            _add_row(table, last, cells)
        begin = last + 1
    return table


def _without_end(cells: list[str]) -> list[str]:
    """Return the cells without blanks around them, and without empty ones at the end."""
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return stripped


def _add_row(table: CsvTable, line: int, cells: list[str]) -> None:
    """Add a row that is not empty, or what is wrong with its separators."""
    problem = separator_problem(cells[0]) if len(cells) == 1 < len(table.columns) else None
    if problem is not None:
        table.problems.append((line, problem))
        table.mended.append((line, _without_end(MENDED_SEPARATORS.split(cells[0]))))
    elif cells:
        table.rows.append((line, cells))
