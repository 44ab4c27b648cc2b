"""`hazwatch replay`: plays a trace through the engine without a server and a clock."""

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final, TextIO

from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import load_and_warn
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.options import RefusedError, keep_apart, written
from hazwatch.cli.progress import Progress
from hazwatch.site.traces import TraceFileError, read_trace
from hazwatch.words import both
from ingest import replay_log
from plant import Message, messages_of
from rules import Engine

ENTRIES_IN_BATCH: Final = 1_000_000
"""Default number of log entries per batch; the events do not depend on it."""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "replay",
        help=both(Message("play a trace through the engine")),
        description=both(Message("play a trace through the engine of `run`, without server or clock")),
        epilog="hazwatch replay --site site.toml --trace trace.csv --events events.jsonl",
    )
    parser.add_argument("--site", type=Path, required=True, metavar="SITE", help=both(Message("site file (TOML)")))
    parser.add_argument(
        "--trace", type=Path, required=True, metavar="TRACE", help=both(Message("trace (.csv, .csv.gz, .parquet)"))
    )
    parser.add_argument(
        "--events",
        type=Path,
        required=True,
        metavar="OUT",
        help=both(Message("write the events as JSON lines; - is the standard output")),
    )
    parser.add_argument(
        "--batch", type=batch, metavar="N", help=both(Message("entries per batch; the events are the same"))
    )
    parser.add_argument(
        "--as-logged", action="store_true", help=both(Message("take the rows in their order and add no ticks"))
    )
    parser.set_defaults(command=replay)


def batch(text: str) -> int:
    """Read a number of entries."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(both(Message("expected a whole number above 0")))
    return int(text)


def replay(arguments: argparse.Namespace) -> int:
    """Write the events of a trace to a file."""
    keep_apart([arguments.events], [arguments.site, arguments.trace])
    config = load_and_warn(arguments)
    try:
        trace = read_trace(arguments.trace, config.points)
    except TraceFileError as error:
        raise RefusedError(*messages_of(error)) from None
    compile_kernel(config)
    log = replay_log(config.points, config.site, config.arrival_timed(), trace, as_logged=arguments.as_logged)
    engine = Engine(config.rules)
    count = 0
    with written(arguments.events), _opened(arguments.events) as out:
        for piece in Progress(both(Message("replay")), len(log)).pieces(arguments.batch or ENTRIES_IN_BATCH):
            events = engine.evaluate(log[piece])
            out.writelines(f"{event.to_json()}\n" for event in events)
            count += len(events)
    where = Message("standard output") if str(arguments.events) == "-" else arguments.events
    message = Message(
        "{samples} {samples:sample|samples}, {events} {events:event|events}: {where}",
        samples=len(trace.samples),
        events=count,
        where=where,
    )
    sys.stderr.write(f"{both(message)}\n")
    return OK


def _opened(path: Path) -> AbstractContextManager[TextIO]:
    # Line feeds alone, so that the same events are the same bytes on every system.
    return nullcontext(sys.stdout) if str(path) == "-" else path.open("w", encoding="utf-8", newline="\n")
