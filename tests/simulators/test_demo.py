"""The demo mine does what its story says, at the times at which it says so."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hazwatch.site.config import load
from hazwatch.words import chinese
from plant import HazardSource, Point, PointTable, Quality, Site, State
from plant.columns.sample import SAMPLE_COLUMNS
from plant.modbus_address import ModbusAddress
from plant.units import SECOND
from simulators.demo import CYCLE, SITE, STORY, demo_trace
from simulators.scenario import mine
from tests.docs.pages import both


@pytest.fixture(scope="module")
def site() -> Mapping[str, Any]:
    return tomllib.loads(SITE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def points(site: Mapping[str, Any]) -> PointTable:
    return PointTable([Point(**point) for point in site["point"]])


def test_the_site_file_has_three_hazard_sources_and_says_everything_in_both_languages(site: Mapping[str, Any]) -> None:
    Site(**site["site"])
    assert len([HazardSource(**source) for source in site["hazard_source"]]) == 3
    for limit in load(SITE).rules.limits:
        assert all((limit.message, limit.response, limit.basis)), limit.id
        assert all((limit.message_en, limit.response_en, limit.basis_en)), limit.id


def test_the_site_files_of_the_demo_and_of_a_generated_mine_are_right(tmp_path: Path) -> None:
    assert load(SITE).warnings == ()
    generated = tmp_path / "site.toml"
    generated.write_text(mine(30).site(), encoding="utf-8")
    assert len(load(generated).points) == 30


def test_the_registers_of_the_modbus_points_hold_their_values_and_do_not_overlap(
    site: Mapping[str, Any], points: PointTable
) -> None:
    trace = demo_trace(points, 0, cycles=1)
    taken: set[tuple[int, str, int]] = set()
    for column, point in enumerate(points.points):
        if point.source != "plc-tcp":
            continue
        address = ModbusAddress.parse(point.address or "")
        places = {(address.unit, address.table, address.register_ + place) for place in range(address.count)}
        assert not places & taken
        taken |= places
        if address.type == "uint16":
            raw = trace.value[trace.point == column] / address.scale
            assert np.allclose(raw, np.round(raw))
            assert raw.max() < 65536


def test_the_same_seed_tells_the_same_story_and_another_one_another(points: PointTable) -> None:
    first, again, other = (demo_trace(points, 5 * SECOND, seed=seed, cycles=1) for seed in (1, 1, 2))
    assert all(np.array_equal(getattr(first, name), getattr(again, name)) for name in SAMPLE_COLUMNS)
    assert not np.array_equal(first.value, other.value)
    assert len(first) == len(points) * CYCLE // SECOND
    assert first.time[0] == 5 * SECOND


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    ("point", "setpoint", "seconds"),
    [
        ("T1", 1.0, (55, 269)),
        ("T1", 1.5, (85,)),
        ("T2", 0.8, (98,)),
        ("CO-3101", 24.0, (412,)),
        ("ZJ-45", 35.0, (116,)),
        ("ZJ-45", 38.0, (128,)),
        ("ZJ-60", 35.0, (622,)),
        ("SW-1", 3.0, (226,)),
        ("YS-1", 300.0, (177,)),
    ],
)
def test_setpoints_are_reached_at_the_times_of_the_story(
    points: PointTable, seed: int, point: str, setpoint: float, seconds: tuple[int, ...]
) -> None:
    trace = demo_trace(points, 0, seed=seed, cycles=1)
    rows = (trace.point == points.column(point)) & (trace.state == 0)
    reached = trace.time[rows & (trace.value >= setpoint - 1e-9)] // SECOND
    starts = reached[np.diff(reached, prepend=-100) > 30]
    assert len(starts) == len(seconds)
    assert np.abs(starts - np.array(seconds)).max() <= 6


def test_a_sensor_fails_and_comes_back_and_another_is_calibrated(points: PointTable) -> None:
    trace = demo_trace(points, 0, cycles=1)
    bad = trace.quality == Quality.BAD
    assert {points.id(int(column)) for column in np.unique(trace.point[bad])} == {"T2", "ZJ-60"}
    assert (trace.state[bad] == State.SENSOR_FAULT).all()
    calibrating = trace.state == State.CALIBRATING
    assert set(trace.value[calibrating].tolist()) == {0.0, 1.0, 2.0}


def test_the_story_is_told_in_order_within_a_cycle_in_both_languages() -> None:
    assert [moment.at for moment in STORY] == sorted(moment.at for moment in STORY)
    assert STORY[-1].at == CYCLE
    assert all(chinese(moment.event) != moment.event for moment in STORY)


def test_the_page_about_the_simulators_tells_the_same_story() -> None:
    pages = both("simulators.md")
    for moment in STORY:
        minutes, seconds = divmod(moment.at // SECOND, 60)
        assert f"| {minutes}:{seconds:02d} | {chinese(moment.event)} |" in pages["zh"]
        assert f"| {minutes}:{seconds:02d} | {moment.event} |" in pages["en"]
