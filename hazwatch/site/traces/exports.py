"""Reads tables that other systems export: one row per value, or one column per point."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from adapters.regular_file import open_file
from hazwatch.site.site_text import FURTHER_MISTAKES
from hazwatch.site.traces.export_cells import TimeReader, read_value, time_reader
from hazwatch.site.traces.trace_files import TraceFileError
from plant import Message, PointTable, Quality, SampleBatch, messages_of, reason_of
from plant.bounds import MOST_MISTAKES

TRIED_ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""Encodings that are tried: whoever writes Chinese in another than the first writes it in the second."""
COLUMN_SEPARATORS: Final = ",;\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportForm:
    """How a table is written.

    Attributes
    ----------
    time : str
        Title of the column of times.
    point, value : str or None
        Titles of the columns of points and of values; without them each other column is a point.
    quality : str or None
        Title of a column that says whether a value is good.
    good : collection of str
        What stands there for a good value; all else is BAD.
    titles : mapping of str to str
        Points by what the table calls them; their ids, names and addresses need not be listed.
    time_format, encoding, separator : str or None
        Forms that are not recognised by themselves.
    skip : int
        Number of lines above the titles.
    zone : ZoneInfo
        Zone of the times that name none.

    """

    time: str
    point: str | None = None
    value: str | None = None
    quality: str | None = None
    good: frozenset[str] = frozenset()
    titles: Mapping[str, str] = field(default_factory=dict)
    time_format: str | None = None
    encoding: str | None = None
    separator: str | None = None
    skip: int = 0
    zone: ZoneInfo


@dataclass(slots=True)
class Export:
    """What was read, and what was left out.

    Attributes
    ----------
    samples : SampleBatch
        In order of time.
    words : Counter
        Words that stood in the place of numbers, and became BAD samples.
    unknown : Counter
        Names of points that the site file does not have, with the number of their rows.

    """

    samples: SampleBatch
    words: Counter[str]
    unknown: Counter[str]


def read_export(path: Path, form: ExportForm, points: PointTable) -> Export:
    """Read a table.

    Raises
    ------
    TraceFileError
        The file cannot be read, or has wrong rows; the error lists all of these, and nothing is to be used.

    """
    try:
        with open_file(path) as file:
            content = file.read()
        text = _decoded(content, form.encoding)
        return _Reader(form, points).read(text.splitlines()[form.skip :], form.skip)
    except OSError as error:
        raise TraceFileError(path, reason_of(error)) from None
    except (ValueError, csv.Error) as error:
        raise TraceFileError(path, *messages_of(error)) from None


def _decoded(content: bytes, encoding: str | None) -> str:
    if encoding is None and content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    for candidate in (encoding,) if encoding is not None else TRIED_ENCODINGS:
        try:
            return content.decode(candidate)
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise ValueError(Message("there is no encoding {encoding!r}", encoding=candidate)) from None
    tried = (encoding,) if encoding is not None else TRIED_ENCODINGS
    raise ValueError(Message("the text is in none of these encodings: {encodings}", encodings=tried))


class _Reader:
    def __init__(self, form: ExportForm, points: PointTable) -> None:
        self._form: Final = form
        self._read_time: Final[TimeReader] = time_reader(form.time_format, form.zone)
        self._columns: Final = _names(points) | {
            title: points.column(point) for title, point in form.titles.items() if point in points
        }
        self._words: Final[Counter[str]] = Counter()
        self._unknown: Final[Counter[str]] = Counter()
        self._problems: Final[list[Message]] = []
        self._rows: Final[list[tuple[int, int, float, int]]] = []
        self._decimal_comma = False

    def read(self, lines: Sequence[str], before: int) -> Export:
        if not lines:
            raise ValueError(Message("expected a line of titles; the file is empty"))
        separator = self._form.separator or max(COLUMN_SEPARATORS, key=lines[0].count)
        # Where a semicolon separates, a comma may be the sign of decimals.
        self._decimal_comma = separator == ";"
        rows = csv.reader(lines, delimiter=separator)
        titles = [title.strip() for title in next(rows)]
        cells_of = self._cells_of(titles)
        for cells in rows:
            if any(cell.strip() for cell in cells):
                self._take(before + rows.line_num, [cell.strip() for cell in cells], cells_of)
        if self._problems:
            raise ValueError(*self._problems)
        columns = list(zip(*self._rows, strict=True)) or [(), (), (), ()]
        samples = SampleBatch.of(columns[0], columns[1], columns[2], quality=columns[3])
        return Export(samples.take(np.argsort(samples.time, kind="stable")), self._words, self._unknown)

    def _cells_of(self, titles: Sequence[str]) -> "_Cells":
        form = self._form
        for name, count in Counter(titles).items():
            if name and count > 1:
                raise ValueError(Message('column "{name}" occurs twice', name=name))
        for title in (form.time, form.point, form.value, form.quality):
            if title is not None and title not in titles:
                raise ValueError(Message("expected a column {title!r}; found {titles}", title=title, titles=titles))
        place = {title: number for number, title in enumerate(titles)}
        if form.point is not None and form.value is not None:
            return _Cells(place[form.time], place[form.point], place[form.value], place.get(form.quality or ""), {})
        wide = {number: title for title, number in place.items() if title not in {form.time, form.quality, ""}}
        return _Cells(place[form.time], None, None, place.get(form.quality or ""), wide)

    def _take(self, line: int, cells: Sequence[str], place: "_Cells") -> None:
        try:
            time = self._read_time(_cell(cells, place.time))
            good = place.quality is None or _cell(cells, place.quality) in self._form.good
            for name, text in place.values(cells):
                if not text:
                    continue
                column = self._columns.get(name)
                if column is None:
                    self._unknown[name] += 1
                    continue
                # Words such as 断线 or a dash say that there was no value: that is a BAD sample, not a row to drop.
                value = read_value(text, decimal_comma=self._decimal_comma)
                if value is None:
                    self._words[text] += 1
                is_sound = value is not None and good
                quality = Quality.GOOD if is_sound else Quality.BAD
                self._rows.append((column, time, np.nan if value is None else value, quality))
        except ValueError as error:
            for message in messages_of(error):
                self._problems.append(Message("line {line}: {problem}", line=line, problem=message))
            if len(self._problems) > MOST_MISTAKES:
                raise ValueError(*self._problems, FURTHER_MISTAKES) from None


@dataclass(frozen=True, slots=True)
class _Cells:
    """Places of the columns; `wide` has the points of a table with one column per point."""

    time: int
    point: int | None
    value: int | None
    quality: int | None
    wide: Mapping[int, str]

    def values(self, cells: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield the names of points in a row with the texts of their values."""
        if self.point is not None and self.value is not None:
            yield _cell(cells, self.point), _cell(cells, self.value)
        for place, name in self.wide.items():
            yield name, _cell(cells, place)


def _cell(cells: Sequence[str], place: int) -> str:
    """Return a cell; rows may end before their last empty cells."""
    return cells[place] if place < len(cells) else ""


def _names(points: PointTable) -> dict[str, int]:
    """Return the columns of points by address, name and id; what two points share is left out."""
    columns: dict[str, int] = {}
    for names in (
        [point.address or "" for point in points.points], [point.name for point in points.points], points.ids
    ):  # fmt: skip
        counts = Counter(names)
        columns |= {name: column for column, name in enumerate(names) if name and counts[name] == 1}
    return columns
