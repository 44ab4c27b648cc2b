"""Adapters of the field protocols: each yields samples."""

from adapters.sources.backoff import Backoff
from adapters.sources.source import Clock, Source, SourceReport

__all__ = ["Backoff", "Clock", "Source", "SourceReport"]
