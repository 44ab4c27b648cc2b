"""Day files as the format before checksums had them."""

import sqlite3
from contextlib import closing
from pathlib import Path

TABLES = """
CREATE TABLE point (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE head (entry INTEGER PRIMARY KEY, time INTEGER NOT NULL, count INTEGER NOT NULL, samples BLOB);
CREATE TABLE segment (
  segment INTEGER PRIMARY KEY, first_entry INTEGER NOT NULL, last_entry INTEGER NOT NULL,
  first_time INTEGER NOT NULL, last_time INTEGER NOT NULL, entries BLOB NOT NULL
);
CREATE TABLE page (page INTEGER PRIMARY KEY, samples BLOB NOT NULL);
"""


def write_old_format(path: Path) -> None:
    """Write the content of a day file into one of the old format, in its place."""
    old = path.with_suffix(".old")
    with closing(sqlite3.connect(old)) as database:
        database.execute("PRAGMA page_size = 8192")
        database.executescript(TABLES)
        database.execute("ATTACH ? AS new", (str(path),))
        database.execute("INSERT INTO point SELECT number, id FROM new.point")
        database.execute(
            "INSERT INTO head (time, count, samples) SELECT time, count, samples FROM new.head"
            " WHERE entry < 1 << 61 ORDER BY entry"
        )
        database.execute(
            "INSERT INTO segment SELECT segment, first_entry, last_entry, first_time, last_time, entries"
            " FROM new.segment"
        )
        database.execute("INSERT INTO page SELECT page, samples FROM new.page")
        database.execute("PRAGMA user_version = 1")
        database.commit()
        database.execute("DETACH new")
        database.execute("PRAGMA journal_mode = WAL")
    old.rename(path)
