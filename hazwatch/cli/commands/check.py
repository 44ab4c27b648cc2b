"""`hazwatch check`: prints all mistakes of a site file; `hazwatch schema`: prints its JSON schema."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hazwatch.cli.exit_codes import OK, REFUSED
from hazwatch.cli.options import add_site
from hazwatch.live.clock import wall
from hazwatch.site.config import Config, ConfigError, load
from hazwatch.site.law.missing_sensors import missing_sensors
from hazwatch.site.schema import site_schema
from hazwatch.words import both
from plant import Message
from plant.law import article
from plant.units import SECOND


def add(commands: Any) -> None:
    """Add the commands `check` and `schema`."""
    parser = commands.add_parser(
        "check",
        help=both(Message("check a site file")),
        description=both(Message("print all mistakes of a site file; exit code 1 if there are any")),
        epilog="hazwatch check site.toml\nhazwatch check site.toml --law",
    )
    add_site(parser)
    parser.add_argument(
        "--law",
        action="store_true",
        help=both(Message("also name the sensors that the regulation requires and the site file lacks")),
    )
    parser.set_defaults(command=check)
    parser = commands.add_parser("schema", help=both(Message("print the JSON schema of the site file")))
    parser.set_defaults(command=schema)


def check(arguments: argparse.Namespace) -> int:
    """Print mistakes and warnings."""
    try:
        config = load(arguments.site, datetime.fromtimestamp(wall() // SECOND, UTC).date())
    except ConfigError as error:
        for mistake in error.mistakes:
            sys.stdout.write(f"{mistake}\n")
        message = Message("{count} {count:mistake|mistakes}", count=len(error.mistakes))
        sys.stdout.write(f"{both(message)}\n")
        return REFUSED
    for warning in config.warnings:
        sys.stdout.write(f"{warning} ({both(Message('warning'))})\n")
    rules = config.rules
    message = Message(
        "{path}: correct; {sources} hazard {sources:source|sources}, {points} {points:point|points}, "
        "{limits} {limits:limit|limits}, {votes} {votes:vote|votes}, {interlocks} {interlocks:interlock|interlocks}; "
        "rules {version}",
        path=arguments.site,
        sources=len(config.hazard_sources),
        points=len(rules.points),
        limits=len(rules.limits),
        votes=len(rules.votes),
        interlocks=len(rules.interlocks),
        version=rules.version,
    )
    sys.stdout.write(f"{both(message)}\n")
    if arguments.law:
        sys.stdout.writelines(f"{line}\n" for line in law_lines(config))
    return OK


def law_lines(config: Config) -> Iterator[str]:
    """Yield what the regulation requires and the site file lacks, and what the file cannot tell."""
    findings = missing_sensors(config)
    yield from map(str, findings)
    feeds = sum(finding.path.startswith("point") for finding in findings)
    yield both(
        Message(
            "{count} required {count:sensor is|sensors are} not in the site file, {feeds} required "
            "{feeds:[[interlock]] is|[[interlock]]s are} missing; it cannot tell the length of roads, "
            "the gas class, or when sensors were calibrated ({article})",
            count=len(findings) - feeds,
            feeds=feeds,
            article=article(531).name,
        )
    )
    without = sum(point.profile is None for point in config.points.points)
    if without:
        yield both(
            Message(
                "{count} {count:point has|points have} no profile and cannot be judged by the regulation", count=without
            )
        )


def schema(arguments: argparse.Namespace) -> int:
    """Print the JSON schema of the site file."""
    del arguments
    sys.stdout.write(site_schema())
    return OK
