"""Folds a journal into a ledger; damaged records, and what depends on them, are left out."""

from adapters.stores import JournalReader
from alarms import Ledger, Record


def fold_journal(ledger: Ledger, reader: JournalReader) -> Ledger:
    """Fold the records behind those that a ledger knows, and return it; `ledger.lost` names what is left out.

    Raises
    ------
    JournalError
        The journal cannot be read.

    """
    for record in reader.read(ledger.last_number):
        fold_next(ledger, record)
    return skip_rest(ledger, reader)


def fold_next(ledger: Ledger, record: Record) -> None:
    """Fold the next record that is not broken."""
    if record.number > ledger.last_number + 1:
        ledger.skip(record.number - 1)
    ledger.fold(record)


def skip_rest(ledger: Ledger, reader: JournalReader) -> Ledger:
    """Skip the broken records at the end of a journal that was read, and return the ledger."""
    lost = max((part.last for part in reader.breaks_met if part.kind != "hash"), default=0)
    if lost > ledger.last_number:
        ledger.skip(lost)
    return ledger
