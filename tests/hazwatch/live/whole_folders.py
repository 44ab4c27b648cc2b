"""Whole data folders: of a run, as a kill leaves it as well, and with a journal that somebody rewrote."""

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copytree

from adapters.stores import Historian
from adapters.stores.journal_schema import NO_HASH, chained
from hazwatch.live.anchors.succession import open_to_write
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.restart import Snapshot
from hazwatch.live.resume import resumed
from hazwatch.site.config import Config
from tests.hazwatch.live.live_runs import S, batch_of


def play(config: Config, folder: DataFolder, begin: int, *, killed: Path | None = None) -> int:
    """Play a run, as a kill leaves it as well; return the number of its last record."""
    folder.path.mkdir(exist_ok=True)
    with (
        open_to_write(config, folder) as journal,
        closing(
            Historian(folder.history, config.points, retention_days=None, anchor=lambda: journal.anchor)
        ) as historian,
    ):
        pipeline = resumed(config, folder, journal, (), begin)
        journal.append(pipeline.start(begin)).result()
        historian.start(begin)
        for second, value in ((1, 4), (2, 0), (5, 0), (8, 4)):
            at = begin + second * S
            stamped, records = pipeline.feed(batch_of(config, "T1", [(0.0, value)], at), at)
            journal.append(records).result()
            historian.append(stamped).result()
        if killed is not None:
            copytree(folder.path, killed)
        Snapshot(1, (0, 0, 0), 0, b"", anchor=journal.anchor).write(folder.snapshot)
        return pipeline.ledger.last_number


def rewritten(path: Path, number: int) -> None:
    """Alter a record, and compute all hashes from there on, as somebody who can write the file can."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TRIGGER record_stays")
        database.execute("UPDATE record SET body = replace(body, 'T1', 'T9') WHERE number = ?", (number,))
        before = NO_HASH
        for row in database.execute("SELECT number, time, kind, body FROM record ORDER BY number").fetchall():
            before = chained(before, *row)
            database.execute("UPDATE record SET hash = ? WHERE number = ?", (before, row[0]))
        database.commit()
