"""`hazwatch bench` measures a site on the disk of a folder, and leaves nothing there."""

import re
from pathlib import Path

import pytest

from hazwatch.config import load
from hazwatch.measure import engine_cost
from hazwatch.program import main

SITE = Path(__file__).parents[1] / "cases" / "config" / "face.good.toml"


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


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", str(SITE), "--data", str(tmp_path / "none")]) == 3
    assert "cannot be written" in capsys.readouterr().err
