"""Damages a day file in every way that a disk knows, and judges what the reader makes of it."""

import logging
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.stores import Damage, DamageLog, Historian, HistoryReader, StartEntry
from adapters.stores.historian.folder import path_of
from plant import Point, PointTable, SampleBatch
from plant.units import DAY, SECOND

BEGIN: Final = 20_000 * DAY
NAMES: Final = ("T1", "T2", "CO", "P", "V")
HEAD: Final = 7
"""Entries of a head: the file then has segments and a head."""
_PAGE: Final = 8192


class Verdict(NamedTuple):
    """The reaction of the reader to a damage: whether it named the damage, and its errors."""

    named: bool
    wrong: str | None


def points() -> PointTable:
    """Return a table of five points."""
    return PointTable([Point(id=name, hazard_source="gas", name=name) for name in NAMES])


def entries(seed: int = 1, count: int = 60) -> list[StartEntry | SampleBatch]:
    """Return the log of a run: values on a grid and off it, several states, late samples."""
    rng = np.random.default_rng(seed)
    log: list[StartEntry | SampleBatch] = [StartEntry(BEGIN)]
    for number in range(1, count):
        size, arrival = int(rng.integers(1, 40)), BEGIN + number * SECOND
        on_grid = rng.random(size) < 0.9
        log.append(
            SampleBatch.of(
                rng.integers(0, 5, size),
                arrival - rng.integers(0, 3, size) * SECOND,
                np.where(on_grid, np.round(rng.random(size), 2), rng.random(size)),
                quality=rng.integers(0, 3, size),
                state=rng.choice([0, 1, 4, 128], size),
                arrival=arrival,
            )
        )
    return log


