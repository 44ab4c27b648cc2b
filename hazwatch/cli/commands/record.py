"""What the commands that look back share: which record, of which period, and what ends them where it is not there."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.stores import HistoryFileError, JournalError
from hazwatch.cli.options import RefusedError, UnavailableError, add_data, add_period
from hazwatch.live.data_folder import DataFolder
from hazwatch.reports.backtest import HistoryRecord, NoRecordError, Record, TraceRecord
from hazwatch.site.config import Config
from hazwatch.site.traces import TraceFileError
from plant import messages_of


def add_record(parser: argparse.ArgumentParser) -> None:
    """Let a command take history or a trace, and a period."""
    record = parser.add_mutually_exclusive_group()
    add_data(record)
    record.add_argument(
        "--trace", type=Path, metavar="TRACE", help="测点记录 / a trace (.csv, .csv.gz) instead of history"
    )
    add_period(parser)


def open_record(arguments: argparse.Namespace, config: Config, before: int, *others: Config) -> Record:
    """Return the record that was asked for, with so much of what came before its period. [before: ns].

    It is to be played to `others`, too.
    """
    if arguments.trace is not None:
        return TraceRecord((config, *others), arguments.trace, arguments.start, arguments.end)
    return HistoryRecord(config, data_with_history(arguments), arguments.start, arguments.end, before)


def data_with_history(arguments: argparse.Namespace) -> DataFolder:
    """Return the data folder of the command line; there is history in it."""
    folder = DataFolder(arguments.data)
    if not folder.history.is_dir():
        raise UnavailableError(f"{folder.history}: no history; is {arguments.data} the folder of a run (--data)?")
    return folder


@contextmanager
def looking_back() -> Iterator[None]:
    """End the command where a record has mistakes, or cannot be read."""
    try:
        yield
    except (TraceFileError, NoRecordError) as error:
        raise RefusedError(*messages_of(error)) from None
    except (HistoryFileError, JournalError) as error:
        raise UnavailableError(str(error)) from None
