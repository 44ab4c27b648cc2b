"""Folders of MT/T 1201 files for tests."""

from collections.abc import Sequence
from pathlib import Path

from adapters.sources.mtt1201.config import MttSource
from adapters.sources.mtt1201.dialect import load_dialect
from adapters.sources.mtt1201.reader import FolderLook, FolderReader
from adapters.sources.mtt1201.source import places_of
from adapters.sources.mtt1201.taken import Taken
from plant import parse_instant
from plant.address import RecordAddress

MINE = "140522001"
NOW = parse_instant("2026-05-01T00:00:30Z")
HEADER = f"{MINE};示范煤矿;2026-05-01 08:00:00~"


def spec_of(folder: Path, dialect: str = "national") -> MttSource:
    """Return the table [[source]] of a folder."""
    return MttSource.model_validate(
        {"id": "kj", "protocol": "mtt1201", "endpoint": str(folder), "mine": MINE, "dialect": dialect, "poll": "20ms"}
    )


def reader_of(
    folder: Path, addresses: Sequence[str], *, dialect: str = "national", taken: dict[str, Taken] | None = None
) -> FolderReader:
    """Return the reader of a folder; the points have the columns 0, 1, 2 ..."""
    table = load_dialect(dialect)
    points = [(column, RecordAddress.parse(address)) for column, address in enumerate(addresses)]
    return FolderReader(spec_of(folder, dialect), table, places_of(points, table)[0], taken or {})


def remarks_of(*looks: FolderLook) -> list[str]:
    """Return what was said about files."""
    return [f"{file} {record} {reason}" for look in looks for file, record, reason in look.remarks]


def record(value: float, time: str = "08:00:00", code: str = "MN1") -> str:
    """Return a record of the type CDSS."""
    return f"{code};甲烷;工作面;{value};%;0;2026-05-01 {time}~"


def put(folder: Path, time: str, text: str, kind: str = "CDSS") -> Path:
    """Write a file into a folder."""
    file = folder / f"{MINE}_{kind}_20260501{time}.txt"
    file.write_text(text, encoding="utf-8")
    return file
