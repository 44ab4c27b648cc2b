"""systemd hears that the engine has started and turns, and nothing of an engine that is stuck."""

import asyncio
import socket
from pathlib import Path

import pytest

from hazwatch.live.watchdog import report_to_systemd
from plant import Message

STUCK = Message("the engine is {seconds} s behind its clock", seconds=20)


def listening(path: Path) -> socket.socket:
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    receiver.bind(str(path))
    return receiver


async def heard(receiver: socket.socket, steps: int = 50) -> list[bytes]:
    """Return what arrives while the loop turns some times."""
    messages = []
    for _ in range(steps):
        await asyncio.sleep(0)
        try:
            messages.append(receiver.recv(100))
        except BlockingIOError:
            continue
    return messages


@pytest.mark.parametrize(("stuck", "messages"), [(None, [b"READY=1\nWATCHDOG=1"]), (STUCK, [])])
async def test_an_engine_that_turns_says_so_and_a_stuck_one_does_not(
    tmp_path: Path, stuck: Message | None, messages: list[bytes]
) -> None:
    with listening(tmp_path / "notify") as receiver:
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000000"}
        task = asyncio.create_task(report_to_systemd(lambda: stuck, environment))
        assert await heard(receiver) == messages
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_twice_in_a_period_of_the_watchdog(tmp_path: Path) -> None:
    with listening(tmp_path / "notify") as receiver:
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2"}
        task = asyncio.create_task(report_to_systemd(lambda: None, environment))
        assert len(await heard(receiver)) > 1
        task.cancel()


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "vsock:2"}, {"WATCHDOG_USEC": "5"}])
async def test_without_systemd_nothing_is_sent(environment: dict[str, str]) -> None:
    await report_to_systemd(lambda: None, environment)
    assert "NOTIFY_SOCKET" not in environment or not environment["NOTIFY_SOCKET"].startswith("/")


async def test_a_systemd_that_is_away_stops_nothing(tmp_path: Path) -> None:
    environment = {"NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "2"}
    task = asyncio.create_task(report_to_systemd(lambda: None, environment))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
