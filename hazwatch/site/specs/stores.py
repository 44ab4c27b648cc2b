"""The tables [[store]] of a site file: where samples are copied beside the historian."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from adapters.regular_file import absolute, check_place
from adapters.stores.influx import Naming
from plant import Entity, Id, Line, Message


def _http(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
        raise ValueError(Message('expected an address such as "http://127.0.0.1:8086", without a name or a token'))
    return url


_TokenFile = Annotated[Line, AfterValidator(absolute("/etc/hazwatch/influx.token")), AfterValidator(check_place)]


class InfluxStoreSpec(Entity):
    """An InfluxDB 2 that gets a copy of every sample and of every change of an alarm."""

    id: Id = Field(default="influxdb", description="Name of the store; its position is kept under it.")
    kind: Literal["influxdb"] = Field(description="Kind of the store.")
    url: Annotated[Line, AfterValidator(_http)] = Field(description="Address of the server.")
    org: Line = Field(min_length=1, description="Organization in InfluxDB.")
    bucket: Line = Field(min_length=1, description="Bucket in InfluxDB.")
    token_file: (
        Annotated[Line, AfterValidator(absolute("/etc/hazwatch/influx.token")), AfterValidator(check_place)] | None
    ) = Field(
        default=None, description="File with a token that may write to the bucket; none for a server without tokens."
    )
    naming: Naming = Field(
        default="hazwatch",
        description='Names in InfluxDB: "hazwatch", or "telegraf" as its inputs opcua and modbus name them.',
    )
