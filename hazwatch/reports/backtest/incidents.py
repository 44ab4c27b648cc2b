"""Reads `incidents.csv`: what people know to have happened, one incident a line."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from plant import parse_instant
from rules import Incident

INCIDENT_COLUMNS: Final = ("hazard_source", "start", "end", "what")


class IncidentsError(ValueError):
    """A file of incidents that cannot be read: everything that is wrong with it, with its lines."""


def read_incidents(path: Path, hazard_sources: Collection[str]) -> list[Incident]:
    """Return the incidents of a file, in their order.

    Raises
    ------
    IncidentsError
        It is not there, has other columns, or its rows are wrong.

    """
    found: list[Incident] = []
    problems: list[str] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if sorted(reader.fieldnames or ()) != sorted(INCIDENT_COLUMNS):
                raise IncidentsError(f"{path}: line 1: expected the columns {', '.join(INCIDENT_COLUMNS)}")
            for row in reader:
                wrong = [f"{path}: line {reader.line_num}: {message}" for message in _mistakes(row, hazard_sources)]
                problems += wrong
                if not wrong:
                    times = parse_instant(row["start"]), parse_instant(row["end"])
                    found.append(Incident(row["hazard_source"], *times, row["what"]))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise IncidentsError(f"{path}: cannot be read: {error}") from None
    if problems:
        raise IncidentsError("\n".join(problems))
    return found


def _mistakes(row: dict[str, str], hazard_sources: Collection[str]) -> Iterator[str]:
    if None in row or None in row.values():
        yield f"expected {len(INCIDENT_COLUMNS)} fields"
        return
    if row["hazard_source"] not in hazard_sources:
        yield f'no [[hazard_source]] has the id "{row["hazard_source"]}"'
    times: list[int] = []
    for name in ("start", "end"):
        try:
            times.append(parse_instant(row[name]))
        except ValueError as error:
            yield f'{name} "{row[name]}": {error}'
    if len(times) == 2 and times[1] < times[0]:
        yield "end: expected a time not before the start"
