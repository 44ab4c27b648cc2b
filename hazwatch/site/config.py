"""Turns a site file into one Config, or into all of its mistakes with their places."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, ValidationError

from adapters.sources.modbus import ModbusSource
from adapters.sources.opcua import OpcUaSource
from hazwatch.site.points_csv import PointTableError, read_points
from hazwatch.site.profiles import ProfileLimits, unknown_profile
from hazwatch.site.site_text import Mistake, SiteText, unreadable
from plant import (
    NEVER_STALE,
    Duration,
    Entity,
    HazardSource,
    Message,
    Place,
    Point,
    PointTable,
    Site,
    SourceSpec,
    explain,
    message_of,
    write_duration,
)
from plant.address import ModbusAddress, check_node_id
from plant.units import DAY
from rules import Interlock, Limit, RuleSet, Vote

PROTOCOLS: Final[Mapping[str, type[SourceSpec]]] = {"opcua": OpcUaSource, "modbus": ModbusSource}
TABLE_MODELS: Final[Mapping[str, type[Entity]]] = {
    "hazard_source": HazardSource,
    "point": Point,
    "limit": Limit,
    "vote": Vote,
    "interlock": Interlock,
}
REFERENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "point": {"hazard_source": "hazard_source", "source": "source"},
    "limit": {"point": "point"},
    "vote": {"hazard_source": "hazard_source"},
    "interlock": {"cut": "limit", "feed": "point"},
}
"""Keys that name an entry of another table."""
BEARING: Final = frozenset(
    ("id", "point", "feature", "high", "low", "clear", "deadband", "window", "horizon", "tau", "per", "of", "at_least",
     "cut", "feed", "hazard_source", "source", "address", "expression", "quantity", "unit", "range", "profile")
)  # fmt: skip
"""Keys without which nothing true can be said of the rest of their table."""
STAND_INS: Final = {"level": "blue", "name": "?", "kind": "other", "grade": "I"}
"""What stands for a key that must be given and is wrong, so that the rest of its table can be looked at as well."""


ModelT = TypeVar("ModelT", bound=Entity)


def _whole_days(duration: int) -> int:
    if duration == 0 or duration % DAY:
        raise ValueError(Message('expected whole days, "1d" or more; leave it out to keep everything'))
    return duration


class HistorianSpec(Entity):
    """The table [historian] of a site file."""

    retention: Annotated[Duration, AfterValidator(_whole_days)] | None = Field(
        default=None, description="Older days are deleted, whole days at a time; kept for ever unless given. [duration]"
    )

    @property
    def days(self) -> int | None:
        """How many days are kept, None for all."""
        return None if self.retention is None else self.retention // DAY


class ConfigError(Exception):
    """A site file that cannot be used; `mistakes` holds every reason."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes: Final = mistakes


@dataclass(frozen=True, slots=True)
class Config:
    """A site file that was read and checked whole."""

    path: Path
    site: Site
    historian: HistorianSpec
    hazard_sources: tuple[HazardSource, ...]
    sources: tuple[SourceSpec, ...]
    rules: RuleSet
    points: PointTable
    warnings: tuple[Mistake, ...]
    statutory: Mapping[str, Limit]
    """By id the limits of the profiles, as they are before the site file overrides them."""

    def arrival_timed(self) -> NDArray[np.bool_]:
        """Return for every point whether its arrival is its time, shape (points,)."""
        timed = {source.id for source in self.sources if source.time == "arrival"}
        return np.array([point.source in timed for point in self.points.points], dtype=np.bool_)

    def points_of(self, source: str) -> list[tuple[int, str]]:
        """Return column and address of the points that a source delivers."""
        return [(n, p.address or "") for n, p in enumerate(self.points.points) if p.source == source]


