"""The first line of a trace: the names of its columns."""

import csv
from collections.abc import Mapping, Sequence
from typing import Final

from plant.bounds import shown
from plant.full_width import with_advice
from plant.message import Message
from plant.trace.cells import CellReader
from plant.trace.problems import Problems

OTHER_SEPARATORS: Final[Mapping[str, str]] = {";": ";", "\t": "Tab", "，": "，", "；": "；", "|": "|"}
"""Separators of columns in other tables, and how a message writes them."""


COLUMNS_SHOWN: Final = 20
"""Number of columns that a message names. [1]"""


def separator_problem(first: str) -> Message | None:
    """Return what is wrong with a line whose columns are separated by another sign than commas; None for commas."""
    if first.lower().startswith("sep="):
        return Message('found "{line}", which only Excel reads; delete this line', line=shown(first.strip()))
    other = next((name for sign, name in OTHER_SEPARATORS.items() if sign in first and "," not in first), None)
    return None if other is None else Message('the columns are separated by "{sign}"; expected ","', sign=other)


def read_header(first: str) -> tuple[list[str], int]:
    """Return the names of the columns without empty ones at the end, and the number of all; raise ValueError."""
    try:
        header = [name.strip() for name in next(csv.reader([first]), [])]
    except csv.Error as error:
        raise ValueError(Message("expected comma-separated values ({reason})", reason=error)) from None
    width = len(header)
    while header and not header[-1]:
        header.pop()
    return header, width


def checked(header: Sequence[str], readers: Mapping[str, CellReader], problems: Problems) -> dict[str, CellReader]:
    """Return the readers of the columns in the header, in its order; raise TraceError for a wrong header."""
    is_long = "point" in header
    for name in ("time", "point", "value") if is_long else ("time",):
        if name not in header:
            problems.add(1, _missing_column(name, header))
    first = {name: place for place, name in reversed(list(enumerate(header)))}
    for place, name in enumerate(header):
        if name not in readers:
            problems.add(1, _unknown_column(name, readers, is_long=is_long))
        elif first[name] != place:
            problems.add(1, Message('column "{name}" occurs twice', name=name))
        problems.stop_if_many()
    problems.stop()
    return {name: readers[name] for name in header}


def _missing_column(name: str, header: Sequence[str]) -> Message:
    if not header:
        return Message('expected a column "{name}"; found an empty line', name=name)
    return Message(
        'expected a column "{name}"; found {columns}', name=name, columns=tuple(map(shown, header[:COLUMNS_SHOWN]))
    )


def _unknown_column(name: str, readers: Mapping[str, CellReader], *, is_long: bool) -> Message:
    if not name:
        return Message("expected the name of a column between two commas")
    if is_long:
        problem = Message('column "{name}": expected one of {columns}', name=shown(name), columns=tuple(readers))
    else:
        problem = Message('column "{name}": expected a point of the site file', name=shown(name))
    return with_advice(problem, name)
