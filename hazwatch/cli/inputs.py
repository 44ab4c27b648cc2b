"""The inputs of commands (site file, journal, history, trace): a missing one ends the command with advice."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.stores import HistoryFileError, JournalError, JournalReader
from hazwatch.cli.exit_codes import DAMAGED, OK
from hazwatch.cli.options import RefusedError, UnavailableError, add_data, add_period
from hazwatch.cli.progress import Progress
from hazwatch.live.data_folder import DataFolder
from hazwatch.reports.backtest import HistoryRecord, NoRecordError, PlayableRecord, TraceRecord
from hazwatch.site.config import Config, ConfigError, load
from hazwatch.site.traces import TraceFileError
from hazwatch.words import both
from hazwatch.words.breaks import break_message
from plant import Message, message_of, messages_of


def load_or_refuse(arguments: argparse.Namespace) -> Config:
    """Load the site file of a command, or end the command with all mistakes."""
    try:
        return load(arguments.site)
    except ConfigError as error:
        count = len(error.mistakes)
        heading = Message("{path}: {count} {count:mistake|mistakes}", path=arguments.site, count=count)
        raise RefusedError(heading, *error.mistakes) from None


def open_journal(arguments: argparse.Namespace) -> JournalReader:
    """Open the journal of a data folder, or end the command."""
    try:
        return JournalReader(DataFolder(arguments.data).journal)
    except JournalError as error:
        message = Message(
            "{problem}; is {path} the folder of a run (--data)?", problem=message_of(error), path=arguments.data
        )
        raise UnavailableError(message) from None


def say_breaks(reader: JournalReader) -> int:
    """Name the records that a command left out because they are damaged; return its exit code."""
    for part in reader.breaks_met:
        sys.stderr.write(f"{both(break_message(part))}\n")
    return DAMAGED if reader.breaks_met else OK


def add_record(parser: argparse.ArgumentParser) -> None:
    """Add the options for history or a trace, and for a period."""
    record = parser.add_mutually_exclusive_group()
    add_data(record)
    record.add_argument(
        "--trace",
        type=Path,
        metavar="TRACE",
        help=both(Message("a trace (.csv, .csv.gz, .parquet) instead of history")),
    )
    add_period(parser)


def open_record(arguments: argparse.Namespace, config: Config, before: int, *others: Config) -> PlayableRecord:
    """Return the record of the command line, with some time before its period; `others` will play it as well. [ns]."""
    if arguments.trace is not None:
        progress = Progress(both(Message("reading")))
        configs = (config, *others)
        record = TraceRecord(configs, arguments.trace, arguments.start, arguments.end, progress.show_share)
        progress.clear()
        return record
    return HistoryRecord(config, data_with_history(arguments), arguments.start, arguments.end, before)


def data_with_history(arguments: argparse.Namespace) -> DataFolder:
    """Return the data folder of the command line, or end the command if it has no history."""
    folder = DataFolder(arguments.data)
    if not folder.history.is_dir():
        message = Message(
            "{history}: no history; is {path} the folder of a run (--data)?",
            history=folder.history,
            path=arguments.data,
        )
        raise UnavailableError(message)
    return folder


@contextmanager
def looking_back() -> Iterator[None]:
    """End the command if the record has mistakes or cannot be read."""
    try:
        yield
    except (TraceFileError, NoRecordError) as error:
        raise RefusedError(*messages_of(error)) from None
    except (HistoryFileError, JournalError) as error:
        raise UnavailableError(*messages_of(error)) from None
