"""Turns a site file into one Config, or into all its mistakes with their places."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hazwatch.site.bounded import read_text
from hazwatch.site.full_range import short_ranges
from hazwatch.site.headers import read_headers
from hazwatch.site.lost_headers import put_back_headers
from hazwatch.site.point_checks import check_points
from hazwatch.site.points_csv import PointTableError, read_points
from hazwatch.site.profiles import ProfileLimits, in_order
from hazwatch.site.site_text import Mistake, SiteText, further, unreadable
from hazwatch.site.specs.keeping import AnchorsSpec, HistorianSpec
from hazwatch.site.specs.stores import InfluxStoreSpec
from hazwatch.site.tables import TABLE_MODELS, CrowdedError, SiteTables
from hazwatch.site.toml_text import read_past_faults
from hazwatch.site.unwatched import unwatched
from plant import HazardSource, Message, PointTable, Site, SourceSpec
from rules import Limit, RuleSet


class ConfigError(Exception):
    """A site file has mistakes; `mistakes` lists all of them."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes: Final = mistakes


@dataclass(frozen=True, slots=True)
class Config:
    """A complete and valid site file."""

    path: Path
    site: Site
    historian: HistorianSpec
    anchors: AnchorsSpec
    stores: tuple[InfluxStoreSpec, ...]
    hazard_sources: tuple[HazardSource, ...]
    sources: tuple[SourceSpec, ...]
    rules: RuleSet
    points: PointTable
    warnings: tuple[Mistake, ...]
    judgements: tuple[Mistake, ...]
    """Mistakes of rules that an engine can evaluate: refused in an edit, warned of where the rules are in force."""
    statutory: Mapping[str, Limit]
    """The limits of the profiles by id, before the site file overrides them."""

    def arrival_timed(self) -> NDArray[np.bool_]:
        """Return a (points,) column: True if the arrival of a point's samples is their time."""
        timed = {source.id for source in self.sources if source.time == "arrival"}
        return np.array([point.source in timed for point in self.points.points], dtype=np.bool_)

    def points_of(self, source: str) -> list[tuple[int, str]]:
        """Return column and address of the points of a source."""
        return [(n, p.address or "") for n, p in enumerate(self.points.points) if p.source == source]


def load(path: Path, today: date | None = None) -> Config:
    """Read and check a site file; with today's date, also warn of what it leaves unwatched.

    Raises
    ------
    ConfigError
        The file has mistakes; the error lists each with file, line, path and the expected value.

    """
    config = load_judged(path, today)
    if config.judgements:
        raise ConfigError(list(config.judgements))
    return config


def load_judged(path: Path, today: date | None = None) -> Config:
    """Read a site file that may be in force already: the caller decides about its judgements.

    Raises
    ------
    ConfigError
        The file has other mistakes than judgements; the error lists both.

    """
    # A later version may judge more strictly. What was approved before is watched on all the same.
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        raise ConfigError([unreadable(path, error)]) from None
    text, headers = read_headers(path, text)
    text, lost = put_back_headers(path, text)
    toml = read_past_faults(path, text)
    toml.mistakes += [*headers, *lost]
    if toml.document is None:
        raise ConfigError(toml.mistakes)
    tables = SiteTables(SiteText(path, text), toml.document)
    tables.mistakes += toml.mistakes
    tables.lose(toml.lost)
    try:
        config = _read(tables, path, today)
    except CrowdedError:
        raise ConfigError([*_sorted(tables.mistakes), further(path)]) from None
    if tables.mistakes or config is None:
        raise ConfigError(_sorted([*tables.mistakes, *tables.judgements]))
    warnings, judgements = _sorted(config.warnings), _sorted(config.judgements)
    return replace(config, warnings=tuple(warnings), judgements=tuple(judgements))


def _sorted(mistakes: Iterable[Mistake]) -> list[Mistake]:
    return sorted(set(mistakes))