def keep(folder: Path, log: Sequence[StartEntry | SampleBatch]) -> Path:
    """Write a log, and return its day file."""
    historian = Historian(folder, points(), retention_days=None, synchronous="normal", longest_head=HEAD)
    for entry in log:
        future = historian.start(entry.time) if isinstance(entry, StartEntry) else historian.append(entry)
        future.result(60)
    historian.close()
    return path_of(folder, BEGIN // DAY)


Row = tuple[Any, ...]
"""A sample as `_KEY` has it."""
Keys = NDArray[np.void]
"""Every sample as one record of all its fields."""
_KEY: Final = np.dtype(
    [
        ("arrival", np.int64), ("point", np.int32), ("time", np.int64), ("value", np.int64), ("quality", np.uint8),
        ("state", np.uint16), ("backfilled", np.bool_),
    ]
)  # fmt: skip


def keys_of(log: Sequence[StartEntry | SampleBatch]) -> Keys:
    """Return the samples of a log, its starts as samples of the point -1."""
    parts = []
    for entry in log:
        if isinstance(entry, StartEntry):
            part = np.zeros(1, dtype=_KEY)
            part["arrival"], part["point"] = entry.time, -1
        else:
            part = np.zeros(len(entry), dtype=_KEY)
            for name in _KEY.names or ():
                column = getattr(entry, name)
                part[name] = column.view(np.int64) if name == "value" else column
        parts.append(part)
    return np.concatenate([np.zeros(0, dtype=_KEY), *parts])


def judge(folder: Path, expected: Keys) -> Verdict:
    """Read all of a folder, as a log and by point, and compare it with what was written."""
    damages = DamageLog()
    reader = HistoryReader(folder, points(), damages)
    reader.span()
    wrong = _compared(keys_of(list(reader.log())), expected, list(damages))
    for column in range(5):
        met: list[Damage] = []
        samples = reader.samples(column, BEGIN - DAY, BEGIN + 2 * DAY, damages=met)
        of_point = expected[expected["point"] == column]
        by_time = of_point[np.argsort(of_point["time"], kind="stable")]
        wrong = wrong or _compared(keys_of([samples]), by_time, met)
    return Verdict(len(damages) > 0, wrong)


def _compared(found: Keys, expected: Keys, damages: Sequence[Damage]) -> str | None:
    """Return the errors of a reading: a wrong value, a wrong order, or a sample that is missing without a report."""
    place, rows = 0, found.tolist()
    missing: list[Row] = []
    for row in expected.tolist():
        if place < len(rows) and rows[place] == row:
            place += 1
        else:
            missing.append(row)
    if place != len(rows):
        return f"another value: {rows[place]}"
    for row in missing:
        if not any(_covers(damage, row) for damage in damages):
            return f"missing without a word: {row}"
    return None


def _covers(damage: Damage, row: Row) -> bool:
    arrival, point, *_ = row
    named = not damage.points or (point >= 0 and NAMES[point] in damage.points)
    return named and damage.start <= arrival < damage.end


Attack = Callable[[Path, np.random.Generator], None]
"""Damages a file."""


def flip_anywhere(content: bytes, rng: np.random.Generator) -> bytes:
    """Flip one bit at a random place."""
    return _flipped(content, int(rng.integers(len(content))), rng)


def flip_structure(content: bytes, rng: np.random.Generator) -> bytes:
    """Flip one bit of the first bytes of a page of SQLite, where its tree is."""
    page = int(rng.integers(len(content) // _PAGE))
    return _flipped(content, page * _PAGE + int(rng.integers(64 if page else 128)), rng)


def truncate(content: bytes, rng: np.random.Generator) -> bytes:
    """Cut the end off."""
    return content[: int(rng.integers(len(content)))]


def junk(content: bytes, rng: np.random.Generator) -> bytes:
    """Write noise over up to two pages."""
    begin, size = int(rng.integers(len(content))), int(rng.integers(1, 2 * _PAGE))
    return (content[:begin] + rng.bytes(size) + content[begin + size :])[: len(content)]


def swap_pages(content: bytes, rng: np.random.Generator) -> bytes:
    """Exchange two pages of SQLite."""
    one, other = (int(page) * _PAGE for page in rng.integers(1, len(content) // _PAGE, 2))
    changed = bytearray(content)
    changed[one : one + _PAGE], changed[other : other + _PAGE] = (
        content[other : other + _PAGE], content[one : one + _PAGE],
    )  # fmt: skip
    return bytes(changed)


def _flipped(content: bytes, place: int, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1 << int(rng.integers(8))
    return bytes(changed)


CELLS: Final = {
    "head rows": ("head", ("time", "count", "samples", "checksum"), "entry"),
    "segments": (
        "segment",
        ("first_number", "last_number", "first_entry", "last_entry", "first_time", "last_time", "content", "checksum",
         "entries", "pages"),
        "segment",
    ),
    "pages": ("page", ("samples",), "page"),
    "point table": ("point", ("id", "checksum"), "number"),
}  # fmt: skip
"""Table, columns and key of what a damage in the content can hit."""


def flip_cell(path: Path, where: str, rng: np.random.Generator) -> None:
    """Flip one bit of one cell of a table."""
    table, columns, key = CELLS[where]
    with closing(sqlite3.connect(path)) as database:
        database.text_factory = bytes
        rows = database.execute(f"SELECT {key} FROM {table}").fetchall()
        (row,) = rows[int(rng.integers(len(rows)))]
        column = columns[int(rng.integers(len(columns)))]
        (cell,) = database.execute(f"SELECT {column} FROM {table} WHERE {key} = ?", (row,)).fetchone()
        if cell is None:
            return
        database.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (_flipped_cell(cell, rng), row))
        database.commit()


def _flipped_cell(cell: int | bytes, rng: np.random.Generator) -> int | bytes | str:
    if isinstance(cell, bytes):
        return _flipped(cell, int(rng.integers(len(cell))), rng)
    word = np.array([cell], dtype=np.int64).view(np.uint64) ^ np.uint64(1 << int(rng.integers(64)))
    return int(word.view(np.int64)[0])


def swap_rows(path: Path, where: str, rng: np.random.Generator) -> None:
    """Exchange the keys of two rows of a table, or delete one."""
    table, _, key = CELLS[where]
    with closing(sqlite3.connect(path)) as database:
        rows = [row for (row,) in database.execute(f"SELECT {key} FROM {table} WHERE {key} < 1 << 61")]
        one, other = (rows[int(place)] for place in rng.integers(len(rows), size=2))
        if one == other:
            database.execute(f"DELETE FROM {table} WHERE {key} = ?", (one,))
        else:
            for before, after in ((one, -1), (other, one), (-1, other)):
                database.execute(f"UPDATE {table} SET {key} = ? WHERE {key} = ?", (after, before))
        database.commit()


def attacks() -> Iterator[tuple[str, Attack]]:
    """Yield every attack on a day file."""
    for attack in (flip_anywhere, flip_structure, truncate, junk, swap_pages):
        yield attack.__name__.replace("_", " "), _on_content(attack)
    for where in CELLS:
        yield f"flip in {where}", _on_cell(flip_cell, where)
        yield f"swap or delete {where}", _on_cell(swap_rows, where)


def _on_content(attack: Callable[[bytes, np.random.Generator], bytes]) -> Attack:
    def damage(path: Path, rng: np.random.Generator) -> None:
        path.write_bytes(attack(path.read_bytes(), rng))

    return damage


def _on_cell(attack: Callable[[Path, str, np.random.Generator], None], where: str) -> Attack:
    def damage(path: Path, rng: np.random.Generator) -> None:
        attack(path, where, rng)

    return damage


def main(times: int) -> int:
    """Attack a day file, print a row of the table for each attack, and return how often the reader was wrong."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        log, root = entries(), Path(name)
        content = keep(root / "sound", log).read_bytes()
        written = keys_of(log)
        target = root / "damaged"
        target.mkdir()
        total = 0
        for attack, damage in attacks():
            named, wrong = _attacked(target, content, written, damage, times)
            print(f"| {attack} | {named} | {wrong} |", flush=True)
            total += wrong
    return total


def _attacked(folder: Path, content: bytes, written: Keys, damage: Attack, times: int) -> tuple[int, int]:
    named = wrong = 0
    for seed in range(times):
        for path in folder.iterdir():
            path.unlink()
        path = path_of(folder, BEGIN // DAY)
        path.write_bytes(content)
        damage(path, np.random.default_rng(seed))
        try:
            verdict = judge(folder, written)
        except Exception as error:
            verdict = Verdict(named=False, wrong=repr(error))
        named += verdict.named
        wrong += verdict.wrong is not None
    return named, wrong
