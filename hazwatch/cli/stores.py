"""Verifies the stores beside the journal in a data folder: history, snapshot, and the site file in force."""

import sys
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from adapters.stores import (
    Damage,
    HistorianFormatError,
    HistoryFileError,
    JournalError,
    JournalReader,
    JournalState,
    VerifiedFile,
    is_list_sound,
    lost_end,
    verify_history,
)
from hazwatch.cli.options import UnavailableError
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.kept_ledger import compared
from hazwatch.live.restart import Snapshot
from hazwatch.live.site_in_force import CopyState, state_of_copy
from hazwatch.site.bounded import read_text, read_toml
from hazwatch.words.damages import damage_message
from hazwatch.words.messages import both
from plant import Message, message_of


def verify_stores(folder: DataFolder) -> bool:
    """Print which stores are sound and which are damaged; return True if all are sound.

    Raises
    ------
    UnavailableError
        A file of the history cannot be reached.

    """
    lines = [_state(folder), *_history(folder), *_list_of_days(folder), _snapshot(folder), _copy(folder)]
    for line, _ in lines:
        sys.stdout.write(f"{both(line)}\n")
    return all(is_sound for _, is_sound in lines)


VerifiedLine = tuple[Message, bool]
"""A line of the output, and whether its store is sound."""


def _history(folder: DataFolder) -> list[VerifiedLine]:
    try:
        files = list(verify_history(folder.history))
        lost = _lost_end(folder)
    except (HistoryFileError, HistorianFormatError) as error:
        raise UnavailableError(message_of(error)) from None
    zone = zone_of(folder)
    lines = [line for file in files for line in _file(file, zone)]
    return lines if lost is None else [*lines, (damage_message(lost, zone), False)]


def _lost_end(folder: DataFolder) -> Damage | None:
    try:
        end = JournalReader(folder.journal).history_end()
    except JournalError:
        return None
    return lost_end(folder.history, end)


def zone_of(folder: DataFolder) -> ZoneInfo:
    """Return the time zone of the site; UTC where no readable copy of the site file names one."""
    try:
        return ZoneInfo(read_toml(read_text(folder.site_copy))["site"]["timezone"])
    except (OSError, ValueError, KeyError, TypeError):
        return ZoneInfo("UTC")


def _list_of_days(folder: DataFolder) -> list[VerifiedLine]:
    if not folder.history.is_dir():
        return []
    return [LIST_STATES[is_list_sound(folder.history)]]


def _file(file: VerifiedFile, zone: ZoneInfo) -> list[VerifiedLine]:
    arguments = {"file": file.path.name, "entries": file.entries, "samples": file.samples}
    if file.damages:
        head = Message("{file}: damaged; {entries} entries with {samples} samples are sound", **arguments)
    elif file.is_checked:
        head = Message("{file}: sound; {entries} entries with {samples} samples", **arguments)
    else:
        head = Message("{file}: plausible, without checksums; {entries} entries with {samples} samples", **arguments)
    return [(head, not file.damages), *((damage_message(damage, zone), False) for damage in file.damages)]


def _state(folder: DataFolder) -> VerifiedLine:
    if not folder.state.exists():
        return Message("state beside the journal: there is none"), True
    if JournalState.read(folder.state) is None:
        return Message("state beside the journal: damaged; a start reads all records"), False
    try:
        comparison = compared(folder)
    except JournalError:
        return Message("state beside the journal: the journal cannot be read, so it cannot be compared"), False
    # A state may have been taken before a record was broken, and then knows more than the journal.
    if comparison.broken is None and comparison.differs:
        return Message("state beside the journal: it does not follow from the journal; remove it"), False
    return Message("state beside the journal: sound"), True


def _snapshot(folder: DataFolder) -> VerifiedLine:
    if not folder.snapshot.exists():
        return Message("snapshot of the engine: there is none"), True
    if Snapshot.read(folder.snapshot) is None:
        return Message("snapshot of the engine: damaged; a start takes conditions from the journal"), False
    return Message("snapshot of the engine: sound"), True


LIST_STATES: Final[Mapping[bool | None, VerifiedLine]] = {
    None: (Message("list of days: there is none, so a lost day cannot be noticed"), True),
    True: (Message("list of days: sound"), True),
    False: (Message("list of days: damaged; the next start writes it anew"), False),
}
COPY_STATES: Final[Mapping[CopyState, VerifiedLine]] = {
    "none": (Message("site file in force: there is no copy"), True),
    "sound": (Message("site file in force: the copy is sound"), True),
    "unchecked": (Message("site file in force: the copy has no checksum"), True),
    "damaged": (Message("site file in force: the copy is damaged or was changed"), False),
}


def _copy(folder: DataFolder) -> VerifiedLine:
    return COPY_STATES[state_of_copy(folder)]
