"""Record: one entry of the journal, and its exact text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from rules.engine.event import Event

RecordKind = Literal["start", "event", "alarm", "ticket", "rules", "retrospective"]
RECORD_KINDS: tuple[RecordKind, ...] = get_args(RecordKind)


@dataclass(frozen=True, slots=True)
class Record:
    """What happened, as the journal keeps it.

    Attributes
    ----------
    number : int
        From 1, without gaps.
    time : int
        Log time at which it was recorded. [ns, UTC]
    kind : str
        `start` of a run, `event` of the engine, change of an `alarm`, change of a `ticket`, `rules` that come
        into force, `retrospective`: what was found in late data, and what people made of it.
    body : mapping
        What JSON can hold; of an event its very fields.

    """

    number: int
    time: int
    kind: RecordKind
    body: Mapping[str, Any]

    def text(self) -> str:
        """Return the body as it is stored; that of an event is its line of the event stream."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def event(self) -> Event:
        """Return the engine's event that a record of kind `event` holds."""
        return Event(**self.body)


def event_body(event: Event) -> dict[str, Any]:
    """Return the body of the record of an event: its fields, in their order."""
    return {name: getattr(event, name) for name in event.__slots__}
