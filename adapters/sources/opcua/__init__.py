"""OPC UA: reads changes by subscription, in batches, and scans all nodes so that steady points do not become stale."""

from adapters.sources.opcua.config import OpcUaSource
from adapters.sources.opcua.source import open_source

__all__ = ["OpcUaSource", "open_source"]
