"""The gate of a back-test, row by row: what was found, whether it passes, and what a person must know of it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Any, Final

from hazwatch.reports.backtest.law import Asked, quotes
from hazwatch.words.reports import CHECKS, Ruling, Words, check_numbers, period_of
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
    title, found : Words
        What is asked, and what was found.
    ruling : str
        Whether it passes; a warning passes, and is seen.
    facts : dict
        The answer for other tools.
    notes : tuple of Words
        What is said below it.

    """

    name: str
    title: Words
    found: Words
    ruling: Ruling
    facts: dict[str, Any]
    notes: tuple[Words, ...] = ()


def number_rows(checks: Iterable[Check], comparison: Comparison) -> Iterator[GateRow]:
    """Yield a row for each number that has a limit."""
    for check in checks:
        found, most = check_numbers(check)
        title = CHECKS[check.name]
        row = GateRow(
            name=check.name,
            title=Words(f"{title.zh} ≤ {most}", f"{title.en} ≤ {most}"),
            found=Words(found, found),
            ruling="pass" if check.passed else "refused",
            facts={"found": check.found, "most": check.most},
        )
        yield _missed(row, comparison) if check.name == "missed" else row


def _missed(row: GateRow, comparison: Comparison) -> GateRow:
    """Return the row of the incidents: where some were given and none is of the period, it does not pass."""
    seen, left = len(comparison.incidents), comparison.left_out
    found = f"{row.found.zh} / {seen}"
    row = replace(
        row, title=CHECKS["missed"], found=Words(found, found), facts=row.facts | {"of": seen, "left_out": left}
    )
    if not left:
        return row
    out = Words(
        f"{seen + left} 个中有 {left} 个不在期间内, 未计入", f"{left} of {seen + left} left out: not in the period"
    )
    if not seen:
        nothing = Words("期间内没有标注事件, 无从判断", "None is in the period: there is nothing to judge by")
        return replace(row, ruling="refused", notes=(out, nothing))
    return replace(row, ruling="warning" if row.ruling == "pass" else row.ruling, notes=(out,))


def is_allowed(removal: Removal, allowed: Collection[str]) -> bool:
    """Tell whether somebody named what is removed, or the point or the hazard source that it belongs to."""
    return not {removal.name, *removal.within}.isdisjoint(allowed)


def removed_row(found: Sequence[Removal], allowed: Collection[str]) -> GateRow:
    """Return the row of what the candidate no longer watches."""
    refused = [one for one in found if not is_allowed(one, allowed)]
    permitted = [one for one in found if is_allowed(one, allowed)]
    notes = [_removal(one, Words("不通过", "refused")) for one in refused]
    notes += [_removal(one, Words("已允许", "allowed")) for one in permitted]
    rest = len(notes) - MOST_NAMES
    notes[MOST_NAMES:] = [Words(f"还有 {rest} 条", f"{rest} more")] * (rest > 0)
    if refused:
        option = f"--allow-removed {refused[0].name}"
        notes.append(Words(f"有意删除的, 逐一写明: {option}", f"Where it is meant so, say it of each: {option}"))
    return GateRow(
        name="removed",
        title=Words("删除的规则", "Rules removed"),
        found=Words(f"{len(found)}", f"{len(found)}"),
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
    notes = [Words(text, text) for text in texts]
    rest = len(changed) - len(notes)
    notes += [Words(f"还有 {rest} 处", f"{rest} more")] * (rest > 0)
    return GateRow(
        name="looser",
        title=Words("比现行规则更宽, 或换了信号", "Looser than in force, or another signal"),
        found=Words(f"{len(changed)} 处", f"{len(changed)}"),
        ruling="warning" if changed else "pass",
        facts={"found": len(changed), "keys": [{"key": name, "old": old, "new": new} for name, old, new in changed]},
        notes=tuple(notes),
    )


def _removal(one: Removal, ruling: Words) -> Words:
    kinds = {
        "removed": Words("删除", "removed"),
        "moved": Words(f"移到 {one.to}", f"moved to {one.to}"),
        "off": Words("停用", "turned off"),
    }
    kind, rules = kinds[one.kind], f" ({', '.join(one.rules)})" if one.rules else ""
    return Words(f"{one.name}{rules} {kind.zh}: {ruling.zh}", f"{one.name}{rules} {kind.en}: {ruling.en}")


def law_row(asked: Sequence[Asked], unknown: Sequence[str]) -> GateRow:
    """Return the row that compares the limits with the regulations of their points."""
    refused, warned = ([one for one in asked if one.ruling == ruling] for ruling in ("refused", "warning"))
    notes = list(quotes(asked))
    if unknown:
        names = ", ".join([*unknown[:MOST_NAMES], *["…"] * (len(unknown) > MOST_NAMES)])
        count = len(unknown)
        notes.append(
            Words(
                f"{count} 个测点没有已知的规程限值: {names}",
                f"No regulation known for {count} point{'s'[: count != 1]}: {names}",
            )
        )
    return GateRow(
        name="law",
        title=Words("不松于法规", "Not looser than the regulation"),
        found=_law_found(len(asked), len(refused), len(warned)),
        ruling="refused" if refused else "warning" if warned or not asked else "pass",
        facts={"found": len(refused), "most": 0, "limits": [_law_facts(one) for one in asked], "unknown": [*unknown]},
        notes=tuple(notes),
    )


def _law_found(asked: int, refused: int, warned: int) -> Words:
    if refused:
        return Words(f"{refused} 处更宽", f"{refused} looser")
    if warned:
        return Words(f"{warned} 处更宽, 有依据", f"{warned} looser, with a basis")
    return Words("通过", "kept") if asked else Words("未知", "not known")


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
    found = Words(f"{days:g} 天", f"{days:g} days") if length >= DAY else Words(period_of(length), period_of(length))
    short = length < ENOUGH
    return GateRow(
        name="days",
        title=Words("至少 30 天实录", "At least 30 days of record"),
        found=Words(f"只有 {found.zh}", f"only {found.en}") if short else found,
        ruling="warning" if short else "pass",
        facts={"found": length / DAY, "least": ENOUGH / DAY},
    )
