"""Differences between two rule-sets, key by key, with those that make a rule looser."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from plant import NEVER_STALE, Point, write_duration
from rules.spec.rule import Interlock, Limit, Vote
from rules.spec.ruleset import RuleSet
from rules.spec.strictness import lax_keys, looser_keys

RuleTable = Literal["site", "source", "hazard_source", "point", "limit", "vote", "interlock"]
RULE_TABLES: Final[tuple[RuleTable, ...]] = ("point", "limit", "vote", "interlock")
ChangeKind = Literal["added", "removed", "changed", "order"]


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key with another value; None if a rule-set lacks the key."""

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
        The entry; an empty name means the order of the whole table.
    kind : str
        Kind of the change.
    keys : tuple of KeyChange
        Keys that were added, removed or changed.

    """

    table: RuleTable
    name: str
    kind: ChangeKind
    keys: tuple[KeyChange, ...] = ()

    @property
    def looser(self) -> bool:
        """Whether the new rule-set watches something less strictly, or no longer."""
        return self.kind == "removed" or any(key.looser for key in self.keys)


def changes(new: str, old: str) -> list[RuleChange]:
    """Return the changes from one content of a rule-set to another; empty only if the two are the same."""
    lax = _looser(new, old)
    return [
        change
        for table, now, before in zip(RULE_TABLES, json.loads(new), json.loads(old), strict=True)
        for change in changes_of(table, now, before, lax)
    ]


def changes_of(
    table: RuleTable,
    now: Sequence[Mapping[str, object]],
    before: Sequence[Mapping[str, object]],
    lax: Mapping[tuple[RuleTable, str], Collection[str]],
) -> Iterator[RuleChange]:
    """Yield the changes of the entries of one table, with the looser keys by table and id."""
    entries, known = ({str(entry["id"]): _flat(entry) for entry in content} for content in (now, before))
    for name in known:
        if name not in entries:
            yield RuleChange(table, name, "removed", tuple(_keys({}, known[name])))
    for name, entry in entries.items():
        keys = tuple(_keys(entry, known.get(name, {}), lax.get((table, name), ())))
        if keys:
            yield RuleChange(table, name, "changed" if name in known else "added", keys)
    # Order matters: events of one moment come in the order of the site file.
    if [name for name in entries if name in known] != [name for name in known if name in entries]:
        yield RuleChange(table, "", "order")


def _keys(new: Mapping[str, str], old: Mapping[str, str], looser: Collection[str] = ()) -> Iterator[KeyChange]:
    for key in {**old, **new}:
        if old.get(key) != new.get(key) and key != "id":
            yield KeyChange(key, old.get(key), new.get(key), key in looser)


def _flat(entry: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """Return the keys of an entry and of its inner tables, with their values as a site file writes them."""
    values: dict[str, str] = {}
    for name, value in entry.items():
        key = prefix + name.rstrip("_")
        if isinstance(value, dict):
            values |= _flat(value, f"{key}.")
        elif key == "stale_after" and isinstance(value, int):
            values[key] = "never" if value == NEVER_STALE else write_duration(value)
        elif value is not None:
            values[key] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return values


def _looser(new: str, old: str) -> dict[tuple[RuleTable, str], set[str]]:
    """Return the looser keys by table and id; none if another version of the program wrote one of the contents."""
    with suppress(ValueError):
        return dict(_lax(RuleSet.read(new), RuleSet.read(old)))
    return {}


def _lax(now: RuleSet, before: RuleSet) -> Iterator[tuple[tuple[RuleTable, str], set[str]]]:
    points = now.conditions.point_of
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
    """Return the looser keys of a limit, each once: a clear value counts for the key that sets it."""
    if new.point != old.point:
        return {"point"}
    keys = {looser.key for looser in looser_keys(new, old, point)}
    by_deadband = new.clear is None and (new.deadband is not None or old.deadband is not None)
    return {"deadband" if key == "clear" and by_deadband else key for key in keys}
