"""Grammars of OPC UA node ids, endpoints and MT/T 1201 records, for adapters that read and simulators that serve."""

import re
from typing import Annotated, Final, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from plant.entity import Entity, Line
from plant.message import Message

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


RECORD_KEYS: Final = ("type", "code", "field", "unit")
RECORD_EXAMPLE: Final = "type=CDSS;code=1101MN000400002274;unit=%"


class RecordAddress(Entity):
    """One value of the records of a type.

    The written form is `type=CDSS;code=1101MN000400002274;field=value;unit=%`: the type of file, the code of the point,
    and what differs from the defaults.
    """

    type: Line = Field(min_length=1, description="Type of file, as in its name.")
    code: Line = Field(min_length=1, description="Code of the point.")
    field: Line = Field(default="value", description="Field of the record; the table of the province names it.")
    unit: Line = Field(default="", description="Unit that the record must have; any, if it is empty.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form.

        Raises
        ------
        ValueError
            The message names the error and the expected form.

        """
        parts: dict[str, str] = {}
        for part in text.split(";"):
            key, equals, value = part.strip().partition("=")
            if not equals or key in parts:
                message = Message(
                    '{part!r}: expected key=value parts, each once, as in "{example}"',
                    part=part,
                    example=RECORD_EXAMPLE,
                )
                raise ValueError(message)
            parts[key] = value
        if unknown := parts.keys() - RECORD_KEYS:
            raise ValueError(
                Message("unknown key {key!r}: expected keys among {keys}", key=min(unknown), keys=RECORD_KEYS)
            )
        if missing := [key for key in RECORD_KEYS[:2] if not parts.get(key)]:
            raise ValueError(Message('expected {key}=, as in "{example}"', key=missing[0], example=RECORD_EXAMPLE))
        return cls.model_validate(parts)
