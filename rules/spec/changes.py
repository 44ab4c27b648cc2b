"""What differs between two rule-sets, key by key, and what becomes looser by it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from plant import NEVER_STALE, Point, write_duration
from rules.spec.rule import Interlock, Limit, Vote
from rules.spec.ruleset import RuleSet
from rules.spec.strictness import lax_keys, looser_keys

RuleTable = Literal["point", "limit", "vote", "interlock"]
RULE_TABLES: Final[tuple[RuleTable, ...]] = ("point", "limit", "vote", "interlock")
ChangeKind = Literal["added", "removed", "changed", "order"]


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key that says something else; None where it is not given."""

    key: str
    old: str | None
    new: str | None
    looser: bool


@dataclass(frozen=True, slots=True)
class RuleChange:
    """An entry of a table that was added, removed or changed, or a table in another order.

    Attributes
    ----------
    table, name : str
        Which one; without a name the order of the whole table.
    kind : str
        What happened.
    keys : tuple of KeyChange
        What it says that it did not say before, or no longer says.

    """

    table: RuleTable
    name: str
    kind: ChangeKind
    keys: tuple[KeyChange, ...] = ()

    @property
    def looser(self) -> bool:
        """Whether something is watched less strictly than before, or no longer."""
        return self.kind == "removed" or any(key.looser for key in self.keys)


def changes(new: str, old: str) -> list[RuleChange]:
    """Return what the content of a rule-set changes of another one: nothing only where they are the same."""
    lax = _looser(new, old)
    found: list[RuleChange] = []
    for table, now, before in zip(RULE_TABLES, json.loads(new), json.loads(old), strict=True):
        entries, known = ({entry["id"]: _flat(entry) for entry in given} for given in (now, before))
        gone = [name for name in known if name not in entries]
        found += (RuleChange(table, name, "removed", tuple(_keys({}, known[name]))) for name in gone)
        for name, entry in entries.items():
            keys = tuple(_keys(entry, known.get(name, {}), lax.get((table, name), ())))
            if keys:
                found.append(RuleChange(table, name, "changed" if name in known else "added", keys))
        if [name for name in entries if name in known] != [name for name in known if name in entries]:
            found.append(RuleChange(table, "", "order"))
    return found


def _keys(new: Mapping[str, str], old: Mapping[str, str], looser: Collection[str] = ()) -> Iterator[KeyChange]:
    for key in {**old, **new}:
        if old.get(key) != new.get(key) and key != "id":
            yield KeyChange(key, old.get(key), new.get(key), key in looser)


def _flat(entry: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the keys that are given, tables within them as well, with what a site file would say."""
    found: dict[str, str] = {}
    for name, value in entry.items():
        key = prefix + name.rstrip("_")
        if isinstance(value, dict):
            found |= _flat(value, f"{key}.")
        elif key == "stale_after":
            found[key] = "never" if value == NEVER_STALE else write_duration(value)
        elif value is not None:
            found[key] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return found


def _looser(new: str, old: str) -> dict[tuple[RuleTable, str], set[str]]:
    """Return by table and id the keys that are looser; nothing of a content that another version wrote."""
    with suppress(ValueError):
        return dict(_lax(RuleSet.read(new), RuleSet.read(old)))
    return {}


def _lax(now: RuleSet, before: RuleSet) -> Iterator[tuple[tuple[RuleTable, str], set[str]]]:
    points = {point.id: point for point in now.points}
    for table, new, old in zip(RULE_TABLES, _tables(now), _tables(before), strict=True):
        known = {entry.id: entry for entry in old}
        for entry in new:
            other = known.get(entry.id)
            if other is None:
                continue
            keys = lax_keys(entry, other)
            if isinstance(entry, Limit) and isinstance(other, Limit):
                keys |= _lax_limit(entry, other, points[entry.point])
            yield (table, entry.id), keys


def _tables(rules: RuleSet) -> tuple[Sequence[Point | Limit | Vote | Interlock], ...]:
    return rules.points, rules.limits, rules.votes, rules.interlocks


def _lax_limit(new: Limit, old: Limit, point: Point) -> set[str]:
    """Return the keys in which a limit is looser; `deadband` where that is what moves its `clear`."""
    if new.point != old.point:
        return {"point"}
    keys = {found.key for found in looser_keys(new, old, point)}
    return keys | {"deadband"} if "clear" in keys else keys
