"""One run of `check` finds in a table of points everything that a second run would find after a mistake is mended."""

import random
from pathlib import Path

import pytest

from tests import sites
from tests.hazwatch.site.mutated_files import mistakes, with_lines

HEAD = sites.text('points = "points.csv"\n', sites.mine(), sites.gas(), sites.opcua(4840))
TABLE = """\
id,hazard_source,name,unit,range,resolution,stale_after,source,address,fault.on_delay,discrepancy.with,discrepancy.limit
T1,gas,工作面甲烷,%,0..4,0.01,30s,ua,ns=2;s=3101.T1,5s,,
T2,gas,回风巷甲烷,%,0..4,0.01,30s,ua,ns=2;s=3101.T2,,T1,0.5
T3,gas,回风隅角甲烷,%,0..4,0.01,30s,ua,ns=2;s=3101.T3,5s,,
V1,gas,回风巷风速,m/s,0..15,0.1,20s,ua,ns=2;s=3101.V1,,,
KG,gas,馈电,,0..1,1,20s,ua,ns=2;s=3101.KG,,,"""
COLUMNS = {name: number for number, name in enumerate(TABLE.split("\n", maxsplit=1)[0].split(","))}
CELLS = {
    "hazard_source": ("gas2", ""),
    "name": ("",),
    "resolution": ("-1", "nan", "0。01", "0,01", "ten"),
    "range": ("4..0", "0-4", "0..x", "0～4"),
    "stale_after": ("30", "0s", "30秒"),
    "source": ("uax", ""),
    "address": ("ns=2", "3101.T1"),
    "fault.on_delay": ("5", "-1s"),
    "discrepancy.limit": ("-1", "x"),
    "discrepancy.with": ("T9",),
}
"""Wrong cells by column."""
ROWS = (
    lambda row: row.replace(",", ";"),
    lambda row: row + ",1,2,3",
    lambda row: row.replace(",", "，"),
    lambda row: '"' + row,
    lambda row: "",
)
HEADERS = (
    lambda header: header.replace("resolution", "resolutoin"),
    lambda header: header.replace("stale_after", "stale after"),
    lambda header: header.replace("unit", "unit "),
    lambda header: header.replace("name,unit", "name,,unit"),
    lambda header: header.replace("fault.on_delay", "fault.ondelay"),
)


def mutated(lines: list[str], chance: random.Random) -> dict[int, str]:
    """Return some lines of the table with mistakes, by their numbers."""
    chosen: dict[int, str] = {}
    for number in chance.sample(range(1, len(lines)), chance.randint(1, 4)):
        cells = lines[number].split(",")
        for column in chance.sample(sorted(CELLS), chance.randint(1, 2)):
            cells[COLUMNS[column]] = chance.choice(CELLS[column])
        chosen[number] = ",".join(cells)
        if chance.random() < 0.25:
            chosen[number] = chance.choice(ROWS)(lines[number])
    if chance.random() < 0.3:
        chosen[0] = chance.choice(HEADERS)(lines[0])
    return chosen


@pytest.mark.parametrize("seed", range(200))
def test_no_mistake_of_a_table_of_points_appears_that_was_there_before(seed: int, tmp_path: Path) -> None:
    lines = TABLE.split("\n")
    wrong = mutated(lines, random.Random(seed))

    def found(new: dict[int, str]) -> list[str]:
        (tmp_path / "points.csv").write_text("\n".join(with_lines(lines, new)), encoding="utf-8")
        return mistakes(tmp_path / "site.toml", HEAD.split("\n"))

    first = found(wrong)
    unseen = {
        number: line
        for number, line in wrong.items()
        if found({n: other for n, other in wrong.items() if n != number}) == first
    }
    assert found(unseen) == [], first
