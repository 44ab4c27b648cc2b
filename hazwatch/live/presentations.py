"""Finds the presentation in force in a data folder."""

from collections.abc import Iterator
from typing import Final

from adapters.stores import JournalReader
from alarms import Ledger, PresentationAdoption, PresentationInForce, RecordKind
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import content_of
from hazwatch.live.site_in_force import CopyError, read_copy, state_of_copy
from hazwatch.site.presentation import Presentation

PRESENTATIONS: Final[tuple[RecordKind, ...]] = ("presentation",)


def presentations(reader: JournalReader) -> Iterator[PresentationInForce]:
    """Yield the presentations that came into force, in order; journals of format 1 have none."""
    for record in reader.read(kinds=PRESENTATIONS):
        if isinstance(record.entry, PresentationAdoption):
            yield PresentationInForce.of(record.entry, record.number, record.time)


def presentation_in_force(folder: DataFolder, ledger: Ledger) -> Presentation | None:
    """Return the presentation in force in a data folder; None if nobody can know it.

    A journal of format 1 has no presentations. Then the copy of the last start's site file tells what was in force, if
    it is sound.

    Raises
    ------
    JournalError
        The journal cannot be read.

    """
    if ledger.rules is None:
        return None
    reader = JournalReader(folder.journal)
    if ledger.presentation is not None:
        content = content_of(reader, ledger.presentation)
        return None if content is None else Presentation(content)
    try:
        copy = read_copy(folder, ledger.rules, content_of(reader, ledger.rules))
    except CopyError:
        return None
    return Presentation.of(copy) if state_of_copy(folder) == "sound" else None
