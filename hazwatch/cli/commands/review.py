"""`hazwatch review`: prints the events that the late data of a period would have caused in time; it changes nothing."""

import argparse
import sys
from typing import Any, Final

from adapters.stores import HistoryFileError, HistoryReader, JournalError
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import data_with_history, load_and_warn
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.options import UnavailableError, add_data, add_period, add_site
from hazwatch.live.late.review import Job, review
from hazwatch.words import both
from plant import Message, messages_of

FIRST_ARRIVAL: Final = -(2**62)


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "review",
        help=both(Message("review late data again")),
        description=both(
            Message("print the events that late samples of the period would have caused in time; changes nothing")
        ),
        epilog="hazwatch review site.toml --data data --from 2026-11-22T00:00:00+08:00",
    )
    add_site(parser)
    add_data(parser)
    add_period(parser)
    parser.set_defaults(command=look)


def look(arguments: argparse.Namespace) -> int:
    """Print the events as JSON lines, and the number of late samples."""
    config = load_and_warn(arguments)
    folder = data_with_history(arguments)
    compile_kernel(config)
    samples = events = 0
    try:
        span = HistoryReader(folder.history).span() or (0, 0)
        until = span[1] if arguments.end is None else min(arguments.end - 1, span[1])
        job = Job(FIRST_ARRIVAL if arguments.start is None else arguments.start - 1, until)
        for outcome in review(config, folder, job, afresh=True):
            samples += outcome.samples
            for anomaly in outcome.anomalies:
                for event in filter(None, (anomaly.raised, anomaly.cleared)):
                    events += 1
                    sys.stdout.write(f"{event.to_json()}\n")
            sys.stdout.flush()
    except (HistoryFileError, JournalError) as error:
        raise UnavailableError(*messages_of(error)) from None
    message = Message("late samples: {samples}; events: {events}", samples=samples, events=events)
    sys.stderr.write(f"{both(message)}\n")
    return OK
