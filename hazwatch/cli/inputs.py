"""The inputs of commands (site file, journal, history, trace): a missing one ends the command with advice."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.stores import HistoryFileError, JournalError, JournalReader
from hazwatch.cli.exit_codes import DAMAGED, OK
from hazwatch.cli.options import RefusedError, UnavailableError, add_data, add_period
from hazwatch.cli.progress import Progress
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.site_in_force import is_in_force
from hazwatch.reports.backtest import HistoryRecord, NoRecordError, PlayableRecord, TraceRecord
from hazwatch.site.config import Config, ConfigError, load, load_judged
from hazwatch.site.site_text import Mistake
from hazwatch.site.traces import TraceFileError
from hazwatch.words import both
from hazwatch.words.breaks import break_message
from plant import Message, message_of, messages_of


def load_or_refuse(arguments: argparse.Namespace) -> Config:
    """Load the site file of a command, or end the command with all mistakes."""
    try:
        return load(arguments.site)
    except ConfigError as error:
        raise _refusal(arguments.site, error.mistakes) from None


def load_in_force(arguments: argparse.Namespace) -> Config:
    """Load the site file of a command that looks back; what an older version permitted in it is no obstacle."""
    try:
        return load_judged(arguments.site)
    except ConfigError as error:
        raise _refusal(arguments.site, error.mistakes) from None


def load_and_warn(arguments: argparse.Namespace) -> Config:
    """Load the site file of a command that looks back, and print for what an edit of it would be refused."""
    config = load_in_force(arguments)
    for judgement in config.judgements:
        sys.stderr.write(f"{judgement} ({both(Message('warning'))})\n")
    return config


def load_to_run(arguments: argparse.Namespace, folder: DataFolder) -> Config:
    """Load the site file of a start, or end the command with all mistakes; what is in force is not judged anew."""
    try:
        config = load_judged(arguments.site)
        if config.judgements and not is_in_force(config, folder):
            raise _refusal(arguments.site, config.judgements)
    except ConfigError as error:
        raise _refusal(arguments.site, error.mistakes) from None
    except JournalError as error:
        raise UnavailableError(*messages_of(error)) from None
    return config


def _refusal(site: Path, mistakes: Sequence[Mistake]) -> RefusedError:
    count = len(mistakes)
    return RefusedError(Message("{path}: {count} {count:mistake|mistakes}", path=site, count=count), *mistakes)


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
