"""Joins changes, so that many pages get them in fewer messages."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from console.views import Change

EntryT = TypeVar("EntryT")


def joined(old: Change, new: Change) -> Change:
    """Return one change that has the effect of two, one after the other."""
    change: Change = {**old, **new}
    if "alarms" in old and "alarms" in new:
        change["alarms"] = _latest(old["alarms"], new["alarms"], lambda alarm: alarm["id"])
    if "tickets" in old and "tickets" in new:
        change["tickets"] = _latest(old["tickets"], new["tickets"], lambda ticket: ticket["number"])
    if "found" in old and "found" in new:
        change["found"] = _latest(old["found"], new["found"], lambda find: find["id"])
    if "notices" in change and "withdrawn" in change:
        # A page withdraws notices after it took the new ones; a change has all notices that stand.
        standing = {notice["id"] for notice in change["notices"]}
        names = dict.fromkeys((*old.get("withdrawn", ()), *new.get("withdrawn", ())))
        change["withdrawn"] = [name for name in names if name not in standing]
    return change


def _latest(old: Sequence[EntryT], new: Sequence[EntryT], key: Callable[[EntryT], str]) -> list[EntryT]:
    return list({key(entry): entry for entry in (*old, *new)}.values())
