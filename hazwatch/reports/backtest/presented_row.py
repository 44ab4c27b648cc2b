"""The row of the gate about presentation: what people are told otherwise, and whether tickets still open."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from hazwatch.reports.backtest.gate import MOST_NAMES, GateRow
from plant import Message
from rules import KeyChange, RuleChange


def presented_row(changes: Iterable[RuleChange], of_profiles: Collection[str] = ()) -> GateRow:
    """Return the row of the changes of a presentation; a ticket switched off or a lower grade is refused.

    `of_profiles` names the limits whose tickets are those of their profiles: another profile may have none.
    """
    # What is added says nothing otherwise, and the row of removed rules has what is removed.
    keys = [(change.name, key) for change in changes if change.kind == "changed" for key in change.keys]
    keys = [(name, replace(key, looser=key.looser and name not in of_profiles)) for name, key in keys]
    # Refused keys come first, so that the shortened list never hides them.
    keys.sort(key=lambda item: not item[1].looser)
    refused = sum(key.looser for _, key in keys)
    notes = [_note(name, key) for name, key in keys[:MOST_NAMES]]
    if len(keys) > MOST_NAMES:
        notes.append(Message("{count} more", count=len(keys) - MOST_NAMES))
    return GateRow(
        name="presentation",
        title=Message("People are told the same"),
        found=Message("{text}", text=len(keys)),
        ruling="refused" if refused else "warning" if keys else "pass",
        facts={
            "found": refused,
            "most": 0,
            "keys": [
                {"key": f"{name}.{key.key}", "old": key.old, "new": key.new, "looser": key.looser} for name, key in keys
            ],
        },
        notes=tuple(notes),
    )


def _note(name: str, key: KeyChange) -> Message:
    text = f"{name}.{key.key}: {key.old or '-'} -> {key.new or '-'}"
    return Message("{text}: refused", text=text) if key.looser else Message("{text}", text=text)
