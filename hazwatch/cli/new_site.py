"""Writes a site file and its table of points where there are none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hazwatch.cli.options import RefusedError, written
from hazwatch.words.fill_in import FILL_IN
from plant import Message

SITE_NAME: Final = "site.toml"
TABLE_NAME: Final = "points.csv"


def refuse_to_replace(*paths: Path) -> None:
    """Raise RefusedError if one of these files is there already."""
    for path in paths:
        if path.exists():
            raise RefusedError(Message("{path}: is there already; choose another folder with --out", path=path))


def write_new(folder: Path, texts: Mapping[Path, str]) -> None:
    """Write files that are not there yet; raise RefusedError if that fails."""
    with written(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        # With a byte order mark spreadsheets show the names right.
        encoding = "utf-8-sig" if path.suffix == ".csv" else "utf-8"
        with written(path), path.open("x", encoding=encoding) as file:
            file.write(text)


def written_message(count: int, table: Path, site: Path) -> Message:
    """Return what was written, and what to do next."""
    return Message(
        "{count} {count:point|points} written to {table}; fill in what is marked {mark} in {site}, then: {command}",
        count=count,
        table=table,
        mark=FILL_IN,
        site=site,
        command=f"hazwatch check {site}",
    )
