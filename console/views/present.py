"""The present: readings, links, notices, and the snapshot and the changes that hold them."""

from collections.abc import Sequence
from typing import Literal, TypedDict

from console.views.alarms import AlarmView, FoundView, TicketView
from console.views.site import LevelName, Text

QualityName = Literal["GOOD", "UNCERTAIN", "BAD"]


class HazardSourceState(TypedDict):
    """How a hazard source stands: its highest standing level, and how many of its points are in doubt."""

    id: str
    level: LevelName | None
    doubtful: int


class Reading(TypedDict):
    """The last accepted sample of a point. `bad_since` is set while the point is in doubt."""

    point: str
    value: float | None
    quality: QualityName
    state: int
    time: int | None
    time_ns: str | None
    arrival: int | None
    doubt: bool
    stale: bool
    bad_since: int | None


class LinkView(TypedDict):
    """The link to a source, and how far its clock is ahead (negative: behind; null: not known). [skew: ms]."""

    id: str
    protocol: str
    connected: bool
    since: int
    skew: int | None


class Notice(TypedDict):
    """Something wrong with the engine itself (a full disk, a journal that is behind); shown until it is withdrawn."""

    id: str
    level: LevelName
    message: Text
    since: int


class Snapshot(TypedDict):
    """All that the live page shows; alarms without those that are normal, tickets without the closed ones.

    `found` holds the newest of what was found late and nobody has analysed.

    `annunciated` counts the alarms raised in the last ten minutes.
    """

    now: int
    hazard_sources: list[HazardSourceState]
    alarms: list[AlarmView]
    tickets: list[TicketView]
    found: list[FoundView]
    readings: list[Reading]
    sources: list[LinkView]
    notices: list[Notice]
    annunciated: int


class Change(TypedDict, total=False):
    """A part of a snapshot that changed: whole entries; `withdrawn` names the notices that are over."""

    hazard_sources: Sequence[HazardSourceState]
    alarms: Sequence[AlarmView]
    tickets: Sequence[TicketView]
    found: Sequence[FoundView]
    readings: Sequence[Reading]
    sources: Sequence[LinkView]
    notices: Sequence[Notice]
    withdrawn: Sequence[str]
    annunciated: int
