"""The ledger of a data folder: from the state beside the journal where that fits, and the records after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from logging import getLogger
from typing import Final
from zoneinfo import ZoneInfo

from adapters.stores import JournalReader, JournalState
from alarms import (
    AlarmSpec,
    Ledger,
    PresentationAdoption,
    PresentationInForce,
    Record,
    RulesAdoption,
    RulesInForce,
)
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.journal_fold import fold_journal, fold_next, skip_rest
from plant import Message, message_of

logger = getLogger(__name__)

UTC: Final = ZoneInfo("UTC")
"""The fold of records depends on no zone."""
MOST_BEHIND: Final = 10_000
"""Number of records after the state from which on a new state is kept; a start reads as many in half a second.

A shorter journal needs no state, so none is used: nobody can put another one in its place.
"""


@dataclass(frozen=True, slots=True)
class KeptLedger:
    """A ledger at the end of its journal.

    Attributes
    ----------
    ledger : Ledger
        Alarms and tickets.
    state : int
        Number of the record whose state it goes on from; 0 if it was folded from all records.
    is_state_refused : bool
        Whether there is a state that fits by its hash, and contradicts the records.

    """

    ledger: Ledger
    state: int
    is_state_refused: bool = False

    @classmethod
    def of(
        cls,
        folder: DataFolder,
        reader: JournalReader,
        specs: Mapping[str, AlarmSpec],
        zone: ZoneInfo,
        *,
        fewest: int = MOST_BEHIND,
    ) -> "KeptLedger":
        """Read the ledger of a data folder.

        Parameters
        ----------
        folder, reader
            The data folder, and its journal.
        specs, zone
            Those of the ledger.
        fewest : int
            Number of records from which on a state is used.

        Raises
        ------
        JournalError
            The journal cannot be read.

        """
        state = fitting_state(folder, reader)
        if state is None or state.number < fewest:
            return cls(fold_journal(Ledger(specs, zone), reader), 0)
        ledger = Ledger(specs, zone)
        try:
            ledger.resume(state.ledger)
            if not _has_versions(state, reader):
                reason = Message("it names other rules or another presentation than the records")
            elif fold_journal(ledger, reader).lost.is_explained:
                return cls(ledger, state.number)
            else:
                reason = Message("the records after it do not follow from it")
        except (LookupError, ValueError) as error:
            reason = message_of(error)
        # Its checksum and its hash are right all the same: somebody wrote it.
        event = Message("state beside the journal not used, all records are read")
        logger.warning("%s path=%s reason=%s", event, folder.state, reason)
        return cls(fold_journal(Ledger(specs, zone), reader), 0, is_state_refused=True)

    @property
    def behind(self) -> int:
        """Number of the records that it had to read."""
        return self.ledger.last_number - self.state


def fitting_state(folder: DataFolder, reader: JournalReader) -> JournalState | None:
    """Return the state beside a journal; None if there is none, if it is damaged, or if it belongs to other records."""
    state = JournalState.read(folder.state)
    if state is None:
        if folder.state.exists():
            event = Message("state beside the journal cannot be read, all records are read")
            logger.warning("%s path=%s", event, folder.state)
        return None
    if reader.hash_of(state.number) == state.digest:
        return state
    event = Message(
        "state beside the journal does not fit, all records are read: is the journal another or an old one?"
    )
    logger.warning("%s path=%s state=%d journal=%d", event, folder.state, state.number, reader.head()[0])
    return None


def _has_versions(state: JournalState, reader: JournalReader) -> bool:
    """Tell whether the last adoptions in the journal brought the versions of a state into force.

    What is in force decides which site file starts without an approval, so a state is not believed about it.
    """
    rules: RulesInForce | None = None
    presentation: PresentationInForce | None = None
    # An index that hides the last adoption contradicts a right state, and then all records are read.
    for record in (reader.last_adoption("rules", state.number), reader.last_adoption("presentation", state.number)):
        match record:
            case Record(entry=RulesAdoption() as entry):
                rules = RulesInForce.of(entry, record.number, record.time)
            case Record(entry=PresentationAdoption() as entry):
                presentation = PresentationInForce.of(entry, record.number, record.time)
    return (rules, presentation) == (state.ledger.rules, state.ledger.presentation)


def keep_state(folder: DataFolder, reader: JournalReader, ledger: Ledger) -> None:
    """Keep the state of a ledger, all of whose records are in the journal; a failure is logged."""
    digest = reader.hash_of(ledger.last_number)
    if digest is None:
        return
    try:
        JournalState(ledger.state(), digest).write(folder.state)
    except OSError as error:
        logger.warning("%s path=%s reason=%s", Message("no state beside the journal"), folder.state, error)


@dataclass(frozen=True, slots=True)
class LedgerComparison:
    """The outcome of a pass over a journal.

    Attributes
    ----------
    ledger : Ledger
        The ledger at the end of the journal.
    broken : int or None
        Number of the first broken record.
    differs : bool
        Whether the state beside the journal is another than the one that follows from the records.

    """

    ledger: Ledger
    broken: int | None
    differs: bool


def compared(folder: DataFolder) -> LedgerComparison:
    """Verify the chain of a journal, and compare the state beside it with the records.

    Raises
    ------
    JournalError
        The journal cannot be read.

    """
    reader = JournalReader(folder.journal)
    state = fitting_state(folder, reader)
    ledger, differs = Ledger({}, UTC), False
    for record in reader.read():
        fold_next(ledger, record)
        if state is not None and record.number == state.number:
            differs = ledger.state().text() != state.ledger.text()
    broken = reader.breaks_met[0].first if reader.breaks_met else None
    return LedgerComparison(skip_rest(ledger, reader), broken, differs)
