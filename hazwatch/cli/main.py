"""All commands of the command line."""

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

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
from hazwatch.cli.options import EPILOG, run
from hazwatch.words.chinese import both


class _Parser(argparse.ArgumentParser):
    """Leaves the lines of examples as they are, so that they can be pasted; the parser of every command is one."""

    def __init__(self, **given: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **given)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in both languages, and end."""
        super().error(both(message))


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = _Parser(
        prog="hazwatch",
        description="重大危险源监测预警 / watches major hazard sources",
        epilog=EPILOG,
    )
    top.add_argument("--version", action="version", version=f"hazwatch {__version__}", help="版本 / version")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for module in (
        live, replay, backtest, suggest, check, test, approve, rules, simulate, history, review, events, tickets,
        ack, bench, demo,
    ):  # fmt: skip
        module.add(commands)
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Carry out one command; return its exit code."""
    return run(parser(), words)
