"""`hazwatch check`: says everything that is wrong with a site file."""

import argparse
import sys
from typing import Any

from hazwatch.cli.exit_codes import OK, REFUSED
from hazwatch.cli.options import add_site
from hazwatch.site.config import ConfigError, load
from hazwatch.site.schema import site_schema


def add(commands: Any) -> None:
    """Add the commands `check` and `schema`."""
    parser = commands.add_parser(
        "check",
        help="检查现场文件 / check a site file",
        description="列出现场文件的全部错误 / print all mistakes of a site file; 1 if any",
        epilog="hazwatch check site.toml",
    )
    add_site(parser)
    parser.set_defaults(command=check)
    parser = commands.add_parser("schema", help="现场文件的 JSON schema / JSON schema of the site file")
    parser.set_defaults(command=schema)


def check(arguments: argparse.Namespace) -> int:
    """Print mistakes and warnings."""
    try:
        config = load(arguments.site)
    except ConfigError as error:
        for mistake in error.mistakes:
            sys.stdout.write(f"{mistake}\n")
        count = len(error.mistakes)
        sys.stdout.write(f"{count} 处错误 / {count} mistake{'s'[: count != 1]}\n")
        return REFUSED
    for warning in config.warnings:
        sys.stdout.write(f"{warning} (warning)\n")
    rules = config.rules
    sys.stdout.write(
        f"{arguments.site}: 正确 / correct: {len(config.hazard_sources)} hazard sources, {len(rules.points)} points, "
        f"{len(rules.limits)} limits, {len(rules.votes)} votes, {len(rules.interlocks)} interlocks; "
        f"rules {rules.version}\n"
    )
    return OK


def schema(arguments: argparse.Namespace) -> int:
    """Print the JSON schema of the site file."""
    del arguments
    sys.stdout.write(site_schema())
    return OK
