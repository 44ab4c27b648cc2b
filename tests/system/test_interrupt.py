"""Ctrl-C at any moment is quiet, and who dies takes along what it started."""

import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.ports import free_port
from tests.system.processes import ROOT, answers, command, environment, listens, running, wait_until

SLOW = "import time\nprint('loading', flush=True)\ntime.sleep(60)\n"

COMPILER = """
import time
from types import SimpleNamespace
import hazwatch.cli.kernel

class DeafEngine:
    def __init__(self, rules):
        print("compiling", flush=True)
        while True:
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                pass

hazwatch.cli.kernel.Engine = DeafEngine
hazwatch.cli.kernel.compile_kernel(SimpleNamespace(rules=None))
"""
"""Drops an interrupt, as the callbacks of a compiler do."""


def test_ctrl_c_while_the_kernel_is_compiled_ends_the_process_at_once() -> None:
    variables = environment() | {"PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", COMPILER], env=variables, stdout=pipe, stderr=pipe) as one:
        try:
            assert one.stdout is not None
            assert one.stdout.readline() == b"compiling\n"
            one.send_signal(signal.SIGINT)
            out, said = one.communicate(timeout=20)
        finally:
            one.kill()
    assert (one.returncode, out, said) == (-signal.SIGINT, b"", b"")


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
        wait_until(lambda: not any(map(listens, ports)), "the simulators are gone")
