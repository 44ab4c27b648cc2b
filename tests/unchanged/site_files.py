"""Writes random sites and their samples as the files that the product reads."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from plant import Entity
from tests.rules.random_logs import Case
from tests.rules.reference_log import Sample

Table = dict[str, Any]
Tables = dict[str, list[Table]]

HEAD: Final = """
[[hazard_source]]
id = "h"
name = "h"
kind = "gas"
grade = "II"

[[hazard_source]]
id = "h2"
name = "h2"
kind = "gas"
grade = "II"

[[source]]
id = "sampled"
protocol = "opcua"
endpoint = "opc.tcp://127.0.0.1:4840"

[[source]]
id = "polled"
protocol = "opcua"
endpoint = "opc.tcp://127.0.0.1:4841"
time = "arrival"
"""


def tables_of(case: Case) -> Tables:
    """Return the tables of the site file of a case."""
    points = [_table(point) for point in case.points]
    for table in points:
        if "expression" not in table:
            table["source"] = "polled" if table["id"] in case.arrival_timed else "sampled"
            table["address"] = f"ns=2;s={table['id']}"
    limits = [{**_table(limit), "ticket": number % 2 == 0} for number, limit in enumerate(case.limits)]
    votes = [{**_table(vote), "ticket": True} for vote in case.votes]
    interlocks = [_table(interlock) for interlock in case.interlocks]
    return {"point": points, "limit": limits, "vote": votes, "interlock": interlocks}


def write_site(case: Case, tables: Tables, path: Path) -> Path:
    """Write a site file with these tables, and return its path."""
    parts = [f"[site]\n{_lines(_table(case.site))}", HEAD]
    parts += [f"[[{name}]]\n{_lines(table)}" for name, rows in tables.items() for table in rows]
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def write_samples(samples: Sequence[Sample], path: Path) -> Path:
    """Write a trace in the long form, and return its path."""
    rows = ["time,point,value,quality,state,backfilled"]
    rows += [f"{s.time},{s.point},{s.value!r},{s.quality},{s.state},{int(s.backfilled)}" for s in samples]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def _table(entity: Entity) -> Table:
    table = entity.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(stale := table.get("stale_after"), int):
        table["stale_after"] = f"{stale}ns" if stale else "never"
    return table


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {_toml(value)}\n" for key, value in table.items())


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    return json.dumps(value)
