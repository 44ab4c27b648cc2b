"""The back-test as people use it: what is played, and its report as text, JSON and a page in one file."""

from hazwatch.backtest.data import report_json
from hazwatch.backtest.incidents import IncidentsError, read_incidents
from hazwatch.backtest.page import report_page
from hazwatch.backtest.record import HistoryRecord, NoRecordError, Record, TraceRecord
from hazwatch.backtest.report import Report, conditions
from hazwatch.backtest.text import report_text
from hazwatch.backtest.words import moment

__all__ = [
    "HistoryRecord",
    "IncidentsError",
    "NoRecordError",
    "Record",
    "Report",
    "TraceRecord",
    "conditions",
    "moment",
    "read_incidents",
    "report_json",
    "report_page",
    "report_text",
]
