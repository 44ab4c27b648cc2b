"""Reads the tables of a site file one after the other, and collects all mistakes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from adapters.sources.registry import PROTOCOLS
from hazwatch.site.profiles import ProfileLimits, unknown_profile
from hazwatch.site.site_text import FURTHER_MISTAKES, Mistake, SiteText, path_of
from plant import Entity, HazardSource, Message, Place, Point, SourceSpec, explain
from plant.bounds import MOST_MISTAKES
from rules import Interlock, Limit, Vote

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
"""Keys on which the meaning of the other keys depends: if one is wrong, the table is not checked further."""
STAND_INS: Final = {"level": "blue", "name": "?", "kind": "other", "grade": "I"}
"""Values for wrong keys that a table must have, so that its other keys can still be checked."""


ModelT = TypeVar("ModelT", bound=Entity)


class CrowdedError(Exception):
    """A file has too many mistakes to go on."""


class SiteTables:
    """The tables of a site file, which are read one after the other, and their mistakes.

    Attributes
    ----------
    places : mapping of (table, id) to int
        The number of each entry among the tables of its kind.
    broken : list of (table, number, id, entry)
        Entries that are too wrong for a model.

    """

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
            # The line shows which row of the CSV file is meant; a number among all points would mislead there.
            return Mistake(str(file), lines[number - first], path_of(table, None, name, place), message)
        return self.text.mistake(table, number, name, place, message)

    def note(self, table: str, name: str, place: Place, message: Message) -> None:
        """Add a mistake in the table with an id."""
        self.mistakes.append(self.at(*self.profiles.place(table, name, place, message)))

    def at(self, table: str, name: str, place: Place, message: Message) -> Mistake:
        """Return a mistake in the table with an id."""
        return self.mistake(table, self.places.get((table, name)), name, place, message)

    def single(self, table: str, model: type[ModelT]) -> ModelT | None:
        """Read a table that may occur once."""
        try:
            return model.model_validate(self.document.pop(table, {}))
        except ValidationError as error:
            for place, message in explain(error):
                self.mistakes.append(self.mistake(table, None, None, place, message))
        return None

    def entries(self, table: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Yield number, id and content of the tables of one kind; add a mistake for anything else."""
        written = self.document.pop(table, [])
        if not isinstance(written, list):
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
        for number, entry in enumerate(written):
            if len(self.mistakes) > MOST_MISTAKES:
                raise CrowdedError(FURTHER_MISTAKES)
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
        """Read all tables of one kind, without those that are too wrong, duplicate, or await a profile."""
        return [
            entity
            for number, name, entry in self.entries(table)
            if not (table == "limit" and self.profiles.awaits(name, entry))
            and (entity := self.entity(table, number, name, entry, model))
            and self.places.get((table, name)) == number
        ]

    def entity(self, table: str, number: int, name: str, entry: dict[str, Any], model: type[ModelT]) -> ModelT | None:
        """Read one table and add its mistakes; return it without its wrong keys if it can still be checked."""
        # An engineer should see all mistakes of a file at once, also those that depend on other tables.
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
        """Add the mistakes of one table; return its wrong keys, or none if the table as a whole is wrong."""
        keys = set()
        for place, message in problems:
            self.mistakes.append(self.mistake(table, number, name or None, place, message))
            keys |= {str(part) for part in place[:1]}
        return keys

    def check_broken(self) -> None:
        """Add mistakes for unknown references in the tables that were too wrong for a model."""
        for table, number, name, entry in self.broken:
            for key, other in REFERENCES.get(table, {}).items():
                wanted = entry.get(key)
                if isinstance(wanted, str) and wanted and not self.knows(other, wanted):
                    message = Message('no [[{table}]] has the id "{id}"', table=other, id=wanted)
                    self.mistakes.append(self.mistake(table, number, name or None, (key,), message))
            for message in unknown_profile(entry.get("profile") if table == "point" else None):
                self.mistakes.append(self.mistake(table, number, name or None, ("profile",), message))

    def sources(self) -> list[SourceSpec]:
        """Read the [[source]] tables with the specifications of their protocols."""
        sources: list[SourceSpec] = []
        for number, name, entry in self.entries("source"):
            protocol = PROTOCOLS.get(str(entry.get("protocol")))
            if protocol is None:
                message = Message(
                    "expected one of {known}; found {protocol!r}",
                    known=tuple(PROTOCOLS),
                    protocol=entry.get("protocol"),
                )
                self.mistakes.append(self.mistake("source", number, name or None, ("protocol",), message))
            elif source := self.entity("source", number, name, entry, protocol.spec):
                sources.append(source)
        return sources

    def knows(self, table: str, name: str) -> bool:
        """Whether the file has an entry, valid or not, or may have it in a table that could not be read."""
        if (table, name) in self.places:
            return True
        return self.csv_unread if table == "point" else table == "limit" and self.profiles.belongs(name)
