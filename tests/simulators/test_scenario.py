"""The generated mine behaves as real ones do, within stated tolerances, and as its seed says."""

import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plant import HazardSource, Point, Quality, Site, State
from plant.address import check_node_id
from plant.columns.sample import SAMPLE_COLUMNS
from plant.modbus_address import ModbusAddress
from plant.units import DAY, HOUR, MINUTE, SECOND
from rules.spec.rule import Limit
from simulators.scenario import POINT_KINDS, generate, mine
from simulators.scenario.signals import follow, relax, sensed, wander

START = 1_772_402_400 * SECOND
PERIOD = 30 * SECOND
DISTRICTS = 24


@pytest.fixture(scope="module")
def week() -> dict[str, NDArray[np.float64]]:
    """One week of 24 districts, like the recording behind the figures: one row per point, calibrations left out."""
    plant = mine(DISTRICTS * len(POINT_KINDS))
    trace = generate(plant, seed=1, start=START, duration=159 * HOUR, period=PERIOD)
    values = trace.value.reshape(-1, len(plant.points)).T
    calibrated = np.isin(np.arange(len(plant.points)), trace.point[trace.state != 0])
    return {kind: values[(np.array(plant.kinds) == kind) & ~calibrated] for kind in POINT_KINDS}


def unchanged(rows: NDArray[np.float64]) -> float:
    return float((np.diff(rows) == 0).mean())


def correlation(rows: NDArray[np.float64], lag: int) -> float:
    return float(np.mean([np.corrcoef(row[:-lag], row[lag:])[0, 1] for row in rows]))


def episodes(rows: NDArray[np.float64], rise: float) -> float:
    """How often a point rises by so much within 5 minutes, per week."""
    risen = rows[:, 10:] - rows[:, :-10] >= rise - 1e-9
    return float((np.diff(risen.astype(int)) == 1).sum() / len(rows))


def longest(row: NDArray[np.float64]) -> int:
    return int(np.diff(np.flatnonzero(np.r_[True, np.diff(row) != 0, True])).max())


@pytest.mark.parametrize(
    ("kind", "share", "tolerance"), [("T1", 0.88, 0.03), ("T2", 0.54, 0.06), ("V", 0.74, 0.1), ("BA", 0.97, 0.03)]
)
def test_values_stay_as_often_as_in_a_real_mine(
    week: dict[str, NDArray[np.float64]], kind: str, share: float, tolerance: float
) -> None:
    assert unchanged(week[kind]) == pytest.approx(share, abs=tolerance)


def test_methane_moves_as_in_a_real_mine(week: dict[str, NDArray[np.float64]]) -> None:
    outlet, inlet = week["T1"], week["T2"]
    assert np.diff(outlet).std() == pytest.approx(0.045, abs=0.008)
    assert np.diff(inlet).std() == pytest.approx(0.016, abs=0.004)
    assert correlation(outlet, 1) == pytest.approx(0.986, abs=0.01)
    assert correlation(outlet, 10) == pytest.approx(0.91, abs=0.03)
    assert correlation(outlet, 120) == pytest.approx(0.76, abs=0.05)


def test_methane_has_the_levels_of_a_real_mine(week: dict[str, NDArray[np.float64]]) -> None:
    outlet = week["T1"]
    lowest, median, highest = np.quantile(outlet, [0.01, 0.5, 0.99])
    assert median == pytest.approx(0.9, abs=0.11)
    assert lowest == pytest.approx(0.4, abs=0.11)
    assert highest == pytest.approx(1.4, abs=0.11)
    assert (outlet >= 1.0 - 1e-9).mean() == pytest.approx(0.35, abs=0.05)
    assert (outlet >= 1.5 - 1e-9).mean() == pytest.approx(0.0065, abs=0.004)
    assert np.median(outlet.max(axis=1)) == pytest.approx(2.2, abs=0.5)


def test_methane_rises_as_often_as_in_a_real_mine(week: dict[str, NDArray[np.float64]]) -> None:
    outlet = week["T1"]
    assert episodes(outlet, 0.4) == pytest.approx(20, abs=10)
    assert episodes(outlet, 0.5) == pytest.approx(12, abs=5)
    assert episodes(outlet, 0.7) == pytest.approx(3, abs=2)
    assert np.mean((np.abs(np.diff(outlet)) >= 0.5 - 1e-9).sum(axis=1)) == pytest.approx(11, abs=5)


def test_methane_stays_the_same_for_hours_without_a_fault(week: dict[str, NDArray[np.float64]]) -> None:
    assert min(longest(row) for row in week["T1"]) * PERIOD > HOUR


def test_coal_is_cut_a_third_of_the_time_and_never_in_the_maintenance_shift(
    week: dict[str, NDArray[np.float64]],
) -> None:
    producing = week["PD"]
    hour = (START + 8 * HOUR + np.arange(producing.shape[1]) * PERIOD) % DAY // HOUR
    assert producing.mean() == pytest.approx(0.38, abs=0.08)
    assert producing[:, (hour >= 6) & (hour < 14)].sum() == 0


