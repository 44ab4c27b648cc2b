"""Finds the processes that a test run started and did not end, and ends them."""

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
SET_CHILD_SUBREAPER: Final = 36
"""Option of prctl(2)."""
GRACE: Final = 10.0
"""How long processes may take to end by themselves when the last test is over. [s]"""


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that it is found."""
    if PROC.is_dir():
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def left_processes() -> dict[int, str]:
    """Return the command lines of the descendants of this process that run, by process id."""
    parents: dict[int, int] = {}
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):
            # the name in brackets may hold anything: state and parent follow the last bracket
            state, parent, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
            if state not in "ZX":
                parents[int(folder.name)] = int(parent)
    return {child: line for child in _descendants(parents) if (line := _command_line(child))}


def end_left_processes() -> dict[int, str]:
    """Kill the descendants that do not end by themselves, and return them."""
    deadline = time.monotonic() + GRACE
    while (left := left_processes()) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in left:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    return left


def _descendants(parents: dict[int, int]) -> Iterator[int]:
    known = {os.getpid()}
    while new := {child for child, parent in parents.items() if parent in known} - known:
        known |= new
        yield from new


def _command_line(process: int) -> str:
    """Return the command line; "" of a process that has ended, and of the tracker that ends with this process."""
    with suppress(OSError):
        line = (PROC / str(process) / "cmdline").read_text().replace("\0", " ").strip()
        return "" if "multiprocessing.resource_tracker" in line else line
    return ""
