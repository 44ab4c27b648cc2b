"""The table of simulators: which server stands in for the devices of each protocol."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Protocol

from plant import Message, SampleBatch, SourceSpec
from plant.address import RecordAddress, split_endpoint
from plant.modbus_address import ModbusAddress
from simulators import modbus, mtt1201, opcua
from simulators.faults import Faults
from simulators.pace import TraceClock


class SimulatedDevice(Protocol):
    """A server that can hang, and whose link can be cut."""

    def freeze(self) -> None:
        """Keep answering with the present values."""
        ...

    def resume(self) -> None:
        """Catch up with the clock."""
        ...

    async def drop_link(self) -> None:
        """Close all connections, and refuse new ones."""
        ...

    async def restore_link(self) -> None:
        """Accept connections again."""
        ...


Serve = Callable[
    [SourceSpec, Mapping[int, str], SampleBatch, TraceClock, Faults], AbstractAsyncContextManager[SimulatedDevice]
]
"""Serves the points of a source, by column number and address, from a trace."""


def _serve_opcua(
    spec: SourceSpec, points: Mapping[int, str], trace: SampleBatch, clock: TraceClock, faults: Faults
) -> AbstractAsyncContextManager[SimulatedDevice]:
    return opcua.serve(spec.endpoint, points, trace, clock, faults=faults)


def _serve_modbus(
    spec: SourceSpec, points: Mapping[int, str], trace: SampleBatch, clock: TraceClock, faults: Faults
) -> AbstractAsyncContextManager[SimulatedDevice]:
    transport = spec.model_dump()["transport"]
    if transport != "tcp":
        raise ValueError(
            Message(
                'the simulator serves transport = "tcp" alone; found "{transport}": '
                'write "tcp" and host:port for the test',
                transport=transport,
            )
        )
    host, port = split_endpoint(spec.endpoint)
    addresses = {column: ModbusAddress.parse(address) for column, address in points.items()}
    return modbus.serve(host, port, addresses, trace, clock, faults=faults)


def _serve_mtt1201(
    spec: SourceSpec, points: Mapping[int, str], trace: SampleBatch, clock: TraceClock, faults: Faults
) -> AbstractAsyncContextManager[SimulatedDevice]:
    addresses = {column: RecordAddress.parse(address) for column, address in points.items()}
    mine = str(spec.model_dump()["mine"])
    return mtt1201.serve(Path(spec.endpoint), mine, addresses, trace, clock, faults=faults)


SIMULATORS: Final[Mapping[str, Serve]] = {"opcua": _serve_opcua, "modbus": _serve_modbus, "mtt1201": _serve_mtt1201}
"""By the key `protocol` of [[source]]."""
