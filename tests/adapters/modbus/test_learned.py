"""What the units of an endpoint refuse, over restarts: what is kept, what is forgotten, and when it is tried again."""

import logging
from pathlib import Path

import pytest

from adapters.sources.kept_file import KeptFile
from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.learned import LEARNED_KEPT_EVERY, SETTLED_AFTER, TRIED_AGAIN_AFTER, Learned, digest_of
from adapters.sources.modbus.unit import Unit, units_of
from plant.modbus_address import ModbusAddress
from plant.units import MINUTE

NOW = 1_700_000_000_000_000_000
POINTS = {register: ModbusAddress.parse(f"holding={register}") for register in range(100)}


def spec(**settings: object) -> ModbusSource:
    return ModbusSource.model_validate({"id": "kj", "protocol": "modbus", "endpoint": "127.0.0.1:502"} | settings)


def started(folder: Path, now: int = NOW, points: int = 100, **settings: object) -> tuple[Unit, Learned]:
    """Return the one unit of an endpoint after a start, and what is learned of it."""
    chosen = {register: POINTS[register] for register in range(points)}
    units = units_of(chosen, spec(**settings))
    return units[0], Learned(units, spec(**settings), chosen, folder, now)


def lengths(unit: Unit) -> list[int]:
    return [request.count for request in unit.requests]


def poll(unit: Unit, longest: int, now: float = 0.0) -> None:
    """Poll a unit that refuses longer requests."""
    waiting = list(unit.requests)
    while waiting:
        request = waiting.pop(0)
        if request.count > longest:
            waiting = [*unit.refused(request, 3, now), *waiting]
        else:
            unit.answered(request, now)


async def taught(folder: Path) -> None:
    """Let a run learn that the device refuses more than 60 registers."""
    unit, learned = started(folder)
    poll(unit, longest=60)
    await learned.keep(NOW)


async def test_a_restart_asks_at_once_what_the_device_answers(tmp_path: Path) -> None:
    await taught(tmp_path)
    unit, learned = started(tmp_path, NOW + MINUTE)
    assert lengths(unit) == [50, 50]
    assert unit.suspect(10_000.0) is None
    poll(unit, longest=60)
    await learned.keep(NOW + MINUTE)
    assert lengths(started(tmp_path, NOW + TRIED_AGAIN_AFTER - 1)[0]) == [50, 50]


async def test_a_refusal_is_tried_again_after_a_day_by_a_restart_and_within_a_run(tmp_path: Path) -> None:
    await taught(tmp_path)
    assert lengths(started(tmp_path, NOW + TRIED_AGAIN_AFTER)[0]) == [100]
    unit, learned = started(tmp_path, NOW + MINUTE)
    learned.learn(NOW + TRIED_AGAIN_AFTER, 500.0)
    whole = unit.suspect(500.0)
    assert whole is not None
    assert whole.count == 100
    unit.answered(whole, 500.0)
    assert lengths(unit) == [100]
    await learned.keep(NOW + TRIED_AGAIN_AFTER)
    assert lengths(started(tmp_path, NOW + TRIED_AGAIN_AFTER + 1)[0]) == [100]


async def test_a_refusal_of_a_future_is_forgotten(tmp_path: Path) -> None:
    await taught(tmp_path)
    assert lengths(started(tmp_path, NOW - 1)[0]) == [100]


@pytest.mark.parametrize(
    ("points", "settings"),
    [
        pytest.param(100, {"max_gap": 4}, id="key"),
        pytest.param(99, {}, id="points"),
        pytest.param(100, {"endpoint": "127.0.0.1:503"}, id="endpoint"),
    ],
)
async def test_what_was_learned_for_another_table_or_other_points_is_forgotten(
    tmp_path: Path, points: int, settings: dict[str, object]
) -> None:
    await taught(tmp_path)
    unit, _ = started(tmp_path, NOW, points, **settings)
    assert lengths(unit) == [points]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"1": 2}, id="no list"),
        pytest.param([[1, 0, "x", [50, 50]]], id="no time"),
        pytest.param([[1, 0, NOW, [50, 49]]], id="too few spans"),
        pytest.param([[1, 0, NOW, [100, 0]]], id="an empty part"),
        pytest.param([[1, 7, NOW, [50, 50]]], id="no such request"),
        pytest.param([[9, 0, NOW, [50, 50]]], id="no such unit"),
    ],
)
async def test_content_that_does_not_fit_teaches_nothing(tmp_path: Path, content: object) -> None:
    await KeptFile("kj", "modbus", tmp_path, {"site": digest_of(spec(), POINTS)}).keep(content)
    assert lengths(started(tmp_path)[0]) == [100]


async def test_a_damaged_file_is_said_once_and_teaches_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    await taught(tmp_path)
    file = tmp_path / "kj.modbus"
    file.write_bytes(file.read_bytes()[:-2])
    assert lengths(started(tmp_path)[0]) == [100]
    assert len(caplog.records) == 1


async def test_a_function_that_is_silent_is_tried_beside_the_polls_of_the_next_run(tmp_path: Path) -> None:
    points = {0: ModbusAddress.parse("holding=0"), 1: ModbusAddress.parse("input=0")}
    (unit,) = units = units_of(points, spec())
    learned = Learned(units, spec(), points, tmp_path, NOW)
    holding, silent = unit.requests
    unit.answered(holding, 0.0)
    unit.unanswered(silent, 0.0)
    unit.answered(holding, 0.0)
    await learned.keep(NOW)
    (unit,) = units = units_of(points, spec())
    Learned(units, spec(), points, tmp_path, NOW)
    assert unit.requests == [holding]
    assert unit.suspect(0.0) == silent


def test_a_device_that_refuses_everything_teaches_nothing(tmp_path: Path) -> None:
    unit, _ = started(tmp_path)
    poll(unit, longest=0)
    assert len(unit.requests) == 100
    assert unit.apart == {}


async def test_nothing_is_learned_while_the_link_is_down_and_shortly_after(tmp_path: Path) -> None:
    unit, learned = started(tmp_path)
    learned.link_lost(100.0)
    poll(unit, longest=60)
    learned.learn(NOW, 100.0 + SETTLED_AFTER - 1)
    assert learned.refusals == []
    learned.learn(NOW, 100.0 + SETTLED_AFTER)
    assert [each.parts for each in learned.refusals] == [(50, 50)]


def test_a_unit_that_fell_silent_keeps_what_was_learned_of_it(tmp_path: Path) -> None:
    unit, learned = started(tmp_path)
    poll(unit, longest=60)
    learned.learn(NOW, 0.0)
    unit.unanswered(unit.requests[0], 1.0)
    learned.learn(NOW, LEARNED_KEPT_EVERY)
    assert [each.parts for each in learned.refusals] == [(50, 50)]
