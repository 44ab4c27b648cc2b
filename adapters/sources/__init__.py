"""What speaks the protocols of the field, and yields samples."""

from adapters.sources.backoff import Backoff
from adapters.sources.source import Clock, Source

__all__ = ["Backoff", "Clock", "Source"]
