"""The exact shape of every answer of the desk, from which the types of the page are generated.

Times are int milliseconds since 1970 UTC, the unit of a browser, in the engine's time. If the nanosecond matters, a
second field `..._ns` holds it as a decimal string. Ids are the ids of the site file.
"""

from console.views.alarms import (
    AlarmStateName,
    AlarmView,
    FoundView,
    Standing,
    TicketAction,
    TicketLine,
    TicketLines,
    TicketStateName,
    TicketView,
)
from console.views.present import Change, HazardSourceState, LinkView, Notice, Reading, SnapshotView
from console.views.site import HazardSourceView, LevelName, LimitView, PointView, SiteView, VersionView
from console.views.sources import (
    GapView,
    PointCountsView,
    SampleCounts,
    ScanView,
    SourceCountsView,
    SourcesView,
)
from console.views.stream import (
    AlarmsMessage,
    BeatMessage,
    DeltaMessage,
    ReadingsMessage,
    SnapshotMessage,
    StreamMessage,
)
from console.views.trend import BandKind, ForecastReason, ForecastView, LimitLine, TrendBand, TrendView
from plant.quality import QualityName

__all__ = [
    "AlarmStateName",
    "AlarmView",
    "AlarmsMessage",
    "BandKind",
    "BeatMessage",
    "Change",
    "DeltaMessage",
    "ForecastReason",
    "ForecastView",
    "FoundView",
    "GapView",
    "HazardSourceState",
    "HazardSourceView",
    "LevelName",
    "LimitLine",
    "LimitView",
    "LinkView",
    "Notice",
    "PointCountsView",
    "PointView",
    "QualityName",
    "Reading",
    "ReadingsMessage",
    "SampleCounts",
    "ScanView",
    "SiteView",
    "SnapshotMessage",
    "SnapshotView",
    "SourceCountsView",
    "SourcesView",
    "Standing",
    "StreamMessage",
    "TicketAction",
    "TicketLine",
    "TicketLines",
    "TicketStateName",
    "TicketView",
    "TrendBand",
    "TrendView",
    "VersionView",
]
