"""Devices with a quirk: what they can give arrives, and the quirk costs nobody else a sample."""

import pytest

from plant import Quality
from tests.system.modbus.devices import HANG_UP, SILENT, Answer, Asked, Quirk, device, right
from tests.system.modbus.reading import reading


def at(*numbers: int, answer: Answer) -> Quirk:
    """Give another answer to every request whose number is a multiple of one of these."""
    return lambda asked: answer if any(asked.number % number == 0 for number in numbers) else None


REGISTERS = [f"holding={register}" for register in range(10)]


@pytest.mark.parametrize(
    ("addresses", "quirk", "never"),
    [
        pytest.param(
            ["unit=1;holding=0", "unit=9;holding=0", "unit=10;holding=0"],
            lambda asked: HANG_UP if asked.unit == 9 else None,
            {1},
            id="hangs up at a unit",
        ),
        pytest.param(
            ["holding=0", "input=1", "holding=2"],
            lambda asked: HANG_UP if asked.function == 4 else None,
            {1},
            id="hangs up at a function",
        ),
        pytest.param(REGISTERS, lambda asked: HANG_UP if asked.touches(5) else None, {5}, id="hangs up at an address"),
        pytest.param(REGISTERS, lambda asked: SILENT if asked.touches(5) else None, {5}, id="silent at an address"),
        pytest.param(REGISTERS, lambda asked: 3 if asked.touches(5) else None, {5}, id="exception 3 at an address"),
        pytest.param(REGISTERS, lambda asked: 4 if asked.touches(5) else None, {5}, id="exception 4 at an address"),
        pytest.param(REGISTERS, lambda asked: 3 if asked.length > 4 else None, set(), id="exception 3 at length"),
        pytest.param(REGISTERS, lambda asked: SILENT if asked.length > 4 else None, set(), id="silent at length"),
    ],
)  # fmt: skip
async def test_what_a_device_does_not_answer_costs_its_own_points_alone(
    addresses: list[str], quirk: Quirk, never: set[int]
) -> None:
    async with device(quirk) as endpoint, reading(endpoint, addresses) as heard:
        await heard.rounds(20, apart_from=never)
        missed = heard.source.missed
        await heard.rounds(40, apart_from=never)
        assert heard.source.missed - missed < 20, "the polls wait for what is not answered"
    for point in range(heard.points):
        register = int(addresses[point].rpartition("=")[2])
        assert set(heard.good(point).value.tolist()) == (set() if point in never else {10.0 * register})


@pytest.mark.parametrize("closes_after", [1, 3])
async def test_a_device_that_closes_after_its_answers_is_read_at_every_poll(closes_after: int) -> None:
    addresses = ["holding=0", "input=1", "unit=2;holding=2"]
    async with device(lambda _: None, closes_after=closes_after) as endpoint, reading(endpoint, addresses) as heard:
        await heard.rounds(30)
    assert (heard.all.quality == Quality.GOOD).all()


@pytest.mark.parametrize(
    "quirk",
    [
        pytest.param(at(7, answer=SILENT), id="every seventh answer is lost"),
        pytest.param(at(5, answer=6), id="busy at every fifth request"),
        pytest.param(
            lambda asked: right(asked, unit=asked.unit + 1) if asked.number % 5 == 0 else None,
            id="every fifth answer bears another unit",
        ),
    ],
)
async def test_a_second_try_brings_what_the_first_did_not(quirk: Quirk) -> None:
    async with device(quirk) as endpoint, reading(endpoint, ["holding=0", "unit=2;holding=3"]) as heard:
        await heard.rounds(30)
    assert (heard.all.quality == Quality.GOOD).all()
    assert set(heard.all.value.tolist()) == {0.0, 30.0}


async def test_an_answer_that_bears_another_unit_is_never_believed_and_the_log_names_the_unit(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        device(lambda asked: right(asked, unit=255) if asked.unit == 2 else None) as endpoint,
        reading(endpoint, ["holding=0", "unit=2;holding=3"]) as heard,
    ):
        await heard.rounds(20, apart_from=[1])
        while "lost unit 2" not in caplog.text:
            await heard.rounds(1, apart_from=[1])
    assert len(heard.good(1)) == 0
    assert {record.getMessage().partition("reason=")[2] for record in caplog.records} == {"unit 255 answered instead"}


async def test_a_device_that_needs_quiet_after_a_connect_gets_it() -> None:
    async with (
        device(lambda asked: SILENT if asked.connected < 0.5 else None) as endpoint,
        reading(endpoint, ["holding=1"], settle="600ms") as heard,
    ):
        await heard.rounds(10)
    assert (heard.all.quality == Quality.GOOD).all()


@pytest.mark.parametrize("connections", [1, 100])
@pytest.mark.parametrize("dead", [1, 10, 19])
async def test_dead_units_of_a_gateway_never_blind_the_others(dead: int, connections: int) -> None:
    addresses = [f"unit={unit};holding={unit}" for unit in range(1, 21)]
    quirk: Quirk = lambda asked: SILENT if asked.unit <= dead else None  # noqa: E731
    async with (
        device(quirk, connections=connections) as endpoint,
        reading(endpoint, addresses, timeout="200ms", poll="200ms") as heard,
    ):
        await heard.rounds(10, apart_from=range(dead))
        well = heard.source._turns.all[dead:]
        missed = sum(turn.missed for turn in well)
        await heard.rounds(20, apart_from=range(dead))
        if connections > 1:
            assert sum(turn.missed for turn in well) - missed <= 20 * len(well) // 4
    for point in range(dead):
        assert len(heard.good(point)) == 0


async def test_a_unit_that_answers_again_is_read_again() -> None:
    dead = {2}

    def quirk(asked: Asked) -> Answer:
        return SILENT if asked.unit in dead else None

    async with device(quirk) as endpoint, reading(endpoint, ["holding=1", "unit=2;holding=2"]) as heard:
        await heard.rounds(10, apart_from=[1])
        dead.clear()
        await heard.rounds(10)
