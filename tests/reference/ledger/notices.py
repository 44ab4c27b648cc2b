"""The notices of the second ledger: what a change or a standing alarm makes known, and when again."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.reference.ledger.watched import Notice


class Happening(NamedTuple):
    """A change of an alarm or a ticket of which a notice may speak."""

    change: str
    of: str
    episode: str | None
    level: str | None
    hazard_source: str


@dataclass
class Waiting:
    """An alarm that is annunciated and unacknowledged since a time; how often each notice spoke of it."""

    since: int
    episode: str | None
    count: Counter[str] = field(default_factory=Counter)


class Notices:
    """Which notices are made, and the alarms that wait for an acknowledgement."""

    def __init__(self, specs: list[Notice]) -> None:
        self.specs = specs
        self.waiting: dict[str, Waiting] = {}
        self.times: Counter[tuple[str, str, str | None, str]] = Counter()

    def of(self, happening: Happening) -> Iterator[dict[str, Any]]:
        """Yield the bodies of the notices of a change, in the order of the site file."""
        for spec in self.specs:
            if happening.change in spec.on and speaks_of(spec, happening):
                yield self.body(spec, happening)

    def body(self, spec: Notice, happening: Happening) -> dict[str, Any]:
        """Return the body of a notice."""
        what = spec.id, happening.of, happening.episode, happening.change
        self.times[what] += 1
        text = "|".join(map(str, (*what, self.times[what])))
        key = hashlib.sha256(text.encode()).hexdigest()[:16]
        return {"notice": spec.id, "change": happening.change, "of": happening.of, "key": key}

    def due(self, alarm: str) -> Iterator[tuple[int, int]]:
        """Yield when each notice next speaks of an alarm that waits, with the number of the notice."""
        waiting = self.waiting.get(alarm)
        for number, spec in enumerate(self.specs):
            if waiting is not None and "unacked" in spec.on:
                count = waiting.count[spec.id]
                if count == 0 or spec.repeat is not None:
                    yield waiting.since + spec.after + count * (spec.repeat or 0), number


def speaks_of(spec: Notice, happening: Happening) -> bool:
    """Tell whether level and hazard source are among those of the notice."""
    return (not spec.levels or happening.level in spec.levels) and (
        not spec.hazard_sources or happening.hazard_source in spec.hazard_sources
    )