def _read(tables: SiteTables, path: Path, today: date | None) -> Config | None:
    csv = tables.document.pop("points", None)
    if csv is not None:
        _add_points(tables, path, csv)
    tables.refuse_marks()
    site = tables.single("site", Site)
    historian = tables.single("historian", HistorianSpec)
    anchors = tables.single("anchors", AnchorsSpec)
    sources = tables.sources()
    entries = _entities(tables)
    for key in tables.document:
        tables.mistakes.append(
            tables.mistake(
                key, None, None, (), Message("unknown table; expected one of those in docs/en/configuration.md")
            )
        )
    check_points(tables, entries["point"], {source.id: source for source in sources})
    for name, message in short_ranges(entries["hazard_source"], entries["point"]):
        tables.warnings.append(tables.at("point", name, ("range",), message))
    _check_stores(tables, entries["store"])
    rules = RuleSet(*(tuple(entries[table]) for table in ("point", "limit", "vote", "interlock")))
    _check_rules(tables, rules)
    if tables.mistakes or site is None or historian is None or anchors is None:
        return None
    points = PointTable(entries["point"])
    if today is not None:
        tables.warn(unwatched(entries["hazard_source"], rules, today))
    return Config(
        path,
        site,
        historian,
        anchors,
        tuple(entries["store"]),
        tuple(entries["hazard_source"]),
        tuple(sources),
        rules,
        points,
        tuple(tables.warnings),
        tuple(tables.judgements),
        tables.profiles.statutory,
    )


def _check_stores(tables: SiteTables, stores: Sequence[InfluxStoreSpec]) -> None:
    """Note stores that share an id because theirs is left out: each keeps its position under its id."""
    for number, store in enumerate(stores):
        if store.id in {other.id for other in stores[:number]}:
            message = Message("expected an id of its own for each [[store]]; found {id!r} twice", id=store.id)
            tables.mistakes.append(tables.mistake("store", number, None, ("id",), message))


def _check_rules(tables: SiteTables, rules: RuleSet) -> None:
    for vote in rules.votes:
        if not tables.knows("hazard_source", vote.hazard_source):
            message = Message('no [[{table}]] has the id "{id}"', table="hazard_source", id=vote.hazard_source)
            tables.note("vote", vote.id, ("hazard_source",), message)
    for problem in rules.problems():
        # The table that a rule refers to may exist but be wrong: its own mistake is noted already.
        if not (problem.missing and any(tables.knows(kind, problem.missing) for kind in TABLE_MODELS)):
            table, name, *place = problem.path
            tables.note(
                table, name, tuple(place), problem.message, problem.depends_on, is_judgement=problem.is_judgement
            )


def _add_points(tables: SiteTables, path: Path, csv: Any) -> None:
    if not isinstance(csv, str):
        message = Message('expected a file name, "points.csv"')
        tables.mistakes.append(tables.mistake("points", None, None, (), message))
        return
    lost: Sequence[frozenset[str]] = ()
    try:
        rows = read_points(path.parent / csv)
    except PointTableError as error:
        tables.mistakes.extend(error.mistakes)
        tables.csv_unread = not error.rows
        rows, lost = list(error.rows), error.lost
    written = tables.document.get("point", [])
    if isinstance(written, list):
        tables.csv = (path.parent / csv, len(written), [line for line, _ in rows])
        tables.document["point"] = [*written, *(keys for _, keys in rows)]
        tables.lost.update({("point", len(written) + number): set(keys) for number, keys in enumerate(lost)})


def _entities(tables: SiteTables) -> dict[str, list[Any]]:
    """Read the tables that occur many times."""
    written = tables.document.get("point")
    entries: dict[str, list[Any]] = {}
    inherited: list[Limit] = []
    for table, model in TABLE_MODELS.items():
        if table == "limit":
            tables.profiles = ProfileLimits(entries["point"], written)
            inherited = tables.profiles.merge(tables.document.get("limit"))
        entries[table] = tables.many(table, model)
    tables.profiles.compare(entries["limit"])
    for remark in tables.profiles.mistakes:
        tables.note(*remark)
    for remark in tables.profiles.judgements:
        tables.note(*remark, is_judgement=True)
    tables.warn(tables.profiles.warnings)
    return entries | {"limit": in_order([*inherited, *entries["limit"]], tables.profiles.statutory)}
