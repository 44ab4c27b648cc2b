"""Turns samples into the log: decides their times and their order, and adds ticks."""

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
