"""The [[source]] table that an engineer writes for a Modbus device, over TCP or a serial line."""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from plant import Duration, Inconsistency, Message, PositiveDuration, SourceSpec, check_consistent, message_of
from plant.address import split_endpoint
from plant.units import SECOND

Transport = Literal["tcp", "rtu-over-tcp", "serial"]
SERIAL_KEYS = ("baudrate", "bytesize", "parity", "stopbits")


class ModbusSource(SourceSpec):
    """A Modbus endpoint: one device, or several units behind a gateway or on a serial line."""

    protocol: Literal["modbus"] = Field(description="Which adapter reads it.")
    endpoint: str = Field(description='Where it listens: "host:port"; for a serial line its port, "/dev/ttyS0".')
    transport: Transport = Field(
        default="tcp",
        description="Modbus TCP; frames of RTU through a gateway that passes bytes on; or RTU on a serial line.",
    )
    baudrate: int = Field(default=9600, ge=300, le=4_000_000, description="Speed of the serial line. [bit/s]")
    bytesize: Literal[7, 8] = Field(default=8, description="Data bits of a character. [bit]")
    parity: Literal["none", "even", "odd"] = Field(default="none", description="Parity of the serial line.")
    stopbits: Literal[1, 2] = Field(default=1, description="Stop bits of a character. [bit]")
    poll: PositiveDuration = Field(
        default=SECOND, description="Every unit is read once in this time. [duration, in the log's time]"
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

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        check_consistent(self._misfits())
        return self

    def _misfits(self) -> Iterator[Inconsistency]:
        if self.transport == "serial":
            if (
                _is_host_and_port(self.endpoint)
                or not self.endpoint
                or self.endpoint.endswith("/")
                or not self.endpoint.isprintable()
            ):
                yield Inconsistency(("endpoint",), Message('expected a serial port such as "/dev/ttyS0" or "COM3"'))
            return
        try:
            split_endpoint(self.endpoint)
        except ValueError as error:
            yield Inconsistency(("endpoint",), message_of(error))
        if wrong := tuple(key for key in SERIAL_KEYS if key in self.model_fields_set):
            message = Message('{keys}: expected with transport = "serial"', keys=wrong)
            yield Inconsistency((*wrong, "transport"), message)

    @property
    def refresh(self) -> tuple[str, int]:
        """Key and length of the period in which every point is read once. [ns]."""
        return "poll", self.poll

    @property
    def one_line(self) -> bool:
        """Whether all units share one line, so that no second connection can be made beside the first."""
        return self.transport != "tcp"

    @property
    def host(self) -> str:
        """Name or address of the device."""
        return split_endpoint(self.endpoint)[0]

    @property
    def port(self) -> int:
        """TCP port of the device."""
        return split_endpoint(self.endpoint)[1]

    @property
    def longest(self) -> int:
        """Longest request. Where answers carry no transaction id, one may have to be asked for more than is needed."""
        return min(self.max_registers, 120) if self.one_line else self.max_registers

    def line_time(self, count: int) -> float:
        """Return how long characters take on a serial line; 0 elsewhere. [s]."""
        if self.transport != "serial":
            return 0.0
        bits = 1 + self.bytesize + (self.parity != "none") + self.stopbits
        return count * bits / self.baudrate


def _is_host_and_port(text: str) -> bool:
    try:
        split_endpoint(text)
    except ValueError:
        return False
    return True
