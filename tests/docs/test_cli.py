"""The page about the command line names every command, every option and every exit code, in both languages."""

import argparse
import re
from collections.abc import Iterator

import pytest

from hazwatch.cli import exit_codes
from hazwatch.cli.main import parser
from tests.docs.pages import LANGUAGES, Language, both, page, section

PAGES = list(both("cli.md").values())
OPTIONS = {"zh": "## 选项", "en": "## Options"}


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


@pytest.mark.parametrize("text", PAGES, ids=LANGUAGES)
def test_every_command_is_documented_and_no_other(text: str) -> None:
    assert set(re.findall(r"^\| `(\w+)[^`]*` \|", text, re.MULTILINE)) == set(commands(parser()))


@pytest.mark.parametrize("text", PAGES, ids=LANGUAGES)
def test_every_step_of_a_ticket_is_documented(text: str) -> None:
    for step in commands(commands(parser())["tickets"]):
        assert re.search(rf"`(tickets )?{step}`", text), step


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_is_documented_and_no_other(language: Language) -> None:
    table = section(page("cli.md", language), OPTIONS[language])
    documented = {
        option for row in re.findall(r"^\| (`--.*?) \|", table, re.MULTILINE) for option in re.findall(r"--[\w-]+", row)
    }
    assert documented == set(options(parser()))


@pytest.mark.parametrize("text", PAGES, ids=LANGUAGES)
def test_every_exit_code_is_documented(text: str) -> None:
    codes = {value for name, value in vars(exit_codes).items() if name.isupper()}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == codes
