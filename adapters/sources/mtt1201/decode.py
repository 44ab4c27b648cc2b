"""Text of a file -> records -> samples of points; pure, by the table of the dialect."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from adapters.sources.mtt1201.dialect import Dialect, RecordMarks, RecordType
from plant import Message, Quality, message_of
from plant.address import RecordAddress
from plant.instant import FIRST_INSTANT, LAST_INSTANT
from plant.units import SECOND

TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
NOT_DECODED: Final = "\ufffd"
"""What a decoder writes for bytes that are no character."""
HEADER_RECORD: Final = 1
"""Number of the first record of a file."""

Places = Mapping[str, Mapping[str, Sequence[tuple[int, RecordAddress]]]]
"""The points of a source by type and code: column numbers and addresses."""


class RecordRow(NamedTuple):
    """A sample of a point: column, source time [ns, UTC], value, quality and state."""

    column: int
    time: int
    value: float
    quality: int
    state: int


class DamagedRecord(NamedTuple):
    """A record that cannot be used: its number in the file from 1 on, the header being 1; and why."""

    record: int
    reason: Message


class Records(NamedTuple):
    """The records of a file with their numbers; whether its end mark is there; whether it ends within a record."""

    whole: bool
    cut: bool
    records: list[tuple[int, list[str]]]


def split_records(content: bytes, encoding: str, framing: RecordMarks) -> Records:
    """Split a file; a record without its terminator counts only before the end mark."""
    # Decoded first: the second byte of a character of GBK may be that of "~", "^", "|" or "]".
    text = content.decode(encoding, errors="replace").removeprefix("\ufeff")
    body, mark, _ = text.partition(framing.end) if framing.end else (text, "", "")
    *pieces, rest = body.split(framing.record)
    cut = not mark and bool(rest.strip())
    if mark and rest.strip():
        pieces.append(rest)
    records = [
        (number, piece.strip("\r\n \t").split(framing.field)) for number, piece in enumerate(pieces, HEADER_RECORD)
    ]
    return Records(bool(mark), cut, records)


def header_problem(fields: list[str], record: RecordType, mine: str) -> Message | None:
    """Return why the header of a file shows that it is none of this mine; None for a right one."""
    named, problem = named_fields(fields, record.header)
    if named is None:
        return problem
    if named.get("mine", mine).strip() != mine:
        return Message("the header has the mine code {found!r}; expected {mine!r}", found=named["mine"], mine=mine)
    return None


def codes_of(records: Sequence[tuple[int, list[str]]], record: RecordType) -> frozenset[str]:
    """Return the codes of the points that a definition file has."""
    each = (named_fields(fields, record.record)[0] for _, fields in records[HEADER_RECORD:])
    return frozenset(named["code"].strip() for named in each if named is not None)


def rows_of(
    records: Sequence[tuple[int, list[str]]],
    record: RecordType,
    dialect: Dialect,
    points: Mapping[str, Sequence[tuple[int, RecordAddress]]],
) -> Iterator[RecordRow | DamagedRecord]:
    """Yield the samples of points in the records after the header, and the records that are damaged."""
    for number, fields in records:
        if number == HEADER_RECORD or fields == [""]:
            continue
        named, problem = named_fields(fields, record.record)
        if named is None:
            yield DamagedRecord(number, problem)
            continue
        for column, address in points.get(named["code"].strip(), ()):
            try:
                row, doubt = _sample(column, named, record, dialect, address)
            except ValueError as error:
                yield DamagedRecord(number, message_of(error))
                continue
            if doubt is not None:
                yield DamagedRecord(number, doubt)
            yield row


NO_PROBLEM: Final = Message("{text}", text="")


def named_fields(fields: list[str], names: tuple[str, ...]) -> tuple[dict[str, str] | None, Message]:
    """Return the fields of a record by their names, or why it is damaged."""
    # Some systems write a separator after the last field, too.
    written = fields[:-1] if len(fields) == len(names) + 1 and not fields[-1] else fields
    if len(written) != len(names):
        return None, Message("expected {expected} fields; found {count}", expected=len(names), count=len(written))
    # Such a byte may have swallowed a separator, so that the fields after it would be those of other names.
    if any(NOT_DECODED in field for field in written):
        return None, Message("bytes that are no characters of the encoding of the table")
    return dict(zip(names, written, strict=True)), NO_PROBLEM


def _sample(
    column: int, named: dict[str, str], record: RecordType, dialect: Dialect, address: RecordAddress
) -> tuple[RecordRow, Message | None]:
    """Return the sample of a point in a record, and why it is BAD although it has a value.

    Raises
    ------
    ValueError
        Time or value cannot be read.

    """
    time = parse_time(named["time"].strip(), dialect.utc_offset)
    value = _value(named[address.field].strip(), dialect.invalid)
    status = named.get("status", "").strip()
    state = dialect.state_of(record, status)
    quality, doubt = Quality.BAD if math.isnan(value) else Quality.GOOD, None
    # The meaning of an unknown status is unknown: it may be a calibration, so the value must not count.
    if state is None:
        doubt = Message("status {status!r} is not in the table", status=status)
    elif address.unit and named.get("unit", address.unit).strip() != address.unit:
        doubt = Message("unit {found!r}; expected {unit!r}", found=named["unit"], unit=address.unit)
    return RecordRow(column, time, value, int(Quality.BAD if doubt else quality), state or 0), doubt


def _value(text: str, invalid: Sequence[float]) -> float:
    """Return a number; NaN for an empty field and for a number that stands for no value."""
    if not text:
        return math.nan
    if DECIMAL.fullmatch(text) is None:
        raise ValueError(Message("expected a number; found {text!r}", text=text))
    value = float(text)
    return math.nan if value in invalid or not math.isfinite(value) else value


# The rows of a file have the same time, or nearly so.
@lru_cache(maxsize=1000)
def parse_time(text: str, utc_offset: int) -> int:
    """Return a local time as it stands in a record; raise ValueError for any other text. [ns, UTC]."""
    expected = Message('expected a time such as "2026-05-01 08:00:00"; found {text!r}', text=text)
    if TIME.fullmatch(text) is None:
        raise ValueError(expected)
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(expected) from None
    time = int(local.timestamp()) * SECOND - utc_offset
    if not FIRST_INSTANT <= time <= LAST_INSTANT:
        raise ValueError(expected)
    return time
