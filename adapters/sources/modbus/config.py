"""The [[source]] table that an engineer writes for a Modbus TCP endpoint."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from plant import Duration, PositiveDuration, SourceSpec
from plant.address import split_endpoint
from plant.units import SECOND


def _endpoint(text: str) -> str:
    split_endpoint(text)
    return text


class ModbusSource(SourceSpec):
    """A Modbus TCP endpoint: one device, or a gateway with several units behind it."""

    protocol: Literal["modbus"] = Field(description="Which adapter reads it.")
    endpoint: Annotated[str, AfterValidator(_endpoint)] = Field(description='Where it listens: "host:port".')
    poll: PositiveDuration = Field(
        default=SECOND, description="Everything is read once in this time. [duration, in the log's time]"
    )
    timeout: PositiveDuration = Field(
        default=SECOND, description="How long to wait for a connection or an answer. [duration, real time]"
    )
    pause: Duration = Field(
        default=0, description="Rest between two requests, for fragile devices. [duration, real time]"
    )
    settle: Duration = Field(
        default=0, description="Rest after a connection is made, before the first request. [duration, real time]"
    )
    # A read response carries its byte count in one byte, so the protocol allows 125 registers (250 bytes).
    # The minimum of 4 registers is one float64: a value must fit into one request.
    max_registers: int = Field(
        default=125, ge=4, le=125, description="Longest request; 16 bits count as a register. [registers]"
    )
    max_gap: int = Field(
        default=8, ge=0, le=120, description="Unused registers that a request may bridge; 16 bits as one. [registers]"
    )

    @property
    def refresh(self) -> tuple[str, int]:
        """Key and length of the period in which every point is read once. [ns]."""
        return "poll", self.poll

    @property
    def host(self) -> str:
        """Name or address of the device."""
        return split_endpoint(self.endpoint)[0]

    @property
    def port(self) -> int:
        """TCP port of the device."""
        return split_endpoint(self.endpoint)[1]
