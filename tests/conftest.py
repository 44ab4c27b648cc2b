"""What every test keeps to: no leaked task, no process left; a missing service skips with the command to install it."""

import asyncio
import inspect
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from hazwatch.cli.kernel import compile_kernel
from hazwatch.site.config import load
from tests.left_processes import adopt_orphans, end_left_processes

TESTS = Path(__file__).parent
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 2**30
"""Room for the folders of all tests at once. [bytes]"""
USERS_OF_THE_ENGINE = {"bench", "docs", "examples", "hazwatch", "rules", "system", "unchanged"}
"""Folders of tests in which the engine evaluates a log."""


def pytest_configure() -> None:
    """Keep the folders of tests in memory where there is room: on a disk the tests wait for it most of their time.

    Hypothesis judges no example by its time: the first one may load or compile a kernel.
    """
    settings.register_profile("hazwatch", deadline=None)
    settings.load_profile("hazwatch")
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session", autouse=True)
def no_left_process() -> Iterator[None]:
    """Fail the run that leaves a process behind, and end the process."""
    adopt_orphans()
    yield
    left = end_left_processes()
    assert not left, f"processes that no test ended: {left}"


@pytest.fixture
async def no_leaked_task() -> AsyncIterator[None]:
    """Fail the test that leaves a task behind: set up first, torn down last."""
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    leaked = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not leaked, f"leaked tasks: {leaked}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Watch the tasks of every asynchronous test."""
    for item in items:
        if inspect.iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.usefixtures("no_leaked_task"), append=False)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Compile the engine's kernel before the first test, so that no test's time-out counts the compilation."""
    folders = {item.path.relative_to(TESTS).parts[0] for item in session.items if item.path.is_relative_to(TESTS)}
    if folders & USERS_OF_THE_ENGINE and not session.config.option.collectonly:
        compile_kernel(load(TESTS / "cases" / "config" / "face.good.toml"))


def require(program: str, command: str) -> str:
    """Return the path of a program; skip without it, or fail where services are required."""
    path = shutil.which(program)
    if path is None:
        unavailable(f"{program} is not installed: {command}")
    return path


def unavailable(reason: str) -> NoReturn:
    """Skip for a service that is not there, or fail where services are required."""
    if os.environ.get("HAZWATCH_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def chromium() -> str:
    """Path of a browser for the tests of the page."""
    return require("chromium", "apt-get install chromium fonts-noto-cjk")
