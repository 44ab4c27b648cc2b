"""Turns samples into the log: decides their times and their order, and adds ticks."""

from ingest.intake import IllegalArrivalError, Intake
from ingest.late_watch import LateWatch
from ingest.lateness import ends_staleness, is_late, is_same, stale_due
from ingest.log import NO_POINT, SAMPLE, START, TICK, Log
from ingest.order import replay_log, samples_log
from ingest.skew import trusted_time
from ingest.trace_log import TraceLog

__all__ = [
    "NO_POINT",
    "SAMPLE",
    "START",
    "TICK",
    "IllegalArrivalError",
    "Intake",
    "LateWatch",
    "Log",
    "TraceLog",
    "ends_staleness",
    "is_late",
    "is_same",
    "replay_log",
    "samples_log",
    "stale_due",
    "trusted_time",
]
