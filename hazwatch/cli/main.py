"""All commands of the command line."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from hazwatch import __version__
from hazwatch.cli.commands import (
    ack,
    approve,
    backtest,
    bench,
    check,
    demo,
    events,
    history,
    live,
    replay,
    review,
    rules,
    simulate,
    suggest,
    test,
    tickets,
)
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
            return Message(template, words=words) if words else Message(template)
    return Message("{text}", text=text)


class _Parser(argparse.ArgumentParser):
    """The parser of every command: it keeps the lines of examples, and reports errors in both languages."""

    def __init__(self, **options: Any) -> None:
        # The default formatter would re-wrap the examples, which could then not be pasted.
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, add_help=False, **options)
        self.add_argument("-h", "--help", action="help", help=both(Message("show this help and exit")))

    def error(self, message: str) -> NoReturn:
        """Print an error in both languages, and exit."""
        argument, colon, problem = message.partition(": ")
        if colon and argument.startswith("argument "):
            super().error(f"{argument}: {both(usage_message(problem))}")
        super().error(both(usage_message(message)))


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
        ack, bench, demo,
    ):  # fmt: skip
        module.add(commands)
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    return run(parser(), words)
