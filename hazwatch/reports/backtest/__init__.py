"""The back-test: the record to play, and the report as text, JSON and a page in one file."""

from hazwatch.reports.backtest.data import report_json
from hazwatch.reports.backtest.incidents import IncidentsError, read_incidents
from hazwatch.reports.backtest.page import report_page
from hazwatch.reports.backtest.record import HistoryRecord, NoRecordError, PlayableRecord, TraceRecord
from hazwatch.reports.backtest.report import Report
from hazwatch.reports.backtest.text import report_text
from hazwatch.words.numbers import moment

__all__ = [
    "HistoryRecord",
    "IncidentsError",
    "NoRecordError",
    "PlayableRecord",
    "Report",
    "TraceRecord",
    "moment",
    "read_incidents",
    "report_json",
    "report_page",
    "report_text",
]
