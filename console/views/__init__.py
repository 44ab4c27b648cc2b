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
    TicketStateName,
    TicketView,
)
from console.views.present import Change, HazardSourceState, LinkView, Notice, QualityName, Reading, Snapshot
from console.views.site import HazardSourceView, LevelName, LimitView, PointView, RuleSetView, SiteView, Text
from console.views.stream import BeatMessage, DeltaMessage, Message, SnapshotMessage
from console.views.trend import Band, ForecastReason, ForecastView, LimitLine, TrendView

__all__ = [
    "AlarmStateName",
    "AlarmView",
    "Band",
    "BeatMessage",
    "Change",
    "DeltaMessage",
    "ForecastReason",
    "ForecastView",
    "FoundView",
    "HazardSourceState",
    "HazardSourceView",
    "LevelName",
    "LimitLine",
    "LimitView",
    "LinkView",
    "Message",
    "Notice",
    "PointView",
    "QualityName",
    "Reading",
    "RuleSetView",
    "SiteView",
    "Snapshot",
    "SnapshotMessage",
    "Standing",
    "Text",
    "TicketAction",
    "TicketLine",
    "TicketStateName",
    "TicketView",
    "TrendView",
]
