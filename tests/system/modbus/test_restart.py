"""What a device refuses is known to the next run: it is not asked for again, until a day is over."""

from pathlib import Path

import pytest

from plant.units import DAY, MINUTE
from tests.system.modbus.devices import SILENT, Answer, Asked, device
from tests.system.modbus.reading import START, a_run

HUNDRED = [f"holding={register}" for register in range(100)]


class ShortAnswers:
    """A device that does not answer requests for more than 60 registers; it counts all requests by their length."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[int] = []
        self._answer = answer

    def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked.length)
        return self._answer if asked.length > 60 else None


@pytest.mark.parametrize("answer", [3, SILENT])
async def test_a_restart_does_not_ask_again_what_the_device_refuses(tmp_path: Path, answer: Answer) -> None:
    quirk = ShortAnswers(answer)
    async with device(quirk) as endpoint:
        async with a_run(endpoint, HUNDRED, START, tmp_path) as heard:
            await heard.rounds(3)
        assert 100 in quirk.asked
        quirk.asked.clear()
        async with a_run(endpoint, HUNDRED, START + MINUTE, tmp_path) as heard:
            await heard.rounds(3)
        assert set(quirk.asked) == {50}
        async with a_run(endpoint, HUNDRED, START + 2 * DAY, tmp_path) as heard:
            await heard.rounds(1)
        assert 100 in quirk.asked


async def test_a_run_that_finds_no_device_forgets_nothing(tmp_path: Path) -> None:
    quirk = ShortAnswers(3)
    async with device(quirk) as endpoint, a_run(endpoint, HUNDRED, START, tmp_path) as heard:
        await heard.rounds(3)
    kept = (tmp_path / "kj.modbus").read_bytes()
    async with a_run(endpoint, HUNDRED, START + MINUTE, tmp_path) as heard:
        while not heard.source.report.trouble:
            await heard.next()
    assert (tmp_path / "kj.modbus").read_bytes() == kept
