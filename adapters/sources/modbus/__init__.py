"""Modbus TCP: registers, coils and discrete inputs, polled in few requests; nothing is ever written."""

from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.source import open_source

__all__ = ["ModbusSource", "open_source"]
