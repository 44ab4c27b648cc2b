"""The process of a review ends with whoever waits for it, also after a kill, and Ctrl-C does not reach it."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import active_children

import pytest

from hazwatch.live.late.worker import apart
from tests.left_processes import left_processes
from tests.system.endless import endless
from tests.system.processes import ROOT, wait_until


def masked() -> Iterator[bool]:
    """Say whether Ctrl-C is kept from this process."""
    yield signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


async def test_ctrl_c_does_not_reach_it_from_its_first_moment() -> None:
    assert [kept async for kept in apart(masked)] == [True]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


async def test_work_that_is_not_awaited_any_more_ends_with_its_process() -> None:
    working = apart(endless)
    pid = await anext(working)
    assert [process.pid for process in active_children()] == [pid]
    waiting = asyncio.create_task(anext(working))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert active_children() == []


async def test_a_start_that_is_not_awaited_any_more_leaves_no_process() -> None:
    waiting = asyncio.create_task(anext(apart(endless)))
    while not active_children():  # noqa: ASYNC110 - no event tells of it
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.get_running_loop().shutdown_default_executor()
    assert active_children() == []


def test_a_killed_engine_leaves_no_process_behind() -> None:
    words = [sys.executable, "-m", "tests.system.endless"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        worker = int(engine.stdout.readline())
        assert worker in left_processes()
        engine.kill()
    wait_until(lambda: worker not in left_processes(), "the process of the review ends")