class _Reader:
    """Reads the tables of one file and keeps every mistake."""

    def __init__(self, text: SiteText, document: dict[str, Any]) -> None:
        self.text = text
        self.document = document
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []
        self.places: dict[tuple[str, str], int] = {}
        self.csv: tuple[Path, int, list[int]] | None = None
        self.csv_unread = False
        self.broken: list[tuple[str, int, str, dict[str, Any]]] = []
        self.profiles = ProfileLimits((), ())

    def mistake(self, table: str, number: int | None, name: str | None, place: Place, message: Message) -> Mistake:
        """Return a mistake at its place: a line of the site file, or a row of the table of points."""
        file, first, lines = self.csv or (None, 0, [])
        if table == "point" and file is not None and number is not None and number >= first:
            path = ".".join([f'point "{name}"', *map(str, place)])
            return Mistake(str(file), lines[number - first], path, message)
        return self.text.mistake(table, number, name, place, message)

    def note(self, table: str, name: str, place: Place, message: Message) -> None:
        """Keep a mistake in the table of that id."""
        self.mistakes.append(self.at(*self.profiles.place(table, name, place, message)))

    def at(self, table: str, name: str, place: Place, message: Message) -> Mistake:
        """Return a mistake in the table of that id."""
        return self.mistake(table, self.places.get((table, name)), name, place, message)

    def single(self, table: str, model: type[ModelT]) -> ModelT | None:
        """Read a table that stands once."""
        given = self.document.pop(table, {})
        try:
            return model.model_validate(given)
        except ValidationError as error:
            for place, message in explain(error):
                self.mistakes.append(self.mistake(table, None, None, place, message))
        return None

    def entries(self, table: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Yield number, id and content of the tables of one kind; a mistake for what is no table."""
        given = self.document.pop(table, [])
        if not isinstance(given, list):
            self.mistakes.append(
                self.mistake(
                    table,
                    None,
                    None,
                    (),
                    Message("expected [[{table}]], in double brackets; found [{table}]", table=table),
                )
            )
            return
        for number, entry in enumerate(given):
            if not isinstance(entry, dict):
                self.mistakes.append(self.mistake(table, number, None, (), Message("expected a table")))
                continue
            name = str(entry.get("id", ""))
            if name and (table, name) in self.places:
                self.mistakes.append(self._duplicate(table, number, name))
                self.broken.append((table, number, name, entry))
            else:
                self.places[table, name] = number
            yield number, name, entry

    def _duplicate(self, table: str, number: int, name: str) -> Mistake:
        message = Message("duplicate id; expected each once")
        first = self.at(table, name, ("id",), message)
        second = self.mistake(table, number, name, ("id",), message)
        if first.file == second.file:
            message = Message("duplicate id; expected each once, line {line} has it", line=first.line)
        else:
            message = Message(
                "duplicate id; expected each once, {file}:{line} has it", file=first.file, line=first.line
            )
        return replace(second, message=message)

    def many(self, table: str, model: type[Entity]) -> list[Any]:
        """Read all tables of one kind; those of which nothing more can be said are left out."""
        return [
            entity
            for number, name, entry in self.entries(table)
            if not (table == "limit" and self.profiles.awaits(name, entry))
            and (entity := self.entity(table, number, name, entry, model))
            and self.places.get((table, name)) == number
        ]

    def entity(self, table: str, number: int, name: str, entry: dict[str, Any], model: type[ModelT]) -> ModelT | None:
        """Read one table; keep its mistakes, and return it without them where it can still be looked at."""
        try:
            return model.model_validate(entry)
        except ValidationError as error:
            wrong = self._note_all(table, number, name, explain(error))
        if wrong and wrong.isdisjoint(BEARING):
            right = {key: value for key, value in entry.items() if key not in wrong}
            try:
                return model.model_validate(right | {key: STAND_INS[key] for key in wrong if key in STAND_INS})
            except ValidationError as error:
                others = [(place, message) for place, message in explain(error) if not wrong.intersection(place[:1])]
                self._note_all(table, number, name, others)
        self.broken.append((table, number, name, entry))
        return None

    def _note_all(self, table: str, number: int, name: str, problems: Iterable[tuple[Place, Message]]) -> set[str]:
        """Keep the mistakes of one table; return the keys that are wrong, none where it is the table as a whole."""
        keys = set()
        for place, message in problems:
            self.mistakes.append(self.mistake(table, number, name or None, place, message))
            keys |= {str(part) for part in place[:1]}
        return keys

    def check_broken(self) -> None:
        """Find the references to nothing in what was left out for another mistake."""
        for table, number, name, entry in self.broken:
            for key, other in REFERENCES.get(table, {}).items():
                wanted = entry.get(key)
                if isinstance(wanted, str) and wanted and not self.knows(other, wanted):
                    message = Message('no [[{table}]] has the id "{id}"', table=other, id=wanted)
                    self.mistakes.append(self.mistake(table, number, name or None, (key,), message))
            for message in unknown_profile(entry.get("profile") if table == "point" else None):
                self.mistakes.append(self.mistake(table, number, name or None, ("profile",), message))

    def sources(self) -> list[SourceSpec]:
        """Read the tables [[source]], each by the adapter of its protocol."""
        found: list[SourceSpec] = []
        for number, name, entry in self.entries("source"):
            model = PROTOCOLS.get(str(entry.get("protocol")))
            if model is None:
                message = Message('expected "opcua" or "modbus"; found {protocol!r}', protocol=entry.get("protocol"))
                self.mistakes.append(self.mistake("source", number, name or None, ("protocol",), message))
            elif source := self.entity("source", number, name, entry, model):
                found.append(source)
        return found

    def knows(self, table: str, name: str) -> bool:
        """Whether the file names such a thing, be it with mistakes or without; or may, in a table that is unread."""
        if (table, name) in self.places:
            return True
        return self.csv_unread if table == "point" else table == "limit" and self.profiles.belongs(name)


def load(path: Path) -> Config:
    """Read and check a site file.

    Raises
    ------
    ConfigError
        With every mistake: file, line, path and what was expected.

    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError([unreadable(path, error)]) from None
    reader = _Reader(SiteText(path, text), document)
    config = _read(reader, path)
    if reader.mistakes or config is None:
        raise ConfigError(sorted(set(reader.mistakes)))
    return config


def _read(reader: _Reader, path: Path) -> Config | None:
    csv = reader.document.pop("points", None)
    site = reader.single("site", Site)
    historian = reader.single("historian", HistorianSpec)
    sources = reader.sources()
    if csv is not None:
        _add_points(reader, path, csv)
    tables = _entities(reader)
    reader.check_broken()
    for key in reader.document:
        reader.mistakes.append(
            reader.mistake(
                key, None, None, (), Message("unknown table; expected one of those in docs/en/configuration.md")
            )
        )
    _check_points(reader, tables["point"], {source.id: source for source in sources})
    for vote in tables["vote"]:
        if not reader.knows("hazard_source", vote.hazard_source):
            message = Message('no [[{table}]] has the id "{id}"', table="hazard_source", id=vote.hazard_source)
            reader.note("vote", vote.id, ("hazard_source",), message)
    rules = RuleSet(*(tuple(tables[table]) for table in ("point", "limit", "vote", "interlock")))
    for problem in rules.problems():
        table, name, *place = problem.path
        if not (problem.missing and any(reader.knows(kind, problem.missing) for kind in TABLE_MODELS)):
            reader.note(table, name, tuple(place), problem.message)
    if reader.mistakes or site is None or historian is None:
        return None
    points = PointTable(tables["point"])
    return Config(
        path,
        site,
        historian,
        tuple(tables["hazard_source"]),
        tuple(sources),
        rules,
        points,
        tuple(reader.warnings),
        reader.profiles.statutory,
    )


def _add_points(reader: _Reader, path: Path, csv: Any) -> None:
    if not isinstance(csv, str):
        message = Message('expected a file name, "points.csv"')
        reader.mistakes.append(reader.mistake("points", None, None, (), message))
        return
    try:
        rows = read_points(path.parent / csv)
    except PointTableError as error:
        reader.mistakes.extend(error.mistakes)
        reader.csv_unread = True
        return
    given = reader.document.get("point", [])
    if isinstance(given, list):
        reader.csv = (path.parent / csv, len(given), [line for line, _ in rows])
        reader.document["point"] = [*given, *(keys for _, keys in rows)]


def _entities(reader: _Reader) -> dict[str, list[Any]]:
    """Read the tables that stand many times; before the limits that are written stand those of the profiles."""
    written = reader.document.get("point")
    tables: dict[str, list[Any]] = {}
    inherited: list[Limit] = []
    for table, model in TABLE_MODELS.items():
        if table == "limit":
            reader.profiles = ProfileLimits(tables["point"], written)
            inherited = reader.profiles.merge(reader.document.get("limit"))
        tables[table] = reader.many(table, model)
    reader.profiles.compare(tables["limit"])
    reader.mistakes += [reader.at(*remark) for remark in reader.profiles.mistakes]
    reader.warnings += [reader.at(*remark) for remark in reader.profiles.warnings]
    return tables | {"limit": [*inherited, *tables["limit"]]}


def _check_points(reader: _Reader, points: list[Point], sources: Mapping[str, SourceSpec]) -> None:
    _shared_addresses(reader, points)
    if not points and not reader.mistakes:
        reader.warnings.append(reader.mistake("site", None, None, (), Message("no points: nothing is watched")))
    for point in points:
        if not reader.knows("hazard_source", point.hazard_source):
            message = Message('no [[{table}]] has the id "{id}"', table="hazard_source", id=point.hazard_source)
            reader.note("point", point.id, ("hazard_source",), message)
        if point.source is not None and not reader.knows("source", point.source):
            message = Message('no [[{table}]] has the id "{id}"', table="source", id=point.source)
            reader.note("point", point.id, ("source",), message)
        elif point.source is not None and point.source in sources:
            for message in address_mistakes(sources[point.source].protocol, point.address or ""):
                reader.note("point", point.id, ("address",), message)
        for message in _doubts(point, sources.get(point.source or "")):
            place = reader.places.get(("point", point.id))
            reader.warnings.append(reader.mistake("point", place, point.id, ("stale_after",), message))


def _shared_addresses(reader: _Reader, points: list[Point]) -> None:
    """Warn of points that read the same: sisters and votes that compare them would compare nothing."""
    known: dict[tuple[str, str], str] = {}
    for point in points:
        if point.source is None or point.address is None:
            continue
        first = known.setdefault((point.source, point.address), point.id)
        if first != point.id:
            message = Message(
                "{point} and {other} read the same address of the same source", point=first, other=point.id
            )
            reader.warnings.append(reader.at("point", point.id, ("address",), message))


def _doubts(point: Point, source: SourceSpec | None) -> Iterator[Message]:
    """Yield what may be meant so, and is worth a second look."""
    if point.stale_after == NEVER_STALE:
        yield Message('"never": nobody will notice when the point falls silent')
    elif isinstance(source, OpcUaSource) and point.stale_after <= source.scan:
        yield _too_soon(point, "scan", source.scan)
    elif isinstance(source, ModbusSource) and point.stale_after <= source.poll:
        yield _too_soon(point, "poll", source.poll)


def _too_soon(point: Point, key: str, period: int) -> Message:
    return Message(
        '"{after}": a steady point looks stale; expected more than {key} of its source, "{period}"',
        after=write_duration(point.stale_after),
        key=key,
        period=write_duration(period),
    )


def address_mistakes(protocol: str, address: str) -> list[Message]:
    """Return what is wrong with an address, in the grammar of its protocol."""
    try:
        if protocol == "opcua":
            check_node_id(address)
        else:
            ModbusAddress.parse(address)
    except ValidationError as error:
        return [
            Message("{path}: {problem}", path=".".join(map(str, place)), problem=message)
            for place, message in explain(error)
        ]
    except ValueError as error:
        return [message_of(error)]
    return []
