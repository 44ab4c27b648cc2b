"""The examples run as their READMEs say: each command has its exit code, and the results are those described."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from hazwatch.cli.main import main, parser
from tests.docs.pages import ROOT, code_blocks

pytestmark = [pytest.mark.slow, pytest.mark.live]

EXAMPLES: Final = ROOT / "examples"
FOLDERS: Final = [folder for folder in sorted(EXAMPLES.iterdir()) if folder.is_dir()]
PYTHON: Final = "PYTHONPATH=../.. ../../.venv/bin/python "
HAZWATCH: Final = "../../run hazwatch "


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a README, and the exit code that its comment names."""

    command: str
    code: int

    @classmethod
    def of(cls, line: str) -> "Step":
        """Take a line apart: `COMMAND    # 1` ends with 1, a line without a number with 0."""
        command, _, code = line.partition("    # ")
        return cls(command, int(code or 0))


@dataclass(frozen=True, slots=True)
class Ran:
    """What the commands of an example left behind."""

    folder: Path
    outputs: Mapping[str, str]

    def events(self, file: str) -> Counter[tuple[str, str]]:
        """Return how often each condition was raised and cleared."""
        lines = (json.loads(line) for line in (self.folder / file).read_text(encoding="utf-8").splitlines())
        return Counter((event["condition"], event["transition"]) for event in lines)


def steps(folder: Path, block: int) -> Iterator[Step]:
    """Yield the commands of a code block of the README of an example."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    for line in code_blocks(text)[block].splitlines()[1:-1]:
        if not line.startswith("cd "):
            yield Step.of(line)


def run_python(command: str, folder: Path) -> tuple[int, str]:
    """Run a Python script of an example in a process of its own; return its exit code and what it wrote."""
    words = [sys.executable, *shlex.split(command.removeprefix(PYTHON))]
    done = subprocess.run(
        words, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=110, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def ran(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ran:
    """Run the first code block of an example in a copy of its folder."""
    folder = tmp_path / request.param
    shutil.copytree(EXAMPLES / request.param, folder)
    monkeypatch.chdir(folder)
    outputs = {}
    for step in steps(folder, 0):
        if step.command.startswith(PYTHON):
            code, output = run_python(step.command, folder)
        else:
            code = main(shlex.split(step.command.removeprefix(HAZWATCH)))
            output = capsys.readouterr().out
        assert code == step.code, f"{step.command}: {output}"
        outputs[step.command.split(" ")[-1] if "read.py" in step.command else step.command] = output
    return Ran(folder, outputs)


@pytest.mark.parametrize("ran", ["01-first-site"], indirect=True)
def test_the_first_site_raises_and_clears_three_conditions(ran: Ran) -> None:
    pairs = {(name, way) for name in ("T1.alarm", "T1.cut", "T2.rise") for way in ("raise", "clear")}
    assert ran.events("events.jsonl") == Counter(pairs)


@pytest.mark.parametrize("ran", ["02-tune-a-limit"], indirect=True)
def test_a_deadband_halves_the_alarms_and_passes_the_gate(ran: Ran) -> None:
    assert "report.html" in {file.name for file in ran.folder.iterdir()}
    assert [re.findall(r"Alarms +(\d+) +(\d+)", text) for text in ran.outputs.values()][1:] == [[("6", "3")]] * 2


@pytest.mark.parametrize("ran", ["03-cases-in-ci"], indirect=True)
def test_a_wrong_edit_fails_one_case(ran: Ran) -> None:
    *_, good, _, edited = ran.outputs.values()
    assert ("5 passed, 0 failed" in good, "4 passed, 1 failed" in edited) == (True, True)
    assert "<testsuite" in (ran.folder / "report.xml").read_text(encoding="utf-8")


@pytest.mark.live
def test_the_step_of_ci_ends_with_the_exit_code_of_what_failed(tmp_path: Path) -> None:
    folder = tmp_path / "03-cases-in-ci"
    shutil.copytree(EXAMPLES / folder.name, folder)
    hazwatch = {"HAZWATCH": f"{sys.executable} -P -m hazwatch", "PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "1"}
    codes = []
    for site in ("site.toml", "edited.toml"):
        shutil.copy(EXAMPLES / folder.name / site, folder / "site.toml")
        done = subprocess.run(
            ["/bin/sh", "ci.sh"], cwd=folder, env=hazwatch, capture_output=True, timeout=110, check=False
        )
        codes.append(done.returncode)
    assert codes == [0, 1]


@pytest.mark.live
@pytest.mark.parametrize("ran", ["04-simulated-plant"], indirect=True)
def test_each_fault_of_the_district_is_seen(ran: Ran) -> None:
    assert ran.events("clean.jsonl") == Counter()
    raised = {name for name, way in ran.events("faulty.jsonl") if way == "raise"}
    assert raised >= {"step:T1-3101", "flatline:T2-3101", "stale:T0-3101", "T1-3101.alarm"}


@pytest.mark.live
@pytest.mark.parametrize("ran", ["05-read-the-journal"], indirect=True)
def test_the_journal_is_read_with_and_without_the_product(ran: Ran) -> None:
    verified, events, tickets, _, read = ran.outputs.values()
    assert "69 records" in verified
    assert len(re.findall(r"YH-2026-\d{4}", tickets)) == 4
    conditions = Counter(json.loads(line)["condition"] for line in events.splitlines())
    assert Counter(re.findall(r"(?:raise|clear) +\w+ +(\S+)", read)) == conditions


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_command_of_an_example_is_one_of_the_command_line(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    commands = [step.command for block in range(len(code_blocks(text))) for step in steps(folder, block)]
    for command in commands:
        if not command.startswith(PYTHON):
            assert parser().parse_args(shlex.split(command.removeprefix(HAZWATCH)))


def test_examples_are_numbered_and_each_has_a_readme() -> None:
    assert [folder.name[:3] for folder in FOLDERS] == [f"{number:02}-" for number in range(1, len(FOLDERS) + 1)]
    index = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert [folder.name for folder in FOLDERS if f"({folder.name}/README.md)" not in index] == []
