"""`hazwatch test`: plays the rule cases of a site and prints those with unexpected events."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hazwatch.cli.exit_codes import OK, REFUSED
from hazwatch.cli.inputs import load_or_refuse
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.options import RefusedError, add_site, keep_apart, written
from hazwatch.cli.progress import Progress
from hazwatch.live.clock import monotonic
from hazwatch.reports.cases import LEGEND, PlayedCase, junit, time_line
from hazwatch.site.case_files import CASE_FILES, CaseFileError, CaseInFile, find_case_files, read_cases
from hazwatch.site.site_text import Mistake
from hazwatch.words import both
from plant import Message
from rules import CaseBench

CASES_AT_ONCE: Final = 100
"""Number of cases between two updates of the progress."""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "test",
        help=both(Message("run rule cases")),
        description=both(
            Message("play every [[case]] through the engine and compare the events; exit code 1 if one fails")
        ),
        epilog="hazwatch test site.toml --junit report.xml",
    )
    add_site(parser)
    parser.add_argument(
        "cases", type=Path, nargs="*", metavar="CASES",
        help=both(Message("case files, or folders of them (beside SITE: {patterns})", patterns=CASE_FILES)),
    )  # fmt: skip
    parser.add_argument("--junit", type=Path, metavar="FILE", help=both(Message("also write JUnit XML")))
    parser.set_defaults(command=test)


def test(arguments: argparse.Namespace) -> int:
    """Play all cases; print those that fail, and their number."""
    config = load_or_refuse(arguments)
    files = find_case_files(arguments.site, arguments.cases)
    if not files:
        if arguments.cases:
            raise RefusedError(Message("no case files in {paths}", paths=tuple(arguments.cases)))
        message = Message("no case files in {folder} ({patterns})", folder=arguments.site.parent, patterns=CASE_FILES)
        raise RefusedError(message)
    keep_apart([arguments.junit], [arguments.site, *files])
    bench = CaseBench(config.rules, config.site)
    try:
        cases = read_cases(files, bench)
    except CaseFileError as error:
        _write(arguments.junit, [], error.mistakes)
        count = len(error.mistakes)
        raise RefusedError(Message("{count} {count:mistake|mistakes}", count=count), *error.mistakes) from None
    compile_kernel(config)
    played: list[PlayedCase] = []
    for piece in Progress(both(Message("cases")), len(cases)).pieces(CASES_AT_ONCE):
        played += _play(bench, cases[piece])
    _write(arguments.junit, played, [])
    return _report(played)


def _play(bench: CaseBench, cases: Sequence[CaseInFile]) -> list[PlayedCase]:
    played = []
    for source in cases:
        begin = monotonic()
        result = bench.play(source.case)
        played.append(PlayedCase(source, result, monotonic() - begin))
    return played


def _write(path: Path | None, played: Sequence[PlayedCase], mistakes: Sequence[Mistake]) -> None:
    if path is None:
        return
    with written(path):
        path.write_bytes(junit(played, mistakes))


def _report(played: Sequence[PlayedCase]) -> int:
    failed = [played_case for played_case in played if not played_case.result.passed]
    for played_case in failed:
        source = played_case.source
        sys.stdout.write(f"{both(Message('FAILED'))} {source.file}:{source.line}: {source.case.name}\n")
        sys.stdout.writelines(f"  {line}\n" for line in time_line(played_case.result))
        sys.stdout.write("\n")
    if failed:
        sys.stdout.write(f"{LEGEND}\n")
    message = Message("{passed} passed, {failed} failed", passed=len(played) - len(failed), failed=len(failed))
    sys.stdout.write(f"{both(message)}\n")
    return REFUSED if failed else OK
