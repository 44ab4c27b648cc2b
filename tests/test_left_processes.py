"""A process that a test leaves behind is found and ended, also where its own parent has ended."""

import os
import signal
import subprocess
import sys

import pytest

from tests import left_processes
from tests.left_processes import adopt_orphans, end_left_processes

WAITING = "import sys; sys.stdin.read()"
ORPHAN = """
import subprocess, sys
words = [sys.executable, "-c", "import signal; signal.pause()"]
child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(child.pid)
"""
pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not left_processes.PROC.is_dir(), reason="there is no /proc: the check needs Linux"),
]


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.left_processes.GRACE", 0.0)


def test_a_process_that_waits_is_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", WAITING], stdin=subprocess.PIPE) as process:
        assert process.pid in end_left_processes()
        assert process.wait() < 0


def test_a_process_whose_parent_has_ended_is_ended() -> None:
    adopt_orphans()
    done = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True, check=True)
    orphan = int(done.stdout)
    assert orphan in end_left_processes()
    assert os.waitpid(orphan, 0) == (orphan, signal.SIGKILL)


def test_a_process_that_was_waited_for_is_not_left() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)
    assert end_left_processes() == {}
