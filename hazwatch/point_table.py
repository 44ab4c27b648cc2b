"""Reads `points.csv`: the points of a whole mine as one table with the column names of [[point]]."""

import csv
from pathlib import Path
from typing import Any, Final

from hazwatch.site_text import Mistake

NUMBERS: Final = frozenset(("resolution", "range_margin", "step", "flatline.epsilon", "discrepancy.limit"))


class PointTableError(Exception):
    """A table of points that cannot be read."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes: Final = mistakes


def read_points(path: Path) -> list[dict[str, Any]]:
    """Read the rows as [[point]] tables.

    UTF-8 with or without a byte order mark; an empty cell is a key that is not given; `range` is written `0..4`; a key
    inside a table is written with a dot: `fault.on_delay`.

    Raises
    ------
    PointTableError
        All cells that are no numbers, or the reason why the file cannot be read.

    """
    mistakes: list[Mistake] = []
    rows = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for cells in reader:
                row: dict[str, Any] = {}
                for name, text in cells.items():
                    if name is None or text is None:
                        message = "more or fewer cells than the first line"
                        mistakes.append(Mistake(str(path), reader.line_num, "row", message))
                    elif text.strip():
                        _put(row, name.strip(), text.strip(), mistakes, (str(path), reader.line_num))
                rows.append(row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        mistakes.append(Mistake(str(path), 0, "", f"cannot be read: {error}"))
    if mistakes:
        raise PointTableError(mistakes)
    return rows


def _put(row: dict[str, Any], name: str, text: str, mistakes: list[Mistake], place: tuple[str, int]) -> None:
    *tables, key = name.split(".")
    for table in tables:
        row = row.setdefault(table, {})
    try:
        if name in NUMBERS:
            row[key] = float(text)
        elif name == "range":
            low, _, high = text.partition("..")
            row[key] = [float(low), float(high)]
        else:
            row[key] = text
    except ValueError:
        expected = "0..4" if name == "range" else "a number"
        mistakes.append(Mistake(*place, name, f"expected {expected}; found {text!r}"))
