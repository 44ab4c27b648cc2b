"""Ctrl-C at any moment is quiet, and who dies takes along what it started."""

import os
import signal
import subprocess
import tomllib
from pathlib import Path

from tests.system.processes import ROOT, answers, command, environment, free_port, listens, running, wait_until

SLOW = "import time\nprint('loading', flush=True)\ntime.sleep(60)\n"


def test_ctrl_c_while_the_product_is_loaded_is_quiet(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text(SLOW, encoding="utf-8")
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    pipe = subprocess.PIPE
    with subprocess.Popen(command("--help"), env=environment() | {"PYTHONPATH": path}, stdout=pipe, stderr=pipe) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == b"loading\n"
        one.send_signal(signal.SIGINT)
        out, said = one.communicate(timeout=20)
    assert (one.returncode, out, said) == (130, b"", b"")


def test_a_demo_that_is_killed_leaves_no_simulator_behind(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "demo"
    with running("demo", "--data", folder, "--port", port, log=tmp_path / "log") as demo:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/"), "the page")
        sources = tomllib.loads((folder / "site.toml").read_text(encoding="utf-8"))["source"]
        ports = [int(source["endpoint"].rsplit(":", 1)[1]) for source in sources]
        assert all(map(listens, ports))
        demo.kill()
        wait_until(lambda: not any(map(listens, ports)), "the simulators are gone", 10)
