"""All commands of the command line."""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

from hazwatch import __version__
from hazwatch.cli.commands import (
    ack,
    approve,
    backtest,
    bench,
    cert,
    check,
    demo,
    discover,
    events,
    history,
    live,
    replay,
    review,
    rules,
    simulate,
    status,
    suggest,
    test,
    tickets,
)
from hazwatch.cli.commands.exports import resend
from hazwatch.cli.commands.imports import command as imports
from hazwatch.cli.exit_codes import USAGE
from hazwatch.cli.options import epilog, run
from hazwatch.words import both
from plant import Message, Template

# argparse gives its own errors as English text only, so they are recognised by how they begin.
USAGE_ERRORS: Final[Mapping[str, Template]] = {
    "unrecognized arguments: ": Template("unrecognized arguments: {words}"),
    "the following arguments are required: ": Template("the following arguments are required: {words}"),
    "invalid choice: ": Template("invalid choice: {words}"),
    "expected one argument": Template("expected one argument"),
    "expected at least one argument": Template("expected at least one argument"),
    "not allowed with argument ": Template("not allowed with argument {words}"),
    "invalid float value: ": Template("invalid float value: {words}"),
    "invalid int value: ": Template("invalid int value: {words}"),
}
"""Templates of argparse's errors by their first words; the other words are an argument."""


def usage_message(text: str) -> Message:
    """Return an error of argparse as a message; an unknown text, or one that is bilingual already, stays unchanged."""
    for beginning, template in USAGE_ERRORS.items():
        if text.startswith(beginning):
            words = text.removeprefix(beginning)
            return Message(template, words=words) if words or beginning.endswith(": ") else Message(template)
    return Message("{text}", text=text)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Prints help under headings in both languages; it keeps the lines of examples, so that they can be pasted."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """Begin the lines of usage with a word in both languages."""
        super().add_usage(usage, actions, groups, f"{both(Message('usage'))}: " if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """The parser of every command: its headings and errors are in both languages."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Formatter, add_help=False, **options)
        # argparse has no argument for the titles of its own two groups.
        self._positionals.title, self._optionals.title = both(Message("arguments")), both(Message("options"))
        self.add_argument("-h", "--help", action="help", help=both(Message("show this help and exit")))

    def parse_known_args(self, *words: Any, **options: Any) -> Any:
        """Read the arguments; the parser of the command itself refuses what is unknown, with its own usage."""
        read, unknown = super().parse_known_args(*words, **options)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return read, unknown

    def error(self, message: str) -> NoReturn:
        """Print an error in both languages, and exit."""
        argument, colon, problem = message.partition(": ")
        # argparse writes "argument --units": the option alone reads the same in both languages.
        option = argument.removeprefix("argument ")
        named = colon and option != argument
        text = f"{option}: {both(usage_message(problem))}" if named else both(usage_message(message))
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {text}\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = _Parser(
        prog="hazwatch",
        description=both(Message("watch major hazard sources")),
        epilog=epilog(),
    )
    top.add_argument(
        "--version", action="version", version=f"hazwatch {__version__}", help=both(Message("print the version"))
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for module in (
        live, replay, backtest, suggest, check, test, approve, rules, simulate, history, review, events, tickets,
        status, ack, discover, imports, resend, cert, bench, demo,
    ):  # fmt: skip
        module.add(commands)
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    return run(parser(), words)
