"""Reads small CSV tables as spreadsheets write them: the names of the columns, then rows with their lines."""

import csv
from pathlib import Path
from typing import NamedTuple

from hazwatch.site.bounded import read_text
from plant import Message, separator_problem


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

    """

    columns: list[str]
    rows: list[tuple[int, list[str]]]
    problems: list[tuple[int, Message]]


def read_csv(path: Path) -> CsvTable:
    """Read a file in UTF-8, with or without a byte order mark.

    Raises
    ------
    OSError, ValueError
        The file cannot be read; UnicodeDecodeError if it is not UTF-8.

    """
    table = CsvTable([], [], [])
    text = read_text(path)
    problem = separator_problem(text.partition("\n")[0])
    if problem is not None:
        table.problems.append((1, problem))
        return table
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    begin = 1
    while True:
        try:
            cells = [cell.strip() for cell in next(lines)]
        except StopIteration:
            return table
        except csv.Error as error:
            table.problems.append((begin, Message("expected comma-separated values ({reason})", reason=error)))
            cells = []
        while cells and not cells[-1]:
            cells.pop()
        if begin == 1:
            table.columns.extend(cells)
        else:
            _add_row(table, lines.line_num, cells)
        begin = lines.line_num + 1


def _add_row(table: CsvTable, line: int, cells: list[str]) -> None:
    """Add a row that is not empty, or what is wrong with its separators."""
    problem = separator_problem(cells[0]) if len(cells) == 1 < len(table.columns) else None
    if problem is not None:
        table.problems.append((line, problem))
    elif cells:
        table.rows.append((line, cells))
