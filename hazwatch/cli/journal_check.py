"""Verifies the journal of a data folder, and says what to do about what is broken."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import Final

from adapters.stores import TAIL, Break, JournalError, JournalReader
from hazwatch.cli.inputs import open_journal
from hazwatch.cli.journal_refusal import lost_lines
from hazwatch.cli.options import UnavailableError
from hazwatch.live.anchors.witnesses import Witness, all_witnesses, contradictions
from hazwatch.live.data_folder import DataFolder
from hazwatch.words.breaks import break_message
from hazwatch.words.messages import both
from plant import Message, message_of

MOST_BREAKS: Final = 20
"""Number of breaks that are named one by one."""


def verify_journal(arguments: argparse.Namespace) -> bool:
    """Print which records are not as they were written, and what to do; return True if the journal is unbroken.

    Raises
    ------
    UnavailableError
        The folder has no journal.

    """
    folder = DataFolder(arguments.data)
    if folder.lost_journal and not folder.journal.exists():
        raise UnavailableError(*lost_lines(folder))
    if not folder.journal.is_file():
        open_journal(arguments)
    try:
        reader = JournalReader(folder.journal)
        witnesses = list(all_witnesses(folder))
        lines, against = list(_lines(folder, reader)), [each.message() for each in contradictions(reader, witnesses)]
        notes = list(_notes(reader, witnesses))
    except JournalError as error:
        lines, against, notes = [message_of(error), *_advice(folder, starts=False)], [], []
    sys.stdout.writelines(f"{both(line)}\n" for line in (*lines, *against, *notes))
    return len(lines) == 1 and not against


def _notes(reader: JournalReader, witnesses: Iterable[Witness]) -> Iterator[Message]:
    """Yield what does not speak against the journal, but should be known."""
    count = sum(reader.compare(witness.anchor) == "earlier" for witness in witnesses)
    if count:
        yield Message(
            "{count} {count:file is|files are} from before this journal, which was begun in place of another",
            count=count,
        )


def _lines(folder: DataFolder, reader: JournalReader) -> Iterator[Message]:
    breaks, problems = list(reader.breaks()), reader.problems()
    number, digest = reader.head()
    if not breaks and not problems:
        yield Message("unbroken: {count} {count:record|records}, last hash {digest}", count=number, digest=digest)
        return
    yield from map(break_message, breaks[:MOST_BREAKS])
    if len(breaks) > MOST_BREAKS:
        yield Message("{count} more {count:place|places} are broken", count=len(breaks) - MOST_BREAKS)
    yield from problems
    lost = sum(part.last - part.first + 1 for part in breaks if part.kind != "hash")
    yield Message("{count} of {total} records are unbroken", count=max(number - lost, 0), total=number)
    yield from _advice(folder, starts=not _is_at_end(breaks, number))


def _is_at_end(breaks: list[Break], number: int) -> bool:
    return bool(breaks) and breaks[-1].last > number - TAIL


def _advice(folder: DataFolder, *, starts: bool) -> Iterator[Message]:
    yield Message("keep a copy of {journal} as evidence, with the file -wal beside it", journal=folder.journal)
    if starts:
        yield Message("a start leaves the broken records out, with what depends on them, and says so on the page")
        return
    yield Message(
        "a start refuses this journal: put an unbroken backup in its place, or start with --or-in-force, which sets "
        "it aside and begins another"
    )
