"""`hazwatch bench` measures a site on the disk of a folder, and leaves nothing there."""

import re
from pathlib import Path

import pytest

from hazwatch.cli.main import main
from hazwatch.reports.site_benchmark import engine_cost, filling, steady_level
from hazwatch.site.config import load
from plant import Point
from rules import Limit

SITE = Path(__file__).parents[2] / "cases" / "config" / "face.good.toml"


def test_every_figure_stands_beside_its_floor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", str(SITE), "--data", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert len(re.findall(r"[\d.]+ x$", printed, re.MULTILINE)) == 4
    assert re.search(r"engine: \d+ us .* a batch of 2,", printed)
    assert not list(tmp_path.iterdir())


def test_all_points_that_are_read_are_measured_and_calculated_ones_follow() -> None:
    config = load(SITE)
    cost = engine_cost(config)
    assert cost.points == sum(point.expression is None for point in config.points.points)
    assert cost.batch > 0
    assert cost.scalar > 0


def test_what_is_measured_is_the_normal_course_of_things_with_full_windows() -> None:
    cost = engine_cost(load(SITE))
    assert (cost.filled, cost.events) == (300, 0), "the slope of the site looks at five minutes"


def limit(**words: object) -> Limit:
    return Limit.model_validate({"id": "T1.l", "point": "T1", "level": "red", "feature": "value"} | words)


@pytest.mark.parametrize(
    ("limits", "level"),
    [
        pytest.param([], 2.0, id="the middle of the range"),
        pytest.param([limit(high=1.0), limit(high=3.0)], 0.5, id="below the lowest high limit"),
        pytest.param([limit(low=1.0), limit(low=2.0)], 3.0, id="above the highest low limit"),
        pytest.param([limit(low=0.5), limit(high=0.9)], 0.7, id="between both"),
        pytest.param([limit(feature="mean", window="1m", high=1.0)], 0.5, id="its features of the value, too"),
        pytest.param([limit(feature="slope", window="1m", high=0.1)], 2.0, id="a slope is no value"),
        pytest.param([limit(high=1.0, point="T2")], 2.0, id="nor is the limit of another point"),
    ],
)
def test_values_stand_between_the_limits(limits: list[Limit], level: float) -> None:
    point = Point(id="T1", hazard_source="gas", name="T1", range=(0.0, 4.0))
    assert steady_level(point, limits) == pytest.approx(level)
    unbounded = point.model_copy(update={"range": None})
    for one in limits:
        value = steady_level(unbounded, [one])
        assert one.point == "T2" or one.feature == "slope" or (value < one.setpoint) == (one.direction == "high")


def test_a_window_of_a_day_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(SITE.read_text(encoding="utf-8").replace('window = "5m"', 'window = "1d"'), encoding="utf-8")
    assert filling(load(path)) == 600


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", str(SITE), "--data", str(tmp_path / "none")]) == 3
    assert "cannot be written" in capsys.readouterr().err
