"""Writes the begin of a site file for a device that was looked at; what the engineer must fill in is marked."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Final

from adapters.sources.discovery import DiscoveredPoint, Discovery
from hazwatch.words import both, text
from plant import Message

FILL_IN: Final = f"<{both(Message('fill in'))}>"
"""What stands where only the engineer knows."""
HAZARD_SOURCE: Final = "discovered"
"""The hazard source of all points, until the engineer distributes them."""
POINT_CELLS: Final = ("id", "hazard_source", "name", "quantity", "unit", "range", "source", "address")


def site_skeleton(discovery: Discovery, url: str, table: str) -> str:
    """Return a site file whose points are in the file `table`, with the remarks of the look as comments."""
    made = Message("made by hazwatch discover {url}; fill in what is marked {mark}", url=url, mark=FILL_IN)
    comments = "".join(f"# {line}\n" for remark in (made, *discovery.remarks) for line in both(remark).splitlines())
    site = _table("[site]", {"id": FILL_IN, "name": FILL_IN, "timezone": "Asia/Shanghai"})
    area = {"id": HAZARD_SOURCE, "name": FILL_IN, "kind": FILL_IN, "grade": FILL_IN}
    source = discovery.spec.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    tables = (site, _table("[[hazard_source]]", area), _table("[[source]]", source))
    return "\n".join([comments, f"points = {_toml(table)}\n", *tables])


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
