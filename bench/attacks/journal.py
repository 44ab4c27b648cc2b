"""Damages, exchanges and forges a journal, and judges what a reader and a start make of it."""

import logging
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from shutil import copyfile, rmtree
from typing import Final, NamedTuple

import numpy as np

from adapters.stores import Historian, Journal, JournalError, JournalReader
from adapters.stores.journal_schema import NO_HASH, chained
from alarms import AlarmSpec, Ledger, Record
from bench.attacks.history import flip_anywhere, junk, truncate
from hazwatch.cli.journal_refusal import JournalRefusedError, journal_or_refuse
from hazwatch.live.anchors.witnesses import all_witnesses, contradictions
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.journal_fold import fold_journal
from hazwatch.live.kept_ledger import UTC
from hazwatch.live.restart import Snapshot
from plant import Level, Point, PointTable, SampleBatch
from plant.units import DAY, SECOND
from rules import Event
from rules.engine.event import Transition, event_id

BEGIN: Final = 20_000 * DAY
PAGE: Final = 4096
CONDITIONS: Final = ("a", "b", "c")
SPECS: Final = {
    name: AlarmSpec(condition=name, hazard_source="H", points=("P",), level=Level.ORANGE, ticket=name != "c")
    for name in CONDITIONS
}


class Judgement(NamedTuple):
    """What came of an attack: it was named; a start goes on; the error of the reader, if there is one."""

    named: bool
    goes_on: bool
    wrong: str | None


def played(ledger: Ledger, count: int, seed: int) -> list[Record]:
    """Return the records of raises and clears, with their alarms and tickets."""
    rng, records = np.random.default_rng(seed), list[Record]()
    stand = {event.condition: event for event in ledger.standing_events()}
    for _ in range(count):
        now = BEGIN + (ledger.last_number + 1) * SECOND
        condition = CONDITIONS[int(rng.integers(len(CONDITIONS)))]
        raised = stand.pop(condition, None)
        way: Transition = "raise" if raised is None else "clear"
        name = event_id(condition, now if raised is None else raised.time, way, 0)
        event = Event(
            ledger.last_seq + 1, name, now, "H", "P", condition, way, "orange", 1.0, 0.1, "GOOD", "0123456789ab"
        )
        if raised is None:
            stand[condition] = event
        records += ledger.apply([event], now)
    return records


def grown(folder: DataFolder, count: int, seed: int) -> None:
    """Let a run add records to a folder, whose history and snapshot keep the head."""
    folder.path.mkdir(exist_ok=True)
    points = PointTable([Point(id="P", hazard_source="H", name="P")])
    with Journal(folder.journal, mine="1") as journal:
        ledger = fold_journal(Ledger(SPECS, UTC), journal)
        journal.append(played(ledger, count, seed)).result(60)
        historian = Historian(folder.history, points, retention_days=None, anchor=lambda: journal.anchor)
        historian.start(BEGIN + seed * DAY).result(60)
        historian.append(SampleBatch.of([0], [BEGIN + seed * DAY], [0.5], arrival=BEGIN + seed * DAY)).result(60)
        historian.close()
        Snapshot(1, (0, 0, 0), 0, b"", anchor=journal.anchor).write(folder.snapshot)


def judge(folder: DataFolder, written: Sequence[Record]) -> Judgement:
    """Read, fold and verify a journal, and ask what a start says."""
    try:
        journal_or_refuse(folder)
        goes_on = True
    except JournalRefusedError:
        goes_on = False
    try:
        reader = JournalReader(folder.journal)
        records = list(reader.read())
        fold_journal(Ledger(SPECS, UTC), reader)
        against = list(contradictions(reader, all_witnesses(folder)))
        named = bool(against or [*reader.breaks(), *reader.problems()])
    except JournalError:
        return Judgement(named=True, goes_on=goes_on, wrong="a start goes on" if goes_on else None)
    known = {record.number: record for record in written}
    for record in records:
        if not against and known.get(record.number) != record:
            return Judgement(named, goes_on, f"another record: {record.number}")
    if not named and len(records) < len(written):
        return Judgement(named, goes_on, "lost without a word")
    return Judgement(named, goes_on, None)


