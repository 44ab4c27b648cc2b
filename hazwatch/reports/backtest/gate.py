"""The gate of a back-test: one row per question, with result, ruling and notes."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Any, Final

from hazwatch.reports.backtest.law import Asked, quotes
from hazwatch.reports.backtest.words import CHECKS, Ruling, check_numbers
from hazwatch.site.law.unexplained import why_refused
from hazwatch.words.numbers import period_of
from plant import Message
from plant.units import DAY
from rules import Check, Comparison, Removal, RuleChange

ENOUGH: Final = 30 * DAY
"""ISA-18.2 defines its figures over at least this period. [ns]"""
MOST_NAMES: Final = 12


@dataclass(frozen=True, slots=True)
class GateRow:
    """One question of the gate.

    Attributes
    ----------
    name : str
        Key for other tools.
    title, found : Message
        Question and result.
    ruling : str
        Ruling; a warning passes but is shown.
    facts : dict
        Result for other tools.
    notes : tuple of Message
        Remarks below the row.

    """

    name: str
    title: Message
    found: Message
    ruling: Ruling
    facts: dict[str, Any]
    notes: tuple[Message, ...] = ()


def number_rows(checks: Iterable[Check], comparison: Comparison) -> Iterator[GateRow]:
    """Yield a row for each figure with a limit."""
    for check in checks:
        result, most = check_numbers(check)
        title = CHECKS[check.name]
        row = GateRow(
            name=check.name,
            title=Message("{figure} ≤ {most}", figure=title, most=most),
            found=Message("{text}", text=result),
            ruling="pass" if check.passed else "refused",
            facts={"found": check.found, "most": check.most},
        )
        yield _missed(row, comparison) if check.name == "missed" else row


def _missed(row: GateRow, comparison: Comparison) -> GateRow:
    """Return the row of missed incidents; it is refused if there are incidents and all lie outside the period."""
    seen, left = len(comparison.incidents), comparison.left_out
    result = Message("{text}", text=f"{row.found} / {seen}")
    row = replace(row, title=CHECKS["missed"], found=result, facts=row.facts | {"of": seen, "left_out": left})
    if not left:
        return row
    out = Message("{left} of {count} left out: not in the period", left=left, count=seen + left)
    # A gate that passes because no labelled incident was in the period would prove nothing.
    if not seen:
        nothing = Message("None is in the period: there is nothing to judge by")
        return replace(row, ruling="refused", notes=(out, nothing))
    return replace(row, ruling="warning" if row.ruling == "pass" else row.ruling, notes=(out,))


def is_allowed(removal: Removal, allowed: Collection[str]) -> bool:
    """Tell whether `allowed` has a removed rule, its point or its hazard source."""
    return not {removal.name, *removal.within}.isdisjoint(allowed)


def removed_row(removals: Sequence[Removal], allowed: Collection[str]) -> GateRow:
    """Return the row of rules that the candidate removes."""
    refused = [removal for removal in removals if not is_allowed(removal, allowed)]
    permitted = [removal for removal in removals if is_allowed(removal, allowed)]
    notes = [_removal(removal, Message("refused")) for removal in refused]
    notes += [_removal(removal, Message("allowed")) for removal in permitted]
    if len(notes) > MOST_NAMES:
        notes[MOST_NAMES:] = [Message("{count} more", count=len(notes) - MOST_NAMES)]
    if refused:
        option = f"--allow-removed {refused[0].name}"
        notes.append(Message("Where it is meant so, say it of each: {option}", option=option))
    return GateRow(
        name="removed",
        title=Message("Rules removed"),
        found=Message("{text}", text=len(removals)),
        ruling="refused" if refused else "warning" if permitted else "pass",
        facts={
            "found": len(refused),
            "most": 0,
            "removals": [removal._asdict() | {"allowed": is_allowed(removal, allowed)} for removal in removals],
        },
        notes=tuple(notes),
    )


OTHER_SIGNAL: Final = frozenset(("expression", "source", "address", "hazard_source", "resolution"))
"""Keys that change the values of a point. The rules alone cannot tell whether the new values are looser."""


def looser_row(
    changes: Iterable[RuleChange],
    unexplained: Collection[str] = (),
    named: Collection[tuple[str, str]] = (),
    substitutes: Sequence[Message] = (),
) -> GateRow:
    """Return the row of rules that are looser than in force or use another signal.

    Parameters
    ----------
    changes : iterable of RuleChange
        From the rules in force to the candidate.
    unexplained : collection of str
        Limits that no person has explained: they are refused.
    named : collection of (limit, key)
        Keys that the comparison with the regulation names, and that are not named again.
    substitutes : sequence of Message
        Why new points in the place of removed ones are refused.

    """
    changed = [
        (change.name, key.key, key.old or "-", key.new or "-")
        for change in changes
        for key in change.keys
        if change.kind == "changed" and (key.looser or (change.table == "point" and key.key in OTHER_SIGNAL))
        if (change.name, key.key) not in named
    ]
    notes = [*map(why_refused, unexplained), *substitutes]
    notes += [Message("{text}", text=f"{name}.{key}: {old} -> {new}") for name, key, old, new in changed[:MOST_NAMES]]
    if len(changed) > MOST_NAMES:
        notes.append(Message("{count} more", count=len(changed) - MOST_NAMES))
    return GateRow(
        name="looser",
        title=Message("Looser than in force, or another signal"),
        found=Message("{text}", text=len(changed)),
        ruling="refused" if unexplained or substitutes else "warning" if changed else "pass",
        facts={
            "found": len(changed),
            "keys": [{"key": f"{name}.{key}", "old": old, "new": new} for name, key, old, new in changed],
            "unexplained": [*unexplained],
        },
        notes=tuple(notes),
    )


def _removal(removal: Removal, ruling: Message) -> Message:
    kinds = {
        "removed": Message("removed"),
        "moved": Message("moved to {to}", to=removal.to),
        "off": Message("turned off"),
    }
    name = f"{removal.name} ({', '.join(removal.rules)})" if removal.rules else removal.name
    return Message("{rule} {change}: {ruling}", rule=name, change=kinds[removal.kind], ruling=ruling)


def law_row(asked: Sequence[Asked], unknown: Sequence[str]) -> GateRow:
    """Return the row that compares limits with the regulation."""
    refused, warned = ([item for item in asked if item.ruling == ruling] for ruling in ("refused", "warning"))
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
        facts={"found": len(refused), "most": 0, "limits": [_law_facts(item) for item in asked], "unknown": [*unknown]},
        notes=tuple(notes),
    )


def _law_found(asked: int, refused: int, warned: int) -> Message:
    if refused:
        return Message("{count} looser", count=refused)
    if warned:
        return Message("{count} looser, with a basis", count=warned)
    return Message("kept") if asked else Message("not known")


def _law_facts(item: Asked) -> dict[str, Any]:
    keys = {"high", "low", "clear", "deadband", "on_delay", "off_delay", "feature", "window", "horizon", "tau", "per"}
    return {
        "limit": item.legal.id,
        "point": item.point.id,
        "profile": item.profile,
        "article": item.legal.basis,
        "article_en": item.legal.basis_en,
        "regulation": item.legal.model_dump(include=keys, exclude_none=True),
        "given": None if item.given is None else item.given.model_dump(include=keys, exclude_none=True),
        "looser": [key.key for key in item.looser],
        "stricter": [key.key for key in item.stricter],
        "basis": None if item.basis is None else item.basis.zh,
        "ruling": item.ruling,
    }


def days_row(comparison: Comparison) -> GateRow:
    """Return the row that tells whether the record is long enough for its rates."""
    length = comparison.recorded
    # Rounded down: 29.96 days must not read as the 30 days that it fails.
    days = floor(10 * length / DAY) / 10
    days_of_record = Message("{days:g} days", days=days) if length >= DAY else Message("{text}", text=period_of(length))
    short = length < ENOUGH
    return GateRow(
        name="days",
        title=Message("At least 30 days of record"),
        found=Message("only {length}", length=days_of_record) if short else days_of_record,
        ruling="warning" if short else "pass",
        facts={"found": length / DAY, "least": ENOUGH / DAY},
    )
