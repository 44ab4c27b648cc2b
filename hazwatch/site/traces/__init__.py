"""Traces in files: CSV, compressed or not, and Parquet."""

from hazwatch.site.traces.trace_files import LINES_PER_LOOK, TraceFileError, Watch, read_trace

__all__ = ["LINES_PER_LOOK", "TraceFileError", "Watch", "read_trace"]
