"""`hazwatch discover` finds which units and addresses of a Modbus endpoint answer, by reading alone."""

import asyncio
from pathlib import Path

import pytest

from hazwatch.cli.exit_codes import OK, UNAVAILABLE
from hazwatch.cli.main import main
from hazwatch.site.config import load
from hazwatch.words.fill_in import FILL_IN
from tests.ports import free_port
from tests.system.modbus.devices import SILENT, Answer, Asked, device

pytestmark = pytest.mark.live

READ_HOLDING = 3
UNITS = {2: [(10, 40), (60, 61)], 3: [(0, 5)]}
"""The units that answer, and their ranges of holding registers: first address, and the one after the last."""


def plant(asked: Asked) -> Answer:
    """Answer as these units do, which have no other table and take no request of more than 20 registers."""
    if asked.unit not in UNITS:
        return SILENT
    if asked.function != READ_HOLDING:
        return 1
    ranges = UNITS[asked.unit]
    fits = asked.length <= 20 and any(s <= asked.first and asked.first + asked.length <= e for s, e in ranges)
    return None if fits else 2


async def discover(endpoint: str, folder: Path, *words: str) -> int:
    order = ["discover", f"modbus://{endpoint}", "--out", str(folder), "--units", "1-3", "--registers", "0-99", *words]
    return await asyncio.to_thread(main, order)


async def test_units_and_ranges_that_answer_are_listed_and_the_others_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    functions = set[int]()

    def watched(asked: Asked) -> Answer:
        functions.add(asked.function)
        return plant(asked)

    async with device(watched) as endpoint:
        assert await discover(endpoint, tmp_path) == OK
    said = capsys.readouterr().out
    assert "units that answer, of 1 to 3: 2, 3" in said
    assert "unit 2, holding registers: 10-39, 60-60" in said
    assert "unit 3, holding registers: 0-4" in said
    assert "only the manual of the device says what it measures" in said
    assert functions <= {1, 2, 3, 4}
    site = tmp_path / "site.toml"
    text = site.read_text(encoding="utf-8").replace(f'kind = "{FILL_IN}"', 'kind = "gas"')
    site.write_text(text.replace(f'grade = "{FILL_IN}"', 'grade = "I"').replace(FILL_IN, "x"), encoding="utf-8")
    addresses = [point.address for point in load(site).points.points]
    wanted = [(unit, n) for unit, ranges in UNITS.items() for start, end in ranges for n in range(start, end)]
    assert addresses == [f"unit={unit};holding={n}" for unit, n in wanted]


async def test_a_look_that_takes_too_long_ends_and_keeps_what_it_saw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with device(plant) as endpoint:
        assert await discover(endpoint, tmp_path, "--pause", "100ms", "--within", "3") == OK
    assert "not finished within 3 s: the others are left out" in capsys.readouterr().out
    assert 'pause = "100ms"' in (tmp_path / "site.toml").read_text(encoding="utf-8")


async def test_the_number_of_points_is_bounded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with device(plant) as endpoint:
        assert await discover(endpoint, tmp_path, "--most", "7") == OK
    assert "more than 7 points or nodes: the others are left out" in capsys.readouterr().out
    assert len((tmp_path / "points.csv").read_text(encoding="utf-8").splitlines()) == 8


async def test_nobody_there_is_said_and_leaves_no_files(tmp_path: Path) -> None:
    assert await discover(f"127.0.0.1:{free_port()}", tmp_path / "new") == UNAVAILABLE
    assert not (tmp_path / "new").exists()
