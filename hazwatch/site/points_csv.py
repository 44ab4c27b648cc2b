"""Reads `points.csv`: the points of a mine as one table whose columns are the keys of [[point]]."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args

from hazwatch.site.csv_table import read_csv
from hazwatch.site.site_text import Mistake, further, not_utf8, unreadable
from plant import Entity, Message, Point, message_of, with_advice
from plant.bounds import MOST_MISTAKES

PointRow = tuple[int, dict[str, Any]]
"""The number of a line, and its keys of [[point]]."""


class PointTableError(Exception):
    """A table of points has mistakes.

    Attributes
    ----------
    mistakes : list of Mistake
        All of them.
    rows : tuple of PointRow
        What could be read all the same.
    lost : tuple of frozenset of str
        For each of these rows the keys whose values nobody knows.

    """

    def __init__(
        self, mistakes: list[Mistake], rows: Sequence[PointRow] = (), lost: Sequence[frozenset[str]] = ()
    ) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes: Final = mistakes
        self.rows: Final = tuple(rows)
        self.lost: Final = tuple(lost)


def columns_of(entity: type[Entity]) -> Iterator[str]:
    """Yield the possible columns of a table; a dot separates the name of an inner table, as in `fault.on_delay`."""
    yield from (column for column, _ in _columns_with_kinds(entity))


def _columns_with_kinds(entity: type[Entity]) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield each column with the types that its field accepts."""
    for name, field in entity.model_fields.items():
        key = field.alias or name
        kinds = (field.annotation, *get_args(field.annotation))
        inner = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Entity)]
        if inner:
            yield from ((f"{key}.{column}", of_column) for column, of_column in _columns_with_kinds(inner[0]))
        else:
            yield key, kinds


def _is_number(kind: object) -> bool:
    # `Number` is an annotated float.
    return kind is float or get_args(kind)[:1] == (float,)


NUMBER_KEYS: Final = frozenset(column for column, kinds in _columns_with_kinds(Point) if any(map(_is_number, kinds)))
"""Columns whose cells are numbers; other cells remain text."""


POINT_COLUMNS: Final = frozenset(columns_of(Point))
"""All columns that a table may have."""


REQUIRED_COLUMNS: Final = frozenset(("id", "hazard_source", "name"))
"""Columns without which no row is a point."""


def read_points(path: Path) -> list[PointRow]:
    """Read the rows as [[point]] tables.

    The file is UTF-8 with or without a byte order mark. An empty cell omits its key, and a row of empty cells is
    skipped. The form of a `range` is `0..4`.

    Raises
    ------
    PointTableError
        The file cannot be read, has unknown columns, or has cells that are not numbers; the error lists all mistakes.

    """
    file = str(path)
    try:
        table = read_csv(path)
    except UnicodeDecodeError as error:
        message = Message("cannot be read: {reason}", reason=not_utf8(error))
        raise PointTableError([Mistake(file, 0, "", message)]) from None
    except (OSError, ValueError) as error:
        raise PointTableError([unreadable(path, error)]) from None
    mistakes = [Mistake(file, line, Message("row"), message) for line, message in table.problems]
    if not mistakes or table.columns:
        mistakes += _unknown(table.columns, file)
    rows: list[PointRow] = []
    lost: list[frozenset[str]] = []
    written = sorted([*table.rows, *table.mended])
    columns = _meant(table.columns, max((len(cells) for _, cells in table.rows), default=0))
    for line, cells in written:
        if len(mistakes) > MOST_MISTAKES:
            mistakes.append(further(path))
            break
        row, unknown = _row(cells, columns, mistakes, (file, line))
        rows.append((line, row))
        lost.append(unknown)
    if mistakes:
        # Without these columns no row is a point, and every row would make mistakes of its own.
        known = range(len(rows) if set(columns) >= REQUIRED_COLUMNS else 0)
        raise PointTableError(mistakes, [rows[number] for number in known], [lost[number] for number in known])
    return rows


def _meant(header: Sequence[str], widest: int) -> list[str]:
    """Return the columns that a header means: a name that is nearly right counts as the right one.

    A column without a name is a comma too many if no row has a cell for it.
    """
    named = [name for name in header if name]
    if widest <= len(named):
        header = named
    free = sorted(POINT_COLUMNS.difference(header))
    return [name if name in POINT_COLUMNS else next(iter(get_close_matches(name, free, 1)), name) for name in header]


def _unknown(header: Sequence[str], file: str) -> Iterator[Mistake]:
    for name, count in Counter(header).items():
        if not name:
            message = Message("expected the name of a column between two commas")
            yield Mistake(file, 1, Message("first line"), message)
        elif name not in POINT_COLUMNS:
            message = Message(
                'column "{name}": unknown; expected keys of [[point]] in docs/en/configuration.md', name=name
            )
            yield Mistake(file, 1, Message("first line"), with_advice(message, name))
        elif count > 1:
            yield Mistake(file, 1, Message("first line"), Message('column "{name}" occurs twice', name=name))
    if not header:
        yield Mistake(file, 1, Message("first line"), Message("expected the names of the columns"))


def _row(
    cells: Sequence[str], header: Sequence[str], mistakes: list[Mistake], place: tuple[str, int]
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the keys of a row, and those whose values nobody knows; add its mistakes."""
    row: dict[str, Any] = {}
    lost: set[str] = set()
    if len(cells) > len(header) > 0:
        message = Message(
            "expected {expected} cells, as in the first line; found {count}", expected=len(header), count=len(cells)
        )
        mistakes.append(Mistake(*place, Message("row"), message))
        # A comma too many moves all cells behind it to another column.
        lost.update(name.partition(".")[0] for name in header[1:])
        cells = cells[:1]
    # Spreadsheets omit empty cells at the end of a row, so a row may be shorter than the header.
    for name, text in zip(header, cells, strict=False):
        if text and name in POINT_COLUMNS:
            try:
                _put(row, name, text)
            except ValueError as error:
                # Between two numbers "～" stands for "..", which the message names.
                typed = text.replace("～", "..") if name == "range" else text
                mistakes.append(Mistake(*place, name, with_advice(message_of(error), typed)))
                lost.add(name.partition(".")[0])
    return row, frozenset(lost)


def _put(row: dict[str, Any], name: str, text: str) -> None:
    *tables, key = name.split(".")
    for table in tables:
        row = row.setdefault(table, {})
    if name in NUMBER_KEYS:
        row[key] = _number(text, Message("expected a number; found {cell!r}", cell=text))
    elif name == "range":
        low, _, high = text.partition("..")
        message = Message('expected "lowest..highest", such as 0..4; found {cell!r}', cell=text)
        row[key] = [_number(end, message) for end in (low, high)]
    else:
        row[key] = text


def _number(text: str, expected: Message) -> float:
    # `float` alone would also read 1_000 and digits of other scripts.
    if "_" in text or not text.isascii():
        raise ValueError(expected)
    try:
        return float(text)
    except ValueError:
        raise ValueError(expected) from None
