"""The protocols whose devices can be looked at, by the scheme of their URL."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from adapters.sources.discovery import Discovery, SearchBounds
from adapters.sources.modbus import ModbusSource
from adapters.sources.modbus.discover import discover as discover_modbus
from adapters.sources.opcua import OpcUaSource
from adapters.sources.opcua.look import discover as discover_opcua
from adapters.sources.source import Installation

SourceKeys = Mapping[str, object]
"""The keys of a table [[source]]."""


class Discoverer(NamedTuple):
    """How devices of a protocol are looked at.

    Attributes
    ----------
    protocol : str
        The key `protocol` of their [[source]].
    endpoint : callable
        Returns the key `endpoint` for a URL.
    look : callable
        Looks at the device of a table; raises pydantic.ValidationError for a wrong table, DiscoveryError if the device
        cannot be looked at.

    """

    protocol: str
    endpoint: Callable[[str], str]
    look: Callable[[SourceKeys, Installation, SearchBounds], Awaitable[Discovery]]


async def _opcua(keys: SourceKeys, installation: Installation, bounds: SearchBounds) -> Discovery:
    return await discover_opcua(OpcUaSource.model_validate(keys), installation, bounds)


async def _modbus(keys: SourceKeys, _: Installation, bounds: SearchBounds) -> Discovery:
    return await discover_modbus(ModbusSource.model_validate(keys), bounds)


DISCOVERERS: Final[Mapping[str, Discoverer]] = {
    "opc.tcp": Discoverer("opcua", str, _opcua),
    "modbus": Discoverer("modbus", lambda url: url.removeprefix("modbus://"), _modbus),
}
"""By the scheme of the URL."""
