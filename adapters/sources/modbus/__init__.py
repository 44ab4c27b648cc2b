"""Modbus over TCP and serial lines: polls registers, coils and discrete inputs in few requests, and never writes."""

from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.source import open_source

__all__ = ["ModbusSource", "open_source"]
