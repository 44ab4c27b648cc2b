"""The presentation of a site: what people are told, and whether tickets are opened. It has a version of its own.

It also records which checks of a device's identity the site file switches off: people rely on what the device says.

The texts that limits have from their profiles stand apart in the content, because an update of Hazwatch may change them
without anybody editing the site file.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

from hazwatch.site.config import Config
from plant import Entity
from rules import NOT_EVALUATED, Limit, version_of

SOURCES: Final = frozenset(("source", "address"))
"""Keys of a point that say where its values come from: nobody is told these."""
FROM_PROFILES: Final = "profile"
"""Table of the content with what limits have from their profiles."""


@dataclass(frozen=True)
class Presentation:
    """A presentation, by its content: a JSON object with a list of entries for each table."""

    content: str

    @classmethod
    def of(cls, config: Config) -> Self:
        """Return the presentation of a site file."""
        rules, legal = config.rules, config.statutory
        tables = {
            "site": [_told(config.site)],
            "hazard_source": [_told(source) for source in config.hazard_sources],
            "point": [_told(point, NOT_EVALUATED - SOURCES) for point in rules.points],
            "limit": [_told(limit, NOT_EVALUATED, legal.get(limit.id)) for limit in rules.limits],
            "vote": [_told(vote, NOT_EVALUATED) for vote in rules.votes],
            "interlock": [_told(interlock, NOT_EVALUATED) for interlock in rules.interlocks],
            FROM_PROFILES: [_inherited(limit, legal[limit.id]) for limit in rules.limits if limit.id in legal],
        }
        # Only where there is something to record: the content of other site files stays as it was.
        if tolerant := [source for source in config.sources if source.tolerated]:
            tables["source"] = [{"id": source.id, "tolerate": list(source.tolerated)} for source in tolerant]
        # The order of the tables is a matter of the rules; here it would only make two versions of the same texts.
        ordered = {name: sorted(entries, key=lambda entry: str(entry["id"])) for name, entries in tables.items()}
        return cls(json.dumps(ordered, ensure_ascii=False))

    @cached_property
    def version(self) -> str:
        """12 hexadecimal digits of the SHA-256 of the content."""
        return version_of(self.content)

    @property
    def written(self) -> Mapping[str, Any]:
        """The tables that the site file itself writes."""
        return {name: entries for name, entries in json.loads(self.content).items() if name != FROM_PROFILES}

    @property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """All tables, with the texts of the profiles in those of the limits."""
        tables: dict[str, list[dict[str, Any]]] = json.loads(self.content)
        inherited = {entry["id"]: entry for entry in tables.pop(FROM_PROFILES)}
        return tables | {"limit": [entry | inherited.get(entry["id"], {}) for entry in tables["limit"]]}

    def says(self, content: str) -> bool:
        """Tell whether a content differs from this one at most in what Hazwatch itself brings along."""
        return self.written == type(self)(content).written


def _told(entity: Entity, keys: Iterable[str] | None = None, legal: Limit | None = None) -> dict[str, object]:
    """Return what an entry of a site file writes itself: keys with another value than that of its profile, if any."""
    values, written = _values(entity, keys)
    if legal is None:
        return {key: value for key, value in values.items() if key in written}
    of_profile, _ = _values(legal, keys)
    return {key: value for key, value in values.items() if key == "id" or value != of_profile[key]}


def _inherited(limit: Limit, legal: Limit) -> dict[str, object]:
    """Return what a limit has from its profile."""
    values, written = _values(limit, NOT_EVALUATED)
    of_profile, _ = _values(legal, NOT_EVALUATED)
    return {key: value for key, value in values.items() if key in written and (key == "id" or value == of_profile[key])}


def _values(entity: Entity, keys: Iterable[str] | None) -> tuple[dict[str, object], set[str]]:
    """Return the values of some keys of an entry, and the keys that must be written."""
    include = None if keys is None else {"id", *keys}
    # A default is left out, so that a key that a later version adds does not change the content of a site file without
    # it. `ticket` always stands there: one that is switched off must be seen.
    written = entity.model_dump(mode="json", include=include, exclude_defaults=True).keys() | {"ticket"}
    return entity.model_dump(mode="json", include=include), written
