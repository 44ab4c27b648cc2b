"""`check` warns of what a valid site file leaves unwatched, in the order of the lines."""

from datetime import date
from pathlib import Path

import pytest

from hazwatch.site.config import load
from tests import sites

TODAY = date(2026, 11, 30)


def warnings(tmp_path: Path, *tables: str, today: date | None = TODAY) -> list[str]:
    path = tmp_path / "site.toml"
    path.write_text(sites.text(*tables), encoding="utf-8")
    found = load(path, today).warnings
    assert [mistake.line for mistake in found] == sorted(mistake.line for mistake in found)
    return [f"{mistake.path}: {mistake.message}" for mistake in found]


def gas(assessed: str) -> str:
    return sites.gas() + f"assessed = {assessed}\n"


def test_a_methane_point_without_a_limit_is_named(tmp_path: Path) -> None:
    (found,) = warnings(tmp_path, sites.HEAD, sites.point("T1", quantity="CH4", unit="%"))
    assert found.startswith('point "T1": nothing looks at its values (CH4)')


@pytest.mark.parametrize(
    "other",
    [
        sites.limit("T1.alarm", "T1", high=1.0, level="orange"),
        sites.point("R1", expression="T1 * 2") + sites.limit("R1.alarm", "R1", high=1.0, level="orange"),
        sites.point("T2", discrepancy={"with": "T1", "limit": 0.2}) + sites.limit("a", "T2", high=1.0, level="orange"),
    ],
    ids=["a limit", "an input", "a sister"],
)
def test_a_point_that_a_rule_looks_at_is_watched(other: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, sites.HEAD, sites.point("T1"), other) == []


@pytest.mark.parametrize(("assessed", "old"), [("2020-05-01", True), ("2024-11-29", True), ("2024-11-30", False)])
def test_an_assessment_of_more_than_two_years_ago_is_named(assessed: str, old: bool, tmp_path: Path) -> None:
    watched = (sites.point("T1"), sites.limit("T1.alarm", "T1", high=1.0, level="orange"))
    found = warnings(tmp_path, sites.mine(), gas(assessed), *watched)
    assert [line.partition(":")[0] for line in found] == (['hazard_source "gas".assessed'] if old else [])


def test_an_assessment_on_a_leap_day_has_an_end(tmp_path: Path) -> None:
    watched = (sites.point("T1"), sites.limit("T1.alarm", "T1", high=1.0, level="orange"))
    assert len(warnings(tmp_path, sites.mine(), gas("2024-02-29"), *watched)) == 1


@pytest.mark.parametrize(("ticket", "count"), [(False, 1), (True, 0)])
def test_a_red_limit_without_a_ticket_is_named(ticket: bool, count: int, tmp_path: Path) -> None:
    limit = sites.limit("T1.alarm", "T1", high=1.0, level="red", ticket=ticket)
    found = warnings(tmp_path, sites.HEAD, sites.point("T1"), limit)
    assert len(found) == count
    assert all(line.startswith('limit "T1.alarm".level: red, and it opens no ticket') for line in found)


def test_without_a_date_nothing_more_is_said(tmp_path: Path) -> None:
    assert warnings(tmp_path, sites.HEAD, sites.point("T1"), today=None) == []
