"""`check` warns of calculated points whose `fault` would raise and clear while their inputs come one by one."""

from pathlib import Path

import pytest

from hazwatch.site.config import load
from tests import sites

POINTS = (sites.point("T1"), sites.point("T2"), sites.point("R1", expression="T1 / T2"))


def warnings(tmp_path: Path, *tables: str) -> list[str]:
    path = tmp_path / "site.toml"
    path.write_text(sites.text(sites.HEAD, *tables), encoding="utf-8")
    return [f"{mistake.path}: {mistake.message}" for mistake in load(path).warnings]


def test_the_inputs_and_the_delay_to_write_are_named(tmp_path: Path) -> None:
    (found,) = warnings(tmp_path, *POINTS)
    assert found.startswith('point "R1".expression: calculated from T1, T2: at a first start')
    assert found.endswith('expected fault = { on_delay = "10s" }')


@pytest.mark.parametrize(
    "ratio",
    [
        sites.point("R1", expression="T1 / T2", fault={"on_delay": "10s"}),
        sites.point("R1", expression="T1 * 2"),
        sites.point("R1", expression="T1 * 2") + sites.point("R2", expression="R1 + T1"),
    ],
    ids=["with a delay", "one input", "one input in the end"],
)
def test_a_point_that_cannot_flutter_is_not_named(ratio: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, sites.point("T1"), sites.point("T2"), ratio) == []


def test_points_behind_a_calculated_input_count(tmp_path: Path) -> None:
    of_one = sites.point("R2", expression="R1 * 2")
    found = warnings(tmp_path, *POINTS, of_one)
    assert [line.partition(":")[0] for line in found] == ['point "R1".expression', 'point "R2".expression']


def test_the_shipped_examples_have_the_delay(tmp_path: Path) -> None:
    cases = Path(__file__).parents[2] / "cases" / "law" / "site.toml"
    assert not [warning for warning in load(cases).warnings if "calculated from" in warning.message]
