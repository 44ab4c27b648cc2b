"""Plays a trace and commands through the reference engine and the second ledger, in the order of the log."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from plant import Point, Site
from rules.spec.rule import Interlock, Limit, Vote
from tests.logs.reference import Reference
from tests.logs.reference_log import Entry, Sample, Tick, order_trace
from tests.reference.ledger.ledger import Ledger
from tests.reference.ledger.watched import limits_of, lost_votes

PRESENTATION: Final = ("alarm", "latching", "realarm", "message", "message_en", "ticket", "profile", "lost")
"""Keys that the engine does not evaluate."""
Commands = Callable[[Ledger, int, int], Iterable[dict[str, Any]]]
"""What persons do between two entries, as (ledger, time of the last entry, time of the next)."""


def _evaluated(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name not in PRESENTATION}


def engine_of(site: Mapping[str, Any]) -> Reference:
    """Return the reference engine of a site."""
    return Reference(
        [Point.model_validate(_evaluated(point)) for point in site["point"]],
        [Limit.model_validate(_evaluated(limit)) for limit in limits_of(site)],
        [Vote.model_validate(_evaluated(vote)) for vote in (*site.get("vote", ()), *lost_votes(site))],
        [Interlock.model_validate(_evaluated(interlock)) for interlock in site.get("interlock", ())],
    )


def entries_of(site: Mapping[str, Any], rows: Sequence[Sample | Tick]) -> list[Entry]:
    """Return the log of a replay without arrivals."""
    points = [Point.model_validate(_evaluated(point)) for point in site["point"]]
    return order_trace(points, Site.model_validate(site["site"]), set(), rows)


def played(
    site: Mapping[str, Any],
    rows: Sequence[Sample | Tick],
    commands: Commands,
    events: Sequence[Mapping[str, Any]] | None = None,
) -> Ledger:
    """Return the ledger after a trace; `events` are those of the product, which its records carry.

    The reference engine says at which entry an event came about, and which points are in doubt.
    """
    engine = engine_of(site)
    ledger = Ledger(site, lambda point: engine.points[point].in_doubt)
    log = entries_of(site, rows)
    taken = 0
    for entry, following in zip(log, [*log[1:], None], strict=True):
        engine.feed(entry)
        while taken < len(engine.events):
            own = engine.events[taken]
            ledger.event(entry.time, _same(own, events[taken]) if events is not None else copy.copy(own))
            taken += 1
        if isinstance(entry, Tick):
            ledger.tick(entry.time)
        for command in commands(ledger, entry.time, entry.time + 1 if following is None else following.time):
            ledger.command(command["time"], command)
    return ledger


def _same(own: Mapping[str, Any], event: Mapping[str, Any]) -> Mapping[str, Any]:
    names = ("seq", "id", "time", "condition", "transition", "level")
    if any(own[name] != event[name] for name in names):
        raise ValueError(f"the engines differ: expected {own}, found {event}")
    return event


def as_given(commands: Iterable[dict[str, Any]]) -> Commands:
    """Return the commands of a file, each after the last entry that is not later."""
    waiting = list(commands)

    def due(ledger: Ledger, last: int, following: int) -> Iterator[dict[str, Any]]:
        while waiting and waiting[0]["time"] < following:
            yield waiting.pop(0)

    return due
