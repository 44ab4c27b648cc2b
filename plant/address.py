"""The address grammars of the protocols, shared by the adapters that read and the simulators that serve."""

import re
from typing import Annotated, Final, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from plant.entity import Entity
from plant.message import Message

Table = Literal["holding", "input", "coil", "discrete"]
Encoding = Literal["int16", "uint16", "int32", "uint32", "float32", "float64"]
Order = Literal["ABCD", "CDAB", "BADC", "DCBA"]
# A Modbus register has 16 bits.
REGISTERS: Final[dict[str, int]] = {"int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "float32": 2, "float64": 4}

KEYS: Final = ("unit", "holding", "input", "coil", "discrete", "type", "order", "scale", "offset", "status")
NODE_ID: Final = re.compile(
    r"(?:ns=(?P<index>[0-9]{1,9});|nsu=(?P<uri>[^;\s]+);)?"
    r"(?P<id>i=(?P<number>[0-9]{1,12})|s=.+|g=[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|b=[A-Za-z0-9+/=]+)"
)


class NodeIdParts(NamedTuple):
    """An OPC UA node id: its namespace by index or by URI, and the text of the id within the namespace."""

    namespace: int
    uri: str | None
    identifier: str


def split_node_id(text: str) -> NodeIdParts:
    """Read an OPC UA node id; raise ValueError for any other text."""
    match = NODE_ID.fullmatch(text)
    if match is None:
        raise ValueError(Message('expected an OPC UA node id such as "ns=2;s=3101.T1" or "nsu=urn:kj;s=3101.T1"'))
    index = int(match["index"] or 0)
    if index > 65535 or int(match["number"] or 0) > 2**32 - 1:
        raise ValueError(Message("expected a namespace of at most 65535, and a number of at most 4294967295"))
    return NodeIdParts(index, match["uri"], match["id"])


def check_node_id(text: str) -> str:
    """Return the text of an OPC UA node id; raise ValueError for any other text."""
    split_node_id(text)
    return text


NodeId = Annotated[str, AfterValidator(check_node_id)]
"""An OPC UA node id in its text form."""


EXPECTED_ENDPOINT: Final = Message('expected "host:port", such as "127.0.0.1:502" or "tcp://[::1]:502"')


def split_endpoint(endpoint: str) -> tuple[str, int]:
    """Return host and port of a Modbus endpoint; raise ValueError for any other text."""
    scheme, separator, authority = endpoint.rpartition("://")
    if separator and scheme != "tcp":
        raise ValueError(Message("{expected}; found the scheme {scheme!r}", expected=EXPECTED_ENDPOINT, scheme=scheme))
    try:
        parts = urlsplit(f"//{authority}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(EXPECTED_ENDPOINT) from None
    # urlsplit accepts a path, a query or a user before the host; a Modbus endpoint has none of them.
    if not host or not port or parts.netloc != authority or "@" in authority or not is_host(host):
        raise ValueError(EXPECTED_ENDPOINT)
    return host, port


def is_host(text: str) -> bool:
    """Tell whether a text can be the name of a host: parts of 1 to 63 characters between dots."""
    # The socket library encodes names in this way, and its error would end the source instead of the attempt.
    try:
        text.encode("idna")
    except UnicodeError:
        return False
    return text.isprintable()


class ModbusAddress(Entity):
    """One value of a Modbus device.

    The written form is `unit=1;holding=100;type=float32;order=CDAB;scale=0.01;offset=-5;status=holding:102`: the unit,
    the table with the address of the first register or bit (from 0, as on the wire), and fields that differ from their
    defaults.
    """

    unit: int = Field(default=1, ge=0, le=255, description="Unit id; 255 is usual for a device without a gateway. [1]")
    table: Table = Field(description="holding, input, coil or discrete.")
    register_: int = Field(alias="register", ge=0, le=65535, description="First register or bit, from 0. [1]")
    type: Encoding = Field(default="uint16", description="Encoding of the registers.")
    order: Order = Field(default="ABCD", description="Byte and word order; A is the most significant byte.")
    scale: float = Field(default=1.0, description="value = raw * scale + offset. [unit of the point]")
    offset: float = Field(default=0.0, description="value = raw * scale + offset. [unit of the point]")
    status: int | None = Field(default=None, ge=0, le=65535, description="Status word, bit mask of MT/T 1201. [1]")
    status_table: Literal["holding", "input"] = Field(default="holding", description="Table of the status word.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.scale == 0:
            raise ValueError(Message("scale: expected a number other than 0"))
        if self.table in ("coil", "discrete") and not {"type", "order"}.isdisjoint(self.model_fields_set):
            raise ValueError(Message("a {table} is one bit: expected neither type nor order", table=self.table))
        if self.register_ + self.count > 65536:
            raise ValueError(
                Message(
                    "{type} at {register}: expected to end at or before register 65535",
                    type=self.type,
                    register=self.register_,
                )
            )
        return self

    @property
    def register_table(self) -> bool:
        """Whether the value is in registers; coils and discrete inputs are bits."""
        return self.table in ("holding", "input")

    @property
    def count(self) -> int:
        """Number of registers or bits of the value. [1]."""
        return REGISTERS[self.type] if self.register_table else 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form.

        Raises
        ------
        ValueError
            The message names the error and the expected form (pydantic.ValidationError for a number out of bounds).

        """
        parts: dict[str, str] = {}
        for part in text.split(";"):
            key, equals, value = part.strip().partition("=")
            if not equals or key in parts:
                message = Message(
                    '{part!r}: expected key=value parts, each once, as in "{example}"', part=part, example=EXAMPLE
                )
                raise ValueError(message)
            parts[key] = value
        if unknown := parts.keys() - KEYS:
            raise ValueError(Message("unknown key {key!r}: expected keys among {keys}", key=min(unknown), keys=KEYS))
        # The table's name is the key of the register: `holding=100` becomes table "holding", register "100".
        tables = [key for key in parts if key in ("holding", "input", "coil", "discrete")]
        if len(tables) != 1:
            message = Message('expected one of holding=, input=, coil=, discrete=, as in "{example}"', example=EXAMPLE)
            raise ValueError(message)
        fields = {"table": tables[0], "register": parts.pop(tables[0])} | parts
        if "status" in parts:
            fields["status_table"], _, fields["status"] = parts["status"].rpartition(":")
            fields["status_table"] = fields["status_table"] or "holding"
        return cls.model_validate(fields)


EXAMPLE: Final = "unit=1;holding=100;type=float32;order=ABCD"
