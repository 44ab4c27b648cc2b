"""docs/cli.md names every command, every option and every exit code."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from hazwatch.cli import exit_codes
from hazwatch.cli.main import parser

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")


def commands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the commands below a parser by name."""
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def options(top: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the options of a parser and of all below it."""
    for action in top._actions:
        yield from (option for option in action.option_strings if option.startswith("--") and option != "--help")
    for below in commands(top).values():
        yield from options(below)


def test_every_command_is_documented_and_no_other() -> None:
    assert set(re.findall(r"^\| `(\w+)[^`]*` \|", PAGE, re.MULTILINE)) == set(commands(parser()))


def test_every_step_of_a_ticket_is_documented() -> None:
    for step in commands(commands(parser())["tickets"]):
        assert re.search(rf"`(tickets )?{step}`", PAGE), step


def test_every_option_is_documented_and_no_other() -> None:
    table = PAGE.split("## Options", 1)[1].split("\n## ", 1)[0]
    documented = {
        option for row in re.findall(r"^\| (`--.*?) \|", table, re.MULTILINE) for option in re.findall(r"--[\w-]+", row)
    }
    assert documented == set(options(parser()))


def test_every_exit_code_is_documented() -> None:
    codes = {value for name, value in vars(exit_codes).items() if name.isupper()}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)} == codes