Sabotage = Callable[[DataFolder, np.random.Generator], None]
"""Damages or exchanges the journal of a folder."""


def on_content(attack: Callable[[bytes, np.random.Generator], bytes]) -> Sabotage:
    def damage(folder: DataFolder, rng: np.random.Generator) -> None:
        folder.journal.write_bytes(attack(folder.journal.read_bytes(), rng))

    return damage


def flip_structure(content: bytes, rng: np.random.Generator) -> bytes:
    """Flip one bit of the first bytes of a page of SQLite, where its tree is."""
    changed, page = bytearray(content), int(rng.integers(len(content) // PAGE))
    changed[page * PAGE + int(rng.integers(64 if page else 128))] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def swap_pages(content: bytes, rng: np.random.Generator) -> bytes:
    """Exchange two pages of SQLite."""
    pages = [content[place : place + PAGE] for place in range(0, len(content), PAGE)]
    one, other = (int(page) for page in rng.integers(1, len(pages), 2))
    pages[one], pages[other] = pages[other], pages[one]
    return b"".join(pages)


def altered(folder: DataFolder, statements: Callable[[sqlite3.Connection], None]) -> None:
    """Alter the tables as somebody can who removes the guards."""
    with closing(sqlite3.connect(folder.journal)) as database:
        for name in ("record_stays", "record_remains", "record_follows"):
            database.execute(f"DROP TRIGGER {name}")
        statements(database)
        database.commit()


def flip_cell(folder: DataFolder, rng: np.random.Generator) -> None:
    """Flip one bit of one cell of a record."""

    def flip(database: sqlite3.Connection) -> None:
        database.text_factory = bytes
        column = ("time", "kind", "body", "hash")[int(rng.integers(4))]
        numbers = [row[0] for row in database.execute("SELECT number FROM record")]
        number = numbers[int(rng.integers(len(numbers)))]
        ((cell,),) = database.execute(f"SELECT {column} FROM record WHERE number = ?", (number,)).fetchall()
        if isinstance(cell, int):
            cell ^= 1 << int(rng.integers(62))
        else:
            changed = bytearray(cell)
            changed[int(rng.integers(len(changed)))] ^= 1 << int(rng.integers(8))
            cell = bytes(changed)
        kind = "BLOB" if column == "hash" else "TEXT"
        value = "?" if column == "time" else f"CAST(? AS {kind})"
        database.execute(f"UPDATE record SET {column} = {value} WHERE number = ?", (cell, number))

    altered(folder, flip)


def delete(folder: DataFolder, rng: np.random.Generator) -> None:
    """Delete a record."""
    number = int(rng.integers(1, JournalReader(folder.journal).head()[0] + 1))

    def remove(database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM record WHERE number = ?", (number,))

    altered(folder, remove)


def exchange(folder: DataFolder, rng: np.random.Generator) -> None:
    """Exchange two records."""
    one, other = (int(n) for n in rng.choice(JournalReader(folder.journal).head()[0], 2, replace=False) + 1)

    def swap(database: sqlite3.Connection) -> None:
        for before, after in ((one, -1), (other, one), (-1, other)):
            database.execute("UPDATE record SET number = ? WHERE number = ?", (after, before))

    altered(folder, swap)


def shorten(folder: DataFolder, rng: np.random.Generator) -> None:
    """Delete the last records, and what SQLite remembers of them."""
    number = int(rng.integers(1, JournalReader(folder.journal).head()[0]))

    def cut(database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM record WHERE number > ?", (number,))
        database.execute("UPDATE sqlite_sequence SET seq = ?", (number,))

    altered(folder, cut)


def rewrite(folder: DataFolder, rng: np.random.Generator) -> None:
    """Alter a record, and compute all hashes behind it."""
    number = int(rng.integers(1, JournalReader(folder.journal).head()[0] + 1))

    def forge(database: sqlite3.Connection) -> None:
        database.execute("UPDATE record SET time = time + 1 WHERE number = ?", (number,))
        before = NO_HASH
        for row in database.execute("SELECT number, time, kind, body FROM record ORDER BY number").fetchall():
            before = chained(before, *row)
            database.execute("UPDATE record SET hash = ? WHERE number = ?", (before, row[0]))

    altered(folder, forge)


def replaced_by(source: Path) -> Sabotage:
    def replace(folder: DataFolder, rng: np.random.Generator) -> None:
        copyfile(source, folder.journal)

    return replace


def attacks(old: Path, other: Path, unlogged: Path) -> Iterator[tuple[str, Sabotage, int]]:
    """Yield every attack, and how often it is worth while: what has no chance in it, once."""
    for name, attack in (
        ("one bit of the file", flip_anywhere),
        ("one bit at the head of a page of SQLite", flip_structure),
        ("the end cut off", truncate),
        ("up to two pages of noise", junk),
        ("two pages of SQLite exchanged", swap_pages),
    ):
        yield name, on_content(attack), 1 << 30
    yield "one bit of a record", flip_cell, 1 << 30
    yield "a record deleted", delete, 1 << 30
    yield "two records exchanged", exchange, 1 << 30
    yield "the last records deleted, and the counter set back", shorten, 1 << 30
    yield "a record altered, and all hashes computed anew", rewrite, 1 << 30
    yield "an older copy put back", replaced_by(old), 1
    yield "the journal of another mine", replaced_by(other), 1
    yield "the file -wal missing after a kill", replaced_by(unlogged), 1


def main(times: int) -> int:
    """Attack a journal, print a row of the table for each attack, and return how often something went wrong."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        sound, other = DataFolder(root / "sound"), DataFolder(root / "other")
        grown(sound, 550, 1)
        copyfile(sound.journal, root / "old.db")
        with Journal(sound.journal) as journal:
            # The log of this run is not merged before it ends: without it, the file is what it was.
            journal.append([]).result(60)
            grown_ledger = fold_journal(Ledger(SPECS, UTC), journal)
            journal.append(played(grown_ledger, 40, 2)).result(60)
            copyfile(sound.journal, root / "unlogged.db")
        grown(sound, 10, 3)
        grown(other, 500, 4)
        written = list(JournalReader(sound.journal).read())
        total = 0
        for attack, sabotage, most in attacks(root / "old.db", other.journal, root / "unlogged.db"):
            row = _attacked(root, sound, written, sabotage, min(times, most))
            print(f"| {attack} | {' | '.join(map(str, row))} |", flush=True)
            total += row[-1]
    return total


def _attacked(
    root: Path, sound: DataFolder, written: Sequence[Record], sabotage: Sabotage, times: int
) -> tuple[int, int, int, int]:
    named = goes_on = wrong = 0
    target = DataFolder(root / "damaged")
    for seed in range(times):
        rmtree(target.path, ignore_errors=True)
        target.path.mkdir()
        copyfile(sound.journal, target.journal)
        copyfile(sound.snapshot, target.snapshot)
        target.history.mkdir()
        for path in sound.history.iterdir():
            if path.is_file():
                copyfile(path, target.history / path.name)
        try:
            sabotage(target, np.random.default_rng(seed))
            judgement = judge(target, written)
        except Exception as error:
            judgement = Judgement(named=False, goes_on=False, wrong=repr(error))
        if judgement.wrong is not None:
            print(f"  seed {seed}: {judgement.wrong}")
        named += judgement.named
        goes_on += judgement.goes_on
        wrong += judgement.wrong is not None
    return times, named, goes_on, wrong
