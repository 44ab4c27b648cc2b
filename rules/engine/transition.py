"""The state of a condition: the table of docs/en/semantics.md, line for line."""

from rules.engine.compiled import compiled
from rules.engine.records import (
    ACTIVE,
    CLEAR,
    IN,
    NEVER,
    NO_EVIDENCE,
    NORMAL,
    NOTHING,
    OUT,
    PENDING,
    PENDS,
    RAISE,
    RETURNING,
    RowState,
    RuleNumbers,
)


@compiled
def look(rule: RuleNumbers, row: RowState, t: int, verdict: int) -> int:
    """Look at a condition at an accepted sample or an event; return what it changed.

    Parameters
    ----------
    rule, row : record of RULE, ROW_STATE
        The condition; `row` is changed in place.
    t : int
        Time of the sample or event. [ns, UTC]
    verdict : int
        IN, OUT, NEITHER (evidence between the two) or NO_EVIDENCE.

    Returns
    -------
    int
        NOTHING, RAISE or CLEAR (at t), or PENDS: its timer has begun.

    References
    ----------
    docs/en/semantics.md, "The states of a condition"; ANSI/ISA-18.2-2016 (on-delay, off-delay, deadband).

    """
    state = row["state"]
    if state == NORMAL:
        return _enter(rule, row, t) if verdict == IN else NOTHING
    if verdict == NO_EVIDENCE:
        if state == RETURNING:
            row["state"] = ACTIVE
        return NOTHING
    if state == PENDING:
        if verdict != IN:
            row["state"] = NORMAL
            row["due"] = NEVER
        return NOTHING
    if verdict != OUT:
        row["state"] = ACTIVE
        return NOTHING
    return _leave(rule, row, t)


@compiled
def _enter(rule: RuleNumbers, row: RowState, t: int) -> int:
    if rule["on_delay"] == 0:
        row["state"] = ACTIVE
        return RAISE
    row["state"] = PENDING
    row["due"] = t + rule["on_delay"]
    return PENDS


@compiled
def _leave(rule: RuleNumbers, row: RowState, t: int) -> int:
    if row["state"] == ACTIVE:
        row["state"] = RETURNING
        row["since"] = t
        if rule["off_delay"] > 0:
            return NOTHING
    elif t < row["since"] + rule["off_delay"]:
        return NOTHING
    row["state"] = NORMAL
    return CLEAR


@compiled
def stands(row: RowState) -> bool:
    """Tell whether a condition is ACTIVE or RETURNING."""
    return bool(row["state"] >= ACTIVE)
