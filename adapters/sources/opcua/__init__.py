"""OPC UA: a subscription taken in batches, and a scan that keeps steady points alive."""

from adapters.sources.opcua.config import OpcUaSource

__all__ = ["OpcUaSource"]
