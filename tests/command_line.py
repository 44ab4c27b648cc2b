"""Asks the command line in this process, and gives it a small site and trace: fixtures of the tests of commands."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hazwatch.cli.main import main
from tests.field_sites import OPC_UA, point, site
from tests.ports import free_port

TRACE = """time,T1
2026-11-22T08:00:00Z,0.5
2026-11-22T08:00:10Z,1.25
2026-11-22T08:00:20Z,0.5
2026-11-22T08:00:30Z,1.75
"""


class Answer:
    """What a command printed, and what it said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def command(*words: object) -> Answer:
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as usage:
            code = int(str(usage))
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A site file: T1 with its alarm."""
    return site(tmp_path, OPC_UA.format(port=free_port()), point("T1", "ns=2;s=T1")).path


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    (tmp_path / "trace.csv").write_text(TRACE, encoding="utf-8")
    return tmp_path / "trace.csv"
