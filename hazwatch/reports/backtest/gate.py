"""The gate of a back-test, row by row: what was found, whether it passes, and what a person must know of it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Any, Final

from hazwatch.reports.backtest.law import Asked, quotes
from hazwatch.reports.backtest.words import CHECKS, Ruling, check_numbers
from hazwatch.words.numbers import period_of
from plant import Message
from plant.units import DAY
from rules import Check, Comparison, Removal, RuleChange

ENOUGH: Final = 30 * DAY
"""Figures of ISA-18.2 are meant over this time at least. [ns]"""
MOST_NAMES: Final = 12


@dataclass(frozen=True, slots=True)
class GateRow:
    """One question of the gate.

    Attributes
    ----------
    name : str
        Its key for other tools.
    title, found : Message
        What is asked, and what was found.
    ruling : str
        Whether it passes; a warning passes, and is seen.
    facts : dict
        The answer for other tools.
    notes : tuple of Message
        What is said below it.

    """

    name: str
    title: Message
    found: Message
    ruling: Ruling
    facts: dict[str, Any]
    notes: tuple[Message, ...] = ()


def number_rows(checks: Iterable[Check], comparison: Comparison) -> Iterator[GateRow]:
    """Yield a row for each number that has a limit."""
    for check in checks:
        found, most = check_numbers(check)
        title = CHECKS[check.name]
        row = GateRow(
            name=check.name,
            title=Message("{figure} ≤ {most}", figure=title, most=most),
            found=Message("{text}", text=found),
            ruling="pass" if check.passed else "refused",
            facts={"found": check.found, "most": check.most},
        )
        yield _missed(row, comparison) if check.name == "missed" else row


def _missed(row: GateRow, comparison: Comparison) -> GateRow:
    """Return the row of the incidents: where some were given and none is of the period, it does not pass."""
    seen, left = len(comparison.incidents), comparison.left_out
    found = Message("{text}", text=f"{row.found} / {seen}")
    row = replace(row, title=CHECKS["missed"], found=found, facts=row.facts | {"of": seen, "left_out": left})
    if not left:
        return row
    out = Message("{left} of {count} left out: not in the period", left=left, count=seen + left)
    if not seen:
        nothing = Message("None is in the period: there is nothing to judge by")
        return replace(row, ruling="refused", notes=(out, nothing))
    return replace(row, ruling="warning" if row.ruling == "pass" else row.ruling, notes=(out,))


def is_allowed(removal: Removal, allowed: Collection[str]) -> bool:
    """Tell whether somebody named what is removed, or the point or the hazard source that it belongs to."""
    return not {removal.name, *removal.within}.isdisjoint(allowed)


def removed_row(found: Sequence[Removal], allowed: Collection[str]) -> GateRow:
    """Return the row of what the candidate no longer watches."""
    refused = [one for one in found if not is_allowed(one, allowed)]
    permitted = [one for one in found if is_allowed(one, allowed)]
    notes = [_removal(one, Message("refused")) for one in refused]
    notes += [_removal(one, Message("allowed")) for one in permitted]
    if len(notes) > MOST_NAMES:
        notes[MOST_NAMES:] = [Message("{count} more", count=len(notes) - MOST_NAMES)]
    if refused:
        option = f"--allow-removed {refused[0].name}"
        notes.append(Message("Where it is meant so, say it of each: {option}", option=option))
    return GateRow(
        name="removed",
        title=Message("Rules removed"),
        found=Message("{text}", text=len(found)),
        ruling="refused" if refused else "warning" if permitted else "pass",
        facts={
            "found": len(refused),
            "most": 0,
            "removals": [one._asdict() | {"allowed": is_allowed(one, allowed)} for one in found],
        },
        notes=tuple(notes),
    )


OTHER_SIGNAL: Final = frozenset(("expression", "source", "address", "hazard_source", "resolution"))
"""Keys that make other values of a point; whether these are looser nobody can tell from the rules."""


def looser_row(found: Iterable[RuleChange]) -> GateRow:
    """Return the row of what watches less strictly than the rules in force, or looks at another signal."""
    changed = [
        (f"{change.name}.{key.key}", key.old or "-", key.new or "-")
        for change in found
        for key in change.keys
        if change.kind == "changed" and (key.looser or (change.table == "point" and key.key in OTHER_SIGNAL))
    ]
    texts = [f"{name}: {old} -> {new}" for name, old, new in changed[:MOST_NAMES]]
    notes = [Message("{text}", text=text) for text in texts]
    if len(changed) > MOST_NAMES:
        notes.append(Message("{count} more", count=len(changed) - MOST_NAMES))
    return GateRow(
        name="looser",
        title=Message("Looser than in force, or another signal"),
        found=Message("{text}", text=len(changed)),
        ruling="warning" if changed else "pass",
        facts={"found": len(changed), "keys": [{"key": name, "old": old, "new": new} for name, old, new in changed]},
        notes=tuple(notes),
    )


def _removal(one: Removal, ruling: Message) -> Message:
    kinds = {
        "removed": Message("removed"),
        "moved": Message("moved to {to}", to=one.to),
        "off": Message("turned off"),
    }
    name = f"{one.name} ({', '.join(one.rules)})" if one.rules else one.name
    return Message("{rule} {change}: {ruling}", rule=name, change=kinds[one.kind], ruling=ruling)


def law_row(asked: Sequence[Asked], unknown: Sequence[str]) -> GateRow:
    """Return the row that compares the limits with the regulations of their points."""
    refused, warned = ([one for one in asked if one.ruling == ruling] for ruling in ("refused", "warning"))
    notes = list(quotes(asked))
    if unknown:
        names = (*unknown[:MOST_NAMES], "…") if len(unknown) > MOST_NAMES else tuple(unknown)
        notes.append(
            Message("No regulation known for {count} {count:point|points}: {names}", count=len(unknown), names=names)
        )
    return GateRow(
        name="law",
        title=Message("Not looser than the regulation"),
        found=_law_found(len(asked), len(refused), len(warned)),
        ruling="refused" if refused else "warning" if warned or not asked else "pass",
        facts={"found": len(refused), "most": 0, "limits": [_law_facts(one) for one in asked], "unknown": [*unknown]},
        notes=tuple(notes),
    )


def _law_found(asked: int, refused: int, warned: int) -> Message:
    if refused:
        return Message("{count} looser", count=refused)
    if warned:
        return Message("{count} looser, with a basis", count=warned)
    return Message("kept") if asked else Message("not known")


def _law_facts(one: Asked) -> dict[str, Any]:
    keys = {"high", "low", "clear", "deadband", "on_delay", "off_delay", "feature"}
    return {
        "limit": one.legal.id,
        "point": one.point.id,
        "profile": one.profile,
        "article": one.legal.basis,
        "article_en": one.legal.basis_en,
        "regulation": one.legal.model_dump(include=keys, exclude_none=True),
        "given": None if one.given is None else one.given.model_dump(include=keys, exclude_none=True),
        "looser": [found.key for found in one.looser],
        "stricter": [found.key for found in one.stricter],
        "basis": None if one.basis is None else one.basis.zh,
        "ruling": one.ruling,
    }


def days_row(comparison: Comparison) -> GateRow:
    """Return the row that says whether the record is long enough for its rates to say much."""
    length = comparison.recorded
    days = floor(10 * length / DAY) / 10
    found = Message("{days:g} days", days=days) if length >= DAY else Message("{text}", text=period_of(length))
    short = length < ENOUGH
    return GateRow(
        name="days",
        title=Message("At least 30 days of record"),
        found=Message("only {found}", found=found) if short else found,
        ruling="warning" if short else "pass",
        facts={"found": length / DAY, "least": ENOUGH / DAY},
    )
