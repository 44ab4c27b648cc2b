"""Reads `incidents.csv`, the incidents that people have labelled."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from plant import Message, message_of, parse_instant
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
    incidents: list[Incident] = []
    problems: list[Message] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if sorted(reader.fieldnames or ()) != sorted(INCIDENT_COLUMNS):
                raise IncidentsError(_at(path, 1, Message("expected the columns {columns}", columns=INCIDENT_COLUMNS)))
            for row in reader:
                wrong = [_at(path, reader.line_num, problem) for problem in _mistakes(row, hazard_sources)]
                problems += wrong
                if not wrong:
                    times = parse_instant(row["start"]), parse_instant(row["end"])
                    incidents.append(Incident(row["hazard_source"], *times, row["what"]))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise IncidentsError(Message("{path}: cannot be read: {reason}", path=path, reason=message_of(error))) from None
    if problems:
        raise IncidentsError(*problems)
    return incidents


def _at(path: Path, line: int, problem: Message) -> Message:
    return Message("{path}: line {line}: {problem}", path=path, line=line, problem=problem)


def _mistakes(row: dict[str, str], hazard_sources: Collection[str]) -> Iterator[Message]:
    # DictReader puts surplus fields under the key None, and gives missing fields the value None.
    if None in row or None in row.values():
        yield Message("expected {count} fields", count=len(INCIDENT_COLUMNS))
        return
    if row["hazard_source"] not in hazard_sources:
        yield Message('no [[{table}]] has the id "{id}"', table="hazard_source", id=row["hazard_source"])
    times: list[int] = []
    for name in ("start", "end"):
        try:
            times.append(parse_instant(row[name]))
        except ValueError as error:
            yield Message('{name} "{value}": {problem}', name=name, value=row[name], problem=message_of(error))
    if len(times) == 2 and times[1] < times[0]:
        yield Message("end: expected a time not before the start")
