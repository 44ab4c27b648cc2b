"""Differences between two presentations, key by key, with those after which people are told less."""

from typing import Any, Final, get_args

from hazwatch.site.presentation import Presentation
from rules import RuleChange, RuleTable, changes_of

PRESENTED: Final[tuple[RuleTable, ...]] = get_args(RuleTable)
GRADES: Final = ("I", "II", "III", "IV")
"""Assessed grades, the gravest first."""


def presentation_changes(new: Presentation, old: Presentation | None) -> list[RuleChange]:
    """Return the changes from one presentation to another; with None all that the new one says."""
    now, before = new.tables, {} if old is None else old.tables
    # A source has an entry only if it tolerates something. Without this its removal would look like one of a rule.
    sources = {entry["id"] for tables in (now, before) for entry in tables.get("source", ())}
    for tables in (now, before):
        written = {entry["id"]: entry for entry in tables.get("source", ())}
        tables["source"] = [written.get(name, {"id": name, "tolerate": []}) for name in sorted(sources)]
    lax = {
        (table, entry["id"]): _looser(entry, other)
        for table in PRESENTED
        for entry, other in _both(now.get(table, []), before.get(table, []))
    }
    return [
        change for table in PRESENTED for change in changes_of(table, now.get(table, []), before.get(table, []), lax)
    ]


def _both(now: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    known = {entry["id"]: entry for entry in before}
    return [(entry, known[entry["id"]]) for entry in now if entry["id"] in known]


def _looser(new: dict[str, Any], old: dict[str, Any]) -> set[str]:
    """Return the keys in which people are told less gravely, or rely on a device that is checked less."""
    looser = {"ticket"} if old.get("ticket") and not new.get("ticket") else set()
    looser |= {"tolerate"} if not set(new.get("tolerate", ())) <= set(old.get("tolerate", ())) else set()
    grades = [GRADES.index(entry["grade"]) for entry in (old, new) if entry.get("grade") in GRADES]
    return looser | {"grade"} if len(grades) == 2 and grades[1] > grades[0] else looser
