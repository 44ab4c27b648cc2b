"""OPC UA: a subscription taken in batches, and a scan that keeps steady points alive."""

from adapters.sources.opcua.config import OpcUaSource
from adapters.sources.opcua.source import open_source

__all__ = ["OpcUaSource", "open_source"]
