"""The row of the gate about presentation: what people are told otherwise, and whether tickets still open."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from hazwatch.reports.backtest.gate import MOST_NAMES, GateRow
from plant import Message
from rules import KeyChange, RuleChange


def presented_row(
    changes: Iterable[RuleChange], of_profiles: Collection[str] = (), allowed: Collection[str] = ()
) -> GateRow:
    """Return the row of the changes of a presentation; a ticket switched off or a lower grade is refused.

    `of_profiles` names the limits whose tickets are those of their profiles: another profile may have none. `allowed`
    names the rules and hazard sources of which less may be told.
    """
    # What is added says nothing otherwise, and the row of removed rules has what is removed.
    keys = [(change.name, key) for change in changes if change.kind == "changed" for key in change.keys]
    keys = [(name, replace(key, looser=key.looser and name not in of_profiles)) for name, key in keys]
    # Refused keys come first, so that the shortened list never hides them.
    keys.sort(key=lambda item: (not item[1].looser, item[0] in allowed))
    refused = [name for name, key in keys if key.looser and name not in allowed]
    notes = [_note(name, key, allowed) for name, key in keys[:MOST_NAMES]]
    if len(keys) > MOST_NAMES:
        notes.append(Message("{count} more", count=len(keys) - MOST_NAMES))
    if refused:
        option = f"--allow-lowered {refused[0]}"
        notes.append(Message("Where it is meant so, say it of each: {option}", option=option))
    return GateRow(
        name="presentation",
        title=Message("People are told the same"),
        found=Message("{text}", text=len(keys)),
        ruling="refused" if refused else "warning" if keys else "pass",
        facts={"found": len(refused), "most": 0, "keys": [_facts(name, key, allowed) for name, key in keys]},
        notes=tuple(notes),
    )


def _facts(name: str, key: KeyChange, allowed: Collection[str]) -> dict[str, Any]:
    facts = {"key": f"{name}.{key.key}", "old": key.old, "new": key.new, "looser": key.looser}
    return facts | {"allowed": key.looser and name in allowed}


def _note(name: str, key: KeyChange, allowed: Collection[str]) -> Message:
    text = f"{name}.{key.key}: {key.old or '-'} -> {key.new or '-'}"
    if not key.looser:
        return Message("{text}", text=text)
    return Message("{text}: allowed", text=text) if name in allowed else Message("{text}: refused", text=text)
