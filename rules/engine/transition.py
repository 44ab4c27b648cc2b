"""The state of a condition. Whatever changes `state`, `due` or `since` of a condition is in this file.

The table is that of docs/en/semantics.md, "The states of a condition"; `look` is the table, line for line:

    state      verdict      becomes                                            change
    ---------  -----------  -------------------------------------------------  ------
    NORMAL     IN           ACTIVE if on_delay is 0                            RAISE
                            else PENDING, due = t + on_delay                   PENDS
    PENDING    not IN       NORMAL, no timer                                   -
    PENDING    (timer)      ACTIVE (`fire`)                                    RAISE
    ACTIVE     OUT          NORMAL if off_delay is 0                           CLEAR
                            else RETURNING, since = t                          -
    RETURNING  OUT          NORMAL if t >= since + off_delay                   CLEAR
    RETURNING  not OUT      ACTIVE                                             -
    any        NO_EVIDENCE  RETURNING becomes ACTIVE, all else stays           -

Theory of operation. A condition is one `RowState`. Three things move it:

* A sample, or the event of a member, gives a verdict: `look`. Nothing else clears a condition other than `stale`.
* Its timer fires: `fire`. Only PENDING has a timer, because to raise needs no further evidence and to clear does.
* Its point becomes stale: `doubt`. A stale point is no evidence of safety, so a clear that was under way stops.

The condition `stale` is the exception. It has no verdict: `expect` sets its timer anew at each accepted sample, `fire`
raises it, and a sample that is not too old clears it (`end`).

A condition is also set from outside the log, where no event may follow: `stand` after a restart from the journal,
`take_over_state` after an edit of the rules. A snapshot is read as it was written.

The invariant of `due`: it is NEVER unless the condition is PENDING, or is the `stale` of a point that is not stale.
`timers.py` only reads it; `Machine.bounds` must never be later than the earliest `due` of a point, so whoever calls
a function of this file that sets `due` to an earlier time must `arm` the row.
"""

from plant.columns.rows import Column, Rows, zeros
from rules.engine.compiled import compiled, inlined
from rules.engine.memory.codes import (
    ACTIVE,
    CLEAR,
    IN,
    LONG_AGO,
    NEVER,
    NO_EVIDENCE,
    NORMAL,
    NOTHING,
    OUT,
    PENDING,
    PENDS,
    RAISE,
    RETURNING,
)
from rules.engine.memory.records import RowState, RuleNumbers


@compiled
def look(rule: RuleNumbers, row: RowState, t: int, verdict: int) -> int:
    """Judge a condition at an accepted sample or an event; return what that changed.

    Parameters
    ----------
    rule, row : RuleNumbers, RowState
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
        doubt(row)
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
        # With off_delay = 0 the condition passes through RETURNING in one look.
        if rule["off_delay"] > 0:
            return NOTHING
    elif t < row["since"] + rule["off_delay"]:
        return NOTHING
    row["state"] = NORMAL
    return CLEAR


@inlined
def doubt(row: RowState) -> None:
    """Stop a clear that is under way: what was seen is no evidence of safety. All other states stay."""
    if row["state"] == RETURNING:
        row["state"] = ACTIVE


@inlined
def fire(row: RowState) -> int:
    """Raise a condition whose timer is due; return the due time, which is the time of its event. [ns, UTC]."""
    due = row["due"]
    row["due"] = NEVER
    row["state"] = ACTIVE
    return due


@inlined
def expect(row: RowState, due: int) -> None:
    """Set the timer of `stale`: its point becomes stale then if no sample is accepted before. [ns, UTC]."""
    row["due"] = due


@inlined
def end(row: RowState) -> None:
    """Clear `stale`: a sample was accepted that is not too old."""
    row["state"] = NORMAL


@compiled
def stands(row: RowState) -> bool:
    """Tell whether a condition is ACTIVE or RETURNING."""
    return row["state"] >= ACTIVE


def normal_rows(count: int) -> Rows[RowState]:
    """Return conditions of which nothing is remembered."""
    rows = zeros(RowState, count)
    rows["state"] = NORMAL
    rows["due"] = NEVER
    rows["last_event"] = LONG_AGO
    rows["raised"] = LONG_AGO
    return rows


def stand(row: RowState) -> None:
    """Let a condition be ACTIVE that stood when a run was stopped; its raise is in the journal."""
    row["state"] = ACTIVE
    row["due"] = NEVER


def take_over_state(row: RowState, rule: RuleNumbers, before: RowState, rule_before: RuleNumbers) -> None:
    """Go on in the state of before an edit. The on-delay of a PENDING condition counts from the same begin."""
    row["state"], row["since"] = before["state"], before["since"]
    if before["state"] == PENDING:
        row["due"] = before["due"] - rule_before["on_delay"] + rule["on_delay"]


def expect_all(rows: Rows[RowState], numbers: Column, due: Column) -> None:
    """Set the timers of many conditions `stale` at once.

    Parameters
    ----------
    rows : array of RowState
        Changed in place.
    numbers : (n,) int32
        Which of them.
    due : (n,) int64
        [ns, UTC]

    """
    rows["due"][numbers] = due
