"""What an engineer writes of an OPC UA server: the table [[source]] with protocol = "opcua"."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from plant import PositiveDuration, SourceSpec
from plant.units import SECOND


def _opc_tcp(text: str) -> str:
    found = re.fullmatch(r"opc\.tcp://(\[[0-9a-fA-F:.%]+\]|[^\s/@:]+):(\d{1,5})(/\S*)?", text)
    if found is None or not 0 < int(found[2]) < 65536:
        raise ValueError('expected an address such as "opc.tcp://192.0.2.10:4840/path", with its port')
    return text


class OpcUaSource(SourceSpec):
    """A table [[source]] of a site file; the address of its points is an OPC UA node id."""

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
    queue: int = Field(
        default=5000, ge=2, le=100_000, description="Changes of a point that the server keeps between two sendings. [1]"
    )
