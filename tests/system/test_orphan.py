"""The process of a review ends with the engine that started it, also where the engine is killed."""

import subprocess
import sys

from tests.left_processes import left_processes
from tests.system.processes import ROOT, wait_until


def test_a_killed_engine_leaves_no_process_behind() -> None:
    words = [sys.executable, "-m", "tests.system.endless"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        worker = int(engine.stdout.readline())
        assert worker in left_processes()
        engine.kill()
    wait_until(lambda: worker not in left_processes(), "the process of the review ends")
