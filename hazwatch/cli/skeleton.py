"""Writes the begin of a site file for a device that was looked at; what the engineer must fill in is marked."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Final

from adapters.sources.definitions import DefinedLimit
from adapters.sources.discovery import DiscoveredPoint, Discovery
from hazwatch.words import both, text
from hazwatch.words.fill_in import FILL_IN
from plant import Message

HAZARD_SOURCE: Final = "discovered"
"""The hazard source of all points, until the engineer distributes them."""
PROPOSED_LEVELS: Final[Mapping[str, str]] = {
    "high_alarm": "orange", "low_alarm": "orange", "high_cut": "red", "low_cut": "red",
}  # fmt: skip
"""Levels of the limits of a definition file, which has none: those of the examples of the documentation."""
POINT_CELLS: Final = ("id", "hazard_source", "name", "quantity", "unit", "range", "source", "address")


def site_skeleton(
    discovery: Discovery, made: Message, table: str, *, mine: tuple[str, str] = (FILL_IN, FILL_IN)
) -> str:
    """Return a site file whose points are in the file `table`, with the remarks of the look as comments.

    `made` says by which command; `mine` is the code and the name of the mine.
    """
    comments = "".join(f"# {line}\n" for remark in (made, *discovery.remarks) for line in both(remark).splitlines())
    site = _table("[site]", {"id": mine[0], "name": mine[1], "timezone": "Asia/Shanghai"})
    area = {"id": HAZARD_SOURCE, "name": FILL_IN, "kind": FILL_IN, "grade": FILL_IN}
    source = discovery.spec.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    tables = (site, _table("[[hazard_source]]", area), _table("[[source]]", source))
    return "\n".join([comments, f"points = {_toml(table)}\n", *tables])


def limit_tables(limits: Iterable[DefinedLimit]) -> str:
    """Return the [[limit]] tables of a definition file."""
    return "\n".join(_table("[[limit]]", _limit_keys(limit)) for limit in limits)


def _limit_keys(limit: DefinedLimit) -> dict[str, object]:
    direction = "high" if limit.is_high else "low"
    keys = {"id": f"{limit.point}.{limit.field}", "point": limit.point, "feature": "value"}
    return keys | {direction: limit.setpoint, "clear": limit.clear, "level": PROPOSED_LEVELS[limit.field]}


def points_table(points: Iterable[DiscoveredPoint], source: str) -> str:
    """Return the table of the points of a source."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(POINT_CELLS)
    for point in points:
        span = "" if point.range is None else f"{point.range[0]:.12g}..{point.range[1]:.12g}"
        # Names of the device are as it has them; names that are made are those of a Chinese page.
        name = text(point.name).zh if isinstance(point.name, Message) else point.name
        writer.writerow((point.id, HAZARD_SOURCE, name, "", point.unit, span, source, point.address))
    return table.getvalue()


def _table(head: str, keys: Mapping[str, object]) -> str:
    return "\n".join([head, *(f"{key} = {_toml(value)}" for key, value in keys.items()), ""])


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # A string of JSON is one of TOML.
    return json.dumps(value, ensure_ascii=False)
