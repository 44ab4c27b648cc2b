"""The views of the present: readings, links and notices, and the snapshot and changes that contain them."""

from collections.abc import Sequence
from typing import TypedDict

from console.views.alarms import AlarmView, FoundView, TicketView
from console.views.site import LevelName
from plant import Text
from plant.quality import QualityName


class HazardSourceState(TypedDict):
    """The state of a hazard source: the highest level of its active conditions, and the number of points in doubt."""

    id: str
    level: LevelName | None
    doubtful: int


class Reading(TypedDict):
    """The last accepted sample of a point; `bad_since` is set while the point is in doubt."""

    point: str
    value: float | None
    quality: QualityName
    state: int
    time: int | None
    time_ns: str | None  # a string, as in AlarmView
    arrival: int | None
    doubt: bool
    stale: bool
    bad_since: int | None


class LinkView(TypedDict):
    """The link to a source; `skew` is how far its clock is ahead (null: unknown). [ms].

    `connected` is false while the source delivers nothing usable; `fresh` also wants a point that is not stale. `since`
    is when one of the two changed.
    """

    id: str
    protocol: str
    connected: bool
    fresh: bool
    since: int
    skew: int | None


class Notice(TypedDict):
    """A fault of the engine itself (a full disk, a slow journal); the page shows it until it is withdrawn."""

    id: str
    level: LevelName
    message: Text
    since: int


class SnapshotView(TypedDict):
    """The contents of the live page, without normal alarms and closed tickets, and without readings.

    `found` has the newest late finds that nobody has analysed yet. `annunciated` counts the alarms that were raised in
    the last ten minutes.
    """

    now: int
    hazard_sources: list[HazardSourceState]
    alarms: list[AlarmView]
    tickets: list[TicketView]
    found: list[FoundView]
    sources: list[LinkView]
    notices: list[Notice]
    annunciated: int


class Change(TypedDict, total=False):
    """The changed entries of a snapshot, each complete; `withdrawn` has the ids of notices that ended."""

    hazard_sources: Sequence[HazardSourceState]
    alarms: Sequence[AlarmView]
    tickets: Sequence[TicketView]
    found: Sequence[FoundView]
    sources: Sequence[LinkView]
    notices: Sequence[Notice]
    withdrawn: Sequence[str]
    annunciated: int
