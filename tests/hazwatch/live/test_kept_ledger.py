"""A start from the state beside the journal is the start from all records; a state that does not fit is not used."""

import logging
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile
from typing import Final

import pytest

from adapters.stores import Journal, JournalReader, JournalState
from alarms import AlarmSpec, Ledger, LedgerState, Record, Rectify, Submit
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.journal_watch import look_at_all, look_at_news
from hazwatch.live.kept_ledger import UTC, KeptLedger, compared, keep_state
from plant import Level
from rules.engine.event import Event, Transition, event_id

CONDITIONS: Final = ("a", "b", "c")
SPECS: Final = {
    name: AlarmSpec(condition=name, hazard_source="H", points=("P",), level=Level.ORANGE, ticket=name != "c")
    for name in CONDITIONS
}


def played(ledger: Ledger, count: int, seed: int) -> list[Record]:
    """Play raises, clears and the steps of tickets on a ledger; return the records."""
    rng, records = random.Random(seed), list[Record]()
    stand = {event.condition: event for event in ledger.standing_events()}
    for number in range(count):
        now = 1_800_000_000_000_000_000 + (ledger.last_number + 1) * 1_000_000_000
        condition = rng.choice(CONDITIONS)
        raised = stand.pop(condition, None)
        way: Transition = "raise" if raised is None else "clear"
        begun = now if raised is None else raised.time
        told = (ledger.last_seq + 1, event_id(condition, begun, way, 0), now, "H", "P", condition, way, "orange")
        event = Event(*told, value=1.0, setpoint=0.1, quality="GOOD", rules="0123456789ab")
        if raised is None:
            stand[condition] = event
        records += ledger.apply([event], now)
        registered = [ticket.number for ticket in ledger.tickets.values() if ticket.state == "registered"]
        for ticket in registered[:1] if rng.random() < 0.3 else ():
            key = f"{seed} {number}"
            step = Rectify(ticket=ticket, responsible="李四", measures="m", by="张三", key=key)
            records += ledger.command(step, now, in_doubt=())
            records += ledger.command(Submit(ticket=ticket, by="王五", key=f"{key} s"), now, in_doubt=())
    return records


def grown(folder: DataFolder, count: int, seed: int = 1) -> Ledger:
    """Let a run add records to the journal of a folder, and return its ledger."""
    with Journal(folder.journal) as journal:
        ledger = of(folder).ledger
        journal.append(played(ledger, count, seed)).result(20)
    return ledger


def of(folder: DataFolder) -> KeptLedger:
    return KeptLedger.of(folder, JournalReader(folder.journal), SPECS, UTC, fewest=1)


def kept(folder: DataFolder, ledger: Ledger) -> None:
    keep_state(folder, JournalReader(folder.journal), ledger)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """Return a folder whose state is 20 events behind its journal."""
    data = DataFolder(tmp_path)
    kept(data, grown(data, 60))
    grown(data, 20, seed=2)
    return data


def responsible(folder: DataFolder) -> set[str | None]:
    return {ticket.responsible for ticket in of(folder).ledger.tickets.values()}


def forget_before(folder: DataFolder, number: int) -> None:
    """Make the bodies of old records unreadable: whoever needs them fails."""
    with closing(sqlite3.connect(folder.journal)) as connection:
        connection.execute("DROP TRIGGER record_stays")
        connection.execute("UPDATE record SET body = '{}' WHERE number <= ?", (number,))
        connection.commit()


def test_the_ledger_is_the_fold_of_all_records_and_takes_only_those_behind_the_state(folder: DataFolder) -> None:
    everything = Ledger(SPECS, UTC)
    for record in JournalReader(folder.journal).read():
        everything.fold(record)
    state = JournalState.read(folder.state)
    assert state is not None
    forget_before(folder, state.number)
    from_state = of(folder)
    assert vars(from_state.ledger) == vars(everything)
    assert (from_state.state, from_state.behind) == (state.number, everything.last_number - state.number)


def test_after_a_flipped_bit_all_records_are_read(folder: DataFolder) -> None:
    rng, expected, sound = random.Random(1), of(folder).ledger.state().text(), folder.state.read_bytes()
    for _ in range(100):
        content, place = bytearray(sound), rng.randrange(len(sound) * 8)
        content[place // 8] ^= 1 << place % 8
        folder.state.write_bytes(content)
        again = of(folder)
        assert (again.state, again.ledger.state().text()) == (0, expected)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"hazwatch journal state 3\n"])
def test_a_cut_or_foreign_file_is_no_state(folder: DataFolder, content: bytes) -> None:
    folder.state.write_bytes(content)
    assert of(folder).state == 0


def test_a_state_of_another_journal_is_not_used(
    folder: DataFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = DataFolder(tmp_path / "other")
    kept(other, grown(other, 60, seed=3))
    copyfile(other.state, folder.state)
    with caplog.at_level(logging.WARNING):
        assert of(folder).state == 0
    assert "does not fit" in caplog.text


def test_a_state_that_is_newer_than_the_journal_is_not_used_and_the_log_names_both(
    folder: DataFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = DataFolder(tmp_path / "old")
    number = grown(old, 10).last_number
    copyfile(folder.state, old.state)
    with caplog.at_level(logging.WARNING):
        assert of(old).ledger.last_number == number
    assert f"journal={number}" in caplog.text


def test_a_state_that_somebody_wrote_is_found_by_the_look_through_the_journal(folder: DataFolder) -> None:
    state = JournalState.read(folder.state)
    assert state is not None
    forged = LedgerState.read(state.ledger.text().replace("李四".encode(), "赵六".encode()))
    JournalState(forged, state.digest).write(folder.state)
    assert "赵六" in responsible(folder)
    assert compared(folder).differs
    (look,) = look_at_all(folder)
    assert look.trouble is not None
    assert not compared(folder).differs, "the look keeps the right state"
    assert responsible(folder) == {"李四"}


def test_a_state_from_which_the_records_do_not_follow_is_not_used(folder: DataFolder) -> None:
    state = JournalState.read(folder.state)
    assert state is not None
    tickets = b'"tickets":[]'
    start = state.ledger.text().index(b'"tickets":[')
    end = state.ledger.text().index(b',"events":[')
    emptied = LedgerState.read(state.ledger.text()[:start] + tickets + state.ledger.text()[end:])
    JournalState(emptied, state.digest).write(folder.state)
    assert of(folder).state == 0


def test_an_old_record_that_somebody_changed_is_found_by_the_look_through_the_journal(folder: DataFolder) -> None:
    with closing(sqlite3.connect(folder.journal)) as connection:
        connection.execute("DROP TRIGGER record_stays")
        connection.execute("UPDATE record SET time = time + 1 WHERE number = 5")
        connection.commit()
    assert of(folder).state
    (look,) = look_at_all(folder)
    assert look.trouble is not None
    assert "record 5" in str(look.trouble)


def test_a_later_look_keeps_the_state_of_the_last_record(folder: DataFolder) -> None:
    before = of(folder)
    (look,) = look_at_news(folder)
    again = of(folder)
    assert look.number == again.state == before.ledger.last_number
    assert again.ledger.state().text() == before.ledger.state().text()
