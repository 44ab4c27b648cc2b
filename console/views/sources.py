"""The views of the sources: how complete and how timely their data are, and what is missing."""

from typing import Literal, TypedDict

from plant import Text


class SampleCounts(TypedDict):
    """What came of the samples of a point, or of all points of a source, since the engine started.

    `expected` counts the readings that were due by the period of the source (null: it has none); changes come in
    addition. Of `received`, `late` are older than a sample before, `duplicate` repeat it, `backfilled` were kept by the
    source, `bad` have no valid value. `lost` are known to be lost. `unknown` counts the periods in which no valid
    value came in time, whatever came later.
    """

    expected: int | None
    received: int
    late: int
    duplicate: int
    backfilled: int
    bad: int
    lost: int
    unknown: int | None


class PointCountsView(SampleCounts):
    """The counts of a point; `age` is the time since anything arrived for it (null: nothing has). [ms]."""

    point: str
    age: int | None


class GapView(TypedDict):
    """A period that lacks samples; `until` is null while it lasts.

    `expected` is the number of samples at the rate before (null: not known), `filled` the number that came later, and
    `how` says where these came from: the queue of the device, its history, or nowhere.
    """

    start: int
    until: int | None
    points: int
    expected: int | None
    filled: int
    how: Literal["queue", "history", "none"]
    reason: Text | None


class ScanView(TypedDict):
    """How a source keeps its scan.

    `period` is the time in which it reads every point (null: none), `age` the time since the point that waits longest
    was read, `longest` the age from which it is behind. `unread` points are older than that, `behind_since` is null
    while there are none, and `times_behind` counts how often there were some. [ms].
    """

    period: int | None
    age: int
    longest: int
    unread: int
    behind_since: int | None
    times_behind: int


class SourceCountsView(SampleCounts):
    """The counts of a source, its scan, the way of its samples to the engine, and its gaps, the newest first.

    `median` and `longest` are times from source to engine of the last minutes: half of the changed values, and 99 of
    100, came within (null: not known). [ms]. `by_change`: it also reports changes between two readings. `trouble` says
    why the link brings nothing, `revised` what the device does otherwise than it was asked to.
    """

    id: str
    protocol: str
    endpoint: str
    points: int
    silent: int
    by_change: bool
    scan: ScanView
    median: int | None
    longest: int | None
    restarts: int
    trouble: Text | None
    revised: list[Text]
    gaps: list[GapView]


class SourcesView(TypedDict):
    """All sources; `since` is the start from which the counts count."""

    now: int
    since: int
    sources: list[SourceCountsView]
