"""MT/T 1201 files: watches a folder and reads the real-time files that appear in it; it never writes there."""

from adapters.sources.mtt1201.config import MttSource
from adapters.sources.mtt1201.source import open_source

__all__ = ["MttSource", "open_source"]
