"""PointSeries names in InfluxDB: the measurement, tags and field names of each point, in both namings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Naming = Literal["hazwatch", "telegraf"]

_OF_TAGS: Final = str.maketrans({",": "\\,", " ": "\\ ", "=": "\\="})
_OF_TEXTS: Final = str.maketrans({'"': '\\"', "\\": "\\\\"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSeries:
    """What a point is called in InfluxDB.

    Attributes
    ----------
    mine, source, point, kind : str
        Mine code, id of the source, id of the point, and kind of its hazard source.
    protocol, address : str
        Protocol of the source and address of the point, by which Telegraf names it.

    """

    mine: str
    source: str
    point: str
    kind: str
    protocol: str
    address: str

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of the product's own measurements."""
        return {"mine": self.mine, "source": self.source, "point": self.point, "kind": self.kind}

    def key(self, measurement: str) -> str:
        """Return measurement and tags of one of the product's own measurements, as line protocol."""
        return line_key(measurement, self.tags)

    def telegraf_key(self) -> str:
        """Return measurement and tags as the Telegraf input of the protocol names them."""
        # Telegraf's opcua input has the node in the tag `id`; its modbus input has the device in the tag `name`.
        if self.protocol == "opcua":
            return line_key("opcua", {"id": self.address})
        return line_key(self.protocol, {"name": self.source})


def line_key(measurement: str, tags: Mapping[str, str]) -> str:
    """Return measurement and tags as line protocol, tags in the order of their names, empty ones left out."""
    # InfluxDB asks for this order. It refuses an empty tag, and reads a backslash at the end of a tag as a part of the
    # separator behind it, so a backslash becomes a slash.
    written = (f"{name}={escaped(value)}" for name, value in sorted(tags.items()) if value)
    return ",".join((measurement, *written))


def escaped(name: str) -> str:
    """Return a tag value or a field name as line protocol; control characters become spaces."""
    visible = "".join(letter if letter.isprintable() else " " for letter in name)
    return visible.replace("\\", "/").translate(_OF_TAGS)


def quoted(text: str) -> str:
    """Return a text as the value of a field."""
    return f'"{text.translate(_OF_TEXTS)}"'
