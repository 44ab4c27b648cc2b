"""Reads a CDDY file: the points that a safety monitoring system defines, and their limits."""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ValidationError

from adapters.regular_file import read_file
from adapters.sources.discovery import DiscoveredPoint, Discovery, DiscoveryError
from adapters.sources.mtt1201.config import MttSource
from adapters.sources.mtt1201.decode import DECIMAL, HEADER_RECORD, named_fields, split_records
from adapters.sources.mtt1201.dialect import Dialect, DialectError, RecordType, load_dialect
from plant import Message, explained, message_of

NO_LIMIT: Final = -0.01
"""The number of CDDY files that stands for "no such limit"."""
LIMITS: Final = (
    ("high_alarm", "high_alarm_clear", True),
    ("low_alarm", "low_alarm_clear", False),
    ("high_cut", "high_restore", True),
    ("low_cut", "low_restore", False),
)
"""Fields of the setpoint and the clear value of each limit, and whether it is a high one."""
WITH_LIMITS: Final = frozenset(("MN", "LJ"))
"""Types of value that have limits; those of a switch say which position alarms, and not from which number on."""


class DefinedLimit(NamedTuple):
    """A limit of a CDDY file: the point, the field of its setpoint, setpoint and clear value [unit of the point]."""

    point: str
    field: str
    is_high: bool
    setpoint: float
    clear: float


class Definition(NamedTuple):
    """What a CDDY file has: mine code and name, its points with a source that reads them, and their limits."""

    mine: str
    mine_name: str
    discovery: Discovery
    limits: tuple[DefinedLimit, ...]


class _Point(NamedTuple):
    point: DiscoveredPoint
    limits: list[DefinedLimit]
    remarks: list[Message]


def read_definition(file: Path, dialect: str, source: str) -> Definition:
    """Read a CDDY file as points of a source.

    Raises
    ------
    DiscoveryError
        The file cannot be read, or is none of the table.

    """
    try:
        table = load_dialect(dialect)
        content = read_file(file)
    except (OSError, ValueError, DialectError) as error:
        raise DiscoveryError(message_of(error)) from None
    kind, record = _type_of(file, table)
    parts = split_records(content, table.encoding, table.framings[record.framing])
    header, problem = named_fields(parts.records[0][1] if parts.records else [""], record.header)
    if header is None:
        raise DiscoveryError(Message("the header: {problem}", problem=problem))
    remarks = [] if parts.whole else [Message("the file is not finished; its whole records are read")]
    points: dict[str, _Point] = {}
    for number, fields in parts.records[HEADER_RECORD:]:
        named, problem = named_fields(fields, record.record)
        if named is None:
            remarks.append(Message("record {number}: {problem}", number=number, problem=problem))
        elif not named["code"] or named["code"] in points:
            remarks.append(Message("record {number}: no code, or one that occurred before", number=number))
        else:
            points[named["code"]] = _point(named, str(record.defines or kind))
    remarks += [remark for each in points.values() for remark in each.remarks]
    keys = {
        "id": source,
        "protocol": "mtt1201",
        "endpoint": str(file.absolute().parent),
        "mine": header.get("mine", "").strip(),
    }
    try:
        spec = MttSource.model_validate(keys | ({} if dialect == "national" else {"dialect": dialect}))
    except ValidationError as error:
        raise DiscoveryError(explained(error)) from None
    discovery = Discovery(spec, tuple(each.point for each in points.values()), tuple(remarks))
    limits = tuple(limit for each in points.values() for limit in each.limits)
    return Definition(spec.mine, header.get("mine_name", "").strip(), discovery, limits)


def _type_of(file: Path, dialect: Dialect) -> tuple[str, RecordType]:
    """Return the type of a file by its name; a file with a name of its own counts as CDDY."""
    fits = re.fullmatch(dialect.name, file.name)
    kind = "CDDY" if fits is None else fits["type"]
    record = dialect.types.get(kind)
    if record is None or not {"code", "value_type", *(limit[0] for limit in LIMITS)} <= set(record.record):
        raise DiscoveryError(Message("type {type} is no definition of points with limits; expected CDDY", type=kind))
    return kind, record


def _point(fields: Mapping[str, str], kind: str) -> _Point:
    named = {name: text.strip() for name, text in fields.items()}
    code, unit = named["code"], named.get("unit", "")
    remarks: list[Message] = []
    low, high = (_number(code, name, named, remarks) for name in ("low_range", "high_range"))
    span = (low, high) if low is not None and high is not None and low < high else None
    name = " ".join(part for part in (named.get("place", ""), named.get("sensor_type", "")) if part)
    address = f"type={kind};code={code}" + (f";unit={unit}" if unit else "")
    limits = list(_limits(code, named, remarks))
    if limits and named["value_type"] not in WITH_LIMITS:
        message = Message(
            "{code}: limits of the value type {type} are not taken over", code=code, type=named["value_type"]
        )
        remarks.append(message)
        limits = []
    return _Point(DiscoveredPoint(code, name or code, address, unit, span), limits, remarks)


def _limits(code: str, named: Mapping[str, str], remarks: list[Message]) -> Iterator[DefinedLimit]:
    for field, clear_field, is_high in LIMITS:
        setpoint = _number(code, field, named, remarks)
        if setpoint is None:
            continue
        clear = _number(code, clear_field, named, remarks)
        # A limit must not be lost because of its clear value; at the setpoint it is as strict as can be.
        if clear is not None and (clear > setpoint if is_high else clear < setpoint):
            wrong = Message(
                "{code}: {field} is on the wrong side; the setpoint takes its place", code=code, field=clear_field
            )
            remarks.append(wrong)
            clear = None
        yield DefinedLimit(code, field, is_high, setpoint, setpoint if clear is None else clear)


def _number(code: str, field: str, named: Mapping[str, str], remarks: list[Message]) -> float | None:
    """Return a number; None for an empty field, for NO_LIMIT, and for a text, which is remarked."""
    text = named[field]
    if not text:
        return None
    number = float(text) if DECIMAL.fullmatch(text) else math.nan
    if not math.isfinite(number):
        wrong = Message("{code}: {field}: expected a number; found {text!r}", code=code, field=field, text=text)
        remarks.append(wrong)
        return None
    return None if number == NO_LIMIT else number
