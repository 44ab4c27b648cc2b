"""The [[source]] table that an engineer writes for an OPC UA server (protocol = "opcua")."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from adapters.sources.opcua.identity import Security, User
from plant import Message, PositiveDuration, SourceSpec
from plant.address import is_host
from plant.units import SECOND

SCAN_MARGIN: Final = 4
"""Source times of scans stay a quarter of the scan period behind the server's time."""


def _opc_tcp(text: str) -> str:
    address = re.fullmatch(r"opc\.tcp://(\[[0-9a-fA-F:.%]+\]|[^\s/@:]+):(\d{1,5})(/\S*)?", text)
    if address is None or not 0 < int(address[2]) < 65536 or not is_host(address[1].strip("[]")):
        raise ValueError(Message('expected an address such as "opc.tcp://192.0.2.10:4840/path", with its port'))
    return text


class OpcUaSource(SourceSpec):
    """An OPC UA server in the site file; the addresses of its points are OPC UA node ids."""

    protocol: Literal["opcua"] = Field(description="Which adapter reads it.")
    endpoint: Annotated[str, AfterValidator(_opc_tcp)] = Field(
        description="Address of the server, opc.tcp://HOST:PORT."
    )
    publishing: PositiveDuration = Field(
        default=SECOND // 10, description="How often the server sends what changed; in real time. [duration]"
    )
    scan: PositiveDuration = Field(
        default=10 * SECOND,
        description="How often every point is read, so that one that does not change does not look stale. [duration]",
    )
    timeout: PositiveDuration = Field(
        default=3 * SECOND, description="How long the server may take to answer, in real time. [duration]"
    )
    # A queue of 1 keeps only the newest change: spikes between two publish answers would be lost.
    queue: int = Field(
        default=5000, ge=2, le=100_000, description="Changes of a point that the server keeps between two sendings. [1]"
    )

    security: Security = Field(
        default=Security(policy="None"), description="Protection of the channel; none unless given."
    )
    user: User | None = Field(default=None, description="Who we are to the server; anonymous unless given.")

    @property
    def tolerated(self) -> tuple[str, ...]:
        """What may be wrong with the certificate of the server."""
        return self.security.tolerate

    @property
    def refresh(self) -> tuple[str, int]:
        """Key and length of the period in which every point is read once. [ns]."""
        return "scan", self.scan

    @property
    def lag(self) -> tuple[int, int]:
        """Changes wait for the next publishing, and source times of scans stay behind the server's time. [ns]."""
        return self.publishing, self.scan // SCAN_MARGIN
