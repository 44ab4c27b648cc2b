"""Reads `incidents.csv`, the incidents that people have labelled."""

from collections.abc import Collection, Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Final

from hazwatch.site.csv_table import CsvTable, read_csv
from hazwatch.site.site_text import not_utf8
from plant import Message, message_of, parse_instant, with_advice
from plant.bounds import MOST_MISTAKES
from rules import Incident

INCIDENT_COLUMNS: Final = ("hazard_source", "start", "end", "what")


class IncidentsError(ValueError):
    """A file of incidents that cannot be read; its arguments are messages, one for each mistake."""


def read_incidents(path: Path, hazard_sources: Collection[str]) -> list[Incident]:
    """Return the incidents of a file, in their order.

    Raises
    ------
    IncidentsError
        The file is missing, has other columns, or has wrong rows.

    """
    table = _table(path)
    incidents: list[Incident] = []
    problems = [*table.problems]
    if not problems and sorted(table.columns) != sorted(INCIDENT_COLUMNS):
        expected = Message(
            "expected the columns {columns}; found {found}", columns=INCIDENT_COLUMNS, found=tuple(table.columns)
        )
        problems.append((1, with_advice(expected, "".join(table.columns))))
    # Without its columns nothing can be said of a row, except by those that are there.
    for line, cells in table.rows:
        if len(problems) > MOST_MISTAKES:
            break
        # A spreadsheet omits empty cells at the end of a row, and the last column may be empty.
        row = dict(zip(table.columns, cells + [""] * (len(table.columns) - len(cells)), strict=False))
        wrong = list(_mistakes(row, hazard_sources))
        if len(cells) > len(table.columns) > 0:
            wrong.append(Message("expected {count} fields", count=len(table.columns)))
        problems += [(line, message) for message in wrong]
        if not wrong and not problems:
            times = parse_instant(row["start"]), parse_instant(row["end"])
            incidents.append(Incident(row["hazard_source"], *times, row["what"]))
    if problems:
        raise IncidentsError(*(_at(path, line, problem) for line, problem in sorted(problems, key=itemgetter(0))))
    return incidents


def _table(path: Path) -> CsvTable:
    try:
        return read_csv(path)
    except UnicodeDecodeError as error:
        raise IncidentsError(Message("{path}: cannot be read: {reason}", path=path, reason=not_utf8(error))) from None
    except (OSError, ValueError) as error:
        raise IncidentsError(Message("{path}: cannot be read: {reason}", path=path, reason=message_of(error))) from None


def _at(path: Path, line: int, problem: Message) -> Message:
    return Message("{path}: line {line}: {problem}", path=path, line=line, problem=problem)


def _mistakes(row: Mapping[str, str], hazard_sources: Collection[str]) -> Iterator[Message]:
    name = row.get("hazard_source")
    if name is not None and name not in hazard_sources:
        unknown = Message('no [[{table}]] has the id "{id}"', table="hazard_source", id=name)
        yield with_advice(unknown, name)
    times: list[int] = []
    for key in ("start", "end"):
        if key not in row:
            continue
        try:
            times.append(parse_instant(row[key]))
        except ValueError as error:
            problem = with_advice(message_of(error), row[key])
            yield Message('{name} "{value}": {problem}', name=key, value=row[key], problem=problem)
    if len(times) == 2 and times[1] < times[0]:
        yield Message("end: expected a time not before the start")
