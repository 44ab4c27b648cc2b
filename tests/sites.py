"""The minimal site: one mine with one hazard source. Tests and benchmarks add the tables that they are about."""

import json
from collections.abc import Mapping
from typing import Any, Final

from plant import Site

MINE: Final = Site(id="1", name="示范煤矿", timezone="Asia/Shanghai")


def table(name: str, /, **keys: Any) -> str:
    """Return a table of a site file: `site` and `historian` stand once, any other is one of many."""
    head = f"[{name}]" if name in ("site", "historian") else f"[[{name}]]"
    return "\n".join([head, *(f"{key} = {_toml(value)}" for key, value in keys.items()), ""])


def text(*tables: str) -> str:
    """Return a site file of these tables, with an empty line between them."""
    return "\n".join(tables)


def mine(**keys: Any) -> str:
    """Return the table of the mine, with more keys or other values."""
    return table("site", **{"id": MINE.id, "name": MINE.name, "timezone": MINE.timezone} | keys)


def gas(**keys: Any) -> str:
    """Return the table of a hazard source `gas`."""
    return table("hazard_source", **{"id": "gas", "name": "瓦斯", "kind": "gas", "grade": "II"} | keys)


def opcua(port: int, **keys: Any) -> str:
    """Return the table of a source `ua` on this machine."""
    return table("source", **{"id": "ua", "protocol": "opcua", "endpoint": f"opc.tcp://127.0.0.1:{port}"} | keys)


def modbus(port: int, **keys: Any) -> str:
    """Return the table of a source `mb` on this machine."""
    return table("source", **{"id": "mb", "protocol": "modbus", "endpoint": f"127.0.0.1:{port}"} | keys)


def point(name: str, /, **keys: Any) -> str:
    """Return the table of a point of `gas`."""
    return table("point", **{"id": name, "hazard_source": "gas", "name": f"甲烷 {name}"} | keys)


def limit(name: str, point: str, /, **keys: Any) -> str:
    """Return the table of a limit of the value of a point."""
    return table("limit", **{"id": name, "point": point, "feature": "value"} | keys)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


HEAD: Final = text(mine(), gas())
