"""The table of field protocols: one row for each, and the only file that knows them all."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, NamedTuple, TypeVar

from pydantic import Field

from adapters.sources.modbus import ModbusSource
from adapters.sources.modbus import open_source as open_modbus
from adapters.sources.mtt1201 import MttSource
from adapters.sources.mtt1201 import open_source as open_mtt1201
from adapters.sources.opcua import OpcUaSource
from adapters.sources.opcua import open_source as open_opcua
from adapters.sources.source import Clock, Installation, Source
from plant import Message, SourceSpec
from plant.address import RecordAddress, check_node_id
from plant.modbus_address import ModbusAddress

SourceTable = Annotated[OpcUaSource | ModbusSource | MttSource, Field(discriminator="protocol")]
"""A table [[source]] of any protocol, for the schema of the site file."""

PointAddresses = Sequence[tuple[int, str]]
"""The points of a source: column numbers and addresses."""
Opener = Callable[[SourceSpec, PointAddresses, Clock, Installation], Source]
SpecT = TypeVar("SpecT", bound=SourceSpec)


class FieldProtocol(NamedTuple):
    """The properties of a protocol that other packages need.

    Attributes
    ----------
    spec : type of SourceSpec
        The table [[source]]; it also knows how often points are read and how far samples lag.
    open_source : callable
        Returns the source of some points; it connects when its samples are first awaited.
    check_address : callable
        Raises ValueError, or pydantic.ValidationError, for an address that it cannot read.
    hint_at : callable
        Returns what was probably meant by a right address that looks like a mistake; None for any other.
    always_answers : bool
        Whether a device gives a value at every poll, so that a single point cannot fall silent.
    tells_time : bool
        Whether samples carry the time of the device's clock.
    endpoint : str
        An endpoint that the table takes; it stands in for a wrong one while the rest of the table is checked.

    """

    spec: type[SourceSpec]
    open_source: Opener
    check_address: Callable[[str], object]
    hint_at: Callable[[str], Message | None]
    always_answers: bool
    tells_time: bool
    endpoint: str


def _opener(model: type[SpecT], opener: Callable[[SpecT, PointAddresses, Clock, Installation], Source]) -> Opener:
    """Return the opener of a protocol as one that takes the table of any protocol."""

    def open_source(spec: SourceSpec, points: PointAddresses, clock: Clock, installation: Installation) -> Source:
        if not isinstance(spec, model):
            raise TypeError(f"source {spec.id}: expected {model.__name__}; found {type(spec).__name__}")
        return opener(spec, points, clock, installation)

    return open_source


def _no_hint(_address: str) -> None:
    """Return no hint: such addresses have no usual mistake."""


def _modbus_hint(address: str) -> Message | None:
    return ModbusAddress.parse(address).hint


PROTOCOLS: Final[Mapping[str, FieldProtocol]] = {
    "opcua": FieldProtocol(
        OpcUaSource,
        _opener(OpcUaSource, open_opcua),
        check_node_id,
        _no_hint,
        always_answers=False,
        tells_time=True,
        endpoint="opc.tcp://127.0.0.1:1",
    ),
    "modbus": FieldProtocol(
        ModbusSource,
        _opener(ModbusSource, open_modbus),
        ModbusAddress.parse,
        _modbus_hint,
        always_answers=True,
        tells_time=False,
        endpoint="127.0.0.1:1",
    ),
    "mtt1201": FieldProtocol(
        MttSource,
        _opener(MttSource, open_mtt1201),
        RecordAddress.parse,
        _no_hint,
        always_answers=False,
        tells_time=True,
        endpoint="/",
    ),
}
"""By the key `protocol` of [[source]]. A simulator of the same name may stand in simulators/registry.py."""


def likely_protocol(endpoint: str) -> str:
    """Return the protocol of a source that names none, by its endpoint."""
    return "opcua" if "opc" in endpoint else "modbus"
