"""Looks at a server, and lists what it has: `hazwatch discover`."""

from adapters.sources.opcua.look.discover import discover

__all__ = ["discover"]
