"""Texts about broken records of the journal."""

from collections.abc import Mapping
from typing import Final

from adapters.stores import Break, BreakKind
from alarms import LostRecords
from plant import Message, Template

MOST_RANGES: Final = 5
"""So many places are named; `hazwatch verify` names all."""
_ONE: Final[Mapping[BreakKind, Template]] = {
    "altered": Template("broken at record {first}"),
    "missing": Template("record {first} is missing or cannot be read"),
    "hash": Template("the hash of record {first} was altered; the next record proves the content"),
}
_MANY: Final[Mapping[BreakKind, Template]] = {
    "altered": Template("records {first} to {last} are broken"),
    "missing": Template("records {first} to {last} are missing or cannot be read"),
    "hash": Template("the hashes of records {first} to {last} were altered; the next records prove the content"),
}


def break_message(part: Break) -> Message:
    """Return which records are broken, and how."""
    template = (_ONE if part.first == part.last else _MANY)[part.kind]
    return Message(template, first=part.first, last=part.last)


def lost_notice(lost: LostRecords) -> Message:
    """Return what a page says of the records that a start left out."""
    ranges = lost.ranges or [(number, number) for number in lost.dependents]
    first, *others = (f"{first}" if first == last else f"{first}-{last}" for first, last in ranges)
    named = (first, *others[: MOST_RANGES - 1], *(["..."] if len(others) >= MOST_RANGES else []))
    return Message(
        "the journal is damaged: records {numbers} were left out, and {count} that depend on them; hazwatch verify "
        "says more",
        numbers=named,
        count=len(lost.dependents),
    )
