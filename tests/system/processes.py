"""Real processes for system tests: started on loopback, watched, and stopped by their own handle."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
DEADLINE = 240.0


def command(*words: object) -> list[str]:
    """Return the command line of the product under test."""
    return [sys.executable, "-P", "-W", "error", "-m", "hazwatch", *map(str, words)]


def environment() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8"}


def hazwatch(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*words), env=environment(), capture_output=True, text=True, timeout=DEADLINE, check=False
    )


@contextmanager
def running(*words: object, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command while the block lasts; its messages go into a file."""
    with log.open("ab") as file:
        process = subprocess.Popen(command(*words), env=environment(), stdout=file, stderr=file)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def wait_until(true: Callable[[], bool], what: str, seconds: float = DEADLINE) -> None:
    """Look again and again until something is true, or fail."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether a page answers."""
    try:
        with urlopen(url, timeout=1):
            return True
    except OSError:
        return False


def get(url: str) -> Any:
    with urlopen(url, timeout=10) as answer:
        return json.load(answer)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
