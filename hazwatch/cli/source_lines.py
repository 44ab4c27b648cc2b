"""Writes how complete and how timely a source is, from the answer of a running engine."""

from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

from hazwatch.words.numbers import moment
from plant import Message, Text
from plant.units import MS, SECOND

SourceState = dict[str, Any]
"""A `SourceCountsView` as JSON has it."""
GAPS_SHOWN: Final = 3
"""Number of gaps of a source in the answer of `status`; the page has more."""
HOW: Final = {
    "queue": Message("from the queue of the device"),
    "history": Message("from the history of the device"),
    "none": Message("nothing fills it"),
}


def source_lines(source: SourceState, zone: ZoneInfo) -> Iterator[Message]:
    """Yield the counts of a source, its scan and its newest gaps."""
    yield _counts(source)
    yield _timeliness(source)
    if source["trouble"] is not None:
        yield Message("source {source}: {trouble}", source=source["id"], trouble=Text(**source["trouble"]))
    for revised in source["revised"]:
        yield Message("source {source}: {trouble}", source=source["id"], trouble=Text(**revised))
    yield from (_gap(source["id"], gap, zone) for gap in source["gaps"][:GAPS_SHOWN])


def _counts(source: SourceState) -> Message:
    numbers: dict[str, Any] = {
        name: source[name] for name in ("received", "late", "duplicate", "backfilled", "bad", "lost")
    }
    came = Message(
        "received {received}, of these late {late}, duplicate {duplicate}, back-filled {backfilled}, without a valid "
        "value {bad}; known to be lost {lost}",
        **numbers,
    )
    arguments = {"source": source["id"], "points": source["points"], "came": came}
    if source["expected"] is None:
        return Message("source {source}, {points} {points:point|points}: {came}", **arguments)
    due = Message("expected {count}", count=source["expected"])
    if source["by_change"]:
        due = Message("expected at least {count}", count=source["expected"])
    return Message(
        "source {source}, {points} {points:point|points}: {due}, {came}, unknown {unknown}",
        due=due,
        unknown=source["unknown"],
        **arguments,
    )


def _timeliness(source: SourceState) -> Message:
    scan = source["scan"]
    read = Message(
        "source {source}: the oldest reading is {age} s old, behind its scan {times} {times:time|times}",
        source=source["id"],
        age=_seconds(scan["age"]),
        times=scan["times_behind"],
    )
    if source["median"] is None:
        return read
    return Message(
        "{read}; from source to engine {median} ms, 99 % within {longest} ms",
        read=read,
        median=source["median"],
        longest=source["longest"],
    )


def _gap(source: str, gap: dict[str, Any], zone: ZoneInfo) -> Message:
    start = moment(gap["start"] * MS, zone)
    until = Message("now") if gap["until"] is None else moment(gap["until"] * MS, zone)
    expected = Message("unknown how many") if gap["expected"] is None else Message("about {n}", n=gap["expected"])
    lines = Message(
        "source {source}: gap from {start} until {until}: {points} {points:point|points}, samples: {expected}, "
        "{filled} came later, {how}",
        source=source,
        start=start,
        until=until,
        points=gap["points"],
        expected=expected,
        filled=gap["filled"],
        how=HOW[gap["how"]],
    )
    if gap["reason"] is None:
        return lines
    return Message("{gap}; {reason}", gap=lines, reason=Text(**gap["reason"]))


def _seconds(time: int) -> str:
    return f"{time * MS / SECOND:.1f}"
