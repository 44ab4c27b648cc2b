"""Reads the tables of a site file one after the other, and collects all mistakes."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from adapters.sources.registry import PROTOCOLS, likely_protocol
from hazwatch.site.profiles import ProfileLimits, Remark
from hazwatch.site.site_text import FURTHER_MISTAKES, Mistake, SiteText, path_of
from hazwatch.site.specs.stores import InfluxStoreSpec
from hazwatch.site.stand_ins import ModelT, read_table
from hazwatch.words.fill_in import FILL_IN, marked
from plant import Entity, HazardSource, Message, Place, Point, SourceSpec, explain
from plant.bounds import MOST_MISTAKES
from rules import Interlock, Limit, Vote

TABLE_MODELS: Final[Mapping[str, type[Entity]]] = {
    "hazard_source": HazardSource,
    "point": Point,
    "limit": Limit,
    "vote": Vote,
    "interlock": Interlock,
    "store": InfluxStoreSpec,
}

MOST_TEXTS: Final = 200
"""Texts of a kind of table in which to look for an id: each reference to nothing looks through all. [1]"""


class CrowdedError(Exception):
    """A file has too many mistakes to go on."""


class SiteTables:
    """The tables of a site file, which are read one after the other, and their mistakes.

    Attributes
    ----------
    places : mapping of (table, id) to int
        The number of each entry among the tables of its kind.
    lost : mapping of (table, number) to set of str
        Keys whose lines could not be read, by the number of their table.
    shown : mapping of (table, id) to str
        What the file calls the entries that have another id here, because theirs is wrong or occurs twice.
    maybe : mapping of str to list of str
        Texts in which the ids of entries without a usable id may stand, by the kind of table.
    mistakes, judgements, warnings : list of Mistake
        What is wrong; what only an edit is refused for; what is accepted.
    wrong : set of (table, id, key)
        Values that have been reported; what depends on them cannot be judged.

    """

    def __init__(self, text: SiteText, document: dict[str, Any]) -> None:
        self.text = text
        self.document = document
        self.mistakes: list[Mistake] = []
        self.judgements: list[Mistake] = []
        self.warnings: list[Mistake] = []
        self.places: dict[tuple[str, str], int] = {}
        self.csv: tuple[Path, int, list[int]] | None = None
        self.csv_unread = False
        self.lost: dict[tuple[str, int], set[str]] = {}
        self.shown: dict[tuple[str, str], str] = {}
        self.maybe: dict[str, list[str]] = {}
        self.wrong: set[tuple[str, ...]] = set()
        self.profiles = ProfileLimits((), ())

    def lose(self, lost: Iterable[tuple[int, str]]) -> None:
        """Take note of lines that could not be read: their keys have values that nobody knows."""
        for line, key in lost:
            table, number = self.text.table_at(line)
            self.lost.setdefault((table, number), set()).add(key)
            self.maybe.setdefault(table, []).append(self.text.text_of(line))

    def refuse_marks(self) -> None:
        """Add a mistake for each text that the engineer has not filled in; its key has a value that nobody knows."""
        for table, written in self.document.items():
            is_many = isinstance(written, list)
            for number, entry in enumerate(written if is_many else [written]):
                name = str(entry.get("id", "")) if is_many and isinstance(entry, dict) else ""
                for place in marked(entry):
                    if len(self.mistakes) > MOST_MISTAKES:
                        raise CrowdedError(FURTHER_MISTAKES)
                    message = Message("still marked {mark}; expected what the mine knows", mark=FILL_IN)
                    at = number if is_many else None
                    self.mistakes.append(self.mistake(table, at, name or None, place, message))
                    self.lost.setdefault((table, number), set()).update(map(str, place[:1]))

    def mistake(self, table: str, number: int | None, name: str | None, place: Place, message: Message) -> Mistake:
        """Return a mistake at its place: a line of the site file, or a row of the table of points."""
        file, first, lines = self.csv or (None, 0, [])
        if table == "point" and file is not None and number is not None and number >= first:
            # The line shows which row of the CSV file is meant; a number among all points would mislead there.
            return Mistake(str(file), lines[number - first], path_of(table, None, name, place), message)
        return self.text.mistake(table, number, name, place, message)

    def note(
        self,
        table: str,
        name: str,
        place: Place,
        message: Message,
        depends_on: AbstractSet[tuple[str, ...]] = frozenset(),
        *,
        is_judgement: bool = False,
    ) -> None:
        """Add a mistake or a judgement on the table with an id, unless it depends on a value that is wrong itself."""
        if not self.wrong.isdisjoint(depends_on or {(table, name, *map(str, place[:1]))}):
            return
        if self.profiles.is_doubtful(table, name):
            return
        noted = self.judgements if is_judgement else self.mistakes
        noted.append(self.at(*self.profiles.place(table, name, place, message)))

    def warn(self, remarks: Iterable[Remark]) -> None:
        """Add warnings."""
        self.warnings += [self.at(*self.profiles.place(*remark)) for remark in remarks]

    def at(self, table: str, name: str, place: Place, message: Message) -> Mistake:
        """Return a mistake in the table with an id."""
        shown = self.shown.get((table, name), name)
        return self.mistake(table, self.places.get((table, name)), shown or None, place, message)

    def single(self, table: str, model: type[ModelT]) -> ModelT | None:
        """Read a table that may occur once."""
        written = self.document.pop(table, {})
        lost = self.lost.get((table, 0), set())
        try:
            return model.model_validate(written)
        except ValidationError as error:
            for place, message in explain(error):
                if lost.isdisjoint(map(str, place[:1])):
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
            elif name:
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
        """Read all tables of one kind, without those that await a profile; wrong keys have stand-ins."""
        return [
            entity
            for number, name, entry in self.entries(table)
            if not (table == "limit" and self.profiles.awaits(name, entry))
            and (entity := self.entity(table, number, name, entry, model))
        ]

    def entity(self, table: str, number: int, name: str, entry: dict[str, Any], model: type[ModelT]) -> ModelT | None:
        """Read one table and add its mistakes; its wrong keys have stand-ins, so that others can be checked."""
        # An engineer should see all mistakes of a file at once, also those that depend on other tables.
        stand_in = f"{name or table}#{number + 1}"
        is_first = bool(name) and self.places.get((table, name)) == number
        keys = entry if is_first or not name else entry | {"id": stand_in}
        read = read_table(model, keys, stand_in, self.lost.get((table, number), ()))
        for place, message in read.problems:
            self.mistakes.append(self.mistake(table, number, name or None, place, message))
        known = str(getattr(read.entity, "id", name))
        if known != name or "id" in read.wrong:
            self.places[table, known] = number
            self.shown[table, known] = name
            if "id" in read.wrong:
                texts = self.maybe.setdefault(table, [])
                texts.extend(islice(map(str, entry.values()), max(0, MOST_TEXTS - len(texts))))
        self.wrong |= {(table, known, key) for key in read.wrong}
        return read.entity

    def sources(self) -> list[SourceSpec]:
        """Read the [[source]] tables with the specifications of their protocols."""
        sources: list[SourceSpec] = []
        for number, name, entry in self.entries("source"):
            protocol = PROTOCOLS.get(str(entry.get("protocol")))
            if protocol is None:
                meant = likely_protocol(str(entry.get("endpoint")))
                lost = self.lost.setdefault(("source", number), set())
                reported = "protocol" in lost
                lost.add("protocol")
                if source := self.entity("source", number, name, entry | {"protocol": meant}, PROTOCOLS[meant].spec):
                    sources.append(source)
                if reported:
                    continue
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
        if (table, name) in self.places or (name and any(name in text for text in self.maybe.get(table, ()))):
            return True
        return self.csv_unread if table == "point" else table == "limit" and self.profiles.belongs(name)
