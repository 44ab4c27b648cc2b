"""From samples to the log: which time counts, in which order, and when ticks enter."""

from ingest.intake import IllegalArrivalError, Intake
from ingest.late import LateWatch
from ingest.log import NO_POINT, SAMPLE, START, TICK, Log
from ingest.order import replay_log
from ingest.skew import trusted_time

__all__ = [
    "NO_POINT",
    "SAMPLE",
    "START",
    "TICK",
    "IllegalArrivalError",
    "Intake",
    "LateWatch",
    "Log",
    "replay_log",
    "trusted_time",
]
