"""Adapters of the field protocols: each yields samples."""

from adapters.sources.backoff import Backoff
from adapters.sources.source import Clock, Installation, Source, SourceReport

__all__ = ["Backoff", "Clock", "Installation", "Source", "SourceReport"]
