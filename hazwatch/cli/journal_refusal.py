"""Refuses a journal that is lost, broken at its end, an old copy, rewritten, or of another mine; says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger

from adapters.stores import TAIL, JournalError, JournalReader, is_blank, lock_journal
from hazwatch.cli.options import RefusedError, UnavailableError
from hazwatch.live.anchors.keeper import anchor_witness
from hazwatch.live.anchors.witnesses import contradictions, latest_witnesses
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config
from hazwatch.words import text
from plant import Message, Text, message_of

logger = getLogger(__name__)


class JournalRefusedError(RefusedError):
    """Ends a command whose data folder has no journal that can be written on."""


class MineRefusedError(JournalRefusedError):
    """Ends a command whose journal does not fit the site file: one of the two is of another mine, or is old."""


def journal_or_refuse(folder: DataFolder, accepted: int | None = None) -> Message | None:
    """End a command whose journal cannot be written on; return what else speaks against it, if it was accepted.

    Parameters
    ----------
    folder : DataFolder
        The data folder.
    accepted : int or None
        Number of the last record of a journal that a person accepts although other files contradict it.

    """
    if folder.lost_journal:
        raise JournalRefusedError(*lost_lines(folder))
    if not folder.journal.exists() or is_blank(folder.journal):
        return None
    try:
        reader = JournalReader(folder.journal)
        broken, number = reader.broken_at_end(), reader.head()[0]
        against = next(contradictions(reader, latest_witnesses(folder, reader)), None)
    except JournalError as error:
        raise JournalRefusedError(message_of(error), *_ways_out(folder)) from None
    if broken is not None:
        at_end = Message(
            "{journal}: broken at record {number}, among the last {count}",
            journal=folder.journal, number=broken, count=TAIL,
        )  # fmt: skip
        raise JournalRefusedError(at_end, *_ways_out(folder))
    return None if against is None else _accepted_or_refused(folder, against.message(), (number, accepted))


def lost_lines(folder: DataFolder) -> tuple[Message, ...]:
    """Return what is said of a folder whose journal is lost, and the ways out."""
    return (
        Message(
            "{journal}: the journal is missing, although history or the copy of the site file is there; "
            "alarms, tickets and the approvals of rules are in the journal",
            journal=folder.journal,
        ),
        Message("put a backup of the journal back, with the file -wal beside it"),
        Message("or begin anew in another folder: --data {path}-new", path=folder.path),
    )


def mine_or_refuse(folder: DataFolder, config: Config, accepted: int | None = None) -> Message | None:
    """End a command whose journal is of another mine, or older than its anchor; return why, if a person accepted it."""
    if not folder.journal.exists() or is_blank(folder.journal):
        return None
    try:
        reader = JournalReader(folder.journal)
        mine, number = reader.mine(), reader.head()[0]
        against = next(contradictions(reader, anchor_witness(config, folder)), None)
    except JournalError as error:
        raise JournalRefusedError(message_of(error), *_ways_out(folder)) from None
    numbers = number, accepted
    if mine in (None, config.site.id):
        return None if against is None else _accepted_or_refused(folder, against.message(), numbers, MineRefusedError)
    of_another = Message(
        "the journal belongs to mine {mine}, and {site} is the site file of mine {own}",
        mine=mine, site=config.path, own=config.site.id,
    )  # fmt: skip
    return _accepted_or_refused(folder, of_another, numbers, MineRefusedError)


def accept(folder: DataFolder, against: Message) -> Text:
    """Go on with a journal that a person accepted; return the notice on the page."""
    with locked(folder):
        # The state beside the journal is of records that the journal does not have.
        folder.state.unlink(missing_ok=True)
    notice = Message("{reason}: somebody accepted the journal, records may be lost", reason=against)
    logger.warning("%s path=%s", notice, folder.journal)
    return text(notice)


@contextmanager
def locked(folder: DataFolder) -> Iterator[None]:
    """Keep every engine out of a data folder; end the command if one runs there."""
    try:
        lock = lock_journal(folder.journal)
    except JournalError as error:
        raise UnavailableError(message_of(error)) from None
    with lock:
        yield


def _accepted_or_refused(
    folder: DataFolder,
    against: Message,
    numbers: tuple[int, int | None],
    refused: type[JournalRefusedError] = JournalRefusedError,
) -> Message:
    number, accepted = numbers
    if accepted == number:
        return against
    wrong = () if accepted is None else (_wrong(number, accepted),)
    raise refused(
        Message("{path}: {reason}", path=folder.journal, reason=against),
        *wrong,
        Message("put the newest journal of this mine back, with the file -wal beside it"),
        Message("or go on with this one, without later records: add --go-on-from {number}", number=number),
        Message("or begin anew in another folder: --data {path}-new", path=folder.path),
    )


def _wrong(number: int, accepted: int) -> Message:
    return Message(
        "--go-on-from {accepted}: the last record of this journal has another number, {number}",
        accepted=accepted, number=number,
    )  # fmt: skip


def _ways_out(folder: DataFolder) -> Iterator[Message]:
    yield Message("hazwatch verify --data {path} says more; keep the file as evidence", path=folder.path)
    yield Message("put an unbroken backup of the journal back")
    yield Message(
        "or start with --or-in-force: the journal is set aside, and another one begun with the site file in force"
    )
