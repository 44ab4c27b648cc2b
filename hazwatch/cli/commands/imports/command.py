"""`hazwatch import KIND`: takes over what other systems have."""

from typing import Any

from hazwatch.cli.commands.imports import cddy, influx, table
from hazwatch.words import both
from plant import Message


def add(commands: Any) -> None:
    """Add the command with its kinds."""
    parser = commands.add_parser(
        "import",
        help=both(Message("take over points or history of other systems")),
        description=both(Message("take over points or history of other systems")),
        epilog="hazwatch import csv --help",
    )
    kinds = parser.add_subparsers(required=True, metavar="KIND")
    for kind in (cddy, table, influx):
        kind.add(kinds)
