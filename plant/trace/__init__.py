"""Traces: samples as a text table, read and written."""

from plant.trace.header import separator_problem
from plant.trace.problems import TraceError
from plant.trace.reader import Trace, parse_trace
from plant.trace.writer import write_trace

__all__ = ["Trace", "TraceError", "parse_trace", "separator_problem", "write_trace"]
