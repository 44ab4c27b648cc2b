"""Mutates everything that people hand in, and judges the answers: no traceback, bounded memory, within 10 seconds."""

import argparse
import contextlib
import gzip
import os
import random
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from alarms import parse_command
from bench.attacks.mutation import damaged, mutated, table_of
from bench.attacks.played import Attack, play
from bench.attacks.seeds import CASE, COMMAND, EXPRESSION, INCIDENTS, OPTIONS, POINTS, SITE, TRACE, URL
from hazwatch.cli.client import EngineClient
from hazwatch.cli.main import main as hazwatch
from hazwatch.cli.main import parser
from hazwatch.cli.options import RefusedError, check_period
from hazwatch.reports.backtest.incidents import IncidentsError, read_incidents
from hazwatch.site.case_files import CaseFileError, read_cases
from hazwatch.site.config import Config, load
from hazwatch.site.traces import TraceFileError, read_trace
from rules import CaseBench
from rules.spec.expression import ExpressionError, parse_expression

SEPARATOR: Final = "\x1f"
"""Between the words of a command line; no mutation has it."""
LONGEST_WORD: Final = (1 << 17) - 1
"""Length of the longest word of a command line on Linux. [byte]"""


def attacks(folder: Path) -> Mapping[str, Attack]:
    """Return the attacks on everything that can be handed in, by name."""
    site = folder / "site.toml"
    site.write_text(SITE, encoding="utf-8")
    config = load(site)
    bench = CaseBench(config.rules, config.site)
    with_table = folder / "table.toml"
    with_table.write_text('points = "points.csv"\n' + SITE, encoding="utf-8")

    def checked(name: str, of: Path) -> Callable[[bytes], None]:
        def answer(content: bytes) -> None:
            (folder / name).write_bytes(content)
            hazwatch(["check", str(of)])

        return answer

    def of(seed: str) -> Callable[[random.Random], bytes]:
        return lambda chance: mutated(seed, chance)

    return {
        "site file": Attack(of(SITE), checked("mutated.toml", folder / "mutated.toml")),
        "points table": Attack(of(POINTS), checked("points.csv", with_table)),
        "case file": Attack(of(CASE), _cases(folder / "a.cases.toml", bench)),
        "incidents": Attack(of(INCIDENTS), _incidents(folder / "incidents.csv")),
        "trace": Attack(of(TRACE), _trace(folder / "trace.csv", config)),
        "packed trace": Attack(_packed, _trace(folder / "trace.csv.gz", config)),
        "Parquet": Attack(_parquet, _trace(folder / "trace.parquet", config)),
        "expression": Attack(of(EXPRESSION), _expression),
        "address of a page": Attack(of(URL), _url),
        "command": Attack(of(COMMAND), _command),
        "options": Attack(lambda chance: mutated(SEPARATOR.join(chance.choice(OPTIONS)), chance), _options),
        "JUnit file": Attack(_report, _junit(folder, site)),
    }


def _packed(chance: random.Random) -> bytes:
    content = gzip.compress(mutated(TRACE, chance), 1)
    return damaged(content, chance) if chance.random() < 0.3 else content


def _parquet(chance: random.Random) -> bytes:
    content = table_of(chance)
    return damaged(content, chance) if chance.random() < 0.6 else content


def _report(chance: random.Random) -> bytes:
    """Return a path for a report, and the case file that it reports on."""
    # No system passes a zero byte to a program, or a word that is longer.
    return (
        mutated("reports/report.xml", chance).replace(b"\0", b"")[:LONGEST_WORD]
        + SEPARATOR.encode()
        + mutated(CASE, chance)
    )


def _junit(folder: Path, site: Path) -> Callable[[bytes], None]:
    cases, home = folder / "b.cases.toml", folder / "1" / "2" / "3"
    (home / "reports").mkdir(parents=True)

    def answer(content: bytes) -> None:
        name, _, text = content.partition(SEPARATOR.encode())
        report = os.path.abspath(os.path.join(home, os.fsdecode(name)))  # noqa: PTH100, PTH118  # bytes of any kind
        # Mutations reach every place of the machine; a report is written into the folder, or to a device.
        if not report.startswith(f"{folder}{os.sep}"):
            report = "/dev/full"
        cases.write_bytes(text)
        hazwatch(["test", str(site), str(cases), "--junit", report])
        if os.path.isfile(report):  # noqa: PTH113  # no error for a name that is too long
            ET.parse(report)  # the product wrote it

    return answer


def _cases(path: Path, bench: CaseBench) -> Callable[[bytes], None]:
    def answer(content: bytes) -> None:
        path.write_bytes(content)
        with contextlib.suppress(CaseFileError):
            read_cases([path], bench)

    return answer


def _incidents(path: Path) -> Callable[[bytes], None]:
    def answer(content: bytes) -> None:
        path.write_bytes(content)
        with contextlib.suppress(IncidentsError):
            read_incidents(path, ("gas-3101",))

    return answer


def _trace(path: Path, config: Config) -> Callable[[bytes], None]:
    def answer(content: bytes) -> None:
        path.write_bytes(content)
        with contextlib.suppress(TraceFileError):
            read_trace(path, config.points)

    return answer


def _expression(content: bytes) -> None:
    with contextlib.suppress(ExpressionError):
        parse_expression(content.decode("utf-8", "surrogateescape"))


def _url(content: bytes) -> None:
    with contextlib.suppress(RefusedError):
        EngineClient(content.decode("utf-8", "replace"))


def _command(content: bytes) -> None:
    with contextlib.suppress(ValidationError):
        parse_command(content)


def _options(content: bytes) -> None:
    with contextlib.suppress(RefusedError, argparse.ArgumentError):
        check_period(parser().parse_args(content.decode("utf-8", "surrogateescape").split(SEPARATOR)))


def main(times: int) -> int:
    """Attack every input, print a row of the table for each, and return how many answers were wrong."""
    total = 0
    with tempfile.TemporaryDirectory() as name:
        for kind, attack in attacks(Path(name)).items():
            game = play(kind, attack, times)
            bounds = f"{game.slowest:.2f} s | {game.grown / 2**20:.0f} MiB"
            print(f"| {kind} | {times} | {game.wrong} | {bounds} |", flush=True)
            total += game.wrong
    return total
