"""`Dialect`: how the files of a province are written, as a table; nothing is inferred from a file."""

import codecs
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from pydantic import Field, ValidationError, model_validator

from adapters.regular_file import read_file
from plant import Duration, Entity, Message, State, explained, message_of
from plant.address import RecordAddress

MASK: Final = "mask"
"""Name of the status that is the bit mask of MT/T 1201.1."""
ALL_STATES: Final = sum(State)
SHIPPED: Final = tuple(
    sorted(
        entry.name.removesuffix(".toml")
        for entry in files("adapters.sources.mtt1201.dialects").iterdir()
        if entry.name.endswith(".toml")
    )
)
"""Names of the tables that come with Hazwatch."""


class RecordMarks(Entity):
    """The characters between fields and records, and the mark at the end of a whole file."""

    field: str = Field(min_length=1, description="Between two fields.")
    record: str = Field(min_length=1, description="At the end of a record.")
    end: str = Field(description="At the end of the file; empty if there is none.")


class RecordType(Entity):
    """The fields of one type of file, in their order."""

    framing: str = Field(default="plain", description="One of the framings.")
    header: tuple[str, ...] = Field(default=(), description="Fields of the first record.")
    record: tuple[str, ...] = Field(default=(), description="Fields of all others; none if they are not known.")
    values: tuple[str, ...] = Field(default=(), description="Fields that are numbers of a point.")
    status: str | None = Field(default=None, description='Table of the field "status"; "mask" is the bit mask.')
    defines: str | None = Field(default=None, description="The real-time type whose points it defines.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for names in (self.header, self.record):
            if len(set(names)) != len(names):
                raise ValueError(Message("expected the name of each field once"))
        needed = {"code", "time", *self.values} | ({"status"} if self.status else set())
        if self.values and (missing := needed - set(self.record)):
            raise ValueError(Message('record: expected a field "{name}"', name=min(missing)))
        return self


class Dialect(Entity):
    """The files of a province, or of the vendor of a system."""

    encoding: str = Field(description="Encoding of the files.")
    utc_offset: Duration = Field(description="How far their clock is ahead of UTC. [duration]")
    name: str = Field(description="Pattern of their names, with the groups mine, type and time.")
    invalid: tuple[float, ...] = Field(description="Numbers that stand for no value. [unit of the point]")
    framings: dict[str, RecordMarks] = Field(description="The ways to separate records.")
    status: dict[str, dict[str, int]] = Field(description="State bits of each status code.")
    types: dict[str, RecordType] = Field(description="The types of files.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            message = Message(
                'encoding: expected one that Python knows, such as "gbk"; found {name!r}', name=self.encoding
            )
            raise ValueError(message) from None
        try:
            groups = re.compile(self.name).groupindex
        except re.error as error:
            message = Message("name: no regular expression from character {place} on", place=(error.pos or 0) + 1)
            raise ValueError(message) from None
        if missing := {"mine", "type", "time"} - groups.keys():
            raise ValueError(Message("name: expected a group with the name {group}", group=min(missing)))
        for name, record in self.types.items():
            if record.framing not in self.framings:
                raise ValueError(Message("{name}: no framing {framing!r}", name=name, framing=record.framing))
            if record.status not in (None, MASK, *self.status):
                raise ValueError(Message("{name}: no table of status {status!r}", name=name, status=record.status))
        return self

    def state_of(self, record: RecordType, status: str) -> int | None:
        """Return the state bits of a status; None for a status that its table does not have."""
        if record.status is None:
            return 0
        if record.status != MASK:
            return self.status[record.status].get(status)
        number = int(status) if status.isascii() and status.isdecimal() and len(status) < 4 else -1
        return number if 0 <= number <= ALL_STATES else None

    def problem_of(self, address: RecordAddress) -> Message | None:
        """Return why no file can bring the value of an address; None if one can."""
        code, kind, record = address.code, address.type, self.types.get(address.type)
        if record is None:
            return Message("{code}: type {type} is not in the table", code=code, type=kind)
        if not record.values:
            return Message(
                "{code}: the fields of {type} are not in the table; write them in a table of your own",
                code=code,
                type=kind,
            )
        if address.field not in record.values:
            return Message(
                "{code}: {type} has no number {field!r}; expected one of {fields}",
                code=code,
                type=kind,
                field=address.field,
                fields=record.values,
            )
        # A unit that is never compared would only seem to protect.
        if address.unit and "unit" not in record.record:
            return Message("{code}: records of {type} have no unit to compare; leave out unit=", code=code, type=kind)
        return None


class DialectError(Exception):
    """A table of a dialect cannot be used."""


class _Written(NamedTuple):
    extends: str | None
    content: dict[str, Any]


# The check of a site asks for the same table at every point.
@lru_cache(maxsize=8)
def load_dialect(name: str) -> Dialect:
    """Return a shipped dialect by its name, or one from a file by its path; raise DialectError."""
    try:
        return Dialect.model_validate(_merged(name))
    except ValidationError as error:
        raise DialectError(Message("{path}: {problem}", path=name, problem=explained(error))) from None


def _merged(name: str) -> dict[str, Any]:
    written = _read(name)
    if written.extends is None:
        return written.content
    if written.extends not in SHIPPED:
        message = Message("{path}: extends: expected one of {names}", path=name, names=SHIPPED)
        raise DialectError(message)
    return _over(_read(written.extends).content, written.content)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table in which the keys above replace those below; tables of names are joined."""
    # A type is replaced as a whole: fields of two tables in one record would be in nobody's order.
    joined = dict(below) | dict(above)
    for key in ("framings", "status", "types"):
        inner = above.get(key, {})
        joined[key] = dict(below.get(key, {})) | (dict(inner) if isinstance(inner, dict) else {})
    return joined


def _read(name: str) -> _Written:
    try:
        if name in SHIPPED:
            text = files("adapters.sources.mtt1201.dialects").joinpath(f"{name}.toml").read_text(encoding="utf-8")
        else:
            text = read_file(Path(name)).decode("utf-8-sig")
        content = tomllib.loads(text)
    except (OSError, ValueError) as error:
        message = Message("{path}: cannot be read: {reason}", path=name, reason=_reason(error))
        raise DialectError(message) from None
    extends = content.pop("extends", None)
    return _Written(None if extends is None else str(extends), content)


def _reason(error: Exception) -> Message:
    if isinstance(error, UnicodeDecodeError):
        return Message("expected text in UTF-8")
    # What is wrong in TOML the library says in English alone, but also where.
    if isinstance(error, tomllib.TOMLDecodeError):
        return Message("not TOML ({reason})", reason=error)
    return message_of(error)
