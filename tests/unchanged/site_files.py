"""Writes random sites and their samples as the files that the product reads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from plant import Entity
from tests import sites
from tests.logs.random_logs import Case
from tests.logs.reference_log import Sample

Table = dict[str, Any]
Tables = dict[str, list[Table]]

HEAD: Final = sites.text(
    sites.gas(id="h", name="h"),
    sites.gas(id="h2", name="h2"),
    sites.opcua(4840, id="sampled"),
    sites.opcua(4841, id="polled", time="arrival"),
)


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
    entries = [sites.table(name, **keys) for name, rows in tables.items() for keys in rows]
    path.write_text(sites.text(sites.table("site", **_table(case.site)), HEAD, *entries), encoding="utf-8")
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
