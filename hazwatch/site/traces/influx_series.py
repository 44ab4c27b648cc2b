"""Samples of points as InfluxDB has them: in the product's own names, in Telegraf's, or in those of a table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from adapters.stores.influx import SAMPLE_MEASUREMENT, Naming
from hazwatch.site.config import Config
from hazwatch.site.csv_table import read_csv
from plant import Message, Quality, SampleBatch

MAP_COLUMNS: Final = ("point", "measurement", "field", "tags")
_STATUS: Final = re.compile(r"0x([0-9A-Fa-f]+)")
_BOOLEANS: Final = {"true": "1", "false": "0"}
Fields = tuple[NDArray[np.int64], list[str]]
"""Times of the rows of a field, in order [ns, UTC], and their values as texts."""


class FieldReader(Protocol):
    """Reads fields, as `adapters.stores.influx.InfluxHistory` does."""

    def field(self, measurement: str, name: str | None, tags: dict[str, str], start: int, end: int) -> Fields:
        """Return the rows of a field in [start, end). [ns, UTC]."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNames:
    """Where InfluxDB has a point: measurement, tags, and the fields of value, quality and state.

    A `value` of None is any field but `Quality`; a `quality` or `state` of None is not kept there.
    """

    measurement: str
    tags: dict[str, str] = field(default_factory=dict)
    value: str | None
    quality: str | None = None
    state: str | None = None


def names_by(naming: Naming, config: Config) -> dict[str, FieldNames]:
    """Return the names of all measured points in a naming."""
    protocols = {source.id: source.protocol for source in config.sources}
    names: dict[str, FieldNames] = {}
    for point in config.points.points:
        if point.source is None:
            continue
        if naming == "hazwatch":
            tags = {"mine": config.site.id, "point": point.id}
            own = FieldNames(measurement=SAMPLE_MEASUREMENT, tags=tags, value="value", quality="quality", state="state")
            names[point.id] = own
        elif protocols[point.source] == "opcua":
            tags = {"id": point.address or ""}
            names[point.id] = FieldNames(measurement="opcua", tags=tags, value=None, quality="Quality")
        else:
            tags = {"name": point.source}
            names[point.id] = FieldNames(measurement=protocols[point.source], tags=tags, value=point.id)
    return names


def mapped_names(path: Path, points: Sequence[str]) -> dict[str, FieldNames]:
    """Read a table of names: point, measurement, field, and tags as key=value with | between them.

    Raises
    ------
    OSError, ValueError
        The table cannot be read, or has mistakes; the error lists all of these.

    """
    table = read_csv(path)
    problems = [Message("line {line}: {problem}", line=line, problem=problem) for line, problem in table.problems]
    if tuple(table.columns) != MAP_COLUMNS:
        problems.append(
            Message("expected the columns {columns}; found {found}", columns=MAP_COLUMNS, found=tuple(table.columns))
        )
        raise ValueError(*problems)
    names: dict[str, FieldNames] = {}
    for line, cells in table.rows:
        point, measurement, value, tags = [*cells, "", "", ""][:4]
        pairs = [pair.partition("=") for pair in tags.split("|") if pair]
        if point not in points:
            problems.append(Message("line {line}: no point {point!r} in the site file", line=line, point=point))
        elif point in names:
            problems.append(Message("line {line}: point {point!r} stands twice", line=line, point=point))
        elif not measurement or not value or any(not equals for _, equals, _ in pairs):
            message = Message("line {line}: expected a measurement, a field, and tags as key=value", line=line)
            problems.append(message)
        else:
            with_tags = {key: text for key, _, text in pairs}
            names[point] = FieldNames(measurement=measurement, tags=with_tags, value=value)
    if problems:
        raise ValueError(*problems)
    return names


def samples_of(reader: FieldReader, names: FieldNames, column: int, start: int, end: int) -> SampleBatch:
    """Return the samples of a point in [start, end), in order of time. [ns, UTC].

    A sample without a value is BAD; one without a quality is GOOD, because nothing else is known of it.
    """

    def rows(name: str | None) -> Fields:
        return reader.field(names.measurement, name, names.tags, start, end)

    value = rows(names.value)
    quality = (np.empty(0, np.int64), []) if names.quality is None else rows(names.quality)
    state = (np.empty(0, np.int64), []) if names.state is None else rows(names.state)
    time = np.union1d(value[0], quality[0])
    values = _placed(time, value[0], [_number(text) for text in value[1]], np.nan)
    qualities = _placed(time, quality[0], [_quality(text) for text in quality[1]], float(Quality.GOOD))
    states = _placed(time, state[0], [float(text) for text in state[1]], 0.0)
    qualities[np.isnan(values)] = Quality.BAD
    columns = {"quality": qualities.astype(np.uint8), "state": states.astype(np.uint16)}
    return SampleBatch.of(np.full(len(time), column), time, values, **columns)


def _placed(
    time: NDArray[np.int64], times: NDArray[np.int64], values: Sequence[float], otherwise: float
) -> NDArray[np.float64]:
    """Return a column for all times; of several values at one time the last counts."""
    column = np.full(len(time), otherwise)
    known = np.isin(times, time)
    column[np.searchsorted(time, times[known])] = np.array(values, dtype=np.float64)[known]
    return column


def _number(text: str) -> float:
    """Return the number of a text; NaN for anything else, such as a text field of the same measurement."""
    try:
        return float(_BOOLEANS.get(text, text))
    except ValueError:
        return np.nan


def _quality(text: str) -> float:
    """Return the quality of a number of our own, or of Telegraf's text with a status code of OPC UA."""
    status = _STATUS.search(text)
    if status is not None:
        # The two top bits of a status code: 0 good, 1 uncertain, 2 and 3 bad.
        return float(min(int(status[1], 16) >> 30, Quality.BAD))
    try:
        return min(max(float(text), float(Quality.GOOD)), float(Quality.BAD))
    except ValueError:
        return float(Quality.BAD)