def test_methane_is_higher_while_coal_is_cut(week: dict[str, NDArray[np.float64]]) -> None:
    plant = mine(DISTRICTS * len(POINT_KINDS))
    trace = generate(plant, seed=1, start=START, duration=159 * HOUR, period=PERIOD)
    values = trace.value.reshape(-1, len(plant.points)).T
    kinds = np.array(plant.kinds)
    outlet, producing = values[kinds == "T1"], values[kinds == "PD"] > 0
    assert outlet[producing].mean() > outlet[~producing].mean() + 0.05


def test_the_roof_weights_now_and_then(week: dict[str, NDArray[np.float64]]) -> None:
    pressure = week["Z1"]
    assert 20 < np.median(pressure) < 35
    assert 0.01 < (pressure >= 38).mean() < 0.2


def test_pumps_empty_the_sump_in_cycles(week: dict[str, NDArray[np.float64]]) -> None:
    starts = (np.diff(week["KP"]) == 1).sum(axis=1)
    assert (starts > 20).all()
    falling = np.diff(week["L"]) < 0
    assert (week["KP"][:, 1:][falling] == 1).mean() > 0.99


def test_some_places_heat_and_their_temperature_follows(week: dict[str, NDArray[np.float64]]) -> None:
    hottest = week["CO"][:, -1] > 24
    assert 0 < hottest.sum() < DISTRICTS / 2
    assert week["TEMP"][hottest, -1].mean() > week["TEMP"][~hottest, -1].mean() + 2


def test_calibrations_are_plateaus_of_standard_gas_most_of_them_flagged() -> None:
    plant = mine(20 * len(POINT_KINDS))
    trace = generate(plant, seed=2, start=START, duration=15 * DAY, period=PERIOD)
    flagged = trace.state == State.CALIBRATING
    assert set(trace.value[flagged].tolist()) == {0.0, 1.0, 2.0}
    assert 45 <= len(np.unique(trace.point[flagged])) < 60
    assert (trace.quality == Quality.GOOD).all()


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    plant = mine(30)
    first, again, other = (generate(plant, seed=seed, start=START, duration=HOUR) for seed in (1, 1, 2))
    assert all(getattr(first, name).tobytes() == getattr(again, name).tobytes() for name in SAMPLE_COLUMNS)
    assert first.value.tobytes() != other.value.tobytes()


@pytest.mark.parametrize("points", [0, 1, 13, 14, 29])
def test_a_mine_may_have_any_number_of_points(points: int) -> None:
    plant = mine(points)
    trace = generate(plant, seed=1, start=START, duration=MINUTE)
    assert len(trace) == 60 * points
    assert np.array_equal(trace.point, np.tile(np.arange(points), 60))
    assert np.isfinite(trace.value).all()


@pytest.mark.parametrize("protocol", ["opcua", "modbus", ""])
def test_the_site_file_of_a_mine_says_what_its_points_are(protocol: str) -> None:
    plant = mine(31)
    source = f'[[source]]\nid = "plant"\nprotocol = "{protocol}"\nendpoint = "127.0.0.1:4840"\n' if protocol else ""
    site = tomllib.loads(plant.site(source))
    Site(**site["site"])
    hazards = {HazardSource(**hazard).id for hazard in site["hazard_source"]}
    points = [Point(**point) for point in site["point"]]
    for point in points:
        if protocol == "opcua":
            check_node_id(point.address or "")
        elif protocol == "modbus":
            ModbusAddress.parse(point.address or "")
    assert len({point.address for point in points}) == (31 if protocol else 1)
    assert [point.id for point in points] == [point.id for point in plant.points.points]
    assert {point.hazard_source for point in points} == hazards
    assert {Limit(**limit).point for limit in site["limit"]} <= {point.id for point in points}


@given(st.floats(0.5, 500), st.integers(1, 300), st.integers(0, 2**32))
def test_decay_is_what_its_definition_says(tau: float, steps: int, seed: int) -> None:
    inputs = np.random.default_rng(seed).normal(size=(2, steps))
    expected, carried = np.empty_like(inputs), np.zeros(2)
    for step in range(steps):
        carried = carried * np.exp(-1 / tau) + inputs[:, step]
        expected[:, step] = carried
    assert np.allclose(relax(inputs, tau * SECOND, SECOND), expected, rtol=1e-9, atol=1e-9)


def test_noise_has_its_deviation_and_memory_whatever_the_period() -> None:
    for period in (SECOND, 10 * SECOND):
        noise = wander(np.random.default_rng(1), (200, 2000), MINUTE, period)
        assert noise.std() == pytest.approx(1.0, abs=0.05)
        assert correlation(noise, int(MINUTE // period)) == pytest.approx(np.exp(-1), abs=0.08)


def test_a_signal_that_follows_a_constant_is_that_constant() -> None:
    assert np.allclose(follow(np.full((1, 50), 3.0), MINUTE, SECOND), 3.0)


def test_a_sensor_shows_the_nearest_numbers_of_its_resolution() -> None:
    assert sensed(np.array([[0.26, 0.301, -1.0, 9.0]]), 0.1, 0.0, 4.0).tolist() == [[0.3, 0.3, 0.0, 4.0]]
    assert sensed(np.array([[1074.4, 0.6]]), 1.0, 0.0, 2000.0).tolist() == [[1074.0, 1.0]]
