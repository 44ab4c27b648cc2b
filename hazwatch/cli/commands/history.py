"""`hazwatch history`: prints the samples of points exactly as they arrived."""

import argparse
import sys
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from adapters.stores import Damage, HistoryFileError, HistoryReader
from hazwatch.cli.exit_codes import DAMAGED, OK
from hazwatch.cli.inputs import data_with_history, load_and_warn
from hazwatch.cli.options import RefusedError, UnavailableError, add_data, add_period, add_site
from hazwatch.words import both
from hazwatch.words.damages import damage_message
from plant import Message, SampleBatch, messages_of, write_trace
from plant.instant import FIRST_INSTANT, LAST_INSTANT


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "history",
        help=both(Message("print the samples of points")),
        description=both(Message("print samples by source time, as a trace that replay reads")),
        epilog="hazwatch history site.toml --data data --point T1 --from 2026-11-22T08:00:00+08:00 > t1.csv",
    )
    add_site(parser)
    add_data(parser)
    add_period(parser)
    parser.add_argument("--point", action="append", metavar="ID", help=both(Message("point, may be repeated (all)")))
    parser.set_defaults(command=history)


def history(arguments: argparse.Namespace) -> int:
    """Print the samples as a trace."""
    config = load_and_warn(arguments)
    wanted = arguments.point or [point.id for point in config.points.points]
    unknown = [point for point in wanted if point not in config.points]
    if unknown:
        raise RefusedError(Message("no such point in {path}: {points}", path=arguments.site, points=tuple(unknown)))
    folder = data_with_history(arguments).history
    start = FIRST_INSTANT if arguments.start is None else arguments.start
    end = LAST_INSTANT if arguments.end is None else arguments.end
    try:
        reader, damages = HistoryReader(folder, config.points), list[Damage]()
        parts = [reader.samples(point, start, end, damages=damages) for point in wanted]
        samples = SampleBatch.concatenate(parts)
    except HistoryFileError as error:
        raise UnavailableError(*messages_of(error)) from None
    # By arrival first: `replay` then makes the same batches of the trace.
    order = np.lexsort((samples.time, samples.arrival))
    for line in write_trace(samples.take(order), config.points):
        sys.stdout.write(line)
    zone = ZoneInfo(config.site.timezone)
    for damage in dict.fromkeys(damages):
        sys.stderr.write(f"{both(damage_message(damage, zone))}\n")
    return DAMAGED if damages else OK
