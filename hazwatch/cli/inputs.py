"""What commands read: site file, journal, history or trace; each is there, or ends the command with what to do."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.stores import HistoryFileError, JournalError, JournalReader
from hazwatch.cli.options import RefusedError, UnavailableError, add_data, add_period
from hazwatch.live.data_folder import DataFolder
from hazwatch.reports.backtest import HistoryRecord, NoRecordError, PlayableRecord, TraceRecord
from hazwatch.site.config import Config, ConfigError, load
from hazwatch.site.traces import TraceFileError
from plant import Message, messages_of


def load_or_refuse(arguments: argparse.Namespace) -> Config:
    """Load the site file of a command, or end it with all mistakes."""
    try:
        return load(arguments.site)
    except ConfigError as error:
        count = len(error.mistakes)
        heading = Message("{path}: {count} {count:mistake|mistakes}", path=arguments.site, count=count)
        raise RefusedError(heading, *error.mistakes) from None


def journal_or_refuse(folder: DataFolder) -> None:
    """End a command for which a data folder without its journal would be a new one."""
    if folder.lost_journal:
        raise RefusedError(
            f"{folder.journal}: 运行记录不在, 而历史库或现行副本还在; 报警, 隐患单和规则的批准都在其中\n"
            "the journal is not there, and history or the copy of the site file is: alarms, tickets and the approvals "
            "of the rules are in it\n"
            f"放回备份 / put a backup of it back, or\n"
            f"重新开始 / begin anew in another folder: --data {folder.path}-new"
        )


def open_journal(arguments: argparse.Namespace) -> JournalReader:
    """Open the journal of a data folder, or end the command."""
    try:
        return JournalReader(DataFolder(arguments.data).journal)
    except JournalError as error:
        raise UnavailableError(f"{error}; is {arguments.data} the folder of a run (--data)?") from None


def add_record(parser: argparse.ArgumentParser) -> None:
    """Let a command take history or a trace, and a period."""
    record = parser.add_mutually_exclusive_group()
    add_data(record)
    record.add_argument(
        "--trace", type=Path, metavar="TRACE", help="测点记录 / a trace (.csv, .csv.gz) instead of history"
    )
    add_period(parser)


def open_record(arguments: argparse.Namespace, config: Config, before: int, *others: Config) -> PlayableRecord:
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
